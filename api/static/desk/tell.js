// What you see is what you sign: drafts in plain words, read from the very bytes that are going to be signed.
// Every member of a payload is told: in words where the page has them, else as it stands.
"use strict";

// Members of events that say in EPCIS's words what the kind says already, or how times are written.
const FRAME = new Set(["@context", "type", "action", "bizStep", "disposition", "eventTimeZoneOffset"]);
const NAMED_AT_ONCE = 6;

/** A card for a draft; `names` are parties' names by code. */
function tellDraft(draft, names) {
  const body = readJson(fromBase64(draft.payload));
  const rows = [...tellBody(body, names)];
  const list = make("dl", { class: "facts" }, rows.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]).flat());
  return make(
    "article",
    { class: "card agree" },
    make("h3", {}, say(`kind.${draft.kind}`)),
    list,
    make("details", {}, make("summary", {}, say("all_signed")), make("pre", { class: "raw", tabindex: "0" }, tellSigned(draft))),
  );
}

/** Header and payload as text, for whoever wants to read all of it. */
function tellSigned(draft) {
  const header = ["kind", "issuer", "subject", "issued_at", "kid", "follows"];
  const lines = header.map((name) => `${name}: ${[draft[name]].flat().join(", ")}`);
  return `${lines.join("\n")}\n\n${fromUtf8(fromBase64(draft.payload))}`;
}

/** Pairs of name and value, in the order in which people ask: what, how much, who, where, when, the rest. */
function* tellBody(body, names) {
  // Other bodies have members of the same names, which say something of their own.
  const told = new Set(body.eventTime === undefined ? [] : FRAME);
  const take = (name) => {
    told.add(name);
    return body[name];
  };
  const product = take("ilmd")?.["suzheng:product"];
  if (product !== undefined) yield* tellProduct(product);
  const sizes = new Map((take("suzheng:quantities") ?? []).map(({ epc, quantity, uom }) => [epc, { quantity, uom }]));
  for (const [units, classes, word] of [
    ["epcList", "quantityList", "what"],
    ["inputEPCList", "inputQuantityList", "from_lots"],
    ["outputEPCList", "outputQuantityList", "into_lots"],
    ["childEPCs", "childQuantityList", "what"],
  ]) {
    yield* tellLots(take(units) ?? [], take(classes) ?? [], sizes, word);
  }
  if (body.parentID !== undefined) {
    yield [say("logistic_unit"), lotLabel(take("parentID"))];
    const named = [body.childEPCs, body.childQuantityList].some((list) => list?.length > 0);
    if (body.action === "DELETE" && !named) yield [say("what"), say("all_inside")];
  }
  for (const [list, end, word] of [["sourceList", "source", "sender"], ["destinationList", "destination", "receiver"]]) {
    for (const item of take(list) ?? []) yield [say(word), tellParty(item[end], names)];
  }
  for (const { bizTransaction } of take("bizTransactionList") ?? []) yield [say("contract"), lastPart(bizTransaction)];
  if (body["suzheng:invoicer"] !== undefined) yield [say("invoicer"), tellParty(take("suzheng:invoicer"), names)];
  if (body["suzheng:passed"] !== undefined) yield [say("result"), say(take("suzheng:passed") ? "passed" : "failed")];
  const place = take("suzheng:place");
  if (place !== undefined) yield* tellPlain(place, names);
  if (body.readPoint !== undefined) yield [say("place"), lastPart(take("readPoint").id)];
  if (body.eventTime !== undefined) yield [say("event_time"), take("eventTime").replace("T", " ").slice(0, 16)];
  yield* tellPlain(Object.fromEntries(Object.entries(body).filter(([name]) => !told.has(name))), names);
}

function* tellProduct(product) {
  const { type, name, standard, attributes, family, ...others } = product;
  yield [say("product"), `${type} · ${Object.values(name ?? {}).filter(Boolean).join(" / ")}`];
  if (standard) yield [say("standard"), standard];
  const told = Object.entries(attributes ?? {}).map(([key, value]) => `${WORDS[`attribute.${key}`] ?? key}: ${value}`);
  if (told.length > 0) yield [say("attributes"), told.join(" · ")];
  if (family !== "cable") yield [say("family"), String(family)];
  yield* tellPlain(others, {});
}

/** Lots and units: how many, how much together, the first and the last by name and all of them behind a fold. */
function* tellLots(units, classes, sizes, word) {
  const items = [
    ...classes.map(({ epcClass, quantity, uom }) => ({ uri: epcClass, quantity, uom })),
    ...units.map((uri) => ({ uri, ...sizes.get(uri) })),
  ];
  if (items.length === 0) return;
  const lines = items.map((item) => `${lotLabel(item.uri)}${item.quantity === undefined ? "" : ` · ${tellQuantity(item.quantity, item.uom)}`}`);
  const total = sumUp(items);
  const head = [items.length > 1 ? say("count_lots", { count: items.length }) : lines[0], items.length > 1 ? total : null];
  const summary = head.filter(Boolean).join(" · ");
  if (items.length === 1) yield [say(word), summary];
  else if (items.length <= NAMED_AT_ONCE) yield [say(word), make("div", {}, make("p", {}, summary), lines.map((line) => make("p", {}, line)))];
  else {
    const span = `${lotLabel(items[0].uri)} – ${lotLabel(items.at(-1).uri)}`;
    const all = make("details", {}, make("summary", {}, say("show_all")), make("ul", { class: "plain" }, lines.map((line) => make("li", {}, line))));
    yield [say(word), make("div", {}, make("p", {}, summary), make("p", { class: "quiet" }, span), all)];
  }
}

/** The sum of the amounts by unit, to a thousandth. */
function sumUp(items) {
  const sums = new Map();
  for (const { quantity, uom } of items) {
    if (quantity !== undefined) sums.set(uom, (sums.get(uom) ?? 0) + Math.round(quantity * 1000));
  }
  return [...sums].map(([uom, thousandths]) => tellQuantity(thousandths / 1000, uom)).join(" + ");
}

function tellQuantity(quantity, uom) {
  return `${String(quantity).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f")}\u00a0${WORDS[`unit.${uom}`] ?? uom}`;
}

/** What is printed on the goods: batch and unit; a name that is none of ours stays whole. */
function lotLabel(uri) {
  const unit = /\/00\/(\d{18})$/.exec(uri);
  if (unit !== null) return `(00)${unit[1]}`;
  const match = /\/01\/\d{14}\/10\/([^/]+)(?:\/21\/([^/]+))?$/.exec(uri);
  return match === null ? String(uri) : match.slice(1).filter(Boolean).map(decodeURIComponent).join(" · ");
}

function lastPart(uri) {
  return String(uri).split("/").at(-1).split(":").at(-1);
}

/** A party by name and code: the code is what is signed. */
function tellParty(uri, names) {
  const code = lastPart(uri);
  return names[code] === undefined ? code : `${names[code]} (${code})`;
}

/** A public key by the thumbprint that its owner's page shows, which the two compare by another way, and whole. */
function* tellKey(label, jwk) {
  const thumbprint = make("strong", { class: "code" });
  // What is no key of a browser's has no thumbprint here; it is shown whole all the same.
  readJwk(jwk).then(({ kid }) => (thumbprint.textContent = shortKid(kid)), () => (thumbprint.textContent = "–"));
  yield [say("thumbprint"), thumbprint];
  yield [label, make("span", { class: "code small" }, JSON.stringify(jwk))];
}

/** Members that need no reading: words for their names and for closed lists, else as they stand. */
function* tellPlain(members, names) {
  for (const [name, value] of Object.entries(members)) {
    const label = WORDS[`member.${name}`] ?? name;
    if (name === "key") yield* tellKey(label, value);
    else if (["lot", "lots"].includes(name)) yield [label, [value].flat().map(lotLabel).join(", ")];
    else if (name === "units") yield [label, value.map(({ lot, length_m }) => `${lotLabel(lot)} (${length_m} m)`).join(", ")];
    else if (name === "to") yield [label, tellParty(value, names)];
    else if (typeof value === "boolean") yield [label, value ? "✓" : "✕"];
    else if (name === "party" && typeof value === "object") yield* tellPlain(value, names);
    else if (name === "party") yield [label, tellParty(value, names)];
    else if (name === "name" && typeof value === "object") yield [label, Object.values(value).filter(Boolean).join(" / ")];
    else if (name === "roles") yield [label, value.map((role) => WORDS[`role.${role}`] ?? role).join(", ")];
    else if (name === "action") yield [label, WORDS[`action.${value}`] ?? value];
    else if (value !== null) yield [label, typeof value === "object" ? JSON.stringify(value) : String(value)];
  }
}
