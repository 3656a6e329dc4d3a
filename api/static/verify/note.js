// Checkpoints as signed notes (c2sp.org/signed-note, tlog-checkpoint), with witnesses' lines (tlog-cosignature).
"use strict";

const MAX_NOTE_BYTES = 64 * 1024;
const MAX_SIGNATURES = 64;

/** {body, origin, size, root, signatures: [{name, id, raw}]} of a checkpoint. Throws Refused `checkpoint-invalid`. */
function parseCheckpoint(text) {
  // The last empty line parts the text from the signatures.
  const end = text.lastIndexOf("\n\n");
  if (text.length > MAX_NOTE_BYTES || end < 0 || /[\x00-\x09\x0b-\x1f]/.test(text)) notCheckpoint("a signed note");
  const body = text.slice(0, end + 1);
  const [origin, size, root, ...extensions] = body.slice(0, -1).split("\n");
  if (!origin || !/^(?:0|[1-9][0-9]{0,18})$/.test(size ?? "") || BigInt(size) > MAX_SIZE) {
    notCheckpoint("origin, size and root");
  }
  if (extensions.includes("")) notCheckpoint("no empty line in the text");
  const hash = fromBase64(root ?? "");
  if (hash.length !== 32) notCheckpoint("a root hash of 32 bytes");
  const rest = text.slice(end + 2);
  const lines = rest.endsWith("\n") ? rest.slice(0, -1).split("\n") : notCheckpoint("lines that end");
  if (lines.length > MAX_SIGNATURES) notCheckpoint(`at most ${MAX_SIGNATURES} signatures`);
  return { body, origin, size: BigInt(size), root: hash, signatures: lines.map(parseSignature) };
}

function parseSignature(line) {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? notCheckpoint("— name base64");
  const raw = fromBase64(encoded);
  if (raw.length < 5) notCheckpoint("a key hash and a signature");
  return { name, id: toHex(raw.slice(0, 4)), raw: raw.slice(4) };
}

function notCheckpoint(expected) {
  throw new Refused("checkpoint-invalid", { where: "the checkpoint", expected });
}

/** The note's key hash for a key of that name and use. */
async function noteKeyId(name, type, raw) {
  return toHex((await sha256(concat(toUtf8(`${name}\n`), Uint8Array.of(type), raw))).slice(0, 4));
}

/** Did this key sign the checkpoint as the ledger that it names? The first line by name and key hash decides. */
async function isSignedBy(checkpoint, key) {
  const id = await noteKeyId(checkpoint.origin, NOTE_ED25519, key.raw);
  const line = checkpoint.signatures.find((one) => one.name === checkpoint.origin && one.id === id);
  return line !== undefined && key.algorithm === "EdDSA" && verifies(key, line.raw, toUtf8(checkpoint.body));
}

/** The time (Date) at which a cosignature/v1 line says it was made, or null where the line does not hold. */
async function readCosignature(checkpoint, line, witness) {
  if (line.raw.length !== 8 + SIGNATURE_BYTES) return null;
  const seconds = line.raw.slice(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (seconds > MAX_TIME) return null;
  const signed = toUtf8(`cosignature/v1\ntime ${seconds}\n${checkpoint.body}`);
  return (await verifies(witness.key, line.raw.slice(8), signed)) ? new Date(Number(seconds) * 1000) : null;
}

const PROOF_FORMAT = "c2sp.org/tlog-proof@v1";

/** {position, path, note} of a C2SP tlog-proof, the checkpoint's text included. Throws Refused `receipt-malformed`. */
function parseTlogProof(text) {
  const end = text.indexOf("\n\n");
  const [format, index, ...hashes] = text.slice(0, Math.max(end, 0)).split("\n");
  const [, position] = /^index (0|[1-9][0-9]{0,18})$/.exec(index ?? "") ?? [];
  if (format !== PROOF_FORMAT || position === undefined || hashes.length > 63) unlike("a tlog-proof");
  return { position: BigInt(position), path: hashes.map(fromBase64), note: text.slice(end + 2) };
}
