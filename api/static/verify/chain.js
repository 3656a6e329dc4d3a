// Whose key is it? Told by the statements that were given and that stand in the ledger, back to the one that founded it.
//
// 1. A key belongs to a party where an earlier entry says so: `party.founded`, `party.admitted`, `key.enrolled`,
//    `key.rotated` (trace/parties/statements.py), itself signed by a key that belongs to its signer.
// 2. Entry 0 is signed by the key that it brings, and names the ledger's own key.
// 3. Only a party itself or a regulator may enrol a key for it, and only a regulator admits a party.
"use strict";

const ENROLS = new Set(["party.founded", "party.admitted", "key.enrolled", "key.rotated"]);
const ENDS = new Set(["key.revoked", "key.rotated"]);

/** What entries say of keys, {brings: [{entry, party, kid, isRegulator, validTo}], ends: [{entry, kid, since}]}, and
 * `names` of parties by their codes. */
async function readKeyActs(entries) {
  const acts = { brings: [], ends: [], names: new Map() };
  for (const entry of entries) {
    const said = entry.statement;
    if (!entry.isProved || !entry.isSigned || !(ENROLS.has(said.kind) || ENDS.has(said.kind))) continue;
    try {
      await readKeyAct(acts, entry, said, readJson(said.payload));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // A body that this page can't read puts no key on record; the statements that need it say so themselves.
    }
  }
  return acts;
}

async function readKeyAct(acts, entry, said, body) {
  if (ENROLS.has(said.kind)) {
    const { kid } = await readJwk(body.key);
    const party = body.party?.uscc ?? body.party ?? said.issuer;
    const isRegulator = said.kind === "party.founded" || Boolean(body.party?.roles?.includes?.("regulator"));
    if (typeof body.party?.name?.zh === "string") {
      acts.names.set(party, { zh: body.party.name.zh, en: body.party.name.en ?? body.party.name.zh });
    }
    acts.brings.push({ entry, party, kid, isRegulator, validTo: body.valid_to ?? null });
  }
  if (said.kind === "key.rotated") acts.ends.push({ entry, kid: toHex(said.kid), since: null });
  if (said.kind === "key.revoked") {
    acts.ends.push({ entry, kid: body.kid, since: body.compromised_since ? new Date(body.compromised_since) : null });
  }
}

/** The line on whether the key of `entry` was its issuer's: what put it on record, and whether something ended it. */
function judgeKey(entry, acts, ledgerKid) {
  const { statement: said, position } = entry;
  const kid = toHex(said.kid);
  const brought = acts.brings.filter((act) => act.kid === kid && isBefore(act.entry, entry));
  const own = brought.find((act) => act.party === said.issuer);
  if (own === undefined) {
    const other = brought[0];
    if (other === undefined) return line("enrolled", "open", "open", { kid, issuer: said.issuer });
    return line("enrolled", "fail", "fail", { kid, issuer: said.issuer, party: other.party, by: `#${other.entry.position}` });
  }
  const facts = { kid, issuer: said.issuer, by: `#${own.entry.position}` };
  const ended = acts.ends.find((act) => act.kid === kid && act.entry.position < position && act.entry !== entry);
  if (ended !== undefined) return line("enrolled", "fail", "ended", { ...facts, ended: `#${ended.entry.position}` });
  const stolen = acts.ends.find((act) => act.kid === kid && act.since !== null && act.since <= entry.recordedAt);
  if (stolen !== undefined) {
    const since = { ended: `#${stolen.entry.position}`, since: writeTime(stolen.since) };
    return line("enrolled", "fail", "compromised", { ...facts, ...since });
  }
  if (own.validTo !== null && entry.recordedAt >= endOfDay(own.validTo)) {
    return line("enrolled", "fail", "expired", { ...facts, day: own.validTo });
  }
  return judgeRoot(own, acts, ledgerKid, facts);
}

/** Follow the chain of enrolments back to entry 0. Positions fall at every step, so it ends. */
function judgeRoot(own, acts, ledgerKid, facts) {
  let act = own;
  while (act.entry.statement.kind !== "party.founded") {
    const said = act.entry.statement;
    const signer = acts.brings.find(
      (other) => other.kid === toHex(said.kid) && other.party === said.issuer && isBefore(other.entry, act.entry),
    );
    if (signer === undefined) return line("enrolled", "open", "half", { ...facts, half: `#${act.entry.position}` });
    const isOwnAct = said.kind !== "party.admitted" && said.issuer === act.party;
    if (!isOwnAct && !acts.brings.some((other) => other.isRegulator && other.party === said.issuer)) {
      return line("enrolled", "fail", "foreign", { ...facts, signer: said.issuer });
    }
    act = signer;
  }
  if (act.entry.position !== 0n || act.entry.founds !== ledgerKid) return line("enrolled", "fail", "founding", facts);
  return line("enrolled", "pass", "pass", { ...facts, root: act.kid });
}

/** Entry 0 alone may be signed by the key that it brings, and only to found the ledger. */
function isBefore(one, other) {
  const isFounding = one === other && one.position === 0n && one.statement.kind === "party.founded";
  return one.origin === other.origin && (one.position < other.position || isFounding);
}

/** The end of a day, as the registry counts keys' days (UTC). */
function endOfDay(day) {
  return new Date(`${day}T23:59:59.999Z`);
}
