// Words and elements for the pages that sign. Text reaches the page as text only: nothing here makes markup of strings.
"use strict";

/** Words of this page's language by key, as the server put them into the page. */
const WORDS = JSON.parse(document.getElementById("desk").dataset.words);

/** The words for a key, its %(name)s filled in. */
function say(key, facts = {}) {
  const text = WORDS[key] ?? key;
  return text.replaceAll(/%\((\w+)\)s/g, (_, name) => String(facts[name] ?? ""));
}

/** The words for a refusal: those of its code where the page has them, with what was expected and what came. */
function sayRefusal(problem) {
  const title = problem.title ?? WORDS[`refused.${problem.code}`] ?? say("refused");
  const facts = ["where", "expected", "got"]
    .filter((name) => problem[name] !== undefined && problem[name] !== "")
    .map((name) => say(`fact.${name}`, { value: [problem[name]].flat().join(", ") }));
  return [title, ...facts].join(" · ");
}

/** An element with its attributes and children; a child is a node or is told as text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Put these children in the place of all that an element holds. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

/** A button that is busy while what it does goes on, and can't be pressed twice. */
function button(label, kind, act) {
  const made = make("button", { type: "button", class: `button ${kind}` }, label);
  made.addEventListener("click", () => busy(made, act));
  return made;
}

async function busy(pressed, act) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true");
  try {
    await act();
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

/** Let buttons be pressed that had to wait for their script: pressed earlier, a form would go its own way. */
function wake() {
  for (const waiting of document.querySelectorAll("[data-waits]")) waiting.disabled = false;
}

/** A thumbprint as people compare it aloud: the first 16 digits in fours. */
function shortKid(kid) {
  return kid.slice(0, 16).match(/.{4}/g).join(" ");
}
