// A form at the desk: fill in, read what it comes to, sign, send. What is typed is judged by the registry; what is
// signed is told from the bytes.
"use strict";

const form = document.getElementById("act");
const agree = document.getElementById("agree");
const summary = document.getElementById("errors");
const names = JSON.parse(form.dataset.names);

/** The drafts that the form comes to at present. */
async function ask(key) {
  const body = new URLSearchParams(new FormData(form));
  const type = "application/x-www-form-urlencoded";
  const { drafts } = await inSession(key, () => call(form.getAttribute("action"), { method: "POST", body, type }));
  return drafts;
}

/** Throws away what was said before, and says what is wrong: at the top with links, and at each field. */
function showFaults(faults) {
  for (const slot of form.querySelectorAll(".field-error")) slot.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  if (faults.length === 0) {
    summary.hidden = true;
    return;
  }
  const links = inOrder(faults).map(({ name, message }) => {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (field === null) return make("li", {}, message);
    const error = make("p", { class: "field-error", id: `error-${name}` }, message);
    const box = field.closest(".field, fieldset") ?? field.parentElement;
    box.querySelector("label, legend").after(error);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", error.id);
    for (const fold of ancestors(field, "details")) fold.open = true;
    const link = make("a", { href: `#${field.id}` }, `${labelOf(box)}: ${message}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      field.focus();
    });
    return make("li", {}, link);
  });
  fill(summary, make("h2", {}, say("errors")), make("ul", {}, links));
  summary.hidden = false;
  summary.focus();
}

/** Faults in the order of their fields on the page. */
function inOrder(faults) {
  const order = [...form.elements].map((field) => field.name);
  return [...faults].sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}

function labelOf(box) {
  return box.querySelector("label, legend").firstChild.textContent.trim();
}

function* ancestors(node, tag) {
  for (let at = node.closest(tag); at !== null; at = at.parentElement.closest(tag)) yield at;
}

/** A refusal that is no field's. */
function showRefusal(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.code === "form-refused") return showFaults(error.facts.fields);
  const more = ["not-signed-in", "key-elsewhere"].includes(error.code) ? make("a", { href: "/desk/keys" }, say("to_keys")) : null;
  fill(summary, make("h2", {}, say("refused")), make("p", {}, sayRefusal({ code: error.code, ...error.facts })), make("p", {}, more));
  summary.hidden = false;
  return summary.focus();
}

/** Show what is going to be signed, with one button that does it. */
function showAgreement(key, drafts) {
  showFaults([]);
  hideForm(true);
  const count = drafts.length;
  const sign = button(count > 1 ? say("sign_many", { count }) : say("sign_one"), "is-first", () => send(key, drafts));
  fill(
    agree,
    make("h2", { tabindex: "-1" }, say("agree")),
    make("p", { class: "lead" }, say("agree_says", { party: `${names[form.dataset.party]} (${form.dataset.party})` })),
    make("div", { class: "stack" }, drafts.map((draft) => tellDraft(draft, names))),
    make("div", { id: "outcome", "aria-live": "polite" }),
    make("p", { class: "buttons" }, sign, button(say("change"), "", async () => change())),
  );
  agree.hidden = false;
  agree.querySelector("h2").focus();
  agree.scrollIntoView({ block: "start" });
}

/** The form and what belongs to it make room for what is to be signed. */
function hideForm(isHidden) {
  form.hidden = isHidden;
  document.getElementById("before").hidden = isHidden;
}

function change() {
  agree.hidden = true;
  hideForm(false);
  form.querySelector("input, select, textarea").focus();
}

async function send(key, drafts) {
  const outcome = document.getElementById("outcome");
  fill(outcome, make("p", { class: "quiet" }, say("sending")));
  try {
    // While nothing stands, the form is asked again: other facts than those that were agreed to are shown first.
    const again = async () => {
      const fresh = await ask(key);
      const isSame = fresh.length === drafts.length && fresh.every((draft, at) => draft.payload === drafts[at].payload);
      if (!isSame) showAgreement(key, fresh);
      return isSame ? fresh : null;
    };
    const results = await signAndSend(key, form.dataset.party, drafts, again);
    if (results === null) return fill(document.getElementById("outcome"), make("p", { class: "refused" }, say("changed_meanwhile")));
    if (results.every((result) => result.accepted)) {
      return location.assign(`/desk/done?${results.map(({ accepted }) => `entry=${accepted.entry}`).join("&")}`);
    }
    return fill(outcome, results.map((result, at) => showResult(drafts[at], result)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return fill(outcome, make("p", { class: "refused", role: "alert" }, sayRefusal({ code: error.code, ...error.facts })));
  }
}

function showResult(draft, result) {
  const kind = say(`kind.${draft.kind}`);
  if (result.accepted) {
    const link = make("a", { href: `/entries/${result.accepted.entry}` }, `#${result.accepted.entry}`);
    return make("p", { class: "told" }, `✓ ${kind} `, link);
  }
  return make("p", { class: "refused", role: "alert" }, `✕ ${kind}: ${sayRefusal(result.problem)}`);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter ?? form.querySelector("[type=submit]"), async () => {
    showFaults([]);
    try {
      const key = await currentKey();
      const drafts = await ask(key);
      for (const draft of drafts) checkDraft(key, form.dataset.party, draft);
      showAgreement(key, drafts);
    } catch (error) {
      showRefusal(error);
    }
  });
});

wake();
