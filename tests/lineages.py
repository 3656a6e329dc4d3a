"""Generated lineages as frozen values, for what draws them: from three lots to thousands, no register needed.

A rod is drawn into a batch, the batch is cut into drums, drums go to holders in turn, every fourth is cut in two, and
what was cut is built in at stations in turn. The same arguments give the same lineage.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from api.sentences import Told
from api.tracing import Row, Trace
from labs.dossier import Dossier
from labs.judge import Reason, Verdict, Word
from labs.standards.pack import read_pack
from tests import facts
from tests.factories import BATCH, ROD, lot_at
from trace.custody.register import Holder
from trace.epcis.events import Quantity
from trace.findings import Severity
from trace.history import History
from trace.lineage import Lineage
from trace.production.register import Flow, Lot, Portion
from trace.site.register import SiteAct

AT = datetime(2015, 5, 4, 1, tzinfo=UTC)
METRES = Decimal(500)
_WORDS = (Word.USE, Word.HOLD, Word.USE, Word.STOP, Word.USE, Word.UNKNOWN)


def lineage_of(count: int, *, holders: int = 8, stations: int = 6, asked: str = BATCH) -> Trace:
    """A lineage of `count` lots, 3 or more, as the trace page has it."""
    drums = [lot_at("A1", f"D{number:04d}") for number in range(1, max(1, (count - 2) * 2 // 3) + 1)]
    lengths = [lot_at("A1", f"L{number:04d}") for number in range(1, count - 2 - len(drums) + 1)]
    flows = [flow_of(1, "transformed", [(ROD, None)], [(BATCH, METRES * len(drums))])]
    flows += [flow_of(2, "split", [(BATCH, None)], [(drum, METRES) for drum in drums])]
    for number, length in enumerate(lengths):
        flows.append(
            flow_of(3 + number, "split", [(drums[number % len(drums)], Decimal(200))], [(length, Decimal(200))])
        )
    return make_trace([ROD, BATCH, *drums, *lengths], flows, asked=asked, holders=holders, stations=stations)


def make_trace(lots: list[str], flows: list[Flow], *, asked: str, holders: int = 8, stations: int = 6) -> Trace:
    """A trace of these lots and flows; drums and lengths are held and built in in turn."""
    codes = [facts.uscc(100 + number) for number in range(holders)]
    drums = sum("/21/D" in lot for lot in lots)
    begun = {portion.lot: flow.entry for flow in reversed(flows) for portion in flow.outputs}
    known = {lot: replace(_lot(lot, drums), entry=begun.get(lot, 0)) for lot in lots}
    held = {
        lot: Holder(lot, codes[index % holders], AT, None, None, 1) for index, lot in enumerate(lots) if "/21/" in lot
    }
    rows = tuple(_row(index, lot, known[lot], held.get(lot), stations) for index, lot in enumerate(lots))
    others = tuple(lot for lot in lots if lot != asked)
    lineage = Lineage(asked, (), others, tuple(flows), (), others)
    history = History(asked, AT, known[asked], lineage, known, holders=held)
    word = next(row.word for row in rows if row.lot_id == asked)
    return Trace(
        lot_id=asked,
        at=AT + timedelta(days=900),
        history=history,
        verdict=Verdict(Word(word), (Reason("clear", "all_gates"),), (), (), (), ()),
        names={code: f"Contractor number {number}" for number, code in enumerate(codes)} | {facts.MAKER: "maker"},
        reason=Told("all_gates", "", "Nothing stands against it", "Nothing stands against it."),
        findings=(),
        rows=rows,
        movements={},
        dossier=Dossier(history, read_pack()),
    )


def flow_of(
    entry: int, kind: str, taken: list[tuple[str, Decimal | None]], given: list[tuple[str, Decimal | None]]
) -> Flow:
    """Material going from lots into lots, in metres; None where the flow does not say how many."""

    def portions(side: list[tuple[str, Decimal | None]]) -> tuple[Portion, ...]:
        return tuple(Portion(lot, Quantity(metres, "MTR") if metres else None) for lot, metres in side)

    return Flow(entry, kind, facts.MAKER, AT + timedelta(hours=entry), portions(taken), portions(given))


def _lot(lot: str, count: int) -> Lot:
    is_rod = lot == ROD
    amount = Quantity(Decimal(24), "KGM") if is_rod else Quantity(METRES * count if lot == BATCH else METRES, "MTR")
    family, kind = ("copper_rod", "T1 8 mm") if is_rod else ("cable", "BV 2.5")
    return Lot(lot, facts.MAKER, family, kind, "BV 2.5 电线", "BV 2.5 wire", None, {}, amount, AT, "split", 1)


def _row(index: int, lot_id: str, lot: Lot, holder: Holder | None, stations: int) -> Row:
    serial = lot_id.rpartition("/")[2]
    stage = {"R": "material", "A": "batch", "L": "cut"}.get(serial[0], "unit")
    is_built = stage == "cut" or (stage == "unit" and index % 3 == 0)
    word = _WORDS[index % len(_WORDS)]
    return Row(
        lot_id=lot_id,
        stage=stage,
        lot=lot,
        word=word,
        count=2 if word is Word.STOP else 0,
        gravest=Severity.CRITICAL if word is Word.STOP else None,
        holder=holder.party if holder else None,
        since=holder.since if holder else None,
        sent_to=None,
        left=lot.quantity,
        installed=(_act(index, lot_id, stations),) if is_built else (),
    )


def _act(index: int, lot: str, stations: int) -> SiteAct:
    place = (f"Station {index % stations:02d}", f"AL{index % 3}")
    span = (Decimal(0), Decimal(200))
    return SiteAct(
        5000 + index, lot, "installed", facts.CONTRACTOR, AT, None, None, Quantity(Decimal(200), "MTR"), *place, *span
    )
