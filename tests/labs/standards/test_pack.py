"""The standards pack: a limit is found by what the product is, or it is not found."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labs.standards.pack import Limit, StandardsPack, read_pack
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
