"""Was what was drawn by lot also cut, and enough of it tested; and could anybody have steered the lot? S05 S07 S08.

S08 is ours: the catalogue takes the draw itself for honest. What it asks and what it can't know is in
trace/DECISIONS.md, 73.
"""

from collections.abc import Iterator
from decimal import Decimal

from labs.dossier import Dossier
from labs.drawing.plans import PlanRow, find_plan
from labs.drawing.register import Draw
from labs.reports.register import Report
from labs.rules.concern import obeys, supplier_side
from labs.sampling.register import Sample
from trace.epcis.identifiers import is_logistic
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.kinds import Role
from trace.rules.facts import NOBODY

# Catalogue S05: how far from the drawn metre a piece may begin.
TOLERANCE_M = Decimal(2)


@rule("S05", Severity.MAJOR)
def drawn_position_not_obeyed(dossier: Dossier) -> Judgement:
    """A sample cut from another drum than the draw picked, more than 2 m from the picked metre, or before it was known.

    Asked of what was drawn after the announcement, but not by a regulator: its checks are its own.
    """
    draws = _draws_over(dossier)
    if not draws:
        yield Unchecked("S05", "no_draw")
    for draw in draws:
        if draw.root is None:
            yield Unchecked("S05", "not_yet", {"size": draw.ledger_size})
        for sample in dossier.samples:
            if sample.lot in dossier.covered and _draw_of(dossier, sample) is draw:
                yield from _compare(draw, sample)


@rule("S07", Severity.MAJOR)
def too_few_tested(dossier: Dossier) -> Judgement:
    """Accepted, though fewer of the drawn pieces were tested than the plan asks for, or more of them failed."""
    draws = _draws_over(dossier)
    if not draws:
        yield Unchecked("S07", "no_draw")
    for draw in draws:
        reports = _tested(dossier, draw)
        failed = {sample for sample, report in reports if report.conclusion == "fail"}
        wanted = max(draw.n, plan.n_of(_drums(draw)) if (plan := _plan_of(dossier, draw)) else 0)
        tested = {sample for sample, _ in reports}
        facts: dict[str, Fact] = {"tested": len(tested), "n": wanted, "drums": _drums(draw)}
        facts |= {"plan": draw.plan or NOBODY}
        entries = (draw.entry, *sorted({report.entry for _, report in reports}))
        if len(failed) > draw.c:
            facts |= {"failed": len(failed), "c": draw.c}
            yield Finding("S07", Severity.MAJOR, facts, entries, "failed")
        elif len(tested) < wanted:
            accepted = [
                act for act in dossier.history.site_acts if act.act == "accepted" and act.lot in dossier.covered
            ]
            if accepted:
                yield Finding("S07", Severity.MAJOR, facts, (*entries, accepted[-1].entry), "too_few")
            else:
                yield Unchecked("S07", "not_yet", facts)


@rule("S08", Severity.MAJOR)
def draw_could_be_steered(dossier: Dossier) -> Judgement:
    """A draw whose outcome somebody could have known or chosen, or which was not over what was delivered."""
    draws = _draws_over(dossier)
    if not draws:
        yield Unchecked("S08", "no_draw")
    for draw in draws:
        facts: dict[str, Fact] = {"party": draw.party, "size": draw.ledger_size}
        for case, grade, more, entries in (
            *_look_at_seed(dossier, draw),
            *_look_at_drums(dossier, draw),
            *_look_at_others(dossier, draw),
        ):
            yield Finding("S08", grade, facts | more, (draw.entry, *entries), case)
        if draw.plan is None or _plan_of(dossier, draw) is None:
            yield Unchecked("S08", "no_plan", {"plan": draw.plan or NOBODY})


_Fault = tuple[str, Severity, dict[str, Fact], tuple[int, ...]]


def _look_at_seed(dossier: Dossier, draw: Draw) -> Iterator[_Fault]:
    interested = supplier_side(dossier)
    if draw.party in interested:
        yield "by_supplier", Severity.MAJOR, {}, (interested[draw.party],)
    if not draw.is_ahead:
        yield "behind", Severity.MAJOR, {"entry": draw.entry}, ()
        return
    hands = {draw.party, *interested}
    if draw.feeders and hands.issuperset(draw.feeders):
        yield "one_hand", Severity.MAJOR, {"feeders": len(draw.feeders)}, (draw.ledger_size - 1,)
    elif draw.feeders and draw.feeders[-1] in hands:
        # Whoever is last could have tried several statements. By chance that is somebody with an interest often enough.
        yield "last_word", Severity.SCREEN, {"last": draw.feeders[-1]}, (draw.ledger_size - 1,)


def _look_at_drums(dossier: Dossier, draw: Draw) -> Iterator[_Fault]:
    """Which of the drums were delivered, and which delivered ones of the same product are not among them."""
    delivered = {lot for lot in draw.delivered if not is_logistic(lot)}
    if draw.delivery_entry is None or not delivered:
        yield "no_delivery", Severity.MAJOR, {"delivery": draw.delivery[:16]}, ()
        return
    drums = {drum.lot for drum in draw.units}
    others = {drum for drum in drums if not any(_is_of(drum, lot) for lot in delivered)}
    products = {_product(drum) for drum in drums}
    left_out = {lot for lot in delivered if _product(lot) in products and not any(_is_of(drum, lot) for drum in drums)}
    proof = (draw.delivery_entry,)
    if others:
        yield "not_delivered", Severity.MAJOR, {"count": len(others), "lot": min(others)}, proof
    if left_out:
        yield "left_out", Severity.MAJOR, {"count": len(left_out), "lot": min(left_out)}, proof
    plan = _plan_of(dossier, draw)
    if plan is not None and draw.n < plan.n_of(_drums(draw)):
        facts: dict[str, Fact] = {"n": draw.n, "wanted": plan.n_of(_drums(draw)), "plan": plan.plan}
        yield "below_plan", Severity.MAJOR, facts, ()


def _look_at_others(dossier: Dossier, draw: Draw) -> Iterator[_Fault]:
    """A second draw over the same drums is a second try, unless nothing could come of the first."""
    drums = {drum.lot for drum in draw.units}
    for other in dossier.draws:
        is_same = other.delivery == draw.delivery and not drums.isdisjoint(drum.lot for drum in other.units)
        if other.entry < draw.entry and other.is_ahead and is_same:
            yield "again", Severity.MAJOR, {"first": other.party}, (other.entry,)
            return


def _draws_over(dossier: Dossier) -> tuple[Draw, ...]:
    """The draws that could pick this lot, or what it was cut from."""
    return tuple(draw for draw in dossier.draws if any(drum.lot in dossier.covered for drum in draw.units))


def _draw_of(dossier: Dossier, sample: Sample) -> Draw | None:
    """The draw that a sample has to obey: the one that it names, else the last over this lot announced before it."""
    party = dossier.parties.get(sample.sampler)
    if party is not None and Role.REGULATOR in party.roles:
        return None
    before = [draw for draw in _draws_over(dossier) if draw.entry < sample.entry]
    named = [draw for draw in before if draw.leaf == sample.draw]
    return (named or before)[-1] if before else None


def _compare(draw: Draw, sample: Sample) -> Iterator[Finding | Unchecked]:
    facts: dict[str, Fact] = {"sample": sample.sample, "lot": sample.lot, "size": draw.ledger_size}
    entries = (draw.entry, sample.entry)
    if sample.entry < draw.ledger_size:
        yield Finding("S05", Severity.MAJOR, facts, entries, "early")
        return
    metres = {pick.lot: pick.metre for pick in draw.picks}
    if sample.lot not in metres:
        yield Finding("S05", Severity.MAJOR, facts, entries, "unit")
    elif sample.position_m is None:
        yield Unchecked("S05", "no_position", facts)
    elif not obeys(draw, sample, TOLERANCE_M):
        facts |= {"drawn_m": metres[sample.lot], "cut_m": sample.position_m}
        yield Finding("S05", Severity.MAJOR, facts, entries, "position")


def _tested(dossier: Dossier, draw: Draw) -> list[tuple[tuple[str, str], Report]]:
    """What was cut after the draw from the drums that it picked and has a report in force: (sample, drum), report."""
    picked = {pick.lot for pick in draw.picks}
    drawn = [one for one in dossier.draw_samples if one.lot in picked and one.entry >= draw.ledger_size]
    return [
        ((sample.sample, sample.lot), report)
        for sample in drawn
        for report in dossier.draw_reports
        if report.is_current and report.sample == sample.sample and any(_is_of(sample.lot, lot) for lot in report.lots)
    ]


def _plan_of(dossier: Dossier, draw: Draw) -> PlanRow | None:
    lot = dossier.history.lot
    return find_plan(draw.plan, lot.family, _drums(draw)) if draw.plan is not None and lot is not None else None


def _drums(draw: Draw) -> int:
    """Of how many drums the plan is asked: those of the draw. Who left some out is found by that."""
    return len(draw.units)


def _is_of(drum: str, lot: str) -> bool:
    """Is the drum this lot, or by its name a unit of it?"""
    return drum == lot or drum.startswith(f"{lot}/21/")


def _product(lot: str) -> str:
    """The product that an id names: 01/GTIN."""
    return "/".join(lot.split("/")[:2])
