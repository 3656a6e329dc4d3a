"""What the door has on its desk while a batch goes through: who speaks, in which roles, what is known, which heads.

All of it is asked for at once, for a question per statement would cost more than all else that is done with it. It is
kept true as the batch goes on: heads and identities move here first and are written at the end; whatever was looked up
of speakers is forgotten as soon as a statement has changed it.

The caller holds the write lock for as long as a desk is in use: nobody else may change what lies on it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from keys.envelope import Statement
from keys.errors import RefusedError
from trace.chains import add_mentions, read_heads_by_lot, replace_heads
from trace.epcis.identifiers import is_logistic
from trace.kinds import Carried, Duty, Role
from trace.ledger.store import find_identities
from trace.packing.register import read_contents
from trace.parties import register as parties

# Neither database takes any number of values in one question; SQLite's limit is 32,766.
_AT_ONCE = 5000


class Desk:
    """The desk of one batch. `lots` are those that its statements speak of."""

    def __init__(self, session: Session, statements: Sequence[Statement] = (), lots: Iterable[str] = ()) -> None:
        self.session = session
        self._known: dict[bytes, tuple[int, bytes] | None] = {}
        self._heads: dict[str, frozenset[bytes]] = {}
        self._had_heads: set[str] = set()
        self._moved: dict[str, frozenset[bytes]] = {}
        self._mentions: list[tuple[str, int]] = []
        self._keys: dict[bytes, parties.Key | None] = {}
        self._roles: dict[str, frozenset[Role]] = {}
        self._duties: dict[tuple[bytes, Duty, date], bool] = {}
        self._look_up({said.identity for said in statements}, {said.kid for said in statements})
        self._roles |= parties.read_roles(session, {said.issuer for said in statements})
        self._read_heads(set(lots))

    def _look_up(self, identities: Collection[bytes], kids: Collection[bytes]) -> None:
        for some in _cut(identities):
            found = find_identities(self.session, some)
            self._known |= {identity: found.get(identity) for identity in some}
        for some in _cut(kids):
            keys = parties.find_keys(self.session, some)
            self._keys |= {kid: keys.get(kid) for kid in some}

    def _read_heads(self, lots: Collection[str]) -> None:
        for some in _cut(lots):
            found = read_heads_by_lot(self.session, some)
            self._had_heads.update(found)
            self._heads |= dict.fromkeys(some, frozenset()) | found

    def find_known(self, statement: Statement) -> tuple[int, bytes] | None:
        """(position, leaf) of the entry of this very statement, if there is one."""
        if statement.identity not in self._known:
            self._look_up((statement.identity,), ())
        return self._known[statement.identity]

    def find_key(self, kid: bytes) -> parties.Key | None:
        """The key on record with this thumbprint."""
        if kid not in self._keys:
            self._look_up((), (kid,))
        return self._keys[kid]

    def roles_of(self, party: str) -> frozenset[Role]:
        """The roles that a party holds; none where it is unknown."""
        if party not in self._roles:
            self._roles[party] = parties.read_roles(self.session, {party}).get(party, frozenset())
        return self._roles[party]

    def holds_duty(self, kid: bytes, duty: Duty, day: date) -> bool:
        """Does the key hold the duty on that day?"""
        asked = (kid, duty, day)
        if asked not in self._duties:
            self._duties[asked] = parties.holds_duty(self.session, kid, duty, day)
        return self._duties[asked]

    def forget_speakers(self) -> None:
        """A statement has changed keys, roles or posts."""
        self._keys.clear()
        self._roles.clear()
        self._duties.clear()

    def heads_of(self, lot: str) -> frozenset[bytes]:
        """The heads of a lot's chain; none where nobody has spoken of it."""
        if lot not in self._heads:
            self._read_heads((lot,))
        return self._heads[lot]

    def heads_of_all(self, lots: Iterable[str]) -> set[bytes]:
        """The heads of the chains of several lots, those not known yet by one question."""
        wanted = set(lots)
        self._read_heads(wanted - self._heads.keys())
        return {leaf for lot in wanted for leaf in self._heads[lot]}

    def check_heads(self, statement: Statement, lots: Collection[str]) -> None:
        """Raises RefusedError `head-stale` with the present heads where the statement follows others."""
        present = tuple(sorted({leaf for lot in lots for leaf in self.heads_of(lot)}))
        if statement.follows != present:
            raise RefusedError(
                "head-stale",
                where="follows",
                expected=[leaf.hex() for leaf in present],
                got=[leaf.hex() for leaf in statement.follows],
                lots=sorted(lots),
            )

    def read_carried(self, lots: Collection[str]) -> tuple[Carried, ...]:
        """What is in the logistic units among these."""
        units = [lot for lot in lots if is_logistic(lot)]
        return read_contents(self.session, units) if units else ()

    def let_in(
        self, statement: Statement, position: int, lots: Collection[str], carried: Collection[Carried] = ()
    ) -> None:
        """Make an accepted statement known, and the only head of each of its lots.

        Of what goes along in a logistic unit it replaces the heads that it follows: those since it was packed. Whatever
        was said meanwhile of the thing itself stays a head beside it, for the next statement to follow too.
        """
        self._known[statement.identity] = (position, statement.leaf)
        for lot in lots:
            self.heads_of(lot)  # which looks, where nobody has: what stood before has to go
            self._move(lot, position, frozenset((statement.leaf,)))
        inside = {one.lot for one in carried}.difference(lots)
        self._read_heads(inside - self._heads.keys())
        for inner in sorted(inside):
            self._move(inner, position, self.heads_of(inner).difference(statement.follows) | {statement.leaf})

    def _move(self, lot: str, position: int, heads: frozenset[bytes]) -> None:
        self._heads[lot] = self._moved[lot] = heads
        self._mentions.append((lot, position))

    def write(self) -> None:
        """Bring what has moved into the registers."""
        replace_heads(self.session, self._moved, self._had_heads & self._moved.keys())
        add_mentions(self.session, self._mentions)
        self._had_heads.update(self._moved)
        self._moved, self._mentions = {}, []


def _cut(values: Collection[Any]) -> Iterable[tuple[Any, ...]]:
    every = tuple(values)
    return (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE))
