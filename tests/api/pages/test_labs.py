"""Labs: who is accredited for what on which day, and what was shown under their names."""

import pytest

from tests.api.pages.conftest import FAILING, FORGED
from tests.factories import uscc_of
from tests.pages import text_of

LAB = uscc_of("lab")


def test_the_directory_says_who_is_accredited(read):
    text = text_of(read("/labs"))
    assert "Accredited 140000000001 L1234" in text
    assert "No accreditation" in text  # the other lab


def test_the_directory_asks_as_much_for_many_labs_as_for_one(client, count_queries):
    assert count_queries(lambda: client.get("/labs", headers={"Accept": "text/html"})) <= 9


@pytest.mark.parametrize(
    ("day", "standing"), [("2013-01-01", "Not yet accredited"), ("2015-05-12", "Accredited"), ("2020-01-01", "lapsed")]
)
def test_the_scope_is_that_of_the_day_asked_for(read, day, standing):
    text = text_of(read(f"/labs/{LAB}?on={day}"))
    assert standing in text
    assert ("✓ covered" in text) == (standing == "Accredited")


def test_a_day_that_is_none_is_refused(read):
    read(f"/labs/{LAB}?on=soon", status=400)


def test_reports_and_papers_under_its_name_are_listed(read):
    html = read(f"/labs/{LAB}")
    assert f"/reports/{LAB}/R-2015-001" in html
    assert f"/reports/{LAB}/{FAILING}?version=" in html
    never = html[html.index("never issued") :]
    assert FORGED in never
    assert "denied by the lab on May 28, 2015" in text_of(never)


def test_who_may_sign_is_named_to_parties_only(read):
    html = read(f"/labs/{LAB}")
    assert "signatory-1" not in html
    assert "shown to signed-in parties" in html


def test_a_party_that_is_no_lab_has_no_labs_page(read):
    read(f"/labs/{uscc_of('dealer')}", status=404)
    read("/labs/nobody", status=404)
