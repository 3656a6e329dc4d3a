"""A file's text beside a report: tolerant of how things are printed, and silent where nothing can be told."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.papers.printed import Claim, compare

CLAIM = Claim(
    "conductor_resistance", ("conductor resistance", "导体直流电阻"), Decimal("7.290"), "ohm/km", Decimal("7.41")
)


def states(text: str, claim: Claim = CLAIM, conclusion: str = "pass") -> dict[str, tuple[str, str]]:
    fields = compare(text, number="R-2015-001", issued_on=date(2015, 5, 12), conclusion=conclusion, claims=(claim,))
    return {one.field: (one.state, one.printed) for one in fields}


@pytest.mark.parametrize(
    "line",
    [
        "Conductor resistance 20 °C: 7.29 ohm/km, limit 7.41",
        "导体直流电阻 (20 °C) GB/T 3048.4-2007 7.290 Ω/km ≤ 7.41 合格",
        "20℃导体直流电阻 ７.２９０ Ω/km",
        "result 7.290 Ω / km 7.290 Ω/km",
    ],
)
def test_a_value_is_found_however_it_is_printed(line: str) -> None:
    assert states(line)["conductor_resistance"][0] == "same"


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("Conductor resistance 20 °C: 7.190 ohm/km, limit 7.41", "7.190"),
        ("导体直流电阻 (20 °C) GB/T 3048.4-2007 8.99 Ω/km ≤ 7.41 合格", "8.99"),
    ],
)
def test_another_value_in_its_place_differs(line: str, printed: str) -> None:
    assert states(line)["conductor_resistance"] == ("differs", printed)


@pytest.mark.parametrize("line", ["Conductor resistance", "Insulation 0.8 mm", "Conductor resistance, limit 7.41"])
def test_where_no_value_stands_nothing_is_told(line: str) -> None:
    assert states(line)["conductor_resistance"] == ("missing", "")


def test_a_limit_that_equals_the_value_is_not_taken_for_it() -> None:
    claim = Claim("conductor_resistance", CLAIM.names, Decimal("7.41"), "ohm/km", Decimal("7.41"))
    assert states("Conductor resistance limit 7.41", claim)["conductor_resistance"][0] == "missing"
    assert states("Conductor resistance 7.41, limit 7.41", claim)["conductor_resistance"][0] == "same"


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("签发日期：2015年5月12日", "same"),
        ("Date of issue 2015.05.12", "same"),
        ("签发日期 2015/5/13", "differs"),
        ("Received on 2015-05-08", "missing"),
        ("签发日期 2015-13-45", "missing"),
    ],
)
def test_the_day_of_issue_is_read_in_the_forms_of_paper(line: str, state: str) -> None:
    assert states(line)["issued_on"][0] == state


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("检验结论：合格", "same"),
        ("检验结论：不合格", "differs"),
        ("Conclusion: the sample conforms", "same"),
        ("Conclusion: FAIL", "differs"),
        ("结论 □合格 □不合格", "missing"),
        ("合格", "missing"),
    ],
)
def test_the_conclusion_is_read_where_it_is_called_one(line: str, state: str) -> None:
    assert states(line)["conclusion"][0] == state


def test_a_number_is_found_through_spaces_and_full_width_letters() -> None:
    assert states("№ Ｒ - 2015 - 001")["number"][0] == "same"
    assert states("No. R-2015-002")["number"][0] == "missing"


def test_a_scan_without_text_gives_nothing() -> None:
    assert states(" \n\n") == {}


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all(state in ("same", "differs", "missing") for state, _ in states(text).values())
