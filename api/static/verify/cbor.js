// CBOR in core deterministic encoding only (RFC 8949 §4.2.1), bounded: the same rules as keys/cbor.py.
//
// 1. Integers within 64 bits (as BigInt), byte strings, text, arrays, maps (as Map), true, false, null; nothing else.
// 2. Shortest heads, definite lengths, map keys (integers or strings) once each and in bytewise order.
// 3. Nesting of at most CBOR_DEPTH, the tag included. No tag but the one that is asked for, outermost.
"use strict";

const CBOR_DEPTH = 8;

/** Read one item that fills `data`; with `tag` it must bear that tag, which is taken off. */
function decodeCbor(data, where, tag = null) {
  const reader = { data, at: 0, where };
  if (tag !== null) {
    const { major, argument } = readHead(reader);
    if (major !== 6 || argument !== BigInt(tag)) malformed(reader, `tag ${tag}`);
  }
  const value = readItem(reader, tag === null ? 0 : 1);
  if (reader.at !== data.length) {
    throw new Refused("cbor-trailing-bytes", { where, expected: reader.at, got: data.length });
  }
  return value;
}

function malformed(reader, expected) {
  throw new Refused("cbor-malformed", { where: reader.where, expected, got: `byte ${reader.at}` });
}

/** Major type, additional information and argument of the next item (RFC 8949 §3). */
function readHead(reader) {
  const first = readBytes(reader, 1)[0];
  const major = first >> 5;
  const info = first & 31;
  if (info < 24) return { major, info, argument: BigInt(info) };
  if (info > 27) malformed(reader, "a definite length");
  const size = 1 << (info - 24);
  const argument = readBytes(reader, size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  // For floats and simple values (major type 7) the argument is no number; all of those are refused anyway.
  const least = size === 1 ? 24n : 1n << BigInt(4 * size);
  if (major !== 7 && argument < least) throw new Refused("cbor-not-deterministic", { where: reader.where });
  return { major, info, argument };
}

function readBytes(reader, count) {
  if (count > reader.data.length - reader.at) malformed(reader, `${count} more bytes`);
  reader.at += Number(count);
  return reader.data.slice(reader.at - Number(count), reader.at);
}

function readItem(reader, depth) {
  const { major, info, argument } = readHead(reader);
  if ((major === 4 || major === 5) && depth >= CBOR_DEPTH) malformed(reader, `nesting of at most ${CBOR_DEPTH}`);
  switch (major) {
    case 0: return argument;
    case 1: return -1n - argument;
    case 2: return readBytes(reader, argument);
    case 3: return fromUtf8(readBytes(reader, argument)) ?? malformed(reader, "UTF-8");
    case 4: return readArray(reader, argument, depth);
    case 5: return readMap(reader, argument, depth);
    case 7: return readSimple(reader, info);
    default: return malformed(reader, "no tag");
  }
}

function readArray(reader, length, depth) {
  const items = [];
  // An item takes a byte at least, so what is announced and not there ends at the end of the data.
  for (let left = length; left > 0n; left--) items.push(readItem(reader, depth + 1));
  return items;
}

function readMap(reader, length, depth) {
  const map = new Map();
  let before = null;
  for (let left = length; left > 0n; left--) {
    const start = reader.at;
    const name = readItem(reader, depth + 1);
    if (typeof name !== "bigint" && typeof name !== "string" && !(name instanceof Uint8Array)) {
      malformed(reader, "integers or strings as map keys");
    }
    const encoded = reader.data.slice(start, reader.at);
    const order = before === null ? 1 : compareBytes(encoded, before);
    if (order === 0) malformed(reader, "each map key once");
    if (order < 0) throw new Refused("cbor-not-deterministic", { where: reader.where });
    before = encoded;
    map.set(name, readItem(reader, depth + 1));
  }
  return map;
}

function readSimple(reader, info) {
  switch (info) {
    case 20: return false;
    case 21: return true;
    case 22: return null;
    default: return malformed(reader, "true, false or null");
  }
}

/** Deterministic CBOR of integers (BigInt), bytes, text, arrays and Maps whose keys come in order. */
function encodeCbor(value) {
  if (typeof value === "bigint") return value < 0n ? encodeHead(1, -1n - value) : encodeHead(0, value);
  if (value instanceof Uint8Array) return concat(encodeHead(2, BigInt(value.length)), value);
  if (typeof value === "string") {
    const text = toUtf8(value);
    return concat(encodeHead(3, BigInt(text.length)), text);
  }
  if (Array.isArray(value)) return concat(encodeHead(4, BigInt(value.length)), ...value.map(encodeCbor));
  const items = [...value].flatMap(([name, item]) => [encodeCbor(name), encodeCbor(item)]);
  return concat(encodeHead(5, BigInt(value.size)), ...items);
}

function encodeHead(major, argument) {
  if (argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  const size = [1, 2, 4, 8].find((bytes) => argument < 1n << BigInt(8 * bytes));
  const head = [(major << 5) | (24 + Math.log2(size))];
  for (let byte = size - 1; byte >= 0; byte--) head.push(Number((argument >> BigInt(8 * byte)) & 255n));
  return Uint8Array.from(head);
}
