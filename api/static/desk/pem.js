// Private keys in files: PKCS#8 in PEM (RFC 7468, RFC 5958), open, or encrypted by PBES2 (RFC 8018) as our own
// commands and OpenSSL write it: PBKDF2 with HMAC-SHA-256 or -512, and AES-CBC.
"use strict";

const PKCS8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END (?:ENCRYPTED )?PRIVATE KEY-----\s*$/;
const [DER_INTEGER, DER_OCTETS, DER_OID, DER_SEQUENCE] = [0x02, 0x04, 0x06, 0x30];
const [PBES2, PBKDF2] = ["2a864886f70d01050d", "2a864886f70d01050c"];
const PSEUDORANDOM = { "2a864886f70d0207": "SHA-1", "2a864886f70d0209": "SHA-256", "2a864886f70d020b": "SHA-512" };
// AES with 192 bits is no browser's.
const AES_CBC_BITS = { "60864801650304012a": 256, "608648016503040102": 128 };
// Ours to choose: some seconds of a slow phone.
const MAX_ITERATIONS = 10_000_000;

/** Is a passphrase needed to open this file? */
function isLocked(text) {
  return text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
}

/** The PKCS#8 bytes of a PEM file. Throws Refused `pem-unreadable`, `pem-unsupported`, `passphrase-wrong`. */
async function openPem(text, passphrase) {
  const inside = PKCS8.exec(text.trimStart());
  if (inside === null) {
    const isKey = /-----BEGIN (?:EC |OPENSSH |RSA )PRIVATE KEY-----/.test(text);
    throw new Refused(isKey ? "pem-unsupported" : "pem-unreadable");
  }
  const der = fromBase64(inside[2].replaceAll(/\s/g, ""));
  return inside[1] === undefined ? der : decryptPkcs8(der, passphrase);
}

/** One DER element at `at`: {tag, body, end}. Definite lengths in their shortest spelling only. */
function readDer(data, at) {
  let [length, start] = [data[at + 1], at + 2];
  if (length > 0x80) {
    const size = length - 0x80;
    if (size > 3 || data[start] === 0) throw new Refused("pem-unreadable");
    length = data.slice(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
    start += size;
    if (length < 0x80) throw new Refused("pem-unreadable");
  }
  if (length === 0x80 || !(start + length <= data.length)) throw new Refused("pem-unreadable");
  return { tag: data[at], body: data.slice(start, start + length), end: start + length };
}

/** The elements of a sequence, each of the tags that are wanted; more may follow. */
function readSequence(data, ...tags) {
  const items = [];
  for (let at = 0; at < data.length; ) {
    const item = readDer(data, at);
    items.push(item);
    at = item.end;
  }
  if (!tags.every((tag, place) => items[place]?.tag === tag)) throw new Refused("pem-unreadable");
  return items.map((item) => item.body);
}

async function decryptPkcs8(der, passphrase) {
  const whole = readDer(der, 0);
  if (whole.tag !== DER_SEQUENCE || whole.end !== der.length) throw new Refused("pem-unreadable");
  const [algorithm, sealed] = readSequence(whole.body, DER_SEQUENCE, DER_OCTETS);
  const [scheme, parameters] = readSequence(algorithm, DER_OID, DER_SEQUENCE);
  if (toHex(scheme) !== PBES2) throw new Refused("pem-unsupported");
  const [derivation, cipher] = readSequence(parameters, DER_SEQUENCE, DER_SEQUENCE);
  const [name, settings] = readSequence(derivation, DER_OID, DER_SEQUENCE);
  const [cipherName, iv] = readSequence(cipher, DER_OID, DER_OCTETS);
  const bits = AES_CBC_BITS[toHex(cipherName)];
  if (toHex(name) !== PBKDF2 || bits === undefined) throw new Refused("pem-unsupported");
  const key = await deriveKey(settings, passphrase, bits);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, sealed));
  } catch {
    // The padding does not fit: nearly always another passphrase.
    throw new Refused("passphrase-wrong");
  }
}

async function deriveKey(settings, passphrase, bits) {
  const [salt, count, ...others] = readSequence(settings, DER_OCTETS, DER_INTEGER);
  const iterations = count.reduce((sum, byte) => sum * 256 + byte, 0);
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw new Refused("pem-unsupported");
  // Without a name the function is HMAC-SHA-1 (RFC 8018 A.2); a key length may stand before it.
  const named = others.find((body) => body[0] === DER_OID);
  const hash = named === undefined ? "SHA-1" : PSEUDORANDOM[toHex(readSequence(named, DER_OID)[0])];
  if (hash === undefined) throw new Refused("pem-unsupported");
  const secret = await crypto.subtle.importKey("raw", toUtf8(passphrase), "PBKDF2", false, ["deriveKey"]);
  const aes = { name: "AES-CBC", length: bits };
  return crypto.subtle.deriveKey({ name: "PBKDF2", salt, iterations, hash }, secret, aes, false, ["decrypt"]);
}
