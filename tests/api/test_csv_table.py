"""Tables say what the values say, and no spreadsheet runs a cell of theirs."""

import csv
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest

from api.csv_table import REACH_COLUMNS, STEP_COLUMNS, WHERE_COLUMNS, reach_rows, step_rows, where_rows, write_table
from tests.facts import BATCH, CONTRACTOR, CUTTING, DRUM, HISTORY, MAKER, SHIPPED, metres
from tests.trace.test_recalling import ORDER, answer
from tests.trace.test_whereabouts import OF_BATCH, fresh_drum
from trace.production.register import Portion
from trace.recalling import reach_recall
from trace.whereabouts import whereabouts


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    (row,) = read(write_table(["a", "b"], [[cell, None]]))
    assert row == {"a": f"'{cell}", "b": ""}


def test_parts_and_what_is_over_stand_in_a_row_each() -> None:
    told = whereabouts(replace(fresh_drum(), movements=(replace(SHIPPED, quantity=metres(520)),)))
    rows = read(write_table(WHERE_COLUMNS, where_rows(told)))
    assert [(row["state"], row["quantity"], row["unit_code"], row["to"]) for row in rows] == [
        ("on_way", "520", "MTR", CONTRACTOR),
        ("over", "20", "MTR", ""),
    ]
    assert rows[0]["entries"] == str(SHIPPED.entry)


def test_keepers_stand_with_what_they_hold_and_said() -> None:
    reach = reach_recall(replace(OF_BATCH, recall_answers=(answer(CONTRACTOR),)), ORDER)
    rows = {row["party"]: row for row in read(write_table(REACH_COLUMNS, reach_rows(reach, {MAKER: "works"})))}
    assert (rows[MAKER]["name"], rows[MAKER]["has_answered"]) == ("works", "no")
    assert (rows[CONTRACTOR]["amount"], rows[CONTRACTOR]["has_answered"], rows[CONTRACTOR]["lots"]) == (
        "500",
        "yes",
        DRUM,
    )
    assert rows[CONTRACTOR]["answers"] == f"2015-06-01 quarantined {DRUM}"


def test_steps_tell_what_was_lost() -> None:
    cutting = replace(CUTTING, outputs=(Portion(DRUM, metres("499.5")), *CUTTING.outputs[1:]))
    first, *_ = read(write_table(STEP_COLUMNS, step_rows([cutting], HISTORY.lots, HISTORY.holders)))
    assert (first["side"], first["lot"], first["lost"], first["left"]) == ("in", BATCH, "0.5", "0")
    assert Decimal(first["made"]) == 1000
