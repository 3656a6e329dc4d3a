"""A report's page: the lab's own words, what the registry works out again, and papers held against it."""

from tests.api.pages.conftest import FAILING, FORGED
from tests.factories import DRUM, SISTER, uscc_of
from tests.pages import text_of

LAB = uscc_of("lab")


def report(read, number, language="en", status=200, query=""):
    return read(f"/reports/{LAB}/{number}{query}", language, status)


def test_the_items_of_17025_are_there(read):
    text = text_of(report(read, "R-2015-001"))
    for item in (
        "Test report",
        "hall 2",
        "contractor",
        "BV 2.5 wire, 5 m",
        "sealed, dry",
        "GB/T 3048.4-2007",
        "May 12, 2015",
    ):
        assert item in text
    assert "± 0.023 (k = 2)" in text


def test_the_limit_comes_from_the_pack_with_its_citation(read):
    text = text_of(report(read, "R-2015-001"))
    assert "≤ 7.41 Ω/km kept" in text
    assert "GB/T 3956-2008, table 2 · confirmed" in text


def test_the_sample_is_told_with_its_place_on_the_drum(read):
    html = report(read, "R-2015-001")
    text = text_of(html)
    assert "Drawn by contractor" in text
    assert "supervisor ✓ signed for it" in text
    assert "seal-1" in text
    assert 'aria-label="Sample cut 230 m from the outer end of 500 m"' in html


def test_the_lots_stand_with_their_verdicts(read):
    html = report(read, "R-2015-001")
    assert f'href="/{DRUM}"' in html
    assert "is-USE" in html or "is-STOP" in html


def test_papers_stand_side_by_side_and_differences_are_marked(read):
    html = report(read, "R-2015-001")
    assert "agrees with the lab's report" in text_of(html)
    assert "2 differences" in text_of(html)  # a value and the file
    table = html[html.index("2 differences") :]
    odd = table[table.index('class="is-odd"') :]
    assert "7.290" in odd
    assert "7.100" in odd


def test_readings_are_worked_out_again_and_outweigh_the_word_pass(read):
    html = report(read, FAILING, query="?version=" + first_version(read))
    text = text_of(html)
    assert "7.8352 Ω/km" in text
    assert "The lab says “Pass”; its own values do not." in text
    assert 'class="is-odd"' in html


def first_version(read):
    html = report(read, FAILING)
    return html.split("?version=")[1].partition('"')[0]


def test_versions_are_told_apart(read):
    html = report(read, FAILING)
    text = text_of(html)
    assert "This version takes the place of an earlier one. a slip of pen" in text
    old = text_of(report(read, FAILING, query="?version=" + first_version(read)))
    assert "A newer version has taken the place of this one. a slip of pen" in old


def test_a_version_that_is_none_is_not_found(read):
    report(read, FAILING, status=404, query="?version=99999")


def test_a_number_that_the_lab_never_issued_says_so_plainly(read):
    html = report(read, FORGED)
    text = text_of(html)
    assert "This report does not exist" in text
    assert "“We did not issue it.” no such number was ever given" in text
    assert "dealer" in text
    assert "Ink seal" in text
    assert f'href="/{SISTER}"' in html
    assert "查无此报告" in report(read, FORGED, "zh")


def test_a_number_that_nobody_named_is_not_found_and_the_reader_told_what_to_do(read):
    text = text_of(report(read, "NEVER", status=404))
    assert "Nobody has named this number" in text
    assert "This report does not exist" not in text


def test_a_report_of_another_lab_is_not_this_labs(read):
    read(f"/reports/{uscc_of('other_lab')}/R-2015-001", status=404)


def test_dates_and_words_are_in_the_language_asked_for(read):
    html = report(read, "R-2015-001", "zh")
    assert "2015年5月12日" in html
    assert "机构结论" in html


def test_a_version_says_its_place_in_the_chain(read):
    html = report(read, FAILING)
    text = text_of(html)
    assert "Version 1 of 2 May 12, 2015 replaced Version 2 of 2 May 14, 2015 in force" in text
    old = html.split('href="?version=')[1].partition('"')[0]
    shown = text_of(report(read, FAILING, query=f"?version={old}"))
    assert "A newer version has taken the place of this one. a slip of pen" in shown
    assert "Version 1 of" not in text_of(report(read, "R-2015-001"))


def test_a_row_says_when_where_by_whom_and_on_what(read):
    html = report(read, FAILING)
    text = text_of(html)
    assert "May 9, 2015 14:00 – May 10, 2015 10:00 · instrument bridge-1 · analyst analyst-1 · at A" in text
    assert "23.1 °C · 48 % humidity" in text
    assert "single values: 7.288 · 7.292" in text
    assert f'title="{"e" * 64}"' in html
