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
