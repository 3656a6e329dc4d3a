"""Trust policies (c2sp.org/tlog-policy): whose word, and of how many, makes a checkpoint worth believing.

    log suzheng.example/demo+8f1c2ab9+AX1m…=

    witness bureau-1 witness.bureau.example/1+0a1b2c3d+BPWA…= https://witness.bureau.example/1
    witness bureau-2 witness.bureau.example/1+77aa00ff+BkQ1…= https://witness.bureau.example/1
    group bureau any bureau-1 bureau-2
    witness court witness.court.example/w+5566aabb+BKx0…=

    group operators all bureau court
    quorum operators

A checkpoint is believed when one of the logs has signed it and the quorum has: a witness by its cosignature, a group
when enough of its members have. How such a file is read is in `policy_text.py`.

**Operators, not keys.** The members of the quorum's group are taken for its operators. Beyond the specification,
`check_operators` refuses a policy in which one witness could count twice, because two of its keys are apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keys.errors import RefusedError
from trace.ledger.note import Note
from trace.ledger.signature import Signed, VerifierKey, find_signature
from trace.ledger.tree_head import TreeHead, read_head

NONE = "none"


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key, and where it may be spoken to. A witness has a `name` within the policy."""

    name: str
    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which `threshold` must have witnessed a checkpoint."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as its file says, in order. `quorum` is a name, or NONE."""

    logs: tuple[Party, ...]
    witnesses: Mapping[str, Party]
    groups: Mapping[str, Group]
    quorum: str

    @property
    def operators(self) -> tuple[str, ...]:
        """Who counts: the members of the quorum's group, or the one witness."""
        if self.quorum == NONE:
            return ()
        return self.groups[self.quorum].members if self.quorum in self.groups else (self.quorum,)

    @property
    def threshold(self) -> int:
        """How many of them are demanded."""
        return self.groups[self.quorum].threshold if self.quorum in self.groups else len(self.operators)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of a checkpoint: the log's own signature, whose cosignatures hold, and whose they are."""

    head: TreeHead
    log: Signed | None
    witnesses: Mapping[str, Signed]
    operators: tuple[str, ...]
    threshold: int
    is_met: bool


def check_operators(policy: Policy) -> Policy:
    """The policy, where no witness can count for two. Raises RefusedError `policy-malformed`.

    Witnesses whose keys bear the same name are one (an Ed25519 and an ML-DSA-44 key, say): where a group wants two or
    more of its members, no two of these may hold keys of the same name.
    """
    names: dict[str, set[str]] = {name: {party.key.name} for name, party in policy.witnesses.items()}
    for group in policy.groups.values():
        seen: set[str] = set()
        for member in group.members:
            if group.threshold > 1 and (twice := seen & names[member]):
                where, expected = f"group {show_name(group.name)}", f"all keys of {min(twice)} in one member"
                raise RefusedError("policy-malformed", where=where, expected=expected, got=show_name(member))
            seen |= names[member]
        names[group.name] = seen
    return policy


def judge_note(policy: Policy, note: Note) -> Judgement:
    """Is a checkpoint signed by a log of the policy, and by enough of its witnesses?

    Without a log in the policy nobody has vouched for the log's signature, and `is_met` speaks of the witnesses alone.
    Raises RefusedError `note-malformed`, or `note-signature-invalid` for a line that a known key did not make.
    """
    head = read_head(note.text)
    own = [log.key for log in policy.logs if log.key.name == head.origin]
    log = next((found for key in own if (found := find_signature(note, key)) is not None), None)
    witnesses = {
        name: found
        for name, party in policy.witnesses.items()
        if (found := find_signature(note, party.key)) is not None
    }
    met = set(witnesses)
    for group in policy.groups.values():
        if len(met.intersection(group.members)) >= group.threshold:
            met.add(group.name)
    is_met = (policy.quorum == NONE or policy.quorum in met) and (log is not None or not policy.logs)
    operators = tuple(name for name in policy.operators if name in met)
    return Judgement(head, log, witnesses, operators, policy.threshold, is_met)


def demand(policy: Policy, note: Note) -> Judgement:
    """The judgement of a checkpoint that meets the policy. Raises RefusedError `policy-not-met`, or as `judge_note`."""
    judgement = judge_note(policy, note)
    if policy.logs and judgement.log is None:
        logs = ", ".join(sorted({log.key.name for log in policy.logs}))
        raise RefusedError("policy-not-met", where="the log", expected=f"a signature by {logs}", got="none")
    if not judgement.is_met:
        expected = f"{judgement.threshold} of {', '.join(map(show_name, policy.operators))}"
        got = ", ".join(map(show_name, judgement.operators)) or "none"
        raise RefusedError("policy-not-met", where="the witnesses", expected=expected, got=got)
    return judgement


def show_name(name: str) -> str:
    """A policy's name as it can be printed."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def witnesses_by_url(policy: Policy) -> Iterator[tuple[str, list[Party]]]:
    """The witnesses that can be asked, a URL each: several keys of one are asked for at once."""
    urls = dict.fromkeys(party.url for party in policy.witnesses.values() if party.url is not None)
    for url in urls:
        yield url, [party for party in policy.witnesses.values() if party.url == url]
