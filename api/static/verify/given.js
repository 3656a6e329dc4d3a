// What the page was given, sorted by what each piece is. Content decides; a name only where content can't.
//
// A key's part is never guessed from what it would make hold: the ledger's key is the one in its own field, a verifier
// key, one in a policy, or one named as such in a bundle. All other keys are signers'.
"use strict";

const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const MAX_LOOSE_FILES = 100;

function emptyGiven() {
  return {
    statements: [],
    receipts: [],
    checkpoints: [],
    proofs: [],
    growths: [],
    ledgerKeys: [],
    signerKeys: new Map(),
    witnesses: [],
    policies: [],
    documents: [],
    leaves: new Map(),
    faults: [],
    unknown: [],
  };
}

/** Take one file, {slot, name, blob}; what is wrong with it is kept as a fault and stops nothing else. */
async function takeFile(given, { slot, name, blob }) {
  try {
    if (slot === "any") await takeAny(given, name, blob);
    else await SLOTS[slot](given, name, blob);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    given.faults.push({ name, refused: error });
  }
}

const SLOTS = {
  statement: async (given, name, blob) => given.statements.push({ name, data: await readBlob(blob) }),
  receipt: async (given, name, blob) => given.receipts.push({ name, data: await readBlob(blob) }),
  checkpoint: async (given, name, blob) => takeCheckpoint(given, name, await readBlobText(blob)),
  ledger: async (given, name, blob) => takeLedgerKeys(given, await readBlobText(blob), "own"),
  signer: async (given, name, blob) => takeSignerKey(given, await readBlobText(blob)),
  witnesses: async (given, name, blob) => takeWitnesses(given, name, await readBlobText(blob)),
  brought: async (given, name, blob) => takeLedgerKeys(given, await readBlobText(blob), "bundle"),
  document: async (given, name, blob) => given.documents.push({ name, blob }),
  index: async (given, name, blob) => takeIndex(given, await readBlob(blob)),
  nothing: async () => {},
};

async function takeAny(given, name, blob) {
  const head = await readBlob(blob.slice(0, 4));
  if (toHex(head) === "504b0304") {
    for (const member of await readZip(blob)) await takeMember(given, member.name, member.blob);
  } else if (head[0] === 0xd2 || /\.(?:cose|receipt|statement)$/i.test(name)) {
    takeCose(given, name, await readBlob(blob));
  } else {
    const text = blob.size <= MAX_TEXT_BYTES ? fromUtf8(await readBlob(blob)) : null;
    if (text === null || !(await takeText(given, name, text))) given.documents.push({ name, blob });
  }
}

/** A member of an evidence bundle, by where the bundle's description puts it. */
async function takeMember(given, name, blob) {
  const [folder, ...rest] = name.split("/");
  const slot = MEMBERS.get(name) ?? (rest.length === 1 ? FOLDERS.get(folder) : undefined);
  if (slot === undefined) given.unknown.push(name);
  else await takeFile(given, { slot, name, blob });
}

// Maps and not objects: a member may be called "constructor".
const MEMBERS = new Map([
  ["index.html", "nothing"],
  ["verify.html", "nothing"],
  ["SHA256SUMS", "nothing"],
  ["index.json", "index"],
  ["checkpoint.txt", "checkpoint"],
  ["keys/ledger.pem", "brought"],
  ["keys/ledger.vkey", "brought"],
]);
const FOLDERS = new Map([
  ["statements", "statement"],
  ["receipts", "receipt"],
  ["recorded", "receipt"],
  ["keys", "signer"],
  ["documents", "document"],
]);

/** A statement carries its payload, a receipt does not: so far the first bytes tell, even where the rest is broken. */
function takeCose(given, name, data) {
  // d2 84 and the protected header (a byte string of up to 64 KiB), then the unprotected one: empty, or with a proof.
  const lengthBytes = { 0x58: 1, 0x59: 2 }[data[2]] ?? 0;
  const length = lengthBytes === 0 ? data[2] & 31 : data.slice(3, 3 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const follows = toHex(data.slice(3 + lengthBytes + length, 7 + lengthBytes + length));
  const isReceipt = follows.slice(2).startsWith("19018c") || /receipt/i.test(name);
  (isReceipt ? given.receipts : given.statements).push({ name, data });
}

/** True where the text is one of the texts that the page knows. */
async function takeText(given, name, text) {
  const bare = text.trim();
  if (bare.startsWith("-----BEGIN")) {
    if (/(^|\/)ledger[^/]*$/i.test(name)) await takeLedgerKeys(given, text, "file");
    else await takeSignerKey(given, text);
  } else if (text.startsWith(PROOF_FORMAT)) {
    const proof = parseTlogProof(text);
    takeCheckpoint(given, name, proof.note);
    given.proofs.push({ name, ...proof, size: given.checkpoints.at(-1).size });
  } else if (text.includes("\n\n— ")) {
    takeCheckpoint(given, name, text);
  } else if (bare.startsWith("{")) {
    return takeObject(given, name, toUtf8(bare));
  } else if (/^[ \t]*quorum[ \t]/m.test(text)) {
    given.policies.push({ name, ...(await parsePolicy(text)) });
  } else if (/^\S+\+[0-9a-f]{8}\+\S+$/m.test(bare)) {
    for (const line of bare.split("\n")) await takeVerifierKey(given, line, "file");
  } else if (/^[A-Za-z0-9+/=\s]+$/.test(bare) && bare !== "") {
    const packed = bare.replaceAll(/\s/g, "");
    takeCose(given, name, /^(?:[0-9a-f]{2})+$/.test(packed) ? fromHex(packed) : fromBase64(packed));
  } else {
    return false;
  }
  return true;
}

async function takeObject(given, name, bytes) {
  const object = readJson(bytes);
  if ("kty" in object) addSigner(given, await readJwk(object));
  else if ("first_root" in object) given.growths.push(readGrowth(object));
  else return false;
  return true;
}

/** A consistency proof as the registry's API gives it: {first, second, firstRoot, secondRoot, path}. */
function readGrowth(object) {
  const isShaped =
    [object.first, object.second].every(Number.isSafeInteger) &&
    Array.isArray(object.path) &&
    [object.first_root, object.second_root, ...object.path].every((hash) => typeof hash === "string");
  if (!isShaped) throw new Refused("payload-malformed", { where: "the consistency proof", expected: "sizes and hashes" });
  const [firstRoot, secondRoot, ...path] = [object.first_root, object.second_root, ...object.path].map(fromHex);
  return { first: BigInt(object.first), second: BigInt(object.second), firstRoot, secondRoot, path };
}

function takeCheckpoint(given, name, text) {
  given.checkpoints.push({ name, ...parseCheckpoint(text) });
}

/** Of the bundle's own index only the hashes of statements that are withheld from its reader are taken. */
function takeIndex(given, bytes) {
  const { entries } = readJson(bytes);
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (entry?.statement !== null || typeof entry.leaf !== "string") continue;
    for (const path of [entry.receipt, entry.recorded]) given.leaves.set(path, fromHex(entry.leaf));
  }
}

async function takeLedgerKeys(given, text, source) {
  const bare = text.trim();
  if (bare.startsWith("-----BEGIN")) addLedgerKey(given, await readPem(text), null, source);
  else if (bare.startsWith("{")) addLedgerKey(given, await readJwk(readJson(toUtf8(bare))), null, source);
  else await takeVerifierKey(given, bare, source);
}

function addLedgerKey(given, key, origin, source) {
  given.ledgerKeys.push({ key, origin, source });
}

async function takeVerifierKey(given, text, source) {
  const vkey = await readVerifierKey(text);
  if (vkey.type === NOTE_ED25519) addLedgerKey(given, vkey.key, vkey.name, source);
  else given.witnesses.push(vkey);
}

async function takeSignerKey(given, text) {
  addSigner(given, text.trim().startsWith("{") ? await readJwk(readJson(toUtf8(text))) : await readPem(text));
}

function addSigner(given, key) {
  given.signerKeys.set(key.kid, key);
}

async function takeWitnesses(given, name, text) {
  if (/^[ \t]*quorum[ \t]/m.test(text)) given.policies.push({ name, ...(await parsePolicy(text)) });
  else for (const line of text.trim().split("\n")) await takeVerifierKey(given, line, "file");
}

async function readBlob(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

async function readBlobText(blob) {
  const text = blob.size <= MAX_TEXT_BYTES ? fromUtf8(await readBlob(blob)) : null;
  return text ?? refuseText(blob);
}

function refuseText(blob) {
  throw new Refused("text-malformed", { expected: `UTF-8, at most ${MAX_TEXT_BYTES} bytes`, got: blob.size });
}
