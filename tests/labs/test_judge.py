"""The verdict: which word follows from which facts, and that nothing passes because nobody looked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from labs.casework.register import Ruling
from labs.judge import Verdict, Word, judge
from tests.facts import (
    ACCEPTED,
    BATCH,
    DELIVERED,
    DRUM,
    HISTORY,
    HONEST,
    REGULATOR,
    REPORT,
    ROD,
    STRANGER,
    act,
    but,
    cst,
)
from trace.findings import Finding, Judgement, Rule, Severity, Unchecked
from trace.oversight.register import Recall

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
