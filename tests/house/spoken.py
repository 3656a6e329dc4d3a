"""A fixture for the tests of rules: whatever a rule says there can be said to people, with the facts that it gives."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.house.catalogues import merge, placeholders, read_language
from trace.findings import Finding, Rule, Unchecked

_WORDS = {language: merge(read_language(language)) for language in ("en", "zh")}


def find_unsaid(said: Finding | Unchecked) -> list[str]:
    """Why a finding, or a rule's word that it could not look, can't be said: no sentence for it, or facts amiss."""
    kind, case = ("says", said.case) if isinstance(said, Finding) else ("unchecked", said.reason)
    key = (f"rule.{said.code}", f"{kind}.{case}" if case else kind)
    faults = []
    for language, words in _WORDS.items():
        if key not in words:
            faults.append(f"{language}: no words for {key}")
        elif missing := placeholders(words[key][0]) - said.facts.keys():
            faults.append(f"{language}: {key} fills in {sorted(missing)}, which are no facts of it")
    return faults


@pytest.fixture(autouse=True)
def what_rules_say_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule that a test asks is listened to."""
    listen_to_rules(monkeypatch)


def listen_to_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test's end, asking any rule fails where what it says can't be said."""
    slot: Any = vars(Rule)["check"]

    def listen(rule: Rule) -> Callable[[Any], Iterator[Finding | Unchecked]]:
        def check(facts: Any) -> Iterator[Finding | Unchecked]:
            for said in slot.__get__(rule)(facts):
                assert find_unsaid(said) == []
                yield said

        return check

    monkeypatch.setattr(Rule, "check", property(listen, slot.__set__))
