"""Does bad news travel? Rules B05 (failed spot checks), B04 (penalties) and C07 (recalls that nobody answers)."""

from collections.abc import Iterator
from datetime import date

from trace.days import add_months, civil_day
from trace.epcis.events import Quantity
from trace.findings import Finding, Judgement, Severity, Unchecked, rule
from trace.history import MIXED, History
from trace.lineage import lots_below
from trace.oversight.register import Penalty, Recall, SpotCheck
from trace.production.register import Lot
from trace.rules.facts import HasHistory, covered_lots, list_codes, origins, stands_for
from trace.rules.quantity import left_overs
from trace.tolerances import tolerance

# detection_rules.csv B04.
PENALTY_MONTHS = 36


@rule("B04", Severity.CRITICAL)
def penalty_while_supplying(facts: HasHistory) -> Judgement:
    """The maker was not penalised for goods of this family in the 36 months before they were shipped or delivered.

    A lot that left the maker before the decision, or has not left it yet, is held while the penalty is that young:
    its next buyer has to know. A spot check that this very material passed after the last decision answers for it.
    """
    history = facts.history
    makers = {(lot.maker, lot.family) for lot in origins(history)}
    if history.lot is not None and not makers:
        yield Unchecked("B04", "maker_mixed")
    penalties = [
        penalty
        for penalty in history.penalties
        if (penalty.party, penalty.family) in makers and not _is_retested(history, penalty.decided_on)
    ]
    after = [(penalty, move) for penalty in penalties for move in _moves(history) if _falls_under(penalty, move[0])]
    today = civil_day(history.at)
    young = [penalty for penalty in penalties if _falls_under(penalty, today)]
    if after:
        met = list({penalty.entry: penalty for penalty, _ in after}.values())
        moved_on, moved_by = min(move for _, move in after)
        shown = _of_penalties(met) | {"moved_on": moved_on}
        entries = tuple(sorted({*(penalty.entry for penalty in met), moved_by}))
        yield Finding("B04", Severity.CRITICAL, shown, entries, "delivered_after")
    elif young:
        yield Finding(
            "B04", Severity.MAJOR, _of_penalties(young), tuple(penalty.entry for penalty in young), "older_lot"
        )


def _moves(history: History) -> list[tuple[date, int]]:
    """Days and entries on which the material was shipped or delivered."""
    lots = covered_lots(history)
    shipped = [(civil_day(m.at), m.entry) for m in history.movements if m.kind == "shipped" and m.lot in lots]
    delivered = [(civil_day(a.at), a.entry) for a in history.site_acts if a.act == "delivered" and a.lot in lots]
    return shipped + delivered


def _falls_under(penalty: Penalty, day: date) -> bool:
    """After the day of decision, up to 36 months later. What left on that very day may have left before it."""
    return penalty.decided_on < day <= add_months(penalty.decided_on, PENALTY_MONTHS)


def _of_penalties(penalties: list[Penalty]) -> dict[str, str | int | date]:
    last = max(penalties, key=lambda penalty: (penalty.decided_on, penalty.entry))
    return {
        "party": last.party,
        "family": last.family,
        "number": last.number,
        "decided_on": last.decided_on,
        "count": len(penalties),
    }


def _is_retested(history: History, since: date) -> bool:
    return stands_for(
        history, {check.lot for check in history.spot_checks if check.is_passed and check.checked_on > since}
    )


@rule("B05", Severity.CRITICAL)
def failed_check_spreads(facts: HasHistory) -> Judgement:
    """No regulator's check has failed on this material, on what it was made of or into, or on its maker's same type.

    A check that this very material passed later answers for the other two, but never for its own failure.
    """
    history = facts.history
    failed: dict[str, list[SpotCheck]] = {}
    for check in history.spot_checks:
        if not check.is_passed and (case := _reach(history, check)):
            failed.setdefault(case, []).append(check)
    for case, severity in _REACHES:
        checks = failed.get(case, [])
        if case != "lineage":
            checks = [check for check in checks if not _passed_after(history, check)]
        if checks:
            last = checks[-1]
            yield Finding(
                "B05",
                severity,
                {"number": last.number, "lot": last.lot, "checked_on": last.checked_on, "count": len(checks)},
                tuple(dict.fromkeys(check.entry for check in checks)),
                case,
            )


# From the nearest to the farthest; a check counts at its nearest.
_REACHES = (("lineage", Severity.CRITICAL), ("material", Severity.MAJOR), ("same_type", Severity.MAJOR))


def _reach(history: History, check: SpotCheck) -> str | None:
    if check.lot in history.lineage.same_material:
        return "lineage"
    if check.lot in history.lineage.lots:
        return "material"
    if (check.maker, check.type) in {(lot.maker, lot.type) for lot in origins(history)}:
        return "same_type"
    return None


def _passed_after(history: History, failed: SpotCheck) -> bool:
    later = (failed.checked_on, failed.entry)
    return stands_for(
        history,
        {check.lot for check in history.spot_checks if check.is_passed and (check.checked_on, check.entry) > later},
    )


@rule("C07", Severity.MAJOR)
def recall_reach(facts: HasHistory) -> Judgement:
    """Every holder of the recalled lot and of what lies below it has answered by the end of the deadline.

    A recall that its authority has closed is through, whoever kept silent.
    """
    history = facts.history
    closed = {(closing.number, closing.authority, closing.lot) for closing in history.recall_closings}
    for recall in history.recalls:
        if recall.lot not in history.lineage.same_material or civil_day(history.at) <= recall.deadline_on:
            continue
        if (recall.number, recall.authority, recall.lot) in closed:
            continue
        if history.lineage.is_cut:
            yield Unchecked("C07", "lineage_cut", {"number": recall.number})
            continue
        holders = list(_holders(history, recall))
        asked = {party for party, _ in holders}
        silent = {party for party, lot in holders if not _has_answered(history, recall, party, lot)}
        if silent:
            yield Finding(
                "C07",
                Severity.MAJOR,
                {
                    "number": recall.number,
                    "lot": recall.lot,
                    "deadline": recall.deadline_on,
                    "asked": len(asked),
                    "silent": len(silent),
                    "reach_pct": 100 * (len(asked) - len(silent)) // len(asked),
                    "parties": list_codes(silent),
                },
                (recall.entry,),
            )


def _holders(history: History, recall: Recall) -> Iterator[tuple[str, str]]:
    """(party, lot) for all that is left of the recalled lot, seen from the lot looked at downwards.

    A lot that nobody has moved is with whoever made it; one that went wholly into other lots is with nobody.
    """
    left, used = left_overs(history.lots, history.lineage.flows), _used_lots(history)
    for lot in sorted(_recalled_lots(history, recall.lot)):
        made = history.lots.get(lot)
        if lot in used and _is_used_up(made, left.get(lot)):
            continue
        if lot in history.holders:
            yield history.holders[lot].party, lot
        elif made is not None and made.maker != MIXED:
            yield made.maker, lot


def _recalled_lots(history: History, recalled: str) -> frozenset[str]:
    """Of the lot looked at and those below it, the ones that the recall reaches: all, where it came from above."""
    below = frozenset((history.lot_id, *history.lineage.down))
    return below & lots_below(history.lineage, recalled) if recalled in below else below


def _used_lots(history: History) -> frozenset[str]:
    return frozenset(portion.lot for flow in history.lineage.flows for portion in flow.inputs)


def _is_used_up(made: Lot | None, left: Quantity | None) -> bool:
    if left is None or made is None or made.quantity is None:
        return True
    return left.value <= tolerance(made.quantity, made.family)


def _has_answered(history: History, recall: Recall, party: str, lot: str) -> bool:
    """An answer may name the lot that is held or, for all that came of it, the recalled one."""
    return any(
        answer.number == recall.number and answer.party == party and answer.lot in (lot, recall.lot)
        for answer in history.recall_answers
    )
