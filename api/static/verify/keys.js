// Public keys: JWK, PEM and C2SP verifier keys in, and one question to them: does this signature hold?
"use strict";

// The algorithms that a browser can check. `spki` is all of a SubjectPublicKeyInfo (RFC 8410, RFC 5480) but the key.
const ALGORITHMS = {
  EdDSA: { cose: -8n, size: 32, spki: "302a300506032b6570032100", params: { name: "Ed25519" } },
  ES256: {
    cose: -7n,
    size: 64,
    spki: "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
    params: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  },
};
const SIGNATURE_BYTES = 64;
// C2SP signed-note: what a verifier key is for.
const [NOTE_ED25519, COSIGNATURE_ED25519, COSIGNATURE_MLDSA] = [1, 4, 6];

/** A key by its algorithm and raw number(s): {algorithm, raw, kid}; `kid` is its thumbprint (RFC 9679) in hex. */
async function makeKey(algorithm, raw) {
  const { size } = ALGORITHMS[algorithm];
  if (raw.length !== size) throw new Refused("key-unreadable", { expected: `${size} bytes`, got: raw.length });
  const required =
    algorithm === "EdDSA"
      ? new Map([[1n, 1n], [-1n, 6n], [-2n, raw]])
      : new Map([[1n, 2n], [-1n, 1n], [-2n, raw.slice(0, 32)], [-3n, raw.slice(32)]]);
  return { algorithm, raw, kid: toHex(await sha256(encodeCbor(required))) };
}

/** A public JWK with exactly the members of its type (RFC 7517, RFC 8037). */
async function readJwk(jwk) {
  const shape = `${jwk?.kty} ${jwk?.crv} ${Object.keys(jwk ?? {}).sort().join()}`;
  if (shape === "OKP Ed25519 crv,kty,x") return makeKey("EdDSA", fromBase64Url(jwk.x));
  if (shape === "EC P-256 crv,kty,x,y") {
    return makeKey("ES256", concat(fromBase64Url(jwk.x), fromBase64Url(jwk.y)));
  }
  const isOurs = ["OKP Ed25519", "EC P-256"].includes(`${jwk?.kty} ${jwk?.crv}`);
  const code = isOurs || typeof jwk?.kty !== "string" ? "key-unreadable" : "key-unsupported";
  throw new Refused(code, { expected: "an Ed25519 or P-256 public JWK", got: shape.slice(0, 80) });
}

/** A SubjectPublicKeyInfo PEM (RFC 7468). */
async function readPem(text) {
  const inside = /^-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(text.trimStart());
  if (inside === null) throw new Refused("key-unreadable", { expected: "a public key in PEM" });
  const der = toHex(fromBase64(inside[1].replaceAll(/\s/g, "")));
  for (const [algorithm, { spki }] of Object.entries(ALGORITHMS)) {
    if (der.startsWith(spki)) return makeKey(algorithm, fromHex(der.slice(spki.length)));
  }
  throw new Refused("key-unsupported", { expected: Object.keys(ALGORITHMS).join(", "), got: "another algorithm" });
}

/** {name, id, type, raw} of a verifier key, name+id+base64(type ‖ key) (c2sp.org/signed-note). */
async function readVerifierKey(text) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
  if (encoded === undefined) {
    throw new Refused("key-unreadable", { expected: "name+hash+base64", got: text.slice(0, 80) });
  }
  const typed = fromBase64(encoded);
  const computed = toHex((await sha256(concat(toUtf8(`${name}\n`), typed))).slice(0, 4));
  if (computed !== id) throw new Refused("key-unreadable", { expected: computed, got: id });
  const [type, raw] = [typed[0], typed.slice(1)];
  const isKnown = type === COSIGNATURE_MLDSA || type === NOTE_ED25519 || type === COSIGNATURE_ED25519;
  if (!isKnown) throw new Refused("key-unreadable", { expected: "an Ed25519 key", got: `type ${type}` });
  const key = type === COSIGNATURE_MLDSA ? null : await makeKey("EdDSA", raw);
  return { name, id, type, raw, key };
}

/** Does `signature` hold over `signed`? Whatever the browser refuses to take for a key or signature does not. */
async function verifies(key, signature, signed) {
  // r ‖ s and R ‖ S are both two times 32 bytes.
  if (signature.length !== SIGNATURE_BYTES) return false;
  const { params } = ALGORITHMS[key.algorithm];
  const raw = key.algorithm === "ES256" ? concat(Uint8Array.of(4), key.raw) : key.raw;
  try {
    const imported = await crypto.subtle.importKey("raw", raw, params, false, ["verify"]);
    return await crypto.subtle.verify(params, imported, signature, signed);
  } catch (error) {
    // DataError: no point on the curve. Everything else is the page's or the browser's fault and must be seen.
    if (error.name === "DataError") return false;
    throw error;
  }
}

// RFC 8032 §7.1, test 1, and RFC 6979 A.2.5 (P-256, SHA-256, "sample").
const KNOWN_ANSWERS = {
  EdDSA: {
    raw: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    signed: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  ES256: {
    raw: "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    signed: "73616d706c65",
    signature:
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  },
};

/** Which algorithms this browser checks rightly: a published signature has to hold, and not when a bit has changed. */
async function findAbilities() {
  const able = new Set();
  for (const [algorithm, known] of Object.entries(KNOWN_ANSWERS)) {
    const [raw, signed, signature] = [known.raw, known.signed, known.signature].map(fromHex);
    const forged = signature.slice();
    forged[40] ^= 1;
    try {
      const key = { algorithm, raw };
      if ((await verifies(key, signature, signed)) && !(await verifies(key, forged, signed))) able.add(algorithm);
    } catch {
      // NotSupportedError: an older browser. What it can't check is told as not checked.
    }
  }
  return able;
}
