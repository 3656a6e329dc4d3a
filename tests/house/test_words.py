"""Everything that people are shown has words in Chinese and in English, and both say the same."""

from collections.abc import Collection, Iterator

import click
import pytest
from babel.messages.pofile import PoFileError

from api.access import Callers
from api.commands import GROUPS
from api.problems import PROBLEMS
from api.wiring import build_house
from labs.judge import GATES, Word
from labs.reports.statements import PresentedBody, ReportBody
from labs.screens import SCREENS
from labs.standards.pack import read_pack
from tests.house.cases import read_cases, rule_files
from tests.house.catalogues import (
    ROOT,
    Key,
    find_flaws,
    find_repeats,
    merge,
    read_code,
    read_language,
    read_template,
    read_words,
)
from tests.house.spoken import listen_to_rules
from trace.findings import Finding, Rule, Severity, Unchecked
from trace.kinds import Duty, Readers, Role
from trace.oversight.statements import RecallAnswerBody
from trace.production.statements import CertificateBody

FILES = {language: read_language(language) for language in ("en", "zh")}
ENGLISH, CHINESE = merge(FILES["en"]), merge(FILES["zh"])
CASES = read_cases(rule_files(ROOT))


def words_of(*names: str, keys: Collection[str] = ("title",)) -> set[Key]:
    return {(name, key) for name in names for key in keys}


def command_names() -> Iterator[str]:
    for command in GROUPS:
        yield f"command.{command.name}"
        if isinstance(command, click.Group):
            yield from (f"command.{command.name} {name}" for name in command.commands)


def rule_words() -> set[Key]:
    """Title, basis, and a sentence for each case and for each reason why a rule could not look."""
    needed = set()
    for code in {*CASES, *build_house().rules}:
        sentences = (f"{kind}.{case}" if case else kind for kind, case in CASES.get(code, ()))
        needed |= words_of(f"rule.{code}", keys=("title", "basis", *sentences))
    return needed


def choices(schema: type, name: str) -> list[str]:
    """The values that a field of a body may have."""
    return list(schema().fields[name].validate.choices)


def closed_lists() -> set[Key]:
    lists: dict[str, Collection[str]] = {
        "role": list(Role),
        "duty": list(Duty),
        "readers": list(Readers),
        "callers": list(Callers),
        "seal": choices(PresentedBody, "seal"),
        "paper": choices(PresentedBody, "type"),
        "conclusion": choices(ReportBody, "conclusion"),
        "action": choices(RecallAnswerBody, "action"),
        "scheme": choices(CertificateBody, "scheme"),
        "family": list(read_pack().families),
        "citation": {limit.citation for limit in (*read_pack(), *read_pack().durations)},
        "parameter": {limit.parameter for limit in read_pack()},
        "attribute": {name for limit in read_pack() for name in limit.conditions},
        "act": ("delivered", "accepted", "rejected", "installed", "removed", "stored", "destroyed", "sampled"),
        "move": ("shipped", "received"),
        "origin": ("commissioned", "transformed", "split", "joined"),
        "unit": ("MTR", "KGM", "H87"),
    }
    return {(f"{name}.{value}", "title") for name, values in lists.items() for value in values}


# Families whose every entry must be asked for, and what asks for it.
FAMILIES = {
    "rule": rule_words(),
    "kind": words_of(*(f"kind.{kind.tag}" for kind in build_house().catalogue), keys=("title", "says")),
    "problem": words_of(*(f"problem.{code}" for code in PROBLEMS), keys=("title", "says")),
    "command": words_of(*command_names(), keys=("says",)),
    "gate": words_of(*(f"gate.{name}" for name in GATES), keys=("title", "missing", "passed")),
    "verdict": words_of(*(f"verdict.{word}" for word in Word), keys=("title", "says")),
    "severity": words_of(*(f"severity.{severity}" for severity in Severity), keys=("title", "says")),
    "recall": words_of("recall.same_material", "recall.lineage", "recall.same_type", keys=("title", "says")),
    "screen": words_of(
        *(f"screen.{screen.code}" for screen in SCREENS), keys=("title", "says", "honest", "basis", "axis")
    )
    | words_of("screen.L12", keys=("bar.own", "bar.other"))
    | words_of("screen.L24", keys=("bar.passed", "bar.failed")),
    "reason": words_of(
        "reason.rejected",
        "reason.unknown.never_made",
        "reason.clear.all_gates",
        "reason.unchecked.no_rules",
        keys=("title", "says"),
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_thing_has_words_in_both_languages_and_no_word_is_left_over(family: str) -> None:
    for words in (ENGLISH, CHINESE):
        said = {key for key in words if key[0].startswith(f"{family}.")}
        assert said == FAMILIES[family]


def test_values_of_closed_lists_have_words_in_both_languages() -> None:
    assert closed_lists() - ENGLISH.keys() == set()
    assert closed_lists() - CHINESE.keys() == set()


def test_symbolic_words_stand_in_both_languages() -> None:
    assert {key for key in ENGLISH if key[0]} ^ {key for key in CHINESE if key[0]} == set()


def test_no_key_is_given_twice() -> None:
    assert find_repeats(FILES["en"]) + find_repeats(FILES["zh"]) == []


def test_every_text_is_in_its_language_and_fills_in_the_same_facts() -> None:
    assert find_flaws(ENGLISH, CHINESE) == []


def templates() -> list[tuple[str, set[str], set[Key]]]:
    paths = sorted((ROOT / "api" / "templates").rglob("*.html"))
    return [(path.name, *read_template(path.read_text(encoding="utf-8"))) for path in paths]


def test_templates_say_nothing_that_is_not_translated() -> None:
    missing = [(name, text) for name, texts, _ in templates() for text in texts if ("", text) not in CHINESE]
    assert missing == []


def test_no_translation_is_left_over() -> None:
    used = {text for _, texts, _ in templates() for text in texts}
    assert {text for context, text in CHINESE if not context} - used == set()


def test_templates_and_code_ask_only_for_words_that_exist() -> None:
    code = [read_code(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "api").rglob("*.py"))]
    asked = set().union(*code, *(symbols for _, _, symbols in templates()))
    assert asked - ENGLISH.keys() == set()


# --- and each of these checks can fail ---


def test_a_case_is_found_wherever_the_code_hides_it() -> None:
    text = """
def check(facts):
    yield Finding("X01", high, {}, (), "plain")
    yield Unchecked("X01", "blind")
    for case, entry in [("from_tuple", 1)]:
        yield Finding("X01", high, {}, (entry,), case)
    yield named("passed_on")
    yield Finding("X01", high, {}, (), case=fault(facts))
    yield Finding("X01", high)
def named(case):
    return Finding("X01", high, {}, (), f"{case}_{'up' if facts else 'down'}")
def fault(facts):
    return "returned" if facts else ""
"""
    said = {"plain", "from_tuple", "passed_on_up", "passed_on_down", "returned", ""}
    assert read_cases([text]) == {"X01": {("unchecked", "blind"), *(("says", case) for case in said)}}


def test_a_case_from_nowhere_is_refused() -> None:
    with pytest.raises(LookupError, match="no literal behind"):
        read_cases(["def check(facts, case):\n    yield Finding('X01', high, {}, (), case)\n"])


@pytest.mark.parametrize(
    "said",
    [
        Finding("X01", Severity.MAJOR),
        Finding("C03", Severity.BLOCK, {"party": "-"}, case="banned"),
        Unchecked("L01", "no_such_reason"),
        Unchecked("B02", "no_list"),
    ],
)
def test_what_a_rule_says_without_words_or_facts_is_heard(
    said: Finding | Unchecked, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen_to_rules(monkeypatch)
    with pytest.raises(AssertionError):
        list(Rule(said.code, Severity.BLOCK, lambda facts: [said]).check(None))


HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def po(*texts: str) -> bytes:
    return (HEADER + "\n\n".join(texts) + "\n").encode()


def test_a_key_given_twice_is_found() -> None:
    one, other = 'msgctxt "gate.made"\nmsgid "title"\nmsgstr "Made"', 'msgid "title"\nmsgstr "Title"'
    assert len(find_repeats([read_words("a", po(one, one), "en")])) == 1
    assert len(find_repeats([read_words("a", po(one), "en"), read_words("b", po(one), "en")])) == 1
    assert find_repeats([read_words("a", po(one, other), "en")]) == []


def test_a_file_that_is_no_catalogue_is_refused() -> None:
    with pytest.raises(PoFileError):
        read_words("a", po('msgid "half'), "en")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Lot %(lot)s", "批次"),
        ("Lot", "批次 %(lot)s"),
        ("批次", "批次"),
        ("Lot held", "Lot held"),
        ("Lot", ""),
        ("5 % of the lot", "批次的 5%"),
        ("Lot %(lot)s by 5 %", "批次 %(lot)s 的 5%%"),
    ],
)
def test_a_flaw_is_found(english: str, chinese: str) -> None:
    key = ("rule.X01", "says")
    assert find_flaws({key: (english,)}, {key: (chinese,)})


def test_sentences_and_symbols_are_found_in_templates_and_code() -> None:
    text = '{{ _("A %(b)s", b=1) }}{% trans %}C{% endtrans %}{{ say("gate.made", "title") }}{{ say(x, "title") }}'
    assert read_template(text) == ({"A %(b)s", "C"}, {("gate.made", "title")})
    assert read_code('say("gate.made", "title")\nsay(context, "title")') == {("gate.made", "title")}
