"""The list of findings: filtered, grouped, a page at a time, at the same cost however long it is."""

import pytest

from api.pages import findings as page
from tests.api.pages.conftest import FORGED, SCRIPT
from tests.factories import uscc_of
from tests.pages import text_of


def test_a_finding_stands_in_plain_words_with_evidence_and_lot(read):
    html = read("/findings?rule=L03")
    text = text_of(html)
    assert "Report number not on record with the named lab" in text
    assert FORGED in text
    assert 'href="/entries/' in html
    assert "A1 · D002" in text


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("severity=block", "P01", "L03"),
        ("rule=L03", "L03", "P01"),
        ("text=r-2015-001", "R-2015-001", FORGED),
        (f"text={FORGED.lower()}", FORGED, "R-2015-FAIL"),
        (f"maker={uscc_of('smelter')}", "Nothing is found that fits", "L03"),
        (f"maker={uscc_of('maker')}", "L03", "Nothing is found that fits"),
    ],
)
def test_filters_keep_what_fits_and_nothing_else(read, query, present, absent):
    html = read(f"/findings?{query}")
    shown = text_of(html[html.index('class="counts"') :])
    assert present in shown
    assert absent not in shown


def test_gravest_first(read):
    html = read("/findings")
    grades = [part.partition('"')[0] for part in html.split('class="finding of-')[1:]]
    order = ["block", "critical", "major", "minor", "screen"]
    assert grades == sorted(grades, key=order.index)
    assert len(set(grades)) > 1


def test_pages_hold_every_group_once(read, monkeypatch):
    whole = read("/findings").count('class="finding of-')
    monkeypatch.setattr(page, "PAGE", 2)
    seen: list[str] = []
    path: str | None = "/findings"
    while path:
        html = read(path)
        seen += [text_of(part) for part in html.split("<article")[1:]]
        follows = html.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        path = follows.replace("&amp;", "&") if 'rel="next"' in html else None
    assert len(seen) == whole > 2
    assert len(set(seen)) == whole


def test_the_list_costs_the_same_however_long_it_is(client, count_queries, monkeypatch):
    def get():
        return client.get("/findings", headers={"Accept": "text/html"})

    long = count_queries(get)
    monkeypatch.setattr(page, "PAGE", 1)
    assert count_queries(get) == long <= 9


@pytest.mark.parametrize("query", ["severity=terrible", "after=1~2", "after=x~y~z~a~b", "after=99999~1~a~b~c"])
def test_what_this_page_never_gave_is_refused(read, query):
    read(f"/findings?{query}", status=400)


def test_what_was_looked_for_is_shown_as_text(read):
    assert SCRIPT not in read(f"/findings?text={SCRIPT}")


def test_the_list_speaks_chinese(read):
    assert "严重程度" in read("/findings", "zh")
