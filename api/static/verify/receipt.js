// A receipt (RFC 9942 §5.2.1), read as trace/ledger/receipt.py reads it. Checking it is the work of checks.js.
"use strict";

// IANA COSE Header Parameters: verifiable data structure and its proofs; 1 is RFC9162_SHA256.
const [VDS, VDP, RFC9162_SHA256] = [395n, 396n, 1n];
const MAX_RECEIPT_BYTES = 64 * 1024;

/** {protected, signature, size, position, path} of a receipt. Throws Refused `receipt-malformed` or `cbor-…`. */
function parseReceipt(data) {
  if (data.length > MAX_RECEIPT_BYTES) unlike(`at most ${MAX_RECEIPT_BYTES} bytes`);
  const parts = decodeCbor(data, "the receipt", COSE_SIGN1);
  const isShaped = Array.isArray(parts) && parts.length === 4 && parts[1] instanceof Map && parts[2] === null;
  if (!isShaped || !(parts[0] instanceof Uint8Array) || !(parts[3] instanceof Uint8Array)) {
    unlike("one inclusion proof and a detached root");
  }
  const proofs = parts[1].get(VDP) instanceof Map ? parts[1].get(VDP).get(-1n) : null;
  if (!Array.isArray(proofs) || proofs.length !== 1 || !(proofs[0] instanceof Uint8Array)) {
    unlike("one inclusion proof and a detached root");
  }
  return { protected: parts[0], signature: parts[3], ...parseProof(decodeCbor(proofs[0], "the inclusion proof")) };
}

function parseProof(proof) {
  const isShaped =
    Array.isArray(proof) &&
    proof.length === 3 &&
    typeof proof[0] === "bigint" &&
    typeof proof[1] === "bigint" &&
    Array.isArray(proof[2]) &&
    proof[2].every((node) => node instanceof Uint8Array && node.length === 32);
  if (!isShaped) unlike("[size, position, path of 32-byte hashes]");
  return { size: proof[0], position: proof[1], path: proof[2] };
}

/** {origin, subject, at} that the ledger signed beside the root. Throws Refused `receipt-malformed` or `cbor-…`. */
function readClaims(header) {
  const labels = decodeCbor(header, "the receipt's header");
  const claims = labels instanceof Map ? labels.get(CWT_CLAIMS) : null;
  if (!(claims instanceof Map) || claims.size !== 3 || labels.get(VDS) !== RFC9162_SHA256) {
    unlike("RFC9162_SHA256 with iss, sub and iat");
  }
  return { origin: readText(claims, ISS), subject: readText(claims, SUB), at: readTime(claims) };
}

function unlike(expected) {
  throw new Refused("receipt-malformed", { where: "the receipt", expected });
}
