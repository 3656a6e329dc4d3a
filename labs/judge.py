"""From a dossier to a verdict: every rule is asked, every gate is looked at, and what could not be checked is said.

The order of gravity: STOP where a finding stops, the material is recalled or was rejected; else HOLD where a finding
holds, a gate is not passed, a rule that guards one could not look or a value may lie beyond its limit; else USE. A lot
that nobody brought into being is UNKNOWN. A set of rules that is empty never passes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from labs.casework.register import Ruling
from labs.dossier import Dossier
from labs.rules.bounds import INDETERMINATE
from trace.findings import STOPPING, Fact, Finding, Rule, Severity, Unchecked
from trace.history import History
from trace.oversight.register import Recall
from trace.rules.facts import covered_lots, origins, stands_for


class Word(StrEnum):
    """What a purchaser is told."""

    USE = "USE"
    HOLD = "HOLD"
    STOP = "STOP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Gate:
    """A point that a lot has to pass on its way, whether it has, and the entries that show it."""

    name: str
    is_passed: bool
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the verdict is what it is: a finding (`code` is its rule), a recall, a rejection, a gate, or a rule that
    could not look.
    """

    kind: str
    """finding, recall, rejected, gate, unchecked, unknown or clear."""
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    entries: tuple[int, ...] = ()
    case: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, the reasons for it (gravest first, never empty), and all that was seen on the way."""

    word: Word
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...] = ()
    """Gravest first; dismissed ones are left out."""
    dismissed: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    gates: tuple[Gate, ...] = ()
    passed: tuple[str, ...] = ()
    """The codes of the rules that looked and found nothing."""


def _acts(history: History, act: str) -> tuple[int, ...]:
    upward = covered_lots(history)
    done = [record for record in history.site_acts if record.act == act and record.lot in upward]
    # Two lots of two makers that were both accepted are accepted, joined or not.
    is_done = stands_for(history, {record.lot for record in done}, across_makers=True)
    return tuple(record.entry for record in done) if is_done else ()


def _made(dossier: Dossier) -> tuple[int, ...]:
    lot = dossier.history.lot
    return (lot.entry,) if lot is not None and lot.entry not in dossier.history.doubts else ()


def _inspected(dossier: Dossier) -> tuple[int, ...]:
    passed = [one for one in dossier.history.inspections if one.is_passed and one.lot in dossier.covered]
    return tuple(one.entry for one in passed) if stands_for(dossier.history, {one.lot for one in passed}) else ()


def _reported(dossier: Dossier) -> tuple[int, ...]:
    passed = [
        report
        for report in dossier.reports
        if report.is_current and report.conclusion == "pass" and dossier.covered & set(report.lots)
    ]
    named = {lot for report in passed for lot in report.lots}
    return tuple(report.entry for report in passed) if stands_for(dossier.history, named) else ()


def _delivered(dossier: Dossier) -> tuple[int, ...]:
    return _acts(dossier.history, "delivered")


def _accepted(dossier: Dossier) -> tuple[int, ...]:
    return _acts(dossier.history, "accepted")


# The gates that a lot has to pass before it may be used, in the order of a material's life.
_GATES: Mapping[str, Callable[[Dossier], tuple[int, ...]]] = {
    "made": _made,
    "inspected": _inspected,
    "reported": _reported,
    "delivered": _delivered,
    "accepted": _accepted,
}
# What standards have limits for is built in; other families are inputs, such as copper rod, that are judged by the
# maker who consumes them and not on site.
GATES = tuple(_GATES)
_GATES_OF_INPUTS = ("made", "inspected")


def judge(dossier: Dossier, rules: Mapping[str, Rule], rulings: tuple[Ruling, ...] = ()) -> Verdict:
    """Ask every rule about the dossier and weigh the answers. Pure: the same dossier gives the same verdict."""
    lot = dossier.history.lot
    if lot is None:
        return Verdict(Word.UNKNOWN, (Reason("unknown", "never_made", entries=_chain(dossier.history)),))
    findings, unchecked, passed = _ask(dossier, rules)
    kept = tuple(finding for finding in findings if not _is_dismissed(finding, rulings))
    dismissed = tuple(finding for finding in findings if _is_dismissed(finding, rulings))
    gates = tuple(
        Gate(name, bool(shown := _GATES[name](dossier)), shown)
        for name in (GATES if lot.family in dossier.pack.families else _GATES_OF_INPUTS)
    )
    stops = (
        *_recall_reasons(dossier.history, stopping=True),
        *_rejections(dossier.history),
        *(_reason(finding) for finding in kept if finding.severity in STOPPING),
    )
    holds = (
        *_recall_reasons(dossier.history, stopping=False),
        *(_reason(finding) for finding in kept if finding.severity is Severity.MAJOR),
        *(Reason("gate", gate.name) for gate in gates if not gate.is_passed),
        # After the gates: that no report is there is plainer than that rules on reports could not look.
        *(
            Reason("unchecked", note.code, note.facts, case=note.reason)
            for note in unchecked
            if not rules or rules[note.code].gate or note.reason == INDETERMINATE
        ),
    )
    if not rules:
        holds = (*holds, Reason("unchecked", "no_rules"))
    if stops:
        word, reasons = Word.STOP, (*stops, *holds)
    elif holds:
        word, reasons = Word.HOLD, holds
    else:
        word, reasons = Word.USE, (Reason("clear", "all_gates", entries=gates[-1].entries),)
    return Verdict(word, reasons, kept, dismissed, unchecked, gates, passed)


def _ask(
    dossier: Dossier, rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Unchecked, ...], tuple[str, ...]]:
    findings: list[Finding] = []
    unchecked: list[Unchecked] = []
    passed: list[str] = []
    for code, rule in rules.items():
        said = list(rule.check(dossier))
        findings += [item for item in said if isinstance(item, Finding)]
        unchecked += [item for item in said if isinstance(item, Unchecked)]
        if not said:
            passed.append(code)
    findings.sort(key=lambda finding: (-finding.severity.weight, finding.code, finding.entries))
    return tuple(findings), tuple(unchecked), tuple(passed)


def _reason(finding: Finding) -> Reason:
    return Reason("finding", finding.code, finding.facts, finding.entries, finding.case)


def _is_dismissed(finding: Finding, rulings: tuple[Ruling, ...]) -> bool:
    """The last ruling counts, and never reaches a finding that newer entries prove."""
    last = next((ruling for ruling in reversed(rulings) if ruling.code == finding.code), None)
    return last is not None and last.ruling == "dismissed" and max(finding.entries, default=-1) < last.entry


def _recall_reasons(history: History, *, stopping: bool) -> tuple[Reason, ...]:
    """Recalls stop the same material up and down the lineage; on other material and the maker's same type they hold.

    An order that names many lots is one reason for each way in which it reaches this one.
    """
    reasons: dict[tuple[str, str], Reason] = {}
    for recall in history.recalls:
        case = _reach(history, recall)
        if case is not None and (case == "same_material") == stopping and (recall.number, case) not in reasons:
            facts: dict[str, Fact] = {
                "number": recall.number,
                "lot": recall.lot,
                "ordered_on": recall.ordered_on,
                "reason": recall.reason,
            }
            reasons[recall.number, case] = Reason("recall", recall.number, facts, (recall.entry,), case)
    return tuple(reasons.values())


def _reach(history: History, recall: Recall) -> str | None:
    """How the recalled lot is related to this one, from the nearest; None where it is not."""
    if recall.lot in history.lineage.same_material:
        return "same_material"
    if recall.lot in history.lineage.lots:
        return "lineage"
    if (recall.maker, recall.type) in {(lot.maker, lot.type) for lot in origins(history)}:
        return "same_type"
    return None


def _rejections(history: History) -> tuple[Reason, ...]:
    """A rejection stands until a later acceptance of the same lot."""
    upward = covered_lots(history)
    reasons = []
    for act in history.site_acts:
        if act.act == "rejected" and act.lot in upward:
            later = [other for other in history.site_acts if other.act == "accepted" and other.lot == act.lot]
            if not any(other.entry > act.entry for other in later):
                reasons.append(Reason("rejected", "rejected", {"party": act.party, "at": act.at}, (act.entry,)))
    return tuple(reasons)


def _chain(history: History) -> tuple[int, ...]:
    return tuple(link.position for link in history.chain)
