// Keys of this browser: made or opened here, kept as CryptoKey objects that no script can read the private half of.
// IndexedDB holds the objects themselves, never their bytes; whoever may use this browser profile may sign with them.
"use strict";

const KEYS = "keys";
const SIGNING = { EdDSA: { name: "Ed25519" }, ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } };

/** A key of this browser: {kid, algorithm, jwk, secret, name, madeAt}; `secret` is a CryptoKey that can't be exported. */
async function makeBrowserKey(name) {
  const [algorithm, pair] = await generatePair();
  return keepKey(algorithm, await crypto.subtle.exportKey("jwk", pair.publicKey), pair.privateKey, name);
}

/** Ed25519 where the browser has it, else P-256. */
async function generatePair() {
  try {
    return ["EdDSA", await crypto.subtle.generateKey(SIGNING.EdDSA, false, ["sign", "verify"])];
  } catch {
    return ["ES256", await crypto.subtle.generateKey(SIGNING.ES256, false, ["sign", "verify"])];
  }
}

/** A key from a PEM file. Its bytes are in memory while it is opened, and nowhere afterwards. */
async function openKeyFile(text, passphrase, name) {
  const pkcs8 = await openPem(text, passphrase);
  for (const [algorithm, params] of Object.entries(SIGNING)) {
    let open = null;
    try {
      open = await crypto.subtle.importKey("pkcs8", pkcs8, params, true, ["sign"]);
    } catch {
      continue;
    }
    const jwk = await crypto.subtle.exportKey("jwk", open);
    const secret = await crypto.subtle.importKey("pkcs8", pkcs8, params, false, ["sign"]);
    pkcs8.fill(0);
    return keepKey(algorithm, jwk, secret, name);
  }
  throw new Refused("key-unsupported");
}

async function keepKey(algorithm, exported, secret, name) {
  const { kty, crv, x, y } = exported;
  const jwk = algorithm === "EdDSA" ? { kty, crv, x } : { kty, crv, x, y };
  const { kid } = await readJwk(jwk);
  const kept = { kid, algorithm, jwk, secret, name, madeAt: new Date().toISOString() };
  const known = await findKey(kid);
  if (known !== undefined) kept.name = known.name || name;
  await inStore("readwrite", (store) => store.put(kept));
  return kept;
}

/** All keys of this browser, oldest first. */
async function listKeys() {
  const keys = await inStore("readonly", (store) => store.getAll());
  return keys.sort((one, other) => (one.madeAt < other.madeAt ? -1 : 1));
}

function findKey(kid) {
  return inStore("readonly", (store) => store.get(kid));
}

/** Forget a key. Nobody can bring it back: what was not copied elsewhere is gone. */
function forgetKey(kid) {
  return inStore("readwrite", (store) => store.delete(kid));
}

/** The signature of a key over bytes, 64 bytes: R ‖ S of Ed25519, r ‖ s of ES256. */
async function signWith(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign(SIGNING[key.algorithm], key.secret, bytes));
}

function inStore(mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("suzheng-desk", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(KEYS, { keyPath: "kid" });
    opening.onerror = () => reject(new Refused("browser-storage"));
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(KEYS, mode);
      const request = ask(transaction.objectStore(KEYS));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onabort = () => reject(new Refused("browser-storage"));
    };
  });
}
