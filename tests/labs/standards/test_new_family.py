"""A family is a file: with a table of its own, a material that no code knows is judged and has all gates."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.judge import GATES, Word, judge
from labs.rules import RULES
from labs.standards.pack import read_pack
from tests.facts import LOT, REPORT, ROW, but, found

TABLE = """standard,edition,clause,family,parameter,conditions,limit_kind,limit,unit,valid_from,valid_to,source,status
GB/T 11835,2016,table 3,rock_wool,density,grade=A,min,80,kg/m3,2016-01-01,,a book,confirmed
"""
DURATIONS = """standard,edition,clause,family,parameter,minimum_h,instrument,valid_from,valid_to,source,status
GB/T 5480,2017,5,rock_wool,density,24,one,2014-01-01,,a book,recalled
"""


@pytest.fixture
def pack(tmp_path):
    (tmp_path / "rock_wool.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "durations").mkdir()
    (tmp_path / "durations" / "wool.csv").write_text(DURATIONS, encoding="utf-8")
    return read_pack(tmp_path)


def dossier(pack, value, **lot):
    known = replace(LOT, family="rock_wool", attributes={"grade": "A"}, standard="GB/T 11835-2016", **lot)
    row = replace(ROW, parameter="density", unit="kg/m3", value=Decimal(value), uncertainty=None, limit=None)
    report = replace(REPORT, rows=(row,), required=("density",))
    return but(lot=known, pack=pack, contracts=(), reports=(report,), papers=(), measurements=())


def test_a_value_below_the_new_tables_limit_stops_the_lot(pack):
    verdict = judge(dossier(pack, "79"), {"P12": RULES["P12"]})
    assert (verdict.word, verdict.reasons[0].code) == (Word.STOP, "P12")
    assert verdict.findings[0].facts["limit"] == 80


def test_a_value_that_keeps_it_passes_the_gates_of_what_is_built_in(pack):
    verdict = judge(dossier(pack, "80"), {"P12": RULES["P12"]})
    assert verdict.word is Word.USE
    assert tuple(gate.name for gate in verdict.gates) == GATES


def test_its_durations_are_kept_too(pack):
    findings = found(RULES["L08"], but(dossier(pack, "80"), samples=(), receptions=()))
    assert [finding.case for finding in findings] == ["too_short"]


def test_without_the_file_the_material_is_an_input(pack):
    verdict = judge(replace(dossier(pack, "79"), pack=read_pack()), {"P12": RULES["P12"]})
    assert [gate.name for gate in verdict.gates] == ["made", "inspected"]


@pytest.mark.parametrize("broken", [DURATIONS.replace("24", "long"), DURATIONS.replace("one", "two")])
def test_a_wrong_duration_is_refused_with_file_and_line(tmp_path, broken):
    (tmp_path / "durations").mkdir()
    (tmp_path / "durations" / "bad.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.csv line 2"):
        read_pack(tmp_path)
