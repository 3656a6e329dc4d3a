"""The reference pages: every rule, kind and problem has its words, in both languages."""

import pytest

from api.problems import PROBLEMS
from api.wiring import build_house
from tests.pages import text_of

RULES = tuple(build_house().rules)
LANGUAGES = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_listed_and_has_a_page(read, language):
    index = read("/rules", language)
    for code in RULES:
        assert f'href="/rules/{code}"' in index
        page = read(f"/rules/{code}", language)
        assert "%(" not in page
        assert f"rule.{code}" not in page


def test_a_rule_says_what_it_rests_on(read):
    assert "What it rests on" in read("/rules/P01")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_listed_with_its_signers(read, language):
    html = read("/kinds", language)
    for kind in build_house().catalogue:
        assert f'<tr id="{kind.tag}">' in html
        assert f"kind.{kind.tag}" not in html
    assert "stage." not in text_of(html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_the_page_that_its_type_names(read, language):
    index = read("/problems", language)
    for code in PROBLEMS:
        assert f'href="/problems/{code}"' in index
        html = read(f"/problems/{code}", language)
        assert f"problem.{code}" not in html


@pytest.mark.parametrize("path", ["/rules/P99", "/problems/none-such"])
def test_what_is_in_no_catalogue_is_not_found(read, path):
    read(path, status=404)
