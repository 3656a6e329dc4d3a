"""What is known of who stands behind parties: relations to references and to other parties, with their days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Date, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze


class RelationRow(Base):
    """A relation as a regulator has stated it."""

    __tablename__ = "relation"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(String(18), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str | None] = mapped_column(String(64), index=True)
    other: Mapped[str | None] = mapped_column(String(18), index=True)
    share_pct: Mapped[Decimal | None]
    related_from: Mapped[date] = mapped_column(Date)
    related_to: Mapped[date | None] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class Relation:
    """A party and what stands behind it, a `reference` or the party `other`, between two days, both included."""

    entry: int
    party: str
    relation: str
    reference: str | None
    other: str | None
    share_pct: Decimal | None
    related_from: date
    related_to: date | None

    def holds_within(self, first: date, last: date) -> bool:
        """Does it hold on any day from `first` to `last`?"""
        return self.related_from <= last and (self.related_to is None or first <= self.related_to)


def state_relation(session: Session, said: Said) -> None:
    """Effect of `relation.stated`."""
    session.add(RelationRow(entry=said.position, **said.body))


def read_relations(session: Session, parties: Collection[str]) -> tuple[Relation, ...]:
    """The relations of these parties, and of all others that share a reference with one of them. Two questions."""
    own = {one.entry: one for _, one in _read_of_parties(session, parties)}
    references = {one.reference for one in own.values() if one.reference is not None}
    shared = {one.entry: one for one in _read_of_references(session, references)}
    return tuple(relation for _, relation in sorted({**own, **shared}.items()))


def find_related(session: Session, party: str, reference: str | None) -> set[str]:
    """The parties within two steps of this one, or that have this reference: whose goods its relations may concern."""
    near = {party} | {one.party for one in _read_of_references(session, [reference] if reference else [])}
    for _ in range(2):
        near |= {code for one in read_relations(session, near) for code in (one.party, one.other) if code is not None}
    return near


@kept_by(lambda told: told[0], lambda told: (told[0], told[1].entry))
def _read_of_parties(session: Session, parties: Collection[str]) -> Iterable[tuple[str, Relation]]:
    """Relations with the one of these parties by which they were found: as their own, or as behind another."""
    wanted = set(parties)
    for row in find_rows(session, RelationRow, {"party": parties, "other": parties}, "entry"):
        relation = freeze(Relation, row)
        yield from ((code, relation) for code in (relation.party, relation.other) if code in wanted)


@kept_by(lambda one: one.reference, lambda one: one.entry)
def _read_of_references(session: Session, references: Collection[str]) -> Iterable[Relation]:
    return (freeze(Relation, row) for row in find_rows(session, RelationRow, {"reference": references}, "entry"))
