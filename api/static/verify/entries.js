// The lines on a statement and its receipts, one entry at a time.
"use strict";

/** The entries given, in the order of their positions where those are known. */
async function readEntries(given, ledger, abilities, onProgress) {
  const entries = [];
  const receipts = new Set(given.receipts);
  const numbered = new Map();
  for (const receipt of given.receipts) {
    const number = numberOf(receipt.name);
    numbered.set(number, [...(numbered.get(number) ?? []), receipt]);
  }
  let done = 0;
  for (const file of given.statements) {
    const entry = await readStatement(file, given, abilities);
    const mine = entry.leaf === null ? [] : await findReceipts(entry, receipts, numbered, given, ledger);
    mine.forEach((receipt) => receipts.delete(receipt));
    if (mine.length === 0 && given.proofs.length > 0 && entry.leaf !== null) await checkProof(entry, given.proofs);
    else await checkReceipts(entry, mine, ledger, abilities);
    entries.push(entry);
    onProgress(++done, given.statements.length);
  }
  for (const receipt of receipts) entries.push(await readBare(receipt, receipts, numbered, given, ledger, abilities));
  return entries.sort((one, other) => (one.position ?? -1n) < (other.position ?? -1n) ? -1 : 1);
}

async function readStatement(file, given, abilities) {
  const entry = makeEntry(file.name);
  const parsed = await attempt("statement", async () => {
    entry.statement = parseStatement(file.data);
    entry.leaf = await hashStatement(entry.statement);
    const { kind, issuer, subject, issuedAt } = entry.statement;
    return line("statement", "pass", "pass", { kind, issuer, subject, at: writeTime(issuedAt), leaf: toHex(entry.leaf) });
  });
  entry.lines.push(parsed);
  entry.lines.push(await checkSignature(entry, given, abilities));
  return entry;
}

function makeEntry(name) {
  return {
    name,
    statement: null,
    leaf: null,
    position: null,
    size: null,
    root: null,
    recordedAt: null,
    isProved: false,
    isSigned: false,
    founds: null,
    lines: [],
  };
}

const NAME_OF_COSE = new Map(Object.entries(ALGORITHMS).map(([name, { cose }]) => [cose, name]));

async function checkSignature(entry, given, abilities) {
  const said = entry.statement;
  if (said === null) return line("signature", "open", "unread");
  const algorithm = NAME_OF_COSE.get(said.algorithm);
  const kid = toHex(said.kid);
  if (!abilities.has(algorithm)) return line("signature", "open", "unable", { algorithm: algorithm ?? String(said.algorithm) });
  const key = given.signerKeys.get(kid) ?? (await readFoundingKey(said));
  if (key === undefined) return line("signature", "open", "no_key", { kid });
  if (key.algorithm !== algorithm) return line("signature", "fail", "algorithm", { kid, expected: key.algorithm, got: algorithm });
  entry.isSigned = await verifies(key, said.signature, sigStructure(said.protected, said.payload));
  return line("signature", entry.isSigned ? "pass" : "fail", entry.isSigned ? "pass" : "fail", { kid, issuer: said.issuer });
}

/** The key that the founding statement brings with it, where it is the one that its header names. */
async function readFoundingKey(said) {
  if (said.kind !== "party.founded") return undefined;
  try {
    const key = await readJwk(readJson(said.payload).key);
    return key.kid === toHex(said.kid) ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The receipts that belong to a statement: of its name in a bundle, the only one, or those that hold for it. */
async function findReceipts(entry, receipts, numbered, given, ledger) {
  if (receipts.size === 0) return [];
  const number = numberOf(entry.name);
  const named = number === null ? [] : (numbered.get(number) ?? []).filter((one) => receipts.has(one));
  if (named.length > 0) return named;
  if (given.statements.length === 1) return [...receipts].slice(0, 2);
  const holding = [];
  for (const receipt of [...receipts].slice(0, MAX_LOOSE_FILES)) {
    const [, sealed] = await followReceipt(receipt, entry.leaf, ledger, new Set(Object.keys(ALGORITHMS)));
    if (sealed?.outcome === "pass") holding.push(receipt);
  }
  return holding;
}

/** The number that a file's name ends with, as the bundle's and the registry's own do. */
function numberOf(name) {
  return /(\d+)\.\w+$/.exec(name)?.[1] ?? null;
}

/** A receipt whose statement is withheld, or was not given: its hash may stand in the bundle's index. */
async function readBare(receipt, receipts, numbered, given, ledger, abilities) {
  const entry = makeEntry(receipt.name);
  entry.leaf = given.leaves.get(receipt.name) ?? null;
  const facts = entry.leaf === null ? {} : { leaf: toHex(entry.leaf) };
  entry.lines.push(line("statement", "open", entry.leaf === null ? "missing" : "withheld", facts));
  const number = numberOf(receipt.name);
  const twins = number === null ? [receipt] : numbered.get(number).filter((one) => receipts.has(one));
  twins.forEach((twin) => receipts.delete(twin));
  await checkReceipts(entry, twins, ledger, abilities);
  return entry;
}

/** Lines of the receipt, and what it shows, on the entry. Of two, the later tree counts and the earlier time. */
async function checkReceipts(entry, receipts, ledger, abilities) {
  if (receipts.length === 0) {
    entry.lines.push(line("path", "open", "none"));
    return;
  }
  const followed = [];
  for (const receipt of receipts) followed.push(await readReceipt(receipt, entry.leaf, ledger, abilities));
  const worst = followed.find((one) => one.lines.some(({ outcome }) => outcome === "fail"));
  const latest = followed.reduce((one, other) => ((other.size ?? -1n) > (one.size ?? -1n) ? other : one));
  const told = worst ?? latest;
  entry.lines.push(...told.lines);
  if (worst !== undefined || told.at === null) return;
  const isOnePlace = followed.every(({ position }) => position === told.position);
  const times = followed.map(({ at }) => at).sort((one, other) => one - other);
  entry.lines.push(line("time", isOnePlace ? "pass" : "fail", isOnePlace ? "pass" : "fail", { at: writeTime(times[0]) }));
  Object.assign(entry, { ...told, lines: entry.lines, recordedAt: times[0], isProved: isOnePlace });
  if (entry.statement?.kind === "party.founded") entry.founds = await readFoundedLedger(entry.statement, told.origin);
}

/** A tlog-proof has the path alone: what its root is worth, the checkpoint that goes with it says. */
async function checkProof(entry, [{ position, path, size }]) {
  const root = await rootFromInclusion(await hashLeaf(entry.leaf), position, size, path);
  const facts = { position: String(position), size: String(size), leaf: toHex(entry.leaf), root: root === null ? "" : toHex(root) };
  entry.lines.push(line("path", root === null ? "fail" : "pass", root === null ? "shape" : "pass", facts));
  Object.assign(entry, { position, size, root });
}

async function readFoundedLedger(said, origin) {
  try {
    const body = readJson(said.payload);
    return body.origin === origin ? (await readJwk(body.ledger_key)).kid : null;
  } catch {
    return null;
  }
}

/** {lines, position, size, root, origin, at}; what failed leaves what it would have shown null. */
async function readReceipt(receipt, leaf, ledger, abilities) {
  const shown = { lines: [], position: null, size: null, root: null, origin: null, at: null };
  shown.lines = await followReceipt(receipt, leaf, ledger, abilities, shown);
  return shown;
}

/** The steps of trace/ledger/receipt.py: the shape and path, the signature over the root, the size in the claims. */
async function followReceipt(receipt, leaf, ledger, abilities, shown = {}) {
  let read = null;
  let root = null;
  const path = await attempt("path", async () => {
    read = parseReceipt(receipt.data);
    const facts = { position: String(read.position), size: String(read.size) };
    if (leaf === null) return line("path", "open", "no_leaf", facts);
    root = await rootFromInclusion(await hashLeaf(leaf), read.position, read.size, read.path);
    if (root === null) return line("path", "fail", "shape", facts);
    return line("path", "pass", "pass", { ...facts, leaf: toHex(leaf), root: toHex(root) });
  });
  if (root === null) return [path, line("sealed", "open", "unreached"), line("claims", "open", "unreached")];
  const sealed = await checkSeal(read, root, ledger, abilities);
  if (sealed.outcome !== "pass") return [path, sealed, line("claims", "open", "unreached")];
  const claims = await attempt("claims", async () => {
    const { origin, subject, at } = readClaims(read.protected);
    const expected = `${origin}/checkpoint/${read.size}`;
    const facts = { origin, size: String(read.size), at: writeTime(at), got: subject };
    if (subject !== expected) return line("claims", "fail", "size", facts);
    if (ledger.origin !== null && ledger.origin !== origin) return line("claims", "fail", "origin", { ...facts, expected: ledger.origin });
    Object.assign(shown, { position: read.position, size: read.size, root, origin, at });
    return line("claims", "pass", "pass", facts);
  });
  return [path, sealed, claims];
}

async function checkSeal(receipt, root, ledger, abilities) {
  if (ledger.key === null) return line("sealed", "open", "no_key");
  if (!abilities.has(ledger.key.algorithm)) return line("sealed", "open", "unable", { algorithm: ledger.key.algorithm });
  const holds = await verifies(ledger.key, receipt.signature, sigStructure(receipt.protected, root));
  return line("sealed", holds ? "pass" : "fail", holds ? "pass" : "fail", { kid: ledger.key.kid, root: toHex(root) });
}
