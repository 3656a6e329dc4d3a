// The lines on the ledger itself: its key, its checkpoint, and the witnesses that have cosigned it.
"use strict";

/** Which key is taken for the ledger's, and by whose word. A key from elsewhere decides, whatever the bundle brings. */
function chooseLedgerKey(given) {
  const logs = given.policies.flatMap((policy) => policy.logs);
  const own = given.ledgerKeys.filter((one) => one.source === "own");
  if (own.length === 0) {
    own.push(...logs.filter((log) => log.name === given.checkpoints[0]?.origin).map((log) => ({ key: log.key, origin: log.name })));
  }
  const brought = given.ledgerKeys.filter((one) => one.source !== "own");
  const candidates = own.length > 0 ? own : brought;
  const chosen = candidates[0] ?? null;
  if (chosen === null) return { key: null, origin: null, line: line("ledger_key", "open", "none") };
  const kid = chosen.key.kid;
  const other = [...candidates, ...brought].find((one) => one.key.kid !== kid);
  const origin = candidates.find((one) => one.origin !== null)?.origin ?? null;
  const isListed = logs.length === 0 || logs.some((log) => log.key.kid === kid);
  const told = !isListed
    ? line("ledger_key", "fail", "unlisted", { kid })
    : other !== undefined
      ? line("ledger_key", "fail", own.length > 0 ? "differs" : "several", { kid, other: other.key.kid })
      : own.length > 0
        ? line("ledger_key", "pass", "pass", { kid })
        : line("ledger_key", "open", "brought", { kid });
  return { key: chosen.key, origin, line: told };
}

async function checkCheckpoint(given, ledger, abilities) {
  const [read, another] = given.checkpoints;
  const told = await attempt("checkpoint", async () => {
    if (read === undefined) return line("checkpoint", "open", "none");
    if (another !== undefined) return line("checkpoint", "open", "several");
    if (ledger.key === null) return line("checkpoint", "open", "no_key");
    if (!abilities.has(ledger.key.algorithm)) return line("checkpoint", "open", "unable", { algorithm: ledger.key.algorithm });
    const facts = { origin: read.origin, size: String(read.size), root: toHex(read.root), kid: ledger.key.kid };
    if (ledger.origin !== null && ledger.origin !== read.origin) {
      return line("checkpoint", "fail", "origin", { ...facts, expected: ledger.origin });
    }
    const holds = await isSignedBy(read, ledger.key);
    return line("checkpoint", holds ? "pass" : "fail", holds ? "pass" : "signature", facts);
  });
  return { read, line: told, isSigned: told.outcome === "pass" };
}

/** A line for each witness that is known by its key, and one on whether the policy is satisfied. */
async function checkWitnesses(given, checkpoint, abilities) {
  const [policy] = given.policies;
  const known = policy === undefined ? given.witnesses.map((vkey) => [vkey.name, vkey]) : [...policy.witnesses];
  if (!checkpoint.isSigned) return { lines: [line("witnesses", "open", "no_checkpoint")], isReached: false };
  const signed = new Set();
  const lines = [];
  for (const cosignature of checkpoint.read.signatures.filter((one) => one.name !== checkpoint.read.origin)) {
    lines.push(await checkCosignature(checkpoint.read, cosignature, known, signed, abilities));
  }
  if (policy === undefined) {
    lines.push(line("witnesses", "open", signed.size > 0 ? "no_policy" : "none", { count: String(signed.size) }));
    return { lines, isReached: false };
  }
  const facts = tellQuorum(policy, signed);
  if (policy.quorum === "none") return { lines: [...lines, line("witnesses", "open", "quorum_none")], isReached: false };
  const isReached = isWitnessed(policy, policy.quorum, signed);
  return { lines: [...lines, line("witnesses", isReached ? "pass" : "fail", isReached ? "pass" : "fail", facts)], isReached };
}

async function checkCosignature(checkpoint, cosignature, known, signed, abilities) {
  const facts = { name: cosignature.name };
  const [name, witness] = known.find(([, vkey]) => vkey.name === cosignature.name && vkey.id === cosignature.id) ?? [];
  if (witness === undefined) return line("cosignature", "open", "unknown", facts);
  if (witness.key === null || !abilities.has(witness.key.algorithm)) return line("cosignature", "open", "unable", facts);
  const at = await readCosignature(checkpoint, cosignature, witness);
  if (at === null) return line("cosignature", "fail", "fail", facts);
  signed.add(name);
  return line("cosignature", "pass", "pass", { ...facts, at: writeTime(at) });
}

/** How many of the quorum's members have signed, and which: in a group of groups, a member is an operator. */
function tellQuorum(policy, signed) {
  const { needed, members } = policy.groups.get(policy.quorum) ?? { needed: 1, members: [policy.quorum] };
  const met = members.filter((member) => isWitnessed(policy, member, signed));
  return { needed: String(needed), all: String(members.length), count: String(met.length), names: met.join(", ") || "—" };
}
