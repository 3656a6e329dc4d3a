"""What screens ask, in words and as a histogram: for the list of findings and a lab's page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.naming import Names, tell_facts
from api.words import knows, language, say
from labs.screens import SCREENS
from labs.screens.register import Question

CODES = tuple(screen.code for screen in SCREENS)
# The histogram's drawing, in units of its view box.
WIDTH, HEIGHT = 480, 96
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: how many, how many chance would put there (None: not said), and where they are drawn."""

    label: str
    count: int
    expected: float | None
    x: float
    width: float
    y: float
    expected_y: float | None


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    """A question in words. `bars` may be empty."""

    code: str
    lab: str
    title: str
    sentence: str
    honest: str
    basis: str
    axis: str
    bars: Sequence[Bar]
    middle: float
    """Where the axis has its mark between inside and outside a limit, or -1."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How often a screen has looked, how often it asks, and how often chance alone would have it ask."""

    code: str
    title: str
    times: int
    asks: int
    threshold: str
    by_chance: str


def tell_questions(questions: Iterable[Question], names: Names) -> tuple[ToldQuestion, ...]:
    """Questions in words, in their order; `names` are those of the labs and clients in them."""
    return tuple(_tell(question, names) for question in questions)


def tell_looked(times: Mapping[str, int], questions: Iterable[Question]) -> tuple[Looked, ...]:
    """What is to be known of many comparisons: some are odd by chance alone."""
    asked = [question.code for question in questions]
    return tuple(
        Looked(
            screen.code,
            say(f"screen.{screen.code}", "title"),
            times[screen.code],
            asked.count(screen.code),
            f"{screen.threshold:g}",
            f"{times[screen.code] * screen.threshold:.2g}",
        )
        for screen in SCREENS
        if times.get(screen.code)
    )


def _tell(question: Question, names: Names) -> ToldQuestion:
    context = f"screen.{question.code}"
    facts = tell_facts({**question.facts, "lab": question.lab, "parameter": question.subject}, names)
    facts["p"] = tell_chance(str(question.facts["p"]))
    return ToldQuestion(
        code=question.code,
        lab=question.lab,
        title=say(context, "title"),
        sentence=say(context, "says", **facts),
        honest=say(context, "honest"),
        basis=say(context, "basis"),
        axis=say(context, "axis"),
        bars=_draw(question),
        middle=WIDTH / 2 if question.code == "L14" else -1,
    )


def _draw(question: Question) -> tuple[Bar, ...]:
    highest = max((max(count, expected or 0) for _, count, expected in question.bins), default=0) or 1
    step = WIDTH / max(len(question.bins), 1)
    return tuple(
        Bar(
            _label(question.code, label),
            count,
            expected,
            round(index * step + step * 0.12, 1),
            round(step * 0.76, 1),
            round(HEIGHT * (1 - count / highest), 1),
            None if expected is None else round(HEIGHT * (1 - expected / highest), 1),
        )
        for index, (label, count, expected) in enumerate(question.bins)
    )


def _label(code: str, label: str) -> str:
    """Most labels are numbers; those that are words have their own."""
    context = f"screen.{code}"
    return say(context, f"bar.{label}") if knows(language(), context, f"bar.{label}") else label.replace("-", "\u2212")


def tell_chance(p: str) -> str:
    """A p as people write it: 4.83e-41 as 4.83 × 10⁻⁴¹, on one line."""
    number, _, power = p.partition("e")
    return f"{number}\u00a0×\u00a010{str(int(power)).translate(_RAISED)}" if power else number
