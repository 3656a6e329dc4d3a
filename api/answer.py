"""What a purchaser is told about a lot: one answer, of which the scan page and its JSON are two forms.

It gathers and orders; judging is `labs/judge.py`, words are `api/sentences.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from api.naming import Names, party_names
from api.sentences import Told, ToldGate, tell_findings, tell_gate, tell_reason, tell_unchecked
from api.shell import Shell
from api.words import language, words_for
from labs.refresh import tell_lot
from labs.summary import Summary


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the scan page says: the facts, and in words the reason that is gravest, the others, findings, gates and
    rules. `at` is the time of asking, UTC.
    """

    at: datetime
    facts: Summary
    names: Names
    reason: Told
    other_reasons: tuple[Told, ...]
    findings: tuple[Told, ...]
    gates: tuple[ToldGate, ...]
    passed: tuple[Told, ...]
    unchecked: tuple[Told, ...]


def answer(shell: Shell, lot_id: str) -> Answer:
    """What is to be thought of a lot now, in words."""
    at = shell.clock()
    with shell.database.reading() as session:
        facts = tell_lot(session, lot_id, shell.house.rules, shell.house.pack, at)
    names, verdict = party_names(facts.parties), facts.verdict
    reason, *others = (tell_reason(reason, verdict, names) for reason in verdict.reasons)
    return Answer(
        at=at,
        facts=facts,
        names=names,
        reason=reason,
        other_reasons=tuple(others),
        findings=tell_findings(verdict.findings, names),
        gates=tuple(tell_gate(gate) for gate in verdict.gates),
        passed=_titles(language(), verdict.passed),
        unchecked=tuple(tell_unchecked(note, names) for note in verdict.unchecked),
    )


# Most lots pass the same rules.
@lru_cache(maxsize=256)
def _titles(tongue: str, codes: tuple[str, ...]) -> tuple[Told, ...]:
    """The rules with these codes, by their titles alone."""
    return tuple(Told(code, "", words_for(tongue, f"rule.{code}", "title"), "") for code in codes)
