// The envelope of a statement: a COSE_Sign1 (RFC 9052 §4.2) with the registry's header. The rules of keys/envelope.py.
"use strict";

const MAX_STATEMENT_BYTES = 64 * 1024;
const MAX_FOLLOWS = 512;
const MAX_TEXT = 256;
const COSE_SIGN1 = 18;
// IANA COSE Header Parameters and CWT Claims; the two labels in words are the registry's own.
const [ALG, CRIT, CONTENT_TYPE, KID, CWT_CLAIMS, TYP] = [1n, 2n, 3n, 4n, 15n, 16n];
const [ISS, SUB, IAT] = [1n, 2n, 6n];
const LABELS = [ALG, CONTENT_TYPE, KID, CWT_CLAIMS, TYP, "follows", "nonce"];
const KIND = /^vnd\.suzheng\.([a-z]+(?:\.[a-z]+)+)$/;
// Years 2000 to 9999, as seconds since 1970.
const [MIN_TIME, MAX_TIME] = [946684800n, 253402300799n];

/** Read an envelope strictly; nothing is verified yet. Throws Refused `statement-too-large`, `cbor-…`, `envelope-…`. */
function parseStatement(data) {
  if (data.length > MAX_STATEMENT_BYTES) {
    throw new Refused("statement-too-large", { expected: `at most ${MAX_STATEMENT_BYTES} bytes`, got: data.length });
  }
  const parts = decodeCbor(data, "the envelope", COSE_SIGN1);
  const isShaped = Array.isArray(parts) && parts.length === 4 && parts[1] instanceof Map;
  if (!isShaped || ![parts[0], parts[2], parts[3]].every((part) => part instanceof Uint8Array)) {
    throw new Refused("envelope-malformed", { where: "the envelope", expected: "[bstr, map, bstr, bstr]" });
  }
  const [bytes, unprotected, payload, signature] = parts;
  return { protected: bytes, payload, signature, hasUnprotected: unprotected.size > 0, ...readHeader(bytes) };
}

function readHeader(bytes) {
  const header = decodeCbor(bytes, "the protected header");
  checkLabels(header, LABELS, [CRIT], "the protected header");
  checkCrit(header);
  const claims = header.get(CWT_CLAIMS);
  checkLabels(claims, [ISS, SUB, IAT], [], "CWT claims");
  const kind = KIND.exec(readText(header, TYP));
  if (kind === null) unfit("typ", "vnd.suzheng.<kind>");
  return {
    algorithm: readInteger(header, ALG),
    kid: readSized(header, KID, 32),
    contentType: readText(header, CONTENT_TYPE),
    kind: kind[1],
    issuer: readText(claims, ISS),
    subject: readText(claims, SUB),
    issuedAt: readTime(claims),
    follows: readFollows(header),
    nonce: readSized(header, "nonce", 16),
  };
}

function unfit(where, expected) {
  throw new Refused("envelope-malformed", { where, expected });
}

function checkLabels(map, needed, allowed, where) {
  const isExact =
    map instanceof Map &&
    needed.every((label) => map.has(label)) &&
    [...map.keys()].every((label) => needed.includes(label) || allowed.includes(label));
  if (!isExact) unfit(where, needed.join(", "));
}

function checkCrit(header) {
  if (!header.has(CRIT)) return;
  const named = header.get(CRIT);
  if (!Array.isArray(named) || named.length === 0 || !named.every((label) => LABELS.includes(label))) {
    unfit("crit", "known labels only");
  }
}

function readInteger(map, label) {
  const value = map.get(label);
  return typeof value === "bigint" ? value : unfit(`label ${label}`, "an integer");
}

function readText(map, label) {
  const value = map.get(label);
  // Counted in characters, as the registry counts, not in UTF-16 units.
  const isFit = typeof value === "string" && value.length > 0 && [...value].length <= MAX_TEXT;
  return isFit ? value : unfit(`label ${label}`, `1 to ${MAX_TEXT} characters`);
}

function readSized(map, label, size) {
  const value = map.get(label);
  return value instanceof Uint8Array && value.length === size ? value : unfit(`label ${label}`, `${size} bytes`);
}

/** The claim iat as a Date. */
function readTime(claims) {
  const seconds = readInteger(claims, IAT);
  if (seconds < MIN_TIME || seconds > MAX_TIME) unfit("iat", "seconds since 1970, from the year 2000 on");
  return new Date(Number(seconds) * 1000);
}

function readFollows(header) {
  const items = header.get("follows");
  const isFit =
    Array.isArray(items) &&
    items.length <= MAX_FOLLOWS &&
    items.every((item) => item instanceof Uint8Array && item.length === 32) &&
    items.every((item, at) => at === 0 || compareBytes(items[at - 1], item) < 0);
  return isFit ? items : unfit("follows", "leaf hashes of 32 bytes, each once, in bytewise order");
}

/** What a COSE_Sign1 signature covers (RFC 9052 §4.4), without external data. */
function sigStructure(header, payload) {
  return encodeCbor(["Signature1", header, new Uint8Array(0), payload]);
}

/** SHA-256 of the envelope with its unprotected header emptied: that one is nobody's word. */
function hashStatement(statement) {
  const emptied = encodeCbor([statement.protected, new Map(), statement.payload, statement.signature]);
  return sha256(concat(encodeHead(6, BigInt(COSE_SIGN1)), emptied));
}
