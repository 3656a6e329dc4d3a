"""What a rule says: a finding, or that it could not look. And how a rule is declared.

A rule is a pure function from frozen facts (a history or a dossier) to findings, declared with `@rule` in a file of
`rules/`:

    @rule("P01", Severity.BLOCK, gate=True)
    def conductor_over_limit(dossier: Dossier) -> Judgement:
        \"\"\"Conductor resistance at 20 °C above the limit of its class. Basis: IEC 60228 table.\"\"\"

Tags are those of the rule catalogue and permanent. Words for people stand in `api/translations/`; a house test holds
them together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType, ModuleType
from typing import Any

Fact = str | int | Decimal | date | datetime | bool


class Severity(StrEnum):
    """How much a finding weighs, from lightest to heaviest."""

    SCREEN = "screen"
    """Opens a question; never changes a verdict."""
    MINOR = "minor"
    MAJOR = "major"
    """Holds the lot until it is cleared."""
    CRITICAL = "critical"
    """Stops the lot."""
    BLOCK = "block"
    """Stops the lot by the measured defect itself, or by a statement that nobody was entitled to make."""

    @property
    def weight(self) -> int:
        """Position in the order above, 0 to 4."""
        return list(Severity).index(self)


STOPPING = frozenset({Severity.CRITICAL, Severity.BLOCK})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about a lot: how grave, with which numbers, proved by which entries (positions)."""

    code: str
    severity: Severity
    facts: Mapping[str, Fact] = field(default_factory=dict)
    entries: tuple[int, ...] = ()
    case: str = ""
    """Which of the rule's sentences applies, where it has several; "" for the only one."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A rule that could not look, and why (a stable reason). Never a pass."""

    code: str
    reason: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


Judgement = Iterable[Finding | Unchecked]


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule. `severity` is the gravest that it can say; a `gate` rule that could not look holds the lot."""

    code: str
    severity: Severity
    check: Callable[[Any], Judgement]
    gate: bool = False


def rule(code: str, severity: Severity, *, gate: bool = False) -> Callable[[Callable[[Any], Judgement]], Rule]:
    """Declare the decorated function as the rule `code`."""

    def declare(check: Callable[[Any], Judgement]) -> Rule:
        return Rule(code, severity, check, gate)

    return declare


def collect_rules(*modules: ModuleType) -> Mapping[str, Rule]:
    """The rules declared in these modules, by code. Raises ValueError where two share one."""
    rules: dict[str, Rule] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Rule):
                if rules.get(value.code, value) is not value:
                    raise ValueError(f"two rules with the code {value.code}")
                rules[value.code] = value
    return MappingProxyType(dict(sorted(rules.items())))
