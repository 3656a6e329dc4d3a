// Signing in is proving possession of a key; and the one way in which these pages speak with the registry.
"use strict";

const PURPOSE = "suzheng-session-v1\n";

/** Send, and read JSON. Throws Refused with the registry's own code and facts, or `unreachable`. */
async function call(path, { method = "GET", body = null, type = "application/json" } = {}) {
  const headers = { Accept: "application/json", ...(body === null ? {} : { "Content-Type": type }) };
  let response = null;
  try {
    response = await fetch(path, { method, headers, body, credentials: "same-origin", redirect: "error" });
  } catch {
    throw new Refused("unreachable");
  }
  const told = response.status === 204 ? {} : await response.json().catch(() => ({ code: "unreachable" }));
  if (!response.ok) throw new Refused(told.code ?? "unreachable", told);
  return told;
}

/** Prove possession of a key; the session comes as a cookie that no script can read. */
async function signIn(key) {
  const { challenge, to_sign: toSign } = await call("/api/v1/challenge");
  // Nothing but a sign-in is signed here: a statement's bytes begin otherwise.
  if (!toSign.startsWith(PURPOSE)) throw new Refused("challenge-refused");
  const signature = toBase64(await signWith(key, toUtf8(toSign)));
  return call("/api/v1/sessions", { method: "POST", body: JSON.stringify({ kid: key.kid, challenge, signature }) });
}

function signOut() {
  return call("/api/v1/sessions", { method: "DELETE" });
}

/** Do what needs a session; where it has run out, sign in once more with the same key. */
async function inSession(key, act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "not-signed-in") throw error;
  }
  await signIn(key);
  return act();
}

/** The key of this browser that the page was opened with. Throws Refused `key-elsewhere` where it lies in another. */
async function currentKey() {
  const kid = document.getElementById("desk").dataset.kid;
  const key = kid ? await findKey(kid) : undefined;
  if (key === undefined) throw new Refused("key-elsewhere");
  return key;
}
