// A spreadsheet signed and sent from the browser: the registry drafts what is left of the file, some events at a time,
// and the key of this browser signs. After a break the same file goes on where the registers are.
"use strict";

const form = document.getElementById("check");
// How many statements are handed in at once: between them the bar moves.
const AT_ONCE = 10;
// How often others may speak of the same lots while nothing of ours gets through.
const MOST_STALE = 4;
const SHOWN = 3;

/** Check without leaving the page: the file stays chosen, to be signed next. */
async function check() {
  const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const result = document.getElementById("result");
  const fresh = page.getElementById("result") ?? page.getElementById("content");
  fill(result, ...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  offer();
  result.scrollIntoView({ block: "start" });
}

/** Put the way to sign where good rows wait for it; without a file chosen there is nothing to sign. */
function offer() {
  const sending = document.getElementById("sending");
  const isChosen = form.elements.file.files.length > 0;
  if (sending === null || !isChosen) return;
  sending.hidden = false;
  if (document.getElementById("desk").dataset.kid === "") {
    fill(sending, make("p", { class: "buttons" }, make("a", { class: "button is-first", href: "/desk/keys" }, say("bulk_sign_in"))));
    return;
  }
  document.getElementById("by-command").open = false;
  fill(
    sending,
    make("div", { id: "outcome", "aria-live": "polite" }),
    make("p", { class: "buttons" }, button(say("bulk_show"), "is-first", () => guarded(show))),
  );
}

/** What is left of the file: {drafts, rows, count, bad, standing}. */
async function askRest(key) {
  const request = new Response(new FormData(form));
  const type = request.headers.get("Content-Type");
  const body = await request.arrayBuffer();
  return inSession(key, () => call("/import/drafts", { method: "POST", body, type }));
}

/** Show the first of what will be signed, from the very bytes, and one button that signs all. */
async function show(outcome) {
  const key = await currentKey();
  const rest = await askRest(key);
  if (rest.drafts.length === 0) return finish(outcome, rest);
  for (const draft of rest.drafts) checkDraft(key, form.elements.party.value.trim().toUpperCase(), draft);
  const more = rest.drafts.length > SHOWN ? make("p", { class: "quiet" }, say("bulk_more", { shown: SHOWN })) : null;
  fill(outcome, make("div", { class: "stack" }, rest.drafts.slice(0, SHOWN).map((draft) => tellDraft(draft, {}))), more);
  const rows = rest.count - rest.standing;
  const sign = button(say("bulk_sign", { rows }), "is-first", () => guarded((place) => sendAll(key, rest, place)));
  return fill(outcome.parentElement.querySelector(".buttons"), sign);
}

/** Sign and hand in, part after part, until nothing is left. */
async function sendAll(key, first, outcome) {
  const party = form.elements.party.value.trim().toUpperCase();
  const bar = makeBar(outcome, first.count, first.standing);
  let [rest, stale] = [first, 0];
  while (rest.drafts.length > 0) {
    const before = bar.done;
    const refused = await sendPart(key, party, rest, bar);
    stale = bar.done > before ? 0 : stale + 1;
    if (refused !== null && (refused.code !== "head-stale" || stale === MOST_STALE)) throw new Refused(refused.code, refused);
    rest = await askRest(key);
    if (rest.bad > 0) return check();
    bar.move(rest.standing);
  }
  return finish(outcome, rest);
}

/** Some drafts, in order; null, or the problem of the first that was refused. */
async function sendPart(key, party, { drafts, rows }, bar) {
  const signed = [];
  for (let at = 0; at < drafts.length; at += AT_ONCE) {
    for (const draft of drafts.slice(at, at + AT_ONCE)) signed.push(await signDraft(key, party, draft, signed));
    const results = await inSession(key, () => handIn(signed.slice(at)));
    for (const [place, result] of results.entries()) {
      if (result.problem !== null) return result.problem;
      bar.move(bar.done + rows[at + place]);
    }
  }
  return null;
}

/** A bar with what is done, how fast, and how long it will take. */
function makeBar(outcome, count, standing) {
  document.getElementById("not-yet")?.remove();
  const bar = make("progress", { max: count, value: standing, "aria-label": say("bulk_sending") });
  const line = make("p", { class: "quiet small" }, say("bulk_sending"));
  fill(outcome, bar, line);
  fill(outcome.parentElement.querySelector(".buttons"));
  const began = performance.now();
  const made = { done: standing };
  made.move = (done) => {
    made.done = done;
    bar.value = done;
    const rate = (done - standing) / ((performance.now() - began) / 1000);
    const left = rate > 0 ? Math.ceil((count - done) / rate) : 0;
    line.textContent = say("bulk_rate", { done, count, rate: Math.round(rate), left });
  };
  return made;
}

function finish(outcome, rest) {
  fill(
    outcome,
    make("p", { class: "told" }, `✓ ${say("bulk_done", { count: rest.count })} `, make("a", { href: "/desk" }, say("to_the_desk"))),
  );
  fill(outcome.parentElement.querySelector(".buttons"));
}

/** Do one step; a refusal is said, with a button that goes on from where the registers are. */
async function guarded(step) {
  const outcome = document.getElementById("outcome");
  try {
    await step(outcome);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const told = make("p", { class: "refused", role: "alert" }, sayRefusal({ code: error.code, ...error.facts }));
    outcome.append(told);
    fill(outcome.parentElement.querySelector(".buttons"), button(say("bulk_again"), "is-first", () => guarded(show)));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  // Without an answer the browser's own way of sending says why.
  busy(event.submitter ?? form.querySelector("button"), () => check().catch(() => form.submit()));
});
