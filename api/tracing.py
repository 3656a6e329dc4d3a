"""What the trace page, its picture and its CSV show: a lot with all above and below it, each with its verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from api.naming import Names, party_names
from api.sentences import Told, tell_findings, tell_reason
from api.shell import Shell
from labs.casework.register import read_gravity, read_words
from labs.dossier import Dossier
from labs.judge import Verdict, Word
from labs.refresh import judge_lot
from trace.custody.register import Movement, read_movements
from trace.doubts import drop_unbelieved
from trace.epcis.events import Quantity
from trace.findings import Severity
from trace.history import History
from trace.oversight.register import Recall, RecallAnswer
from trace.parties.register import read_parties
from trace.production.register import Flow, Lot
from trace.rules.quantity import left_overs
from trace.site.register import SiteAct, read_site_acts
from trace.stretches import still_installed

OfLot = TypeVar("OfLot", Movement, SiteAct)
STAGES = ("material", "batch", "unit", "cut")
"""What a lot can be, in the order of a material's life."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lot of the lineage. `holder` is where it is known; `left` is what later flows have not taken of it."""

    lot_id: str
    stage: str
    """material, batch, unit or cut."""
    lot: Lot | None
    word: str
    count: int
    """Findings."""
    gravest: Severity | None
    holder: str | None
    since: datetime | None
    sent_to: str | None
    left: Quantity | None
    installed: tuple[SiteAct, ...]

    @property
    def stage_order(self) -> int:
        """How far along the way, 0 for raw material."""
        return STAGES.index(self.stage)


@dataclass(frozen=True, slots=True)
class Recalled:
    """One recall order: which lots of the lineage it names, and what their holders answered."""

    order: Recall
    lots: tuple[str, ...]
    answers: tuple[RecallAnswer, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A lot, where it came from and where it went. `rows` go from raw material to installed lengths."""

    lot_id: str
    at: datetime
    history: History
    verdict: Verdict
    names: Names
    reason: Told
    findings: tuple[Told, ...]
    rows: tuple[Row, ...]
    movements: Mapping[str, tuple[Movement, ...]]
    dossier: Dossier
    """All that was gathered for the verdict on the lot itself."""


def trace(shell: Shell, lot_id: str) -> Trace:
    """Gather a lot's lineage. Its own verdict is reached now; those of the others are the last reached."""
    at = shell.clock()
    with shell.database.reading() as session:
        dossier, verdict = judge_lot(session, lot_id, shell.house.rules, shell.house.pack, at)
        history = dossier.history
        lots = history.lineage.lots
        words, gravity = read_words(session, lots), read_gravity(session, lots)
        acts, moves = (
            drop_unbelieved(session, read_site_acts(session, lots)),
            drop_unbelieved(session, read_movements(session, lots)),
        )
        people = {act.party for act in acts} | {move.party for move in moves} | {move.other for move in moves}
        people |= {answer.party for answer in history.recall_answers} | {recall.authority for recall in history.recalls}
        parties = {**read_parties(session, {code for code in people if code}), **dossier.parties}
    words[lot_id] = verdict.word
    gravity.pop(lot_id, None)
    if verdict.findings:
        gravity[lot_id] = (len(verdict.findings), verdict.findings[0].severity)
    names = party_names(parties)
    flows_of, acts_on = _flows_by_lot(history.lineage.flows), _by_lot(acts)
    left = left_overs(history.lots, history.lineage.flows)
    rows = (
        _row(history, lot, words, gravity, acts_on.get(lot, ()), flows_of.get(lot, ()), left.get(lot)) for lot in lots
    )
    return Trace(
        lot_id=lot_id,
        at=at,
        history=history,
        verdict=verdict,
        names=names,
        reason=tell_reason(verdict.reasons[0], verdict, names),
        findings=tell_findings(verdict.findings, names),
        rows=tuple(sorted(rows, key=lambda row: (row.stage_order, row.lot_id))),
        movements={lot: tuple(of_lot) for lot, of_lot in _by_lot(moves).items()},
        dossier=dossier,
    )


def recalls(told: Trace) -> tuple[Recalled, ...]:
    """The recall orders that name a lot of the lineage, in order of record."""
    lineage = set(told.history.lineage.lots)
    orders: dict[int, list[Recall]] = {}
    for recall in told.history.recalls:
        if recall.lot in lineage:
            orders.setdefault(recall.entry, []).append(recall)
    return tuple(
        Recalled(
            named[0],
            tuple(recall.lot for recall in named),
            tuple(a for a in told.history.recall_answers if a.number == named[0].number and a.lot in lineage),
        )
        for named in orders.values()
    )


def add_up(quantities: Iterable[Quantity | None]) -> tuple[Quantity, ...]:
    """Their sums, a unit each; what is not stated adds nothing."""
    totals: dict[str, Decimal] = {}
    for amount in quantities:
        if amount is not None:
            totals[amount.unit] = totals.get(amount.unit, Decimal(0)) + amount.value
    return tuple(Quantity(value, unit) for unit, value in sorted(totals.items()))


def _row(
    history: History,
    lot_id: str,
    words: Mapping[str, str],
    gravity: Mapping[str, tuple[int, Severity]],
    acts: Sequence[SiteAct],
    flows: Sequence[Flow],
    left: Quantity | None,
) -> Row:
    """`acts` are those on the lot, `flows` those that it goes into or comes out of."""
    lot, holder = history.lots.get(lot_id), history.holders.get(lot_id)
    count, gravest = gravity.get(lot_id, (0, None))
    return Row(
        lot_id=lot_id,
        stage=_stage(lot, lot_id, flows),
        lot=lot,
        word=words.get(lot_id, Word.UNKNOWN),
        count=count,
        gravest=gravest,
        holder=holder.party if holder else None,
        since=holder.since if holder else None,
        sent_to=holder.sent_to if holder else None,
        left=left,
        installed=tuple(still_installed(acts)),
    )


def _stage(lot: Lot | None, lot_id: str, flows: Sequence[Flow]) -> str:
    """A unit cut from a unit is a cut length; what is no cable is material."""
    if lot is not None and lot.family != "cable":
        return "material"
    if "/21/" not in lot_id:
        return "batch"
    sources = {
        portion.lot
        for flow in flows
        if flow.kind == "split" and not any(portion.lot == lot_id for portion in flow.inputs)
        for portion in flow.inputs
    }
    return "cut" if any("/21/" in source for source in sources) else "unit"


def _flows_by_lot(flows: Iterable[Flow]) -> dict[str, list[Flow]]:
    """Thousands of lots times thousands of flows would be too many to look through."""
    found: dict[str, list[Flow]] = {}
    for flow in flows:
        for lot in {portion.lot for portion in (*flow.inputs, *flow.outputs)}:
            found.setdefault(lot, []).append(flow)
    return found


def _by_lot(said: Iterable[OfLot]) -> dict[str, list[OfLot]]:
    found: dict[str, list[OfLot]] = {}
    for one in said:
        found.setdefault(one.lot, []).append(one)
    return found
