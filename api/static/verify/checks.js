// The checks themselves, in the words of a line each: {check, outcome, case, facts}. Nothing here knows the page.
//
// An outcome is "pass", "fail" or "open" (not checked), and what was not looked at is open, never passed.
"use strict";

function line(check, outcome, key, facts = {}) {
  return { check, outcome, case: key, facts };
}

/** The line of a check that refuses by throwing. */
async function attempt(check, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return line(check, "fail", "fail", tellRefusal(error));
  }
}

function tellRefusal({ code, facts }) {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return { code, reason: told.join(", ") };
}

function writeTime(at) {
  return at.toISOString().slice(0, 19).replace("T", " ") + " UTC";
}

/** Everything: {ledger, entries, documents, files}, each of lines. `abilities` says which signatures can be checked. */
async function checkAll(given, abilities, onProgress = () => {}) {
  const ledger = chooseLedgerKey(given);
  const checkpoint = await checkCheckpoint(given, ledger, abilities);
  const witnessed = await checkWitnesses(given, checkpoint, abilities);
  const entries = await readEntries(given, ledger, abilities, onProgress);
  for (const entry of entries) entry.lines.push(await compareWithCheckpoint(entry, checkpoint, given));
  const names = await judgeKeys(entries, ledger);
  return {
    names,
    ledger: [ledger.line, checkpoint.line, ...witnessed.lines],
    isWitnessed: witnessed.isReached,
    entries,
    documents: await checkDocuments(given, entries),
    files: given.faults.map(({ name, refused }) => tellFault(name, refused)).concat(tellUnknown(given)),
    size: checkpoint.isSigned ? checkpoint.read.size : null,
  };
}

// --- the ledger ---

/** Which key is taken for the ledger's, and by whose word. A key from elsewhere decides, whatever the bundle brings. */
function chooseLedgerKey(given) {
  const logs = given.policies.flatMap((policy) => policy.logs);
  const own = given.ledgerKeys.filter((one) => one.source === "own");
  if (own.length === 0) {
    own.push(...logs.filter((log) => log.name === given.checkpoints[0]?.origin).map((log) => ({ key: log.key, origin: log.name })));
  }
  const brought = given.ledgerKeys.filter((one) => one.source !== "own");
  const candidates = own.length > 0 ? own : brought;
  const chosen = candidates[0] ?? null;
  if (chosen === null) return { key: null, origin: null, line: line("ledger_key", "open", "none") };
  const kid = chosen.key.kid;
  const other = [...candidates, ...brought].find((one) => one.key.kid !== kid);
  const origin = candidates.find((one) => one.origin !== null)?.origin ?? null;
  const isListed = logs.length === 0 || logs.some((log) => log.key.kid === kid);
  const told = !isListed
    ? line("ledger_key", "fail", "unlisted", { kid })
    : other !== undefined
      ? line("ledger_key", "fail", own.length > 0 ? "differs" : "several", { kid, other: other.key.kid })
      : own.length > 0
        ? line("ledger_key", "pass", "pass", { kid })
        : line("ledger_key", "open", "brought", { kid });
  return { key: chosen.key, origin, line: told };
}

async function checkCheckpoint(given, ledger, abilities) {
  const [read, another] = given.checkpoints;
  const told = await attempt("checkpoint", async () => {
    if (read === undefined) return line("checkpoint", "open", "none");
    if (another !== undefined) return line("checkpoint", "open", "several");
    if (ledger.key === null) return line("checkpoint", "open", "no_key");
    if (!abilities.has(ledger.key.algorithm)) return line("checkpoint", "open", "unable", { algorithm: ledger.key.algorithm });
    const facts = { origin: read.origin, size: String(read.size), root: toHex(read.root), kid: ledger.key.kid };
    if (ledger.origin !== null && ledger.origin !== read.origin) {
      return line("checkpoint", "fail", "origin", { ...facts, expected: ledger.origin });
    }
    const holds = await isSignedBy(read, ledger.key);
    return line("checkpoint", holds ? "pass" : "fail", holds ? "pass" : "signature", facts);
  });
  return { read, line: told, isSigned: told.outcome === "pass" };
}

/** A line for each witness that is known by its key, and one on whether the policy is satisfied. */
async function checkWitnesses(given, checkpoint, abilities) {
  const [policy] = given.policies;
  const known = policy === undefined ? given.witnesses.map((vkey) => [vkey.name, vkey]) : [...policy.witnesses];
  if (!checkpoint.isSigned) return { lines: [line("witnesses", "open", "no_checkpoint")], isReached: false };
  const signed = new Set();
  const lines = [];
  for (const cosignature of checkpoint.read.signatures.filter((one) => one.name !== checkpoint.read.origin)) {
    lines.push(await checkCosignature(checkpoint.read, cosignature, known, signed, abilities));
  }
  if (policy === undefined) {
    lines.push(line("witnesses", "open", signed.size > 0 ? "no_policy" : "none", { count: String(signed.size) }));
    return { lines, isReached: false };
  }
  const facts = tellQuorum(policy, signed);
  if (policy.quorum === "none") return { lines: [...lines, line("witnesses", "open", "quorum_none")], isReached: false };
  const isReached = isWitnessed(policy, policy.quorum, signed);
  return { lines: [...lines, line("witnesses", isReached ? "pass" : "fail", isReached ? "pass" : "fail", facts)], isReached };
}

async function checkCosignature(checkpoint, cosignature, known, signed, abilities) {
  const facts = { name: cosignature.name };
  const [name, witness] = known.find(([, vkey]) => vkey.name === cosignature.name && vkey.id === cosignature.id) ?? [];
  if (witness === undefined) return line("cosignature", "open", "unknown", facts);
  if (witness.key === null || !abilities.has(witness.key.algorithm)) return line("cosignature", "open", "unable", facts);
  const at = await readCosignature(checkpoint, cosignature, witness);
  if (at === null) return line("cosignature", "fail", "fail", facts);
  signed.add(name);
  return line("cosignature", "pass", "pass", { ...facts, at: writeTime(at) });
}

/** How many of the quorum's members have signed, and which: in a group of groups, a member is an operator. */
function tellQuorum(policy, signed) {
  const { needed, members } = policy.groups.get(policy.quorum) ?? { needed: 1, members: [policy.quorum] };
  const met = members.filter((member) => isWitnessed(policy, member, signed));
  return { needed: String(needed), all: String(members.length), count: String(met.length), names: met.join(", ") || "—" };
}

// --- statements and their receipts ---

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

// --- one against the other ---

/** Is the receipt's tree the checkpoint's, or one that it grew out of or into? */
async function compareWithCheckpoint(entry, checkpoint, given) {
  if (entry.root === null || !checkpoint.isSigned) return line("same", "open", "unreached");
  const { size, root } = checkpoint.read;
  const facts = { size: String(entry.size), other: String(size) };
  if (entry.size === size) {
    const isOne = isSame(entry.root, root);
    return line("same", isOne ? "pass" : "fail", isOne ? "pass" : "fail", facts);
  }
  const trees = [{ size: entry.size, root: entry.root }, { size, root }];
  const [first, second] = entry.size < size ? trees : trees.reverse();
  const growth = given.growths.find((one) => one.first === first.size && one.second === second.size);
  if (growth === undefined) return line("same", "open", "sizes", facts);
  const holds = await isConsistent(first.size, second.size, first.root, second.root, growth.path);
  return line("same", holds ? "pass" : "fail", holds ? "grown" : "not_grown", facts);
}

/** A line on each statement's key; returns the parties' names. */
async function judgeKeys(entries, ledger) {
  const acts = await readKeyActs(entries);
  for (const entry of entries.filter(({ statement }) => statement !== null)) {
    const told =
      entry.isProved && entry.isSigned
        ? judgeKey(entry, acts, ledger.key.kid)
        : line("enrolled", "open", "unreached", { kid: toHex(entry.statement.kid) });
    entry.lines.splice(2, 0, told);
  }
  return acts.names;
}

/** A document belongs to a statement that names its SHA-256. */
async function checkDocuments(given, entries) {
  const named = new Map();
  for (const { statement, name, position, isSigned } of entries) {
    if (statement === null || !isSigned) continue;
    for (const sha256 of readDocumentNames(statement)) named.set(sha256, position === null ? name : `#${position}`);
  }
  const lines = [];
  for (const { name, blob } of given.documents) {
    const facts = { name, size: String(blob.size) };
    if (blob.size > MAX_MEMBER_BYTES) {
      lines.push(line("document", "open", "large", facts));
      continue;
    }
    const hash = toHex(await sha256(await readBlob(blob)));
    const by = named.get(hash);
    const expected = /^documents\/([0-9a-f]{64})\.pdf$/.exec(name)?.[1] ?? hash;
    const isNamed = by !== undefined && expected === hash;
    lines.push(line("document", isNamed ? "pass" : "fail", isNamed ? "pass" : "fail", { ...facts, hash, by: by ?? "" }));
  }
  return lines;
}

function readDocumentNames(statement) {
  try {
    const { pdf_sha256: sha256 } = readJson(statement.payload);
    return typeof sha256 === "string" ? [sha256] : [];
  } catch {
    return [];
  }
}

function tellFault(name, refused) {
  const isOurs = refused.code === "key-unsupported";
  return line("file", isOurs ? "open" : "fail", isOurs ? "open" : "fail", { name, ...tellRefusal(refused) });
}

function tellUnknown({ unknown }) {
  return unknown.length === 0 ? [] : [line("file", "open", "unknown", { names: unknown.slice(0, 20).join(", ") })];
}

/** What all lines together come to: "fail" where one fails; "pass" where what carries the rest passes; else "open". */
function judgeAll(report) {
  const lines = [report.ledger, ...report.entries.map((entry) => entry.lines), report.documents, report.files].flat();
  const count = (outcome) => lines.filter((one) => one.outcome === outcome).length;
  const tally = { pass: count("pass"), fail: count("fail"), open: count("open") };
  if (tally.fail > 0) return { outcome: "fail", tally };
  const isCarried = report.entries.length > 0 && report.ledger[0].outcome === "pass";
  const isWhole = report.entries.every(({ lines: own }) => needs(own).every((check) => isPassed(own, check)));
  return { outcome: isCarried && isWhole ? "pass" : "open", tally };
}

const OF_PROOF = ["path", "sealed", "claims", "time"];
const OF_STATEMENT = ["statement", "signature", "enrolled"];

/** What has to pass for an entry: of a withheld statement nothing can be read, and the page says so. */
function needs(lines) {
  return lines.some((one) => one.case === "withheld") ? OF_PROOF : [...OF_STATEMENT, ...OF_PROOF];
}

function isPassed(lines, check) {
  return lines.some((one) => one.check === check && one.outcome === "pass");
}
