// Whose cosignatures are enough: a policy file (c2sp.org/tlog-policy), read strictly and bounded.
//
//     witness station <vkey>
//     group city any station archive
//     group quorum-of-two 2 city university court
//     quorum quorum-of-two
//
// A group of one operator's witnesses counts once, however many of them have signed.
"use strict";

const MAX_POLICY_LINES = 400;

/** {logs: [vkey], witnesses: Map name→vkey, groups: Map name→{needed, members}, quorum} of a policy file. */
async function parsePolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const lines = text.split("\n");
  if (lines.length > MAX_POLICY_LINES || /[\x00-\x08\x0b-\x1f\x7f]/.test(text)) notPolicy("lines", "others");
  for (const line of lines) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length > 0 && !words[0].startsWith("#")) await readPolicyLine(policy, words);
  }
  return policy.quorum === null ? notPolicy("one quorum line", "none") : policy;
}

async function readPolicyLine(policy, [verb, ...words]) {
  if (verb === "log" && words.length >= 1 && words.length <= 2) {
    await addLog(policy, words[0]);
  } else if (verb === "witness" && words.length >= 2 && words.length <= 3) {
    await addWitness(policy, words[0], words[1]);
  } else if (verb === "group" && words.length >= 3) {
    addGroup(policy, words);
  } else if (verb === "quorum" && words.length === 1 && policy.quorum === null) {
    if (words[0] !== "none" && !isDefined(policy, words[0])) notPolicy("a name defined before", words[0]);
    policy.quorum = words[0];
  } else {
    notPolicy("log, witness, group or one quorum", verb);
  }
}

async function addLog(policy, text) {
  const vkey = await readVerifierKey(text);
  if (vkey.type !== NOTE_ED25519) notPolicy("a log's key", `type ${vkey.type}`);
  if (policy.logs.some((log) => isSame(log.raw, vkey.raw))) notPolicy("each log once", vkey.name);
  policy.logs.push(vkey);
}

async function addWitness(policy, name, text) {
  const vkey = await readVerifierKey(text);
  const others = [...policy.witnesses.values()];
  if (vkey.type === NOTE_ED25519) notPolicy("a witness's key", `type ${vkey.type}`);
  if (others.some((other) => isSame(other.raw, vkey.raw))) notPolicy("each key once", name);
  define(policy, name);
  policy.witnesses.set(name, vkey);
}

function addGroup(policy, [name, threshold, ...members]) {
  if (members.some((member) => !isDefined(policy, member))) notPolicy("names defined before", members.join(" "));
  const grouped = [...policy.groups.values()].flatMap((group) => group.members);
  // Else one witness could count twice (tlog-policy, "Defining a witness group").
  if (new Set(members).size !== members.length || members.some((member) => grouped.includes(member))) {
    notPolicy("each name in one group", members.join(" "));
  }
  const needed = readThreshold(threshold, members.length);
  define(policy, name);
  policy.groups.set(name, { needed, members });
}

function readThreshold(text, most) {
  if (text === "all") return most;
  if (text === "any") return 1;
  const needed = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  return needed >= 1 && needed <= most ? needed : notPolicy(`all, any or 1 to ${most}`, text);
}

function define(policy, name) {
  if (name === "none" || isDefined(policy, name)) notPolicy("a new name", name);
}

function isDefined(policy, name) {
  return policy.witnesses.has(name) || policy.groups.has(name);
}

function notPolicy(expected, got) {
  throw new Refused("policy-malformed", { where: "the policy", expected, got: String(got).slice(0, 80) });
}

/** Has a name's witness, or enough of its group, cosigned? `signed` holds the names of the witnesses that have. */
function isWitnessed(policy, name, signed) {
  const group = policy.groups.get(name);
  if (group === undefined) return signed.has(name);
  return group.members.filter((member) => isWitnessed(policy, member, signed)).length >= group.needed;
}
