"""What is told of a logistic unit (SSCC): what is in it and what is to be thought of that, what was in it before, who
has it, and its own chain. Its page and its JSON are two forms of one answer.

Verdicts on its contents are those last reached: a container may hold thousands. Each lot's own page judges it anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.naming import Names, party_names
from api.shell import current_shell
from keys.errors import RefusedError
from labs.casework.register import read_words
from labs.judge import Word
from trace.chains import read_heads, read_mentions
from trace.custody.register import Holder, read_holders
from trace.doubts import drop_unbelieved, read_doubts
from trace.epcis.events import Quantity
from trace.epcis.identifiers import is_logistic
from trace.ledger.store import Entry, read_entries
from trace.packing.register import Packing, gone_from, packed_in, read_contents, read_packings, read_packings_into
from trace.parties.belief import Doubt
from trace.parties.register import read_parties
from trace.production.register import Lot, read_lots_by_id

# Ours to choose: what a page lists; the rest is counted.
MOST_LISTED = 200
# Gravest first. What waits for its first verdict may not be used yet.
_GRAVITY = (Word.STOP, Word.UNKNOWN, Word.HOLD, Word.USE)


@dataclass(frozen=True, slots=True)
class Content:
    """A thing in a logistic unit: directly, or in the unit `parent` that is in it, whose `verdict` is None."""

    lot: str
    parent: str
    quantity: Quantity | None
    packings: tuple[int, ...]
    verdict: str | None
    product: Lot | None


@dataclass(frozen=True, slots=True)
class LogisticUnit:
    """All that is told. `contents` are at most MOST_LISTED of `count`, the gravest first; `verdict` is that of the
    gravest of all, None where nothing is in it; `may_be_used` counts those with the best.
    """

    unit: str
    verdict: str | None
    contents: tuple[Content, ...]
    count: int
    goods: int
    """How many of the contents are goods, and no logistic units."""
    may_be_used: int
    before: tuple[Packing, ...]
    """What was in it and was taken out, by its last unpacking; the latest first."""
    packed_in: tuple[Packing, ...]
    holder: Holder | None
    packer: str | None
    """Who packed or unpacked it last, and so has it where nobody has recorded a hand-over."""
    heads: tuple[bytes, ...]
    chain: tuple[Entry, ...]
    """In order of record; `entries` are their positions."""
    names: Names
    doubts: Mapping[int, Doubt]

    @property
    def entries(self) -> tuple[int, ...]:
        """The positions of its chain."""
        return tuple(entry.position for entry in self.chain)


def look_into(unit: str) -> LogisticUnit:
    """All that is on record of a logistic unit. Raises RefusedError `lot-unknown` where nobody has spoken of it."""
    with current_shell().database.reading() as session:
        positions = read_mentions(session, unit)
        if not positions:
            expected = "a logistic unit that somebody has spoken of"
            raise RefusedError("lot-unknown", expected=expected, got=unit)
        chain = read_entries(session, positions)
        carried = read_contents(session, (unit,), is_believed=True)
        own = drop_unbelieved(session, read_packings_into(session, (unit,)))
        around = packed_in(drop_unbelieved(session, read_packings(session, (unit,))), unit)
        holder = read_holders(session, (unit,)).get(unit)
        goods = [one.lot for one in carried if not is_logistic(one.lot)]
        words = read_words(session, goods)
        listed = sorted(carried, key=lambda one: (_rank(_word(words, one.lot)), one.lot))[:MOST_LISTED]
        products = read_lots_by_id(session, [one.lot for one in listed])
        people = {entry.issuer for entry in chain} | {packing.party for packing in (*own, *around)}
        people |= {party for party in (holder.party, holder.sent_to) if party} if holder else set()
        names = party_names(read_parties(session, people))
        told = [words.get(lot, Word.HOLD) for lot in goods]
        return LogisticUnit(
            unit=unit,
            verdict=min(told, key=_rank, default=None),
            contents=tuple(
                Content(
                    lot=one.lot,
                    parent=one.parent,
                    quantity=one.quantity,
                    packings=one.packings,
                    verdict=_word(words, one.lot),
                    product=products.get(one.lot),
                )
                for one in listed
            ),
            count=len(carried),
            goods=len(goods),
            may_be_used=told.count(Word.USE),
            before=gone_from(own),
            packed_in=around,
            holder=holder,
            packer=own[-1].party if own else None,
            heads=read_heads(session, (unit,)),
            chain=tuple(chain),
            names=names,
            doubts=read_doubts(session, positions),
        )


def _word(words: Mapping[str, str], lot: str) -> str | None:
    return None if is_logistic(lot) else words.get(lot, Word.HOLD)


def _rank(word: str | None) -> int:
    return len(_GRAVITY) if word is None else _GRAVITY.index(Word(word))
