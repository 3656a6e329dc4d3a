// The Merkle tree of RFC 9162 §2.1 over SHA-256. Positions and sizes are BigInt: they reach 2^63-1.
"use strict";

const MAX_SIZE = 2n ** 63n - 1n;

function hashLeaf(data) {
  return sha256(concat(Uint8Array.of(0), data));
}

function hashChildren(left, right) {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** The root that an inclusion path leads to (RFC 9162 §2.1.3.2), or null where it can't fit that position and size. */
async function rootFromInclusion(leafHash, position, size, path) {
  if (position < 0n || position >= size || size > MAX_SIZE || !areHashes(leafHash, ...path)) return null;
  let node = position;
  let last = size - 1n;
  let root = leafHash;
  for (const sibling of path) {
    if (last === 0n) return null;
    if (node & 1n || node === last) {
      root = await hashChildren(sibling, root);
      while (node !== 0n && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      root = await hashChildren(root, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? root : null;
}

/** Does `proof` show that the tree of `second` leaves grew out of that of `first` (RFC 9162 §2.1.4.2)? */
async function isConsistent(first, second, firstRoot, secondRoot, proof) {
  if (first < 1n || first > second || second > MAX_SIZE) return false;
  if (first === second) return proof.length === 0 && isSame(firstRoot, secondRoot);
  if (!areHashes(firstRoot, secondRoot, ...proof)) return false;
  // A first tree that is a perfect one is its own beginning, and is left out of the proof.
  const path = first & (first - 1n) ? [...proof] : [firstRoot, ...proof];
  if (path.length === 0) return false;
  let [node, last] = [first - 1n, second - 1n];
  while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
  let [older, newer] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      older = await hashChildren(sibling, older);
      newer = await hashChildren(sibling, newer);
      while (node !== 0n && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      newer = await hashChildren(newer, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && isSame(older, firstRoot) && isSame(newer, secondRoot);
}

function areHashes(...values) {
  return values.every((value) => value.length === 32);
}
