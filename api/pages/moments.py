"""What happened to a lot, act by act, in plain words: made, cut, moved, sampled, tested, accepted, built in, recalled.

Each family of facts has a function that puts its own into words; `timeline.py` puts them in order. What is not believed
is not here: the chain has it, and the time line strikes it through.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.naming import lot_label, lot_name, place_label, quantity_label
from api.pages.speech import show_number, word_of
from api.tracing import Trace
from api.words import say, show
from trace.production.register import Flow, Portion

_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """One act: when it happened, of what sort (for runs of the like), in words, who, where, and its entries.

    `lot` is the lot that it was said of. `last` is the day of the last of a run of `count`.
    """

    at: datetime | date
    kind: str
    title: str
    party: str
    lot: str
    entries: tuple[int, ...]
    bits: tuple[str, ...] = ()
    where: str = ""
    is_bad: bool = False
    is_doubted: bool = False
    count: int = 1
    last: datetime | date | None = None


def list_moments(told: Trace) -> Iterator[Moment]:
    """All that registers know of a lot and of the same material above it, in no order."""
    for family in (
        _made,
        _flowed,
        _packed,
        _moved,
        _on_site,
        _drawn,
        _sampled,
        _handled,
        _tested,
        _presented,
        _overseen,
    ):
        yield from family(told)


def _made(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for lot_id in covered:
        lot = told.history.lots.get(lot_id)
        if lot is not None and lot.origin == "commissioned" and lot.entry not in told.dossier.doubts:
            bits = _bits(lot_name(lot), quantity_label(lot.quantity) if lot.quantity else "")
            yield Moment(lot.made_at, "made", say("moment.made", "title"), lot.maker, lot_id, (lot.entry,), bits)
    for check in told.history.inspections:
        if check.lot in covered:
            word = "inspected" if check.is_passed else "failed_inspection"
            title = say("moment.inspected", "title") if check.is_passed else say("moment.failed_inspection", "title")
            is_bad = not check.is_passed
            yield Moment(check.at, word, title, check.party, check.lot, (check.entry,), is_bad=is_bad)


def _flowed(told: Trace) -> Iterator[Moment]:
    """What it was made or cut from, and what was made or cut of it; what else the batch was cut into is no part of its
    drum's life.
    """
    covered = _covered(told)
    for flow in told.history.lineage.flows:
        if flow.entry in told.dossier.doubts:
            continue
        into, out = {portion.lot for portion in flow.inputs}, {portion.lot for portion in flow.outputs}
        for lot_id in sorted(covered & out):
            yield _flow(flow, f"{flow.kind}_from", lot_id, flow.inputs, flow.outputs)
        if told.lot_id in into:
            yield _flow(flow, f"{flow.kind}_into", told.lot_id, flow.outputs, flow.inputs)


def _flow(flow: Flow, kind: str, lot_id: str, others: Sequence[Portion], own: Sequence[Portion]) -> Moment:
    named = [lot_label(portion.lot) for portion in others]
    lots = say("mark", "list").join(named[:_MOST_NAMED])
    if len(named) > _MOST_NAMED:
        lots = say("moment.more", "says", lots=lots, count=len(named) - _MOST_NAMED)
    amount = next((portion.quantity for portion in own if portion.lot == lot_id), None)
    bits = _bits(quantity_label(amount) if amount else "")
    return Moment(flow.at, kind, say(f"moment.{kind}", "title", lots=lots), flow.party, lot_id, (flow.entry,), bits)


def _packed(told: Trace) -> Iterator[Moment]:
    """Its own packings, and those of the units that it was in then; what else was put into these is not its life."""
    covered, own = _covered(told), {link.position for link in told.history.chain}
    for one in told.history.packings:
        unit = lot_label(one.parent)
        bits = _bits(quantity_label(one.quantity) if one.quantity else "")
        if one.child in covered:
            title, lot_id = say(f"moment.{one.act}", "title", unit=unit), one.child
            yield Moment(one.at, one.act, title, one.party, lot_id, (one.entry,), bits)
        elif one.entry in own:
            title = say(f"moment.unit_{one.act}", "title", inner=lot_label(one.child), unit=unit)
            yield Moment(one.at, f"unit_{one.act}", title, one.party, told.lot_id, (one.entry,))


def _with_unit(told: Trace, packings: Sequence[int] | None) -> str:
    """Which logistic unit it went along in, the outermost; nothing where it was named itself."""
    units = [one.parent for one in told.history.packings if packings and one.entry == packings[0]]
    return say("moment.in_unit", "says", unit=lot_label(units[0])) if units else ""


def _moved(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for move in told.history.movements:
        if move.lot not in covered:
            continue
        other = told.names.get(move.other or "", move.other or "")
        kind = move.kind if other else f"{move.kind}_somewhere"
        title = say(f"moment.{kind}", "title", other=other) if other else say(f"moment.{kind}", "title")
        contract = say("moment.contract", "says", number=move.contract) if move.contract else ""
        amount = quantity_label(move.quantity) if move.quantity else ""
        bits = _bits(_with_unit(told, move.packings), amount, contract)
        where = place_label(move.place) if move.place else ""
        yield Moment(move.at, kind, title, move.party, move.lot, (move.entry,), bits, where)


def _on_site(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for act in told.history.site_acts:
        # A sample has a moment of its own.
        if act.lot not in covered or act.act == "sampled":
            continue
        span = ""
        if act.from_m is not None and act.to_m is not None:
            span = say("picture.metres", "says", from_m=show_number(act.from_m), to_m=show_number(act.to_m))
        amount = quantity_label(act.quantity) if act.quantity else ""
        contract = say("moment.contract", "says", number=act.contract) if act.contract else ""
        where = say("mark", "list").join(filter(None, (act.station, act.circuit)))
        bits = _bits(_with_unit(told, act.packings), span or amount, contract)
        title = say(f"moment.{act.act}", "title")
        is_bad = act.act in ("rejected", "removed", "destroyed")
        yield Moment(act.at, act.act, title, act.party, act.lot, (act.entry,), bits, where, is_bad)


def _drawn(told: Trace) -> Iterator[Moment]:
    """The draws over it, when they were announced."""
    covered = _covered(told)
    for draw in told.dossier.draws:
        lots = sorted({drum.lot for drum in draw.units} & covered)
        if lots:
            title = say("moment.draw", "title", n=draw.n, drums=len(draw.units))
            is_bad = not draw.is_ahead
            at, entries = draw.announced_at, (draw.entry,)
            yield Moment(at, "draw", title, draw.party, lots[0], entries, is_bad=is_bad)


def _handled(told: Trace) -> Iterator[Moment]:
    """What became of its samples between their drawing and their end."""
    covered = _covered(told)
    for step in told.dossier.steps:
        if step.lot in covered:
            is_bad = step.is_there is False or step.is_seal_intact is False
            to = told.names.get(step.to or "", step.to or "")
            until = say("moment.until", "says", day=show(step.until)) if step.until else ""
            word = "missing" if step.is_there is False else step.step
            title = say(f"moment.sample_{word}", "title", sample=step.sample)
            bits, where = _bits(to and f"→ {to}", until, step.note or ""), step.place or ""
            yield Moment(step.at, f"sample_{word}", title, step.party, step.lot, (step.entry,), bits, where, is_bad)


def _sampled(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for sample in told.dossier.samples:
        if sample.lot in covered:
            title = say("moment.sampled", "title", sample=sample.sample)
            position = ""
            if sample.position_m is not None:
                position = say("moment.position", "says", at=show_number(sample.position_m))
            length = say("moment.length", "says", length=show_number(sample.length_m)) if sample.length_m else ""
            witness = told.names.get(sample.witness or "", sample.witness or "")
            seen = say("moment.witness", "says", name=witness) if witness else say("moment.no_witness", "says")
            bits, where = _bits(position, length, seen), sample.place or ""
            yield Moment(sample.drawn_at, "sampled", title, sample.sampler, sample.lot, (sample.entry,), bits, where)
    for seen_by in told.dossier.witnessings:
        if seen_by.lot in covered:
            title = say("moment.witnessed", "title", sample=seen_by.sample)
            yield Moment(seen_by.witnessed_at, "witnessed", title, seen_by.party, seen_by.lot, (seen_by.entry,))
    for got in told.dossier.receptions:
        if got.lot in covered:
            title = say("moment.at_lab", "title", sample=got.sample)
            seal = say("moment.seal_intact", "says") if got.is_seal_intact else say("moment.seal_broken", "says")
            bits, is_bad = _bits(seal), not got.is_seal_intact
            yield Moment(got.received_at, "at_lab", title, got.lab, got.lot, (got.entry,), bits, is_bad=is_bad)
    for value in told.dossier.measurements:
        if value.lot in covered:
            title = say("moment.measured", "title")
            read = f"{show_number(value.resistance_ohm)} Ω · {show_number(value.length_m)} m"
            bits = _bits(f"{read} · {show_number(value.temperature_c)} °C")
            yield Moment(value.measured_on, "measured", title, value.party, value.lot, (value.entry,), bits)


def _tested(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for report in told.dossier.reports:
        lots = [lot for lot in report.lots if lot in covered]
        if not lots:
            continue
        kind = "amended" if report.replaces is not None else "reported"
        title = say(f"moment.{kind}", "title", number=report.number)
        bits = (word_of("conclusion", report.conclusion),)
        is_bad = report.conclusion == "fail"
        yield Moment(report.issued_on, kind, title, report.lab, lots[0], (report.entry,), bits, is_bad=is_bad)
    numbers = {(paper.claimed_body, paper.number) for paper in told.dossier.papers if covered & set(paper.lots)}
    for denial in told.dossier.denials:
        if (denial.lab, denial.number) in numbers:
            title = say("moment.denied", "title", number=denial.number)
            yield Moment(denial.denied_on, "denied", title, denial.lab, told.lot_id, (denial.entry,), is_bad=True)


def _presented(told: Trace) -> Iterator[Moment]:
    covered = _covered(told)
    for paper in told.dossier.papers:
        lots = [lot for lot in paper.lots if lot in covered]
        if lots:
            title = say("moment.presented", "title", paper=word_of("paper", paper.type), number=paper.number)
            body = told.names.get(paper.claimed_body, paper.claimed_body)
            bits = _bits(say("moment.in_name_of", "says", name=body))
            yield Moment(paper.presented_at, "presented", title, paper.presenter, lots[0], (paper.entry,), bits)


def _overseen(told: Trace) -> Iterator[Moment]:
    covered, history = _covered(told), told.history
    for check in history.spot_checks:
        if check.lot in covered:
            kind = "check_passed" if check.is_passed else "check_failed"
            title = say(f"moment.{kind}", "title", number=check.number)
            is_bad = not check.is_passed
            yield Moment(check.checked_on, kind, title, check.authority, check.lot, (check.entry,), is_bad=is_bad)
    for order in history.recalls:
        if order.lot in covered:
            title, bits = say("moment.recalled", "title", number=order.number), _bits(order.reason)
            yield Moment(
                order.ordered_on, "recalled", title, order.authority, order.lot, (order.entry,), bits, is_bad=True
            )
    for end in history.recall_closings:
        if end.lot in covered:
            title, bits = say("moment.recall_closed", "title", number=end.number), _bits(end.finding)
            yield Moment(end.closed_on, "recall_closed", title, end.authority, end.lot, (end.entry,), bits)
    for reply in history.recall_answers:
        if reply.lot in covered:
            title = say("moment.answered", "title", number=reply.number)
            bits = _bits(word_of("action", reply.action), quantity_label(reply.quantity) if reply.quantity else "")
            yield Moment(reply.answered_on, "answered", title, reply.party, reply.lot, (reply.entry,), bits)


def _covered(told: Trace) -> frozenset[str]:
    """The lot and the same material above it: what happened to the batch happened to its drum."""
    return told.dossier.covered


def _bits(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)
