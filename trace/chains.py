"""The hash chains of lots: which entries speak of a lot, and which of them its next statement has to follow.

Every statement about a lot names in `follows` the leaf hashes of the heads of its lots' chains, as its signer saw
them. A stale head is a conflict, never a silent overwrite; a statement on several lots joins their chains. A
projection of the ledger.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.asking import any_of, ask, ask_among, change, find_rows
from trace.ledger.ink import insert_rows
from trace.ledger.store import EntryRow
from trace.ledger.tables import BY_KEY, Base

# Neither database takes any number of values in one question.
_AT_ONCE = 5000


class HeadRow(Base):
    """A leaf that the next statement on the lot must follow."""

    __tablename__ = "chain_head"
    __table_args__ = BY_KEY
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class MentionRow(Base):
    """An entry that speaks of a lot."""

    __tablename__ = "chain_mention"
    __table_args__ = BY_KEY
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, index=True)


_HEADS: Any = HeadRow.__table__
_HEAD = _HEADS.c
_HEADS_OF = "SELECT lot, leaf FROM chain_head WHERE lot IN *"
_MENTION, _ENTRY = MentionRow.__table__.c, EntryRow.__table__.c
_CHAIN_OF = (
    select(_ENTRY.position, _ENTRY.statement)
    .join_from(MentionRow.__table__, EntryRow.__table__, _ENTRY.position == _MENTION.position)
    .where(_MENTION.lot == bindparam("lot"))
    .order_by(_MENTION.position)
)
_WITHOUT_HEADS_OF = delete(_HEADS).where(_HEAD.lot.in_(any_of("lots")))


def read_heads(session: Session, lots: Collection[str]) -> tuple[bytes, ...]:
    """The heads of these lots' chains, each once, in bytewise order: what `follows` has to say."""
    return tuple(sorted({leaf for _, leaf in ask_among(session, _HEADS_OF, list(lots))}))


def read_heads_by_lot(session: Session, lots: Collection[str]) -> dict[str, frozenset[bytes]]:
    """The heads of each of these lots' chains; a lot that nobody has spoken of is left out."""
    heads: dict[str, frozenset[bytes]] = {}
    for lot, leaf in ask_among(session, _HEADS_OF, list(lots)):
        heads[lot] = heads.get(lot, frozenset()) | {leaf}
    return heads


def replace_heads(session: Session, heads: Mapping[str, Collection[bytes]], known: Collection[str]) -> None:
    """Make these leaves the heads of their lots; `known` are the lots that had others."""
    lots = list(known)
    for at in range(0, len(lots), _AT_ONCE):
        change(session, _WITHOUT_HEADS_OF, lots=lots[at : at + _AT_ONCE])
    insert_rows(session, HeadRow, [{"lot": lot, "leaf": leaf} for lot, leaves in heads.items() for leaf in leaves])


def add_mentions(session: Session, mentions: Sequence[tuple[str, int]]) -> None:
    """Write down which (lot, position) were spoken of."""
    insert_rows(session, MentionRow, [{"lot": lot, "position": position} for lot, position in mentions])


def read_mentions(session: Session, lot: str) -> list[int]:
    """The positions of the entries that speak of a lot, in order."""
    return [row.position for row in find_rows(session, MentionRow, {"lot": [lot]}, "position")]


def read_chain(session: Session, lot: str) -> list[tuple[int, bytes]]:
    """The entries that speak of a lot, in order: where each stands, and its bytes."""
    return [tuple(row) for row in ask(session, _CHAIN_OF, lot=lot)]


def read_all_mentions(session: Session, lots: Collection[str]) -> list[int]:
    """The positions of the entries that speak of any of these lots (at most some thousands), in order."""
    query = select(MentionRow.position).where(MentionRow.lot.in_(lots)).distinct().order_by(MentionRow.position)
    return list(session.scalars(query))


def read_lots_spoken_of(session: Session, issuer: str) -> tuple[str, ...]:
    """The lots that entries signed by a party speak of, in order of id."""
    query = select(MentionRow.lot).join(EntryRow, EntryRow.position == MentionRow.position)
    return tuple(session.scalars(query.where(EntryRow.issuer == issuer).distinct().order_by(MentionRow.lot)))


def read_mentioned(session: Session, position: int) -> tuple[str, ...]:
    """The lots that an entry speaks of, in order."""
    query = select(MentionRow.lot).where(MentionRow.position == position).order_by(MentionRow.lot)
    return tuple(session.scalars(query))


def read_mentioned_by(session: Session, positions: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The lots that each of these entries speaks of, in order; an entry that speaks of none is left out."""
    query = select(MentionRow.position, MentionRow.lot).where(MentionRow.position.in_(positions))
    mentioned: dict[int, tuple[str, ...]] = {}
    for position, lot in session.execute(query.order_by(MentionRow.position, MentionRow.lot)):
        mentioned[position] = (*mentioned.get(position, ()), lot)
    return mentioned


def read_followers(session: Session, position: int) -> tuple[int, ...]:
    """The positions of the entries that follow an entry: of each of its lots the next that speaks of it, in order."""
    lots = select(MentionRow.lot).where(MentionRow.position == position)
    query = (
        select(func.min(MentionRow.position))
        .where(MentionRow.lot.in_(lots), MentionRow.position > position)
        .group_by(MentionRow.lot)
    )
    return tuple(sorted(set(session.scalars(query))))


def find_lots(session: Session, number: str, most: int) -> tuple[str, ...]:
    """Up to `most` lots that somebody spoke of: those with this lot number or serial, whatever the case of its
    letters, or else the units of the lot of that number. In order.
    """
    wanted = number.lower()
    for patterns in (("/10/{}", "/21/{}"), ("/10/{}/21/%",)):
        likes = [
            func.lower(HeadRow.lot).like("%" + pattern.format(_escape(wanted)), escape="\\") for pattern in patterns
        ]
        query = select(HeadRow.lot).where(or_(*likes)).distinct().order_by(HeadRow.lot).limit(most)
        found = tuple(session.scalars(query))
        if found:
            return found
    return ()


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
