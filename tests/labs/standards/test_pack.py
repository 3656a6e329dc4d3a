"""The standards pack: a limit is found by what the product is, or it is not found."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labs.standards.pack import Limit, StandardsPack, choose, read_pack
from tests.facts import CABLE, pack

DAY = date(2015, 5, 4)
HEADER = "standard,edition,clause,family,parameter,conditions,limit_kind,limit,unit,valid_from,valid_to,source,status\n"
ROW = "GB/T 1,2008,table 2,cable,r,class=2;material=Cu,max,7.41,ohm/km,2009-11-01,,a book,confirmed\n"


def find(attributes=CABLE, on=DAY, standard=None):
    return pack().find("cable", "conductor_resistance", attributes, on, standard)


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, "7.41"),
        ({"nominal_area_mm2": "2.50"}, "7.41"),
        ({"surface": "coated"}, "7.56"),
        ({"class": "5"}, "7.98"),
        ({"class": "5", "surface": "coated"}, "8.21"),
    ],
)
def test_limit_follows_class_material_surface_and_area(changes, limit):
    found = find(CABLE | changes)
    assert found is not None
    assert found.limit == Decimal(limit)


@pytest.mark.parametrize("changes", [{"nominal_area_mm2": "2.6"}, {"material": "Fe"}, {"class": "two"}])
def test_no_limit_for_what_the_table_does_not_know(changes):
    assert find(CABLE | changes) is None


@pytest.mark.parametrize("missing", sorted(CABLE))
def test_no_limit_where_an_attribute_is_missing(missing):
    assert find({name: value for name, value in CABLE.items() if name != missing}) is None


def test_no_limit_before_the_edition_was_in_force():
    assert find(on=date(2009, 10, 31)) is None
    assert find(on=date(2009, 11, 1)) is not None


def test_named_edition_comes_before_the_one_in_force():
    old = Limit("S", "1", "t", "cable", "r", {"a": "1"}, "max", Decimal(9), "u", date(2000, 1, 1), DAY, "s", True)
    new = replace(old, edition="2", limit=Decimal(8), valid_from=date(2016, 1, 1), valid_to=None)
    both = StandardsPack([old, new])
    later = date(2017, 1, 1)
    assert both.find("cable", "r", {"a": "1"}, later) is new
    assert both.find("cable", "r", {"a": "1"}, later, "S-1") is old
    assert both.find("cable", "r", {"a": "1"}, later, "S-3") is new


def test_rows_of_the_delivered_pack_are_cited_and_sourced():
    limits = list(pack())
    assert limits
    for limit in limits:
        assert limit.clause in limit.citation
        assert limit.source
        # The one that may lie below nought is how far a bar's mass may.
        assert limit.limit > 0 or (limit.parameter, limit.limit_kind) == ("mass_deviation", "min")


def test_row_is_read_as_it_is_written(tmp_path):
    (tmp_path / "one.csv").write_text(HEADER + ROW, encoding="utf-8")
    (limit,) = read_pack(tmp_path)
    assert (limit.limit, limit.limit_kind, limit.is_confirmed) == (Decimal("7.41"), "max", True)
    assert limit.citation == "GB/T 1-2008, table 2"


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("max", "about"),
        ROW.replace("confirmed", "rumoured"),
        ROW.replace("class=2;material=Cu", "material=Cu;class=2"),
        ROW.replace("7.41", "seven"),
        ROW.replace("2009-11-01", "1 November"),
    ],
)
def test_wrong_row_is_refused_with_file_and_line(tmp_path, row):
    (tmp_path / "bad.csv").write_text(HEADER + ROW + row, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.csv line 3"):
        read_pack(tmp_path)


@pytest.mark.parametrize(
    ("attributes", "limit"),
    [
        ({"class": "1", "nominal_area_mm2": "2.5"}, "7.41"),
        ({"class": "1", "surface": "coated", "nominal_area_mm2": "2.5"}, "7.56"),
        ({"class": "1", "material": "Al", "nominal_area_mm2": "1200"}, "0.0247"),
        ({"class": "2", "material": "Al", "nominal_area_mm2": "16"}, "1.91"),
        ({"class": "2", "nominal_area_mm2": "240"}, "0.0754"),
        ({"class": "5", "nominal_area_mm2": "630"}, "0.0287"),
        ({"class": "5", "surface": "coated", "nominal_area_mm2": "0.5"}, "40.1"),
    ],
)
def test_conductors_of_classes_1_2_and_5_have_their_limits(attributes, limit):
    found = find(CABLE | attributes)
    assert found is not None
    assert found.limit == Decimal(limit)


def test_a_value_between_two_limits_finds_both():
    attributes = {"nominal_diameter_mm": "25.0"}
    limits = pack().find_all("rebar", "mass_deviation", attributes, date(2020, 1, 1))
    assert sorted((limit.limit_kind, limit.limit) for limit in limits) == [("max", Decimal(4)), ("min", Decimal(-4))]
    assert pack().find_all("rebar", "mass_deviation", attributes, date(2025, 1, 1)) == ()


def test_an_edition_ends_the_day_before_its_successor_begins():
    found = {
        day: {limit.edition for limit in choose(pack(), family="cement", on=day)}
        for day in (date(2024, 5, 31), date(2024, 6, 1))
    }
    assert found == {date(2024, 5, 31): {"2007"}, date(2024, 6, 1): {"2023"}}


@pytest.mark.parametrize(
    ("kind", "value", "expanded", "outcome"),
    [
        ("max", "7.41", None, "kept"),
        ("max", "7.42", None, "broken"),
        ("max", "7.41", "0", "kept"),
        ("max", "7.40", "0.01", "unclear"),
        ("max", "7.39", "0.01", "kept"),
        ("max", "7.42", "0.01", "unclear"),
        ("max", "7.43", "0.01", "broken"),
        ("min", "7.41", None, "kept"),
        ("min", "7.40", None, "broken"),
        ("min", "7.42", "0.01", "unclear"),
        ("min", "7.43", "0.01", "kept"),
        ("min", "7.39", "0.01", "broken"),
    ],
)
def test_a_value_keeps_a_limit_or_breaks_it_or_nobody_knows(kind, value, expanded, outcome):
    limit = Limit(
        "S", "1", "t", "cable", "r", {}, kind, Decimal("7.41"), "u", date(2000, 1, 1), None, "s", is_confirmed=True
    )
    assert limit.outcome(Decimal(value), Decimal(expanded) if expanded else None) == outcome


def test_no_conditions_fit_every_product(tmp_path):
    row = ROW.replace("class=2;material=Cu", "")
    (tmp_path / "one.csv").write_text(HEADER + row, encoding="utf-8")
    assert read_pack(tmp_path).find("cable", "r", {}, DAY) is not None
