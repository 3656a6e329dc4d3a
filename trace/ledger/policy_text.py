"""The text of trust policies (c2sp.org/tlog-policy), read strictly; what it means is in `policy.py`.

1. A line MUST be a log, a witness, a group, a quorum, a comment (#) or blank; words are parted by spaces and tabs.
2. Groups and the quorum MUST name what stands above them; a name is a member once at most; "none" is a quorum alone.
3. There MUST be one quorum, and no two logs and no two witnesses with the same public key.
4. Names are bytes: two that look alike are not the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from keys.errors import RefusedError
from trace.ledger.policy import NONE, Group, Party, Policy, show_name
from trace.ledger.signature import VerifierKey, read_vkey

# tlog-policy, "Implementation limits", asks for 32 logs, witnesses and groups each. A line has up to 1.8 KiB of key.
MAX_BYTES = 1024 * 1024
MAX_LINES = 1000
# "Character set": tab, newline and all from the space up but DEL.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


def parse_policy(data: bytes) -> Policy:
    """Read a policy. Raises RefusedError `policy-malformed`."""
    if len(data) > MAX_BYTES or data.count(b"\n") > MAX_LINES:
        raise _malformed(f"{MAX_BYTES} bytes and {MAX_LINES} lines at most", len(data))
    if _FORBIDDEN.search(data) or not data.endswith(b"\n"):
        # A file that was cut off could ask for less than was written: the quorum is a prefix of another name.
        raise _malformed("lines that end in a newline, without other control characters", "one that does not")
    reading = _Reading()
    for number, line in enumerate(data.split(b"\n"), 1):
        # Every byte comes back as it was, UTF-8 or not (rule 4).
        words = [word for word in re.split(r"[ \t]+", line.decode("utf-8", "surrogateescape")) if word]
        if words and not words[0].startswith("#"):
            reading.take(words, f"line {number}")
    return reading.finish()


@dataclass(slots=True)
class _Reading:
    """A policy, as far as it has been read."""

    logs: list[Party] = field(default_factory=list)
    witnesses: dict[str, Party] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorums: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Names that are members of a group already."""

    def take(self, words: list[str], where: str) -> None:
        match words:
            case ["log", vkey, *urls] if len(urls) < 2:
                key = _read_key(vkey, where, is_witness=False)
                self._check_fresh(key, self.logs, where)
                self.logs.append(Party(key.name, key, urls[0] if urls else None))
            case ["witness", name, vkey, *urls] if len(urls) < 2:
                self._check_new(name, where)
                key = _read_key(vkey, where, is_witness=True)
                self._check_fresh(key, list(self.witnesses.values()), where)
                self.witnesses[name] = Party(name, key, urls[0] if urls else None)
            case ["group", name, threshold, *members] if members:
                self._check_new(name, where)
                self._check_members(members, where)
                self.groups[name] = Group(name, _read_threshold(threshold, len(members), where), tuple(members))
            case ["quorum", name]:
                if self.quorums or (name != NONE and not self._is_known(name)):
                    raise _malformed("one quorum, of what stands above it", show_name(name), where)
                self.quorums.append(name)
            case _:
                raise _malformed("log, witness, group or quorum with its words", show_name(" ".join(words))[:80], where)

    def finish(self) -> Policy:
        if not self.quorums:
            raise _malformed("a quorum", "none")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorums[0])

    def _is_known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _check_new(self, name: str, where: str) -> None:
        if self._is_known(name) or name == NONE:
            raise _malformed("a name of its own", show_name(name), where)

    def _check_members(self, members: Sequence[str], where: str) -> None:
        for member in members:
            if not self._is_known(member) or member in self.taken:
                raise _malformed("members that stand above it and in no other group", show_name(member), where)
            self.taken.add(member)

    def _check_fresh(self, key: VerifierKey, parties: Sequence[Party], where: str) -> None:
        if any(key.material == other.key.material for other in parties):
            raise _malformed("a key of its own", key.name, where)


def _read_key(vkey: str, where: str, *, is_witness: bool) -> VerifierKey:
    try:
        key = read_vkey(vkey)
    except RefusedError as error:
        # Any bytes may stand there; whoever reads the refusal reads text.
        got = show_name(str(error.facts["got"]))
        raise RefusedError("policy-malformed", **(error.facts | {"where": where, "got": got})) from error
    if is_witness and not key.type.is_cosignature:
        raise _malformed("a key for cosignatures", key.type.title, where)
    return key


def _read_threshold(word: str, members: int, where: str) -> int:
    named = {"any": 1, "all": members}
    if word not in named and not re.fullmatch(r"[1-9][0-9]{0,3}", word):
        raise _malformed("any, all or a number", show_name(word)[:20], where)
    threshold = named.get(word) or int(word)
    if threshold > members:
        raise _malformed(f"1 to {members}", threshold, where)
    return threshold


def _malformed(expected: str, got: object, where: str = "the policy") -> RefusedError:
    return RefusedError("policy-malformed", where=where, expected=expected, got=got)
