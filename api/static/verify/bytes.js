// Bytes, text and hashes, read strictly: what is malformed is refused and never repaired.
"use strict";

/** A refusal by one of the registry's own codes (keys/errors.py), with the facts that explain it. */
class Refused extends Error {
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function isSame(one, other) {
  return compareBytes(one, other) === 0;
}

/** Bytewise order: negative, 0 or positive. The beginning of another comes before it. */
function compareBytes(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Refused("hex-malformed", { got: text.slice(0, 80) });
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Standard base64 (RFC 4648 §4) in its one canonical spelling. */
function fromBase64(text) {
  let raw = null;
  try {
    raw = atob(text);
  } catch {
    raw = null;
  }
  // atob forgives white space, missing padding and loose bits at the end; encoding again does not.
  if (raw === null || btoa(raw) !== text) throw new Refused("base64-malformed", { got: text.slice(0, 80) });
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** Unpadded base64url (RFC 4648 §5), as JWKs have it. */
function fromBase64Url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new Refused("key-unreadable", { expected: "base64url", got: String(text).slice(0, 80) });
  }
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard + "=".repeat((4 - (standard.length % 4)) % 4));
}

function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function toUtf8(text) {
  return new TextEncoder().encode(text);
}

/** Text, or null where the bytes are not UTF-8. A byte order mark is kept: whoever signed it signed it. */
function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
