"""Whose key was whose at each entry, out of the ledger's own statements alone: what an audit believes instead of
registers.

It reads the statements that found a registry, admit parties, and enrol, rotate and revoke keys; each changes what
holds from the next entry on. Everything is known by position, so that the book can be asked about any entry, in any
order, and by several processes.

It ends at the first statement that may not say what it says: that entry is the audit's to report, and whatever a later
one rests on is of no interest any more. Signatures are verified where all are, not while the book is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from keys.envelope import Statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from keys.payload import read_json
from trace.kinds import Body, Role
from trace.parties.register import Key, check_key_usable
from trace.parties.statements import ADMITTED, ENROLLED, FOUNDED, REVOKED, ROTATED

KINDS = {kind.tag: kind for kind in (FOUNDED, ADMITTED, ENROLLED, ROTATED, REVOKED)}


@dataclass(frozen=True, slots=True)
class _OnRecord:
    """A key with the positions from which on it is on record, and is revoked. The JWK, since keys can't be pickled."""

    party: str
    jwk: Mapping[str, str]
    kid: bytes
    entry: int
    enrolled_at: datetime
    valid_to: Any
    revocation_entry: int | None = None
    revoked_at: datetime | None = None


@dataclass
class KeyBook:
    """Roles and keys by the entry that gave them."""

    keys: dict[bytes, _OnRecord] = field(default_factory=dict)
    roles: dict[str, set[Role]] = field(default_factory=dict)
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
        row = self.keys.get(kid)
        if row is None or row.entry >= position:
            return None
        is_revoked = row.revocation_entry is not None and row.revocation_entry < position
        return Key(
            kid,
            row.party,
            _read_key(kid, tuple(sorted(row.jwk.items()))),
            row.enrolled_at,
            row.entry,
            row.valid_to,
            row.revoked_at if is_revoked else None,
            None,
            row.revocation_entry if is_revoked else None,
        )

    def admit(self, position: int, statement: Statement, recorded_at: datetime) -> None:
        """Does the statement at `position` hold under a key that could speak for its issuer then?

        Raises RefusedError with the codes of the door: `key-unknown`, `issuer-mismatch`, `key-revoked`, `key-expired`,
        `algorithm-mismatch`, `signature-invalid`; and for what the book is made of, what made it end there.
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
        # Ended by an earlier entry is ended, whatever time that row bears: old rows may not have been looked at.
        check_key_usable(key, at if key.revoked_at is None else max(at, key.revoked_at))
        return key.public

    def _check_entitled(self, position: int, statement: Statement) -> None:
        kind, roles = KINDS[statement.kind], self.roles.get(statement.issuer, set())
        if position and not roles & kind.signers:
            named = [", ".join(sorted(one)) or "none" for one in (kind.signers, roles)]
            raise RefusedError("role-not-allowed", where=kind.tag, expected=named[0], got=named[1])

    def _enroll(self, said: "_Said", party: str, valid_to: Any) -> None:
        key: PublicKey = said.body["key"]
        if party not in self.roles:
            raise RefusedError("party-unknown", where="party", got=party)
        if key.kid in self.keys:
            raise RefusedError("key-known", where="key", expected="a key that was never enrolled", got=key.kid.hex())
        self.keys[key.kid] = _OnRecord(party, key.to_jwk(), key.kid, said.position, said.at, valid_to)

    def _admit_party(self, said: "_Said") -> None:
        party = said.body["party"]
        self.roles.setdefault(party["uscc"], set()).update(party["roles"])
        self._enroll(said, party["uscc"], None)

    def _enroll_key(self, said: "_Said") -> None:
        self._check_own(said, "party", said.body["party"])
        self._enroll(said, said.body["party"], said.body["valid_to"])

    def _rotate_key(self, said: "_Said") -> None:
        self._enroll(said, said.issuer, said.body["valid_to"])
        self._end(said, said.kid)

    def _revoke_key(self, said: "_Said") -> None:
        kid = bytes.fromhex(said.body["kid"])
        if kid not in self.keys:
            raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid.hex())
        self._check_own(said, "kid", self.keys[kid].party)
        self._end(said, kid)

    def _check_own(self, said: "_Said", where: str, party: str) -> None:
        if said.issuer != party and Role.REGULATOR not in self.roles.get(said.issuer, ()):
            raise RefusedError("not-your-party", where=where, expected=party, got=said.issuer)

    def _end(self, said: "_Said", kid: bytes) -> None:
        if kid in self.keys and self.keys[kid].revoked_at is None:
            self.keys[kid] = replace(self.keys[kid], revocation_entry=said.position, revoked_at=said.at)


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


def read_root_key(statement: Statement) -> PublicKey:
    """The key that the founding statement brings, by which it is signed. Raises RefusedError."""
    key = read_jwk(read_json(statement.payload).get("key"))
    if key.kid != statement.kid:
        raise RefusedError("key-unknown", where="kid", expected=key.kid.hex(), got=statement.kid.hex())
    return key


@cache
def _read_key(kid: bytes, jwk: tuple[tuple[str, str], ...]) -> PublicKey:
    return read_jwk(dict(jwk))
