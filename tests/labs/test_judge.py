"""The verdict: which word follows from which facts, and that nothing passes because nobody looked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from labs.casework.register import Ruling
from labs.judge import GATES, Verdict, Word, judge
from tests.facts import (
    ACCEPTED,
    BATCH,
    CONTRACTOR,
    DELIVERED,
    DRUM,
    HISTORY,
    HONEST,
    INSPECTION,
    LINEAGE,
    LOT,
    MAKER,
    REGULATOR,
    REPORT,
    ROD,
    SMELTER,
    STRANGER,
    act,
    but,
    cst,
    metres,
)
from trace.findings import Finding, Judgement, Rule, Severity, Unchecked
from trace.lineage import Lineage
from trace.oversight.register import Recall
from trace.production.register import Flow, Portion

CLEAN = Rule("X00", Severity.CRITICAL, lambda dossier: ())


def says(severity: Severity, entries: tuple[int, ...] = (41,), code: str = "X01") -> Rule:
    """A rule that always finds one thing."""

    def find(dossier: object) -> Judgement:
        return [Finding(code, severity, {"n": 1}, entries)]

    return Rule(code, severity, find)


def blind(code: str = "X02", *, gate: bool) -> Rule:
    """A rule that can't look."""
    return Rule(code, Severity.MAJOR, lambda dossier: [Unchecked(code, "no_row")], gate)


def ask(*rules: Rule, rulings: tuple[Ruling, ...] = (), **changes: object) -> Verdict:
    """The verdict on the honest drum with some facts changed, under these rules and one that is content."""
    return judge(but(**changes), {rule.code: rule for rule in (CLEAN, *rules)}, rulings)


def test_honest_drum_may_be_used_and_says_what_was_checked() -> None:
    verdict = ask()
    assert verdict.word is Word.USE
    assert [gate.name for gate in verdict.gates if gate.is_passed] == [
        "made",
        "inspected",
        "reported",
        "delivered",
        "accepted",
    ]
    assert verdict.passed == ("X00",)
    assert verdict.reasons[0].entries == (ACCEPTED.entry,)


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.BLOCK, Word.STOP),
        (Severity.CRITICAL, Word.STOP),
        (Severity.MAJOR, Word.HOLD),
        (Severity.MINOR, Word.USE),
        (Severity.SCREEN, Word.USE),
    ],
)
def test_word_follows_from_the_gravest_finding(severity: Severity, word: Word) -> None:
    assert ask(says(severity)).word is word


def test_gravest_reason_comes_first() -> None:
    verdict = ask(says(Severity.MAJOR, code="A01"), says(Severity.CRITICAL, code="Z01"))
    assert [reason.code for reason in verdict.reasons] == ["Z01", "A01"]


def test_rule_that_could_not_look_is_never_a_pass() -> None:
    verdict = ask(blind(gate=False))
    assert verdict.word is Word.USE
    assert verdict.passed == ("X00",)
    assert [note.reason for note in verdict.unchecked] == ["no_row"]


def test_gate_rule_that_could_not_look_holds() -> None:
    verdict = ask(blind(gate=True))
    assert verdict.word is Word.HOLD
    assert [(reason.kind, reason.code) for reason in verdict.reasons] == [("unchecked", "X02")]


def test_value_that_may_lie_beyond_its_limit_holds_whichever_rule_says_so() -> None:
    unclear = Rule("X03", Severity.MAJOR, lambda dossier: [Unchecked("X03", "inside_guard_band")])
    verdict = ask(unclear)
    assert (verdict.word, verdict.reasons[0].kind, verdict.reasons[0].code) == (Word.HOLD, "unchecked", "X03")


@pytest.mark.parametrize("family", ["rebar", "cement"])
def test_bars_and_cement_pass_the_gates_that_cables_pass(family: str) -> None:
    verdict = ask(lot=replace(LOT, family=family))
    assert tuple(gate.name for gate in verdict.gates) == GATES
    assert ask(lot=replace(LOT, family=family), reports=()).word is Word.HOLD


def test_input_is_not_accepted_on_site() -> None:
    verdict = ask(lot=replace(LOT, family="copper_rod"), reports=(), site_acts=())
    assert [gate.name for gate in verdict.gates] == ["made", "inspected"]


def test_empty_rule_set_holds() -> None:
    verdict = judge(HONEST, {})
    assert verdict.word is Word.HOLD
    assert verdict.reasons[-1].code == "no_rules"


@pytest.mark.parametrize(
    ("gate", "changes"),
    [
        ("accepted", {"site_acts": (DELIVERED,)}),
        ("delivered", {"site_acts": (ACCEPTED,)}),
        ("inspected", {"inspections": ()}),
        ("reported", {"reports": ()}),
        ("reported", {"reports": (replace(REPORT, conclusion="fail"),)}),
        ("reported", {"reports": (replace(REPORT, withdrawn_by=60),)}),
        ("reported", {"reports": (replace(REPORT, lots=(STRANGER,)),)}),
    ],
)
def test_gate_that_is_not_passed_holds(gate: str, changes: dict[str, Any]) -> None:
    verdict = ask(**changes)
    assert verdict.word is Word.HOLD
    assert [(reason.kind, reason.code) for reason in verdict.reasons] == [("gate", gate)]


def test_report_on_the_batch_covers_a_drum_cut_from_it() -> None:
    assert ask(reports=(replace(REPORT, lots=(BATCH,)),)).word is Word.USE


def test_lot_that_nobody_made_is_unknown() -> None:
    assert ask(lot=None).word is Word.UNKNOWN


def test_rejection_stops_until_a_later_acceptance() -> None:
    rejected = act(50, "rejected", cst(5, 14))
    assert ask(site_acts=(DELIVERED, ACCEPTED, rejected)).word is Word.STOP
    again = replace(ACCEPTED, entry=51)
    assert ask(site_acts=(DELIVERED, ACCEPTED, rejected, again)).word is Word.USE


@pytest.mark.parametrize(
    ("lot", "word", "case"),
    [
        (DRUM, Word.STOP, "same_material"),
        (BATCH, Word.STOP, "same_material"),
        (ROD, Word.HOLD, "lineage"),
        (STRANGER, Word.HOLD, "same_type"),
    ],
)
def test_recall_travels(lot: str, word: Word, case: str) -> None:
    made = HISTORY.lot
    assert made is not None
    recall = Recall(55, lot, "ZH-1", REGULATOR, "thin", date(2015, 5, 20), date(2015, 6, 20), made.maker, made.type)
    verdict = ask(recalls=(recall,))
    assert (verdict.word, verdict.reasons[0].case) == (word, case)


def test_recall_of_another_type_does_not_travel() -> None:
    made = HISTORY.lot
    assert made is not None
    recall = Recall(55, STRANGER, "ZH-1", REGULATOR, "thin", date(2015, 5, 20), date(2015, 6, 20), made.maker, "BV 4")
    assert ask(recalls=(recall,)).word is Word.USE


def ruling(entry: int, word: str) -> Ruling:
    """A regulator's ruling on X01."""
    return Ruling(entry, DRUM, "X01", word, REGULATOR, "looked", cst(5, 30))


def test_dismissed_finding_no_longer_stops_and_stays_visible() -> None:
    verdict = ask(says(Severity.CRITICAL), rulings=(ruling(60, "dismissed"),))
    assert verdict.word is Word.USE
    assert [finding.code for finding in verdict.dismissed] == ["X01"]


def test_later_confirmation_takes_a_dismissal_back() -> None:
    assert ask(says(Severity.CRITICAL), rulings=(ruling(60, "dismissed"), ruling(61, "confirmed"))).word is Word.STOP


def test_dismissal_does_not_reach_newer_evidence() -> None:
    assert ask(says(Severity.CRITICAL, (41, 62)), rulings=(ruling(60, "dismissed"),)).word is Word.STOP


# --- what is joined ---

OTHER, JOINED = f"{BATCH}/21/D002", "01/06901234567892/10/J1"


def joined(maker: str = MAKER, **changes: Any) -> dict[str, Any]:
    """Facts on a lot that the honest drum and another were joined into; of the other only its making is known."""
    other = replace(LOT, lot_id=OTHER, maker=maker, entry=34)
    lot = replace(LOT, lot_id=JOINED, maker=MAKER if maker == MAKER else "?", entry=60, origin="joined")
    portions = tuple(Portion(name, metres(500)) for name in (DRUM, OTHER))
    join = Flow(60, "joined", CONTRACTOR, cst(5, 25), portions, (Portion(JOINED, metres(1000)),))
    lineage = Lineage(JOINED, (DRUM, OTHER, BATCH, ROD), (), (*LINEAGE.flows, join), (DRUM, OTHER, BATCH), ())
    lots = {**HISTORY.lots, OTHER: other, JOINED: lot}
    return {"lot_id": JOINED, "lot": lot, "lots": lots, "lineage": lineage, **changes}


def passed_gates(verdict: Verdict) -> set[str]:
    return {gate.name for gate in verdict.gates if gate.is_passed}


def test_joined_lot_has_passed_what_each_of_its_inputs_has() -> None:
    assert passed_gates(ask(**joined())) == {"made"}
    for_both = replace(REPORT, lots=(DRUM, OTHER))
    own = replace(INSPECTION, lot=OTHER, entry=35)
    facts = joined(reports=(for_both,), inspections=(replace(own, lot=DRUM, entry=36), own))
    assert passed_gates(ask(**facts)) == {"made", "inspected", "reported"}
    acts = (DELIVERED, ACCEPTED, *(replace(act, lot=OTHER) for act in (DELIVERED, ACCEPTED)))
    assert ask(**facts, site_acts=acts).word is Word.USE


def test_coverage_is_never_inherited_across_a_merge_of_makers() -> None:
    acts = (DELIVERED, ACCEPTED, *(replace(act, lot=OTHER) for act in (DELIVERED, ACCEPTED)))
    both = (replace(INSPECTION, lot=DRUM), replace(INSPECTION, lot=OTHER, entry=35))
    facts = joined(SMELTER, reports=(replace(REPORT, lots=(DRUM, OTHER)),), inspections=both, site_acts=acts)
    assert passed_gates(ask(**facts)) == {"made", "delivered", "accepted"}
    own = {"reports": (replace(REPORT, lots=(JOINED,)),), "inspections": (replace(INSPECTION, lot=JOINED),)}
    assert ask(**{**facts, **own}).word is Word.USE


def test_coverage_is_inherited_by_splits_however_deep() -> None:
    pieces = [f"{DRUM}p{number}" for number in range(1500)]
    flows, lots, above = list(LINEAGE.flows), dict(HISTORY.lots), DRUM
    for entry, piece in enumerate(pieces, 60):
        flows.append(Flow(entry, "split", CONTRACTOR, cst(5, 25), (Portion(above, None),), (Portion(piece, None),)))
        lots[piece] = replace(LOT, lot_id=piece, entry=entry)
        above = piece
    same = (*reversed(pieces[:-1]), DRUM, BATCH)
    lineage = Lineage(above, (*same, ROD), (), tuple(flows), same, ())
    verdict = ask(lot_id=above, lot=lots[above], lots=lots, lineage=lineage)
    assert passed_gates(verdict) == {"made", "inspected", "reported", "delivered", "accepted"}


@pytest.mark.parametrize("maker", [MAKER, SMELTER])
def test_joined_lot_is_as_bad_as_its_worst_input(maker: str) -> None:
    recalled = Recall(70, OTHER, "ZH-1", REGULATOR, "thin", date(2015, 5, 26), date(2015, 6, 26), maker, LOT.type)
    assert ask(**joined(maker, recalls=(recalled,))).word is Word.STOP
    rejected = act(70, "rejected", cst(5, 24), lot=OTHER)
    assert ask(**joined(maker, site_acts=(*HISTORY.site_acts, rejected))).word is Word.STOP
    same_type = replace(recalled, lot=STRANGER)
    kinds = {(reason.kind, reason.case) for reason in ask(**joined(maker, recalls=(same_type,))).reasons}
    assert ("recall", "same_type") in kinds
