"""Findings, reasons and rules that could not look, as sentences: the one place where they become words.

The words stand in `api/translations/`: context `rule.P01`, key `says` or `says.<case>`, and so on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from api.naming import Names, tell_facts
from api.words import knows, language, say
from labs.judge import Gate, Reason, Verdict
from trace.findings import Unchecked


class Found(Protocol):
    """A finding, fresh from a rule or from the register."""

    @property
    def code(self) -> str: ...
    @property
    def case(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, object]: ...
    @property
    def entries(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was found, or a reason, in words. `code` and `severity` are "" where none applies."""

    code: str
    severity: str
    title: str
    sentence: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldGate:
    """A gate in words: `sentence` says what is missing where it is not passed."""

    name: str
    title: str
    is_passed: bool
    sentence: str
    entries: tuple[int, ...]


def tell_finding(found: Found, names: Names) -> Told:
    """A finding in words; `names` are those of the parties in its facts."""
    context = f"rule.{found.code}"
    sentence = say(context, _key("says", found.case), **tell_facts(found.facts, names))
    return Told(found.code, str(found.severity), say(context, "title"), sentence, found.entries)


def tell_findings(findings: Iterable[Found], names: Names) -> tuple[Told, ...]:
    """Findings in words, in their order."""
    return tuple(tell_finding(found, names) for found in findings)


def tell_unchecked(note: Unchecked, names: Names) -> Told:
    """Why a rule could not look."""
    return _tell_unchecked(note.code, note.reason, note.facts, names)


def tell_gate(gate: Gate) -> ToldGate:
    """A gate, passed or missing."""
    context = f"gate.{gate.name}"
    missing = "" if gate.is_passed else say(context, "missing")
    return ToldGate(gate.name, say(context, "title"), gate.is_passed, missing, gate.entries)


def tell_reason(reason: Reason, verdict: Verdict, names: Names) -> Told:
    """A reason for a verdict, in words."""
    match reason.kind:
        case "finding":
            return tell_finding(_finding_of(reason, verdict), names)
        case "gate":
            context, key = f"gate.{reason.code}", "missing"
        case "recall":
            context, key = f"recall.{reason.case}", "says"
        case "unchecked" if reason.case:
            return _tell_unchecked(reason.code, reason.case, reason.facts, names)
        case "rejected":
            context, key = "reason.rejected", "says"
        case _:
            context, key = f"reason.{reason.kind}.{reason.code}", "says"
    sentence = say(context, key, **tell_facts(reason.facts, names))
    title = say(context, "title") if knows(language(), context, "title") else ""
    return Told("", "", title, sentence, reason.entries)


def _finding_of(reason: Reason, verdict: Verdict) -> Found:
    """The finding that a reason repeats: it alone has the severity."""
    told = (reason.code, reason.case, reason.facts, reason.entries)
    return next(found for found in verdict.findings if (found.code, found.case, found.facts, found.entries) == told)


def _tell_unchecked(code: str, why: str, facts: Mapping[str, object], names: Names) -> Told:
    context = f"rule.{code}"
    key = _key("unchecked", why)
    if not knows(language(), context, key):  # a reason without a sentence of its own is told in general
        context, key = f"reason.unchecked.{code}", "says"
    return Told(code, "", say(f"rule.{code}", "title"), say(context, key, **tell_facts(facts, names)))


def _key(key: str, case: str) -> str:
    return f"{key}.{case}" if case else key
