"""Labs: who is accredited for what on which day, and what was shown under their names."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.api.pages.conftest import FAILING, FORGED, HOSTILE
from tests.factories import uscc_of
from tests.pages import text_of

LAB = uscc_of("lab")


def test_the_directory_says_who_is_accredited(read):
    text = text_of(read("/labs"))
    assert "Accredited 140000000001 L1234" in text
    assert "No accreditation" in text  # the other lab


def test_the_directory_asks_as_much_for_many_labs_as_for_one(client, count_queries):
    assert count_queries(lambda: client.get("/labs", headers={"Accept": "text/html"})) <= 17
    assert count_queries(lambda: client.get("/labs?q=GB", headers={"Accept": "text/html"})) <= 19
    assert count_queries(lambda: client.get("/labs.csv")) <= 17


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("LAB", True),  # the name
        (LAB[:12].lower(), True),
        ("14000000", True),
        ("l123", True),
        ("conductor_res", True),
        ("导体", True),
        ("Conductor", True),
        ("gb/t 3048", True),
        ("3048.5", False),
        ("4000000", False),  # a number is looked for from its beginning
        ("%", False),
    ],
)
def test_labs_are_found_by_what_people_type(read, text, is_found):
    html = read(f"/labs?q={quote(text)}")
    assert (f'href="/labs/{LAB}"' in html) == is_found
    assert ("No lab fits." in html) == (not is_found)


def test_a_list_of_many_labs_is_turned_page_by_page(read, monkeypatch):
    monkeypatch.setattr("api.pages.labs.PAGE", 1)
    seen: list[str] = []
    path: str | None = "/labs?q=&on=2015-06-01"
    while path:
        html = read(path)
        seen += re.findall(r'<a href="/labs/(\w{18})\?on=2015-06-01"', html)
        following = re.search(r'<a class="button" href="([^"]+)" rel="next">', html)
        path = unescape(following[1]) if following else None
    assert seen == sorted({LAB, uscc_of("other_lab"), HOSTILE})


def test_the_tables_hold_what_the_pages_say(client):
    rows = client.get("/labs.csv?q=lab").get_data(as_text=True).splitlines()
    assert any(row.startswith(f"{LAB},lab,lab,valid,140000000001,L1234") for row in rows)
    reply = client.get(f"/labs/{LAB}.csv?on=2020-01-01")
    assert reply.headers["Content-Disposition"].endswith(f"scope-{LAB}-2020-01-01.csv")
    assert ",lapsed," in reply.get_data(as_text=True)


@pytest.mark.parametrize("path", [f"/labs?q={'x' * 81}", "/labs?on=soon", "/labs?cursor=x", "/labs.csv?on=2015-13-01"])
def test_what_can_not_be_looked_for_is_refused(read, path):
    read(path, status=400)


def test_a_labs_page_has_its_sites_and_figures(read):
    text = text_of(read(f"/labs/{LAB}"))
    assert "hall 2" in text
    assert "(2014, CNCA, food, education)" in text
    assert "2 Reports" in text or "Reports 2" in text


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
