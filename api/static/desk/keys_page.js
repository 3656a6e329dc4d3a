// The page of keys: those of this browser, a new one, one from a file.
"use strict";

const list = document.getElementById("keys");
const said = document.getElementById("said");
const desk = document.getElementById("desk");

/** Do something that may be refused, and say so above the list. */
async function attempt(act) {
  fill(said);
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    fill(said, make("p", { class: "refused", role: "alert" }, sayRefusal({ code: error.code, ...error.facts })));
  }
}

async function show() {
  const keys = await listKeys();
  const query = keys.map(({ kid }) => `kid=${kid}`).join("&");
  const { keys: known } = keys.length > 0 ? await call(`/desk/keys/known?${query}`) : { keys: [] };
  const records = new Map(known.map((record) => [record.kid, record]));
  fill(list, keys.length > 0 ? keys.map((key) => showKey(key, records.get(key.kid))) : make("p", { class: "quiet" }, say("no_keys")));
}

function showKey(key, record) {
  const isUsable = record !== undefined && record.unusable === "";
  const isCurrent = desk.dataset.kid === key.kid;
  return make(
    "article",
    { class: "card key", "data-kid": key.kid },
    make("h3", {}, key.name || record?.name || shortKid(key.kid), isCurrent ? make("span", { class: "badge is-good" }, say("in_use")) : null),
    make(
      "dl",
      { class: "facts" },
      make("dt", {}, say("speaks_for")),
      record === undefined
        ? make("dd", { class: "unsure" }, say("not_enrolled"))
        : make("dd", {}, `${record.name} · ${record.party}`),
      ...(record?.unusable ? [make("dt", {}, say("state")), make("dd", { class: "bad" }, record.unusable)] : []),
      make("dt", {}, say("thumbprint")),
      make("dd", { class: "code", title: key.kid }, `${shortKid(key.kid)} …`),
      make("dt", {}, say("algorithm")),
      make("dd", {}, key.algorithm === "EdDSA" ? "Ed25519" : "ES256 (P-256)"),
    ),
    record === undefined ? showRequest(key) : null,
    make(
      "p",
      { class: "buttons" },
      isUsable && !isCurrent ? button(say("sign_in"), "is-first", () => attempt(() => enter(key))) : null,
      isCurrent ? make("a", { class: "button is-first", href: desk.dataset.onwards }, say("to_the_desk")) : null,
      isCurrent ? button(say("sign_out"), "", () => attempt(leave)) : null,
      button(say("forget"), "is-alarm", () => attempt(() => askForget(key))),
    ),
  );
}

/** What somebody who may enrol keys needs: the public key, as a link to the form, as text and as a file. */
function showRequest(key) {
  const text = JSON.stringify({ jwk: key.jwk, kid: key.kid, name: key.name });
  const link = new URL(`/desk/enrol?key=${encodeURIComponent(JSON.stringify(key.jwk))}`, document.baseURI).href;
  const file = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const field = make("textarea", { class: "code request", readonly: true, rows: "3", "aria-label": say("request") }, text);
  return make(
    "div",
    { class: "request-box" },
    make("h4", {}, say("request")),
    make("p", { class: "small" }, say("request_says")),
    field,
    make(
      "p",
      { class: "buttons" },
      button(say("copy"), "is-small", async () => copyText(field, text)),
      button(say("copy_link"), "is-small", async () => copyText(field, link)),
      make("a", { class: "button is-small", href: file, download: `key-${key.kid.slice(0, 8)}.json` }, say("save_file")),
    ),
  );
}

/** Into the clipboard; where the browser forbids that, the text is chosen for the person to copy. */
async function copyText(field, text) {
  field.value = text;
  field.select();
  try {
    await navigator.clipboard.writeText(text);
    fill(said, make("p", { class: "told", role: "status" }, say("copied")));
  } catch {
    fill(said, make("p", { class: "told", role: "status" }, say("copy_yourself")));
  }
}

async function enter(key) {
  await signIn(key);
  location.assign(desk.dataset.onwards);
}

async function leave() {
  await signOut();
  location.assign("/desk/keys");
}

/** Ask once more, in the card itself. */
async function askForget(key) {
  const card = list.querySelector(`[data-kid="${key.kid}"]`);
  const question = make(
    "div",
    { class: "alarm-box", role: "alertdialog", "aria-label": say("forget") },
    make("p", {}, say("forget_says")),
    make(
      "p",
      { class: "buttons" },
      button(say("forget_sure"), "is-alarm", async () => {
        await forgetKey(key.kid);
        if (desk.dataset.kid === key.kid) await signOut();
        location.assign("/desk/keys");
      }),
      button(say("keep"), "", async () => show()),
    ),
  );
  card.querySelector(".alarm-box")?.remove();
  card.append(question);
  question.querySelector("button:last-of-type").focus();
}

function listen(id, act) {
  const form = document.getElementById(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("button"), () => attempt(() => act(form)));
  });
}

/** What the page begins with: without WebCrypto, which browsers keep from plain http, nothing can be signed. */
async function begin() {
  if (globalThis.crypto?.subtle === undefined) {
    fill(said, make("p", { class: "refused", role: "alert" }, say("not_secure")));
    return;
  }
  listen("make-key", async (form) => {
    const key = await makeBrowserKey(form.elements.name.value.trim());
    form.reset();
    await show();
    list.querySelector(`[data-kid="${key.kid}"]`).scrollIntoView({ block: "nearest" });
  });
  listen("open-key", async (form) => {
    const [file] = form.elements.file.files;
    if (file === undefined) throw new Refused("no_file");
    if (file.size > 16384) throw new Refused("pem-unreadable");
    const text = await file.text();
    if (isLocked(text) && form.elements.passphrase.value === "") throw new Refused("passphrase-missing");
    await openKeyFile(text, form.elements.passphrase.value, file.name.replace(/\.(?:pem|key)$/, ""));
    form.reset();
    await show();
  });
  wake();
  await attempt(show);
}

begin();
