"""CMA numbers taken apart by CNCA's tables."""

from dataclasses import replace
from datetime import date

import pytest

from labs.accreditation.numbers import Code, find_number_faults, read_cma
from tests.facts import ACCREDITATION

MINISTRY = "quality and technical supervision"


def test_the_parts_of_a_number():
    read = read_cma("150208119901")
    assert (read.year, read.serial, read.unknown_parts) == (2015, "9901", ())
    assert read.authority == Code("02", "天津", "Tianjin")
    assert (read.field, read.ministry) == (Code("08", "机械", "machinery"), Code("11", "技术监督", MINISTRY))


@pytest.mark.parametrize(
    ("number", "faults"),
    [
        ("143121340001", ()),
        ("143221340001", ("authority",)),
        ("143122340001", ("field",)),
        ("143121350001", ("ministry",)),
        ("149999990001", ("authority", "field", "ministry")),
        ("150000000001", ("year",)),
        (None, ()),
    ],
)
def test_the_last_code_of_each_table_is_known_and_the_next_is_not(number, faults):
    held = replace(ACCREDITATION, cma=number, valid_from=date(2014, 1, 1))
    assert find_number_faults(held) == faults


@pytest.mark.parametrize("text", ["", "15000000001", "1500000000011", "15000000000x", "１５０００００００００１"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="12 digits"):
        read_cma(text)
