"""Whose key was whose at each entry, out of the ledger's own statements alone: what an audit believes instead of
registers.

It reads the statements that found a registry, admit parties, and enrol, rotate and revoke keys; each changes what
holds from the next entry on. Every state that a key was in is kept with the entry that brought it there, so that the
book can be asked about any entry, in any order, and by several processes. Which keys are believed is worked out anew
only where a statement says something of that, by the rules that the register goes by (`belief.py`).

It ends at the first statement that may not say what it says: that entry is the audit's to report, and whatever a later
one rests on is of no interest any more. Signatures are verified where all are, not while the book is made.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from keys.envelope import Statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from keys.payload import read_json
from trace.kinds import Body, Role
from trace.parties.belief import Ending, Voucher, weigh_keys
from trace.parties.register import Key, check_enrollable, check_key_usable, check_own_party
from trace.parties.statements import ADMITTED, ENROLLED, FOUNDED, REVOKED, ROTATED

KINDS = {kind.tag: kind for kind in (FOUNDED, ADMITTED, ENROLLED, ROTATED, REVOKED)}


@dataclass(slots=True)
class _Life:
    """The states of one key, oldest first, and the entries that brought it there."""

    entries: list[int]
    states: list[Key]

    def change(self, position: int, state: Key) -> None:
        """The key as the entry at `position`, none later was told of yet, leaves it."""
        if self.entries[-1] == position:
            self.states[-1] = state
        elif self.states[-1] != state:
            self.entries.append(position)
            self.states.append(state)


@dataclass(frozen=True, slots=True)
class _Grant:
    """Who gave a party a role: the entry, its signing key and its time of record."""

    entry: int
    signer: bytes
    at: datetime


@dataclass
class KeyBook:
    """Keys by the entries that changed them; roles as the last statement has left them."""

    lives: dict[bytes, _Life] = field(default_factory=dict)
    vouchers: dict[bytes, Voucher] = field(default_factory=dict)
    endings: list[Ending] = field(default_factory=list)
    grants: dict[str, dict[Role, _Grant]] = field(default_factory=dict)
    refused: tuple[int, str, Mapping[str, object]] | None = None
    """Where the book ends: position, code and facts of the refusal."""

    def enter(self, position: int, statement: Statement, body: Body, at: datetime) -> None:
        """Write down the next statement of one of `KINDS`; `at` is its time of record. Nothing after a refused one."""
        if self.refused is None:
            try:
                self._check_entitled(position, statement)
                _EFFECTS[statement.kind](self, _Said(position, statement.issuer, statement.kid, at, body))
            except RefusedError as error:
                self.refuse(position, error)

    def refuse(self, position: int, error: RefusedError) -> None:
        """End the book at the statement at `position`."""
        if self.refused is None:
            self.refused = position, error.code, error.facts

    def find_key(self, kid: bytes, position: int) -> Key | None:
        """The key as it is on record for the statement at `position`: as the entries before have left it."""
        life = self.lives.get(kid)
        before = bisect_left(life.entries, position) if life is not None else 0
        return life.states[before - 1] if life is not None and before else None

    def admit(self, position: int, statement: Statement, recorded_at: datetime) -> None:
        """Does the statement at `position` hold under a key that could speak for its issuer then?

        Raises RefusedError with the codes of the door: `key-unknown`, `issuer-mismatch`, `key-revoked`,
        `key-not-yet-valid`, `key-doubted`, `key-expired`, `algorithm-mismatch`, `signature-invalid`; and for what the
        book is made of, what made it end there.
        """
        verify_statement(statement, self._find_speaker(position, statement, recorded_at))
        if self.refused is not None and self.refused[0] == position:
            raise RefusedError(self.refused[1], **self.refused[2])
        if (statement.kind == FOUNDED.tag) != (position == 0):
            raise RefusedError("founding-misplaced", expected=f"{FOUNDED.tag} as entry 0 and nowhere else")

    def _find_speaker(self, position: int, statement: Statement, at: datetime) -> PublicKey:
        if position == 0:
            return read_root_key(statement)
        key = self.find_key(statement.kid, position)
        if key is None:
            raise RefusedError("key-unknown", where="kid", expected="a key on record", got=statement.kid.hex())
        if key.party != statement.issuer:
            raise RefusedError("issuer-mismatch", where="iss", expected=key.party, got=statement.issuer)
        check_key_usable(key, at)
        return key.public

    def _check_entitled(self, position: int, statement: Statement) -> None:
        kind, roles = KINDS[statement.kind], self.believed_roles(statement.issuer)
        if position and not roles & kind.signers:
            named = [", ".join(sorted(one)) or "none" for one in (kind.signers, roles)]
            raise RefusedError("role-not-allowed", where=kind.tag, expected=named[0], got=named[1])

    def believed_roles(self, party: str) -> set[Role]:
        """The roles of a party that are believed, after all that was written down."""
        return {role for role, grant in self.grants.get(party, {}).items() if self._is_believed(grant)}

    def _is_believed(self, grant: _Grant) -> bool:
        """The founding is, always. Of a signer that is not on record the audit has something else to say."""
        signer = self.lives.get(grant.signer)
        doubt = signer.states[-1].doubt if signer is not None else None
        return not grant.entry or doubt is None or not doubt.reaches(grant.at)

    def _admit_party(self, said: "_Said") -> None:
        party = said.body["party"]
        given = set(party["roles"]) - self.believed_roles(party["uscc"])
        grants = self.grants.setdefault(party["uscc"], {})
        grants.update(dict.fromkeys(given, _Grant(said.position, said.kid, said.at)))
        self._enroll(said, party["uscc"], None, None)

    def _enroll_key(self, said: "_Said") -> None:
        body = said.body
        check_own_party(said.issuer, self.believed_roles(said.issuer), body["party"], where="party")
        self._enroll(said, body["party"], body["valid_from"], body["valid_to"])

    def _rotate_key(self, said: "_Said") -> None:
        self._enroll(said, said.issuer, None, said.body["valid_to"])
        self._change(said, said.kid, replaced_by=said.body["key"].kid)
        self._end(said, said.kid, None)

    def _revoke_key(self, said: "_Said") -> None:
        kid = bytes.fromhex(said.body["kid"])
        party = self._present(kid).party
        check_own_party(said.issuer, self.believed_roles(said.issuer), party, where="kid")
        self._end(said, kid, said.body["compromised_since"])

    def _enroll(self, said: "_Said", party: str, valid_from: date | None, valid_to: date | None) -> None:
        """A key comes on record; or one that only a thief has vouched for is vouched for by somebody who may."""
        key: PublicKey = said.body["key"]
        if party not in self.grants:
            raise RefusedError("party-unknown", where="party", got=party)
        if key.kid in self.lives:
            check_enrollable(self._present(key.kid), party)
            self._change(said, key.kid, entry=said.position)
        else:
            self.lives[key.kid] = _begin(said, party, valid_from, valid_to)
        state = self._present(key.kid)
        self.vouchers[key.kid] = Voucher(said.kid if said.kid != key.kid else None, said.at, state.enrolled_at)
        if state.doubt is not None:
            self._weigh(said)

    def _end(self, said: "_Said", kid: bytes, since: datetime | None) -> None:
        self.endings.append(Ending(said.position, kid, said.kid, said.at, since))
        if self._present(kid).revoked_at is None:
            self._change(said, kid, revoked_at=said.at, revocation_entry=said.position)
        if since is not None:
            self._weigh(said)

    def _weigh(self, said: "_Said") -> None:
        for kid, standing in weigh_keys(self.vouchers, self.endings).items():
            if self._present(kid).standing != standing:
                self._change(said, kid, **asdict(standing))

    def _present(self, kid: bytes) -> Key:
        """The key as it is now. Raises RefusedError `key-unknown`."""
        if kid not in self.lives:
            raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid.hex())
        return self.lives[kid].states[-1]

    def _change(self, said: "_Said", kid: bytes, **changes: Any) -> None:
        self.lives[kid].change(said.position, replace(self._present(kid), **changes))


@dataclass(frozen=True, slots=True)
class _Said:
    position: int
    issuer: str
    kid: bytes
    at: datetime
    body: Body


_EFFECTS = {
    FOUNDED.tag: KeyBook._admit_party,
    ADMITTED.tag: KeyBook._admit_party,
    ENROLLED.tag: KeyBook._enroll_key,
    ROTATED.tag: KeyBook._rotate_key,
    REVOKED.tag: KeyBook._revoke_key,
}


def _begin(said: _Said, party: str, valid_from: date | None, valid_to: date | None) -> _Life:
    key: PublicKey = said.body["key"]
    state = Key(
        kid=key.kid,
        party=party,
        public=key,
        enrolled_at=said.at,
        entry=said.position,
        valid_from=valid_from,
        valid_to=valid_to,
        revoked_at=None,
        compromised_since=None,
        revocation_entry=None,
    )
    return _Life([said.position], [state])


def read_root_key(statement: Statement) -> PublicKey:
    """The key that the founding statement brings, by which it is signed. Raises RefusedError."""
    key = read_jwk(read_json(statement.payload).get("key"))
    if key.kid != statement.kid:
        raise RefusedError("key-unknown", where="kid", expected=key.kid.hex(), got=statement.kid.hex())
    return key
