// The page around the checks: what is given, and the report in words. All text goes in as text, never as markup.
"use strict";

const state = { tongue: "zh", files: [], report: null, given: null, abilities: new Set(), at: null };

function find(id) {
  return document.getElementById(id);
}

/** An element with its class and children; strings become text. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// --- words ---

function say(context, key, facts = {}) {
  const text = WORDS[state.tongue][context]?.[key] ?? `${context} ${key}`;
  return text.replaceAll(/%\((\w+)\)s/g, (_, name) => showFact(name, facts[name]));
}

function showFact(name, value) {
  const text = String(value ?? "");
  if (name === "code") return `${nameRefusal(text)} [${text}]`;
  if (name === "kind") return nameKind(text);
  if (name === "issuer" || name === "party" || name === "signer") return nameParty(text);
  return IS_HASH.test(text) ? `${text.slice(0, 16)}…` : showControls(text);
}

const IS_HASH = /^[0-9a-f]{64}$/;

/** A party's code with the name under which a regulator admitted it, where such an entry was given and holds. */
function nameParty(code) {
  const name = state.report?.names.get(code)?.[state.tongue];
  return name === undefined ? showControls(code) : `${showControls(name)} (${showControls(code)})`;
}

function nameRefusal(code) {
  const words = WORDS[state.tongue];
  return words[`refused.${code}`]?.title ?? words[`problem.${code}`]?.title ?? code;
}

function nameKind(tag, isFull = true) {
  const title = WORDS[state.tongue][`kind.${tag}`]?.title;
  if (title === undefined) return tag;
  return isFull ? `${title} (${tag})` : title;
}

/** What turns the direction of text around, or is not seen, is shown: else a name could be read as another. */
function showControls(text) {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (letter) =>
    `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function speak(tongue) {
  state.tongue = tongue;
  document.documentElement.lang = tongue === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say("verify", element.dataset.say);
  find("tongue").textContent = tongue === "zh" ? "English" : "中文";
  find("tongue").lang = tongue === "zh" ? "en" : "zh-CN";
  document.title = `${say("verify", "title")} · 溯证 Suzheng`;
  showFiles();
  if (state.report !== null) showReport();
}

// --- what is given ---

async function addFiles(slot, files) {
  for (const file of [...files].slice(0, MAX_LOOSE_FILES)) {
    if (state.files.length >= MAX_LOOSE_FILES) break;
    state.files.push({ slot, name: file.name, blob: file, sha256: await hashOf(file) });
  }
  showFiles();
  await runChecks();
}

/** For the printed record; what is too large for the memory of a phone goes without. */
async function hashOf(file) {
  return file.size <= 2 * MAX_MEMBER_BYTES ? toHex(await sha256(await readBlob(file))) : null;
}

function showFiles() {
  const items = state.files.map(({ slot, name, blob, sha256: hash }) => {
    const size = say("verify", "bytes", { size: blob.size });
    const part = slot === "any" ? "" : ` · ${say("verify", `slot_${slot}`)}`;
    const item = make("li", "", make("strong", "", showControls(name)), ` ${size}${part}`);
    if (hash !== null) item.append(make("span", "code hash", `SHA-256 ${hash}`));
    return item;
  });
  find("given").replaceChildren(...items);
}

function pasted(name, slot) {
  const text = find(name).value;
  return text.trim() === "" ? [] : [{ slot, name: say("verify", name), blob: new Blob([text]) }];
}

// --- the run ---

/** Checks start anew with all that is given; a run that another has overtaken shows nothing. */
let runs = 0;

async function runChecks() {
  const run = ++runs;
  const files = [...state.files, ...pasted("ledger_text", "ledger"), ...pasted("witness_text", "witnesses")];
  if (files.length === 0) return;
  find("status").textContent = say("verify", "working");
  find("working").hidden = false;
  const given = emptyGiven();
  for (const file of files) await takeFile(given, file);
  const report = await checkAll(given, state.abilities, (done, all) => {
    find("working").max = all;
    find("working").value = done;
  });
  if (run !== runs) return;
  Object.assign(state, { report, given, at: new Date() });
  find("working").hidden = true;
  showReport();
  find("status").textContent = find("whole_word").textContent;
  // The answer is below what was asked; whoever reads by ear hears it, whoever looks sees it.
  find("whole_word").focus({ preventScroll: true });
  find("whole").scrollIntoView();
}

function startOver() {
  Object.assign(state, { files: [], report: null, given: null });
  runs++;
  for (const name of ["paste_text", "ledger_text", "witness_text"]) find(name).value = "";
  for (const input of document.querySelectorAll("input[type=file]")) input.value = "";
  find("report").hidden = true;
  find("working").hidden = true;
  find("status").textContent = "";
  showFiles();
  find("files").focus();
}

// --- the report ---

function showReport() {
  const { report } = state;
  const { outcome, tally } = judgeAll(report);
  find("whole").className = `band is-${{ pass: "USE", fail: "STOP", open: "UNKNOWN" }[outcome]}`;
  find("whole_sign").replaceChildren(find(`sign_${outcome}`).content.cloneNode(true));
  find("whole_word").textContent = say("whole", outcome);
  find("whole_says").textContent = say("whole", "tally", tally);
  find("whole_at").textContent = say("whole", "at", { at: writeTime(state.at) });
  fill("ledger_lines", report.ledger.map(showLine));
  find("ledger_whole").replaceChildren(...showWhole(report.ledger));
  fill("entry_list", report.entries.map((entry) => showEntry(entry, report.entries.length === 1)));
  fill("document_lines", report.documents.map(showLine));
  fill("file_lines", report.files.map(showLine));
  fill("limits", tellLimits(report).map((limit) => make("li", "", limit)));
  find("report").hidden = false;
}

/** Put these into a list and show its section only where there are any. */
function fill(id, items) {
  find(id).replaceChildren(...items);
  find(id).closest("section").hidden = items.length === 0;
}

function showLine({ check, outcome, case: key, facts }) {
  const says = make("div", "", make("h3", "", say(`check.${check}`, "title")), make("p", "", say(`check.${check}`, key, facts)));
  return make("li", `check is-${outcome}`, make("span", "outcome", say("outcome", outcome)), says);
}

/** The hashes of some lines at full length, each once: sentences show their beginnings. */
function showWhole(lines) {
  const whole = new Map();
  for (const { facts } of lines) {
    for (const [name, value] of Object.entries(facts)) if (IS_HASH.test(value)) whole.set(value, whole.get(value) ?? name);
  }
  if (whole.size === 0) return [];
  const list = make("dl", "facts small");
  for (const [value, name] of whole) list.append(make("dt", "", say("fact", name)), make("dd", "code", value));
  return [make("details", "whole-values", make("summary", "small", say("verify", "whole_values")), list)];
}

function showEntry(entry, isAlone) {
  const worst = ["fail", "open", "pass"].find((outcome) => entry.lines.some((one) => one.outcome === outcome));
  const said = entry.statement;
  const title = make("span", "entry-title", entry.position === null ? showControls(entry.name) : `#${entry.position}`);
  title.append(` ${said === null ? say("verify", "without_statement") : nameKind(said.kind, false)}`);
  const summary = make("summary", "", make("span", `outcome is-${worst}`, say("outcome", worst)), title);
  if (said !== null) summary.append(make("span", "quiet small", nameParty(said.issuer)));
  const details = make("details", `entry-box is-${worst}`, summary);
  // A bundle may hold thousands; their lines are made when somebody looks, or prints.
  details.fillIn = () => {
    if (details.children.length > 1) return;
    details.append(make("ul", "checks-list plain", ...entry.lines.map(showLine)), ...showWhole(entry.lines));
    if (said !== null) details.append(...showPayload(said));
  };
  details.addEventListener("toggle", details.fillIn);
  if (isAlone || worst === "fail") {
    details.open = true;
    details.fillIn();
  }
  return make("li", "", details);
}

function showPayload({ payload, contentType }) {
  const text = fromUtf8(payload);
  const pre = make("pre", "raw", text === null ? toHex(payload) : showControls(text));
  pre.tabIndex = 0;
  return [make("h3", "said", say("verify", "payload"), make("span", "quiet small", ` ${showControls(contentType)}`)), pre];
}

/** What no line above can know; where witnesses have cosigned enough, that is said instead. */
function tellLimits({ isWitnessed, size }) {
  const view = isWitnessed ? say("limit", "witnessed") : say("limit", "view");
  const later = size === null ? say("limit", "later") : say("limit", "later_than", { size });
  return [view, say("limit", "truth"), later, say("limit", "clock"), say("limit", "copy")];
}

// --- to begin with ---

function listen() {
  find("tongue").addEventListener("click", () => speak(state.tongue === "zh" ? "en" : "zh"));
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => addFiles(input.dataset.slot, input.files));
  }
  find("add").addEventListener("click", () => {
    const text = find("paste_text").value;
    if (text.trim() !== "") addFiles("any", [new File([text], say("verify", "paste_text"))]);
  });
  find("check").addEventListener("click", runChecks);
  find("over").addEventListener("click", startOver);
  find("print").addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".entry-box")) details.fillIn();
  });
  listenToDrops();
}

function listenToDrops() {
  const drop = find("drop");
  // On the whole document: else a file that misses the field replaces the page.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    if (event.dataTransfer.files.length > 0) addFiles("any", event.dataTransfer.files);
  });
  drop.addEventListener("dragenter", () => drop.classList.add("is-over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
}

async function begin() {
  listen();
  speak(location.hash === "#en" || (location.hash !== "#zh" && !/^zh/i.test(navigator.language)) ? "en" : "zh");
  find("save").hidden = location.protocol === "file:";
  // Browsers withhold their cryptography from pages that came over a bare http.
  if (globalThis.crypto?.subtle !== undefined) state.abilities = await findAbilities();
  find("unable").hidden = state.abilities.size > 0;
  find("half_able").hidden = state.abilities.size !== 1;
  find("work").hidden = state.abilities.size === 0;
}

begin();
