"""Sampling plans are data, and wrong data is named."""

import pytest

from labs.drawing.plans import DATA, find_plan, plans, read_plans
from labs.standards.pack import read_pack

S3 = "GB/T 2828.1 S-3 c=0"


@pytest.mark.parametrize(
    ("drums", "n"), [(1, 1), (2, 2), (15, 2), (16, 3), (50, 3), (51, 5), (150, 5), (151, 8), (500, 8), (501, 13)]
)
def test_level_s3_by_lot_size(drums, n):
    plan = find_plan(S3, "cable", drums)
    assert plan is not None
    assert (plan.n_of(drums), plan.c) == (n, 0)


@pytest.mark.parametrize(("drums", "n"), [(8, 2), (9, 3), (25, 5), (50, 8), (90, 13), (91, 20), (281, 50)])
def test_general_level_ii_by_lot_size(drums, n):
    plan = find_plan("GB/T 2828.1 II c=0", "cable", drums)
    assert plan is not None
    assert plan.n_of(drums) == n


def test_of_few_drums_not_more_are_drawn_than_there_are():
    (row,) = (row for row in plans() if row.plan == S3 and row.lot_from == 2)
    assert (row.n, row.n_of(1)) == (2, 1)


@pytest.mark.parametrize(("plan", "family", "drums"), [("none", "cable", 5), (S3, "rebar", 5), (S3, "cable", 1201)])
def test_what_no_plan_covers_has_none(plan, family, drums):
    assert find_plan(plan, family, drums) is None


def test_each_plan_says_where_it_is_from():
    assert {row.family for row in plans()} <= read_pack().families
    assert all(row.source and row.citation for row in plans())
    assert [row.plan for row in plans() if not row.is_confirmed] == ["GB 50303 per batch"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("confirmed", "certain"), "line 2: expected confirmed or recalled"),
        (("cable,2,8,2", "cable,1,8,2"), "line 3: expected a range apart"),
        (("cable,2,8,2,0", "cable,2,8,2,2"), "line 3: expected 1 <= from"),
        (("cable,2,8,2", "cable,2,8,two"), "line 3: invalid literal"),
        (("margin_pct", "margin"), "line 2: 'margin_pct'"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, change, message):
    path = tmp_path / "plans.csv"
    before, after = change
    path.write_text(DATA.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"plans\.csv {message}"):
        read_plans(path)
