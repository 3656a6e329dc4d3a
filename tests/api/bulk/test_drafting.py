"""Drafts of what is left of a file follow the heads that it was planned on, or it is planned again."""

import pytest

from api.bulk import drafting
from api.bulk.drafting import draft_rest
from api.bulk.templates import DRUMS
from api.drafting import draft_all as draft_all_of_the_desk
from keys.errors import RefusedError
from tests.api.bulk.files import dicts_to_csv
from tests.factories import BATCH, lot_at, uscc_of
from tests.pages import opened
from tests.world import MADE, PREPARED

ROW = {"product": "06901234567892", "lot": "A1", "length": "1", "made_at": "2015-05-05 14:00"}
FILE = dicts_to_csv([ROW | {"serial": f"D{number:03d}"} for number in range(500)])


@pytest.fixture
def site(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, PREPARED + MADE[:3]) as (app, world):
        world.at = world.at.replace(year=2016)
        yield app.extensions["suzheng"], world


def rest_of(site, **more):
    shell, world = site
    return draft_rest(shell, DRUMS, FILE, uscc_of("maker"), world.keys["maker"].public.kid, most_rows=1000, **more)


def test_so_many_at_a_time_each_after_the_one_before(site):
    rest = rest_of(site, most=2)
    assert rest.rows == [200, 200]
    assert [draft.after for draft in rest.drafts] == [(), (0,)]
    assert set(rest.drafts[0].follows) == rest.plan.heads[BATCH]


def test_what_is_said_between_planning_and_drafting_is_not_passed_over(site, monkeypatch):
    """Else two browsers with the same file would put each drum there twice."""
    _, world = site
    draft_all, calls = draft_all_of_the_desk, 0

    def late(*arguments):
        nonlocal calls
        calls += 1
        if calls == 1:
            world.say("maker", "lot.split", taken={BATCH: 1}, given={lot_at("A1", "D000"): 1})
        return draft_all(*arguments)

    monkeypatch.setattr(drafting, "draft_all", late)
    rest = rest_of(site)
    assert calls == 2
    assert (rest.plan.standing, sum(rest.rows)) == (1, 499)


def test_where_others_never_stop_it_gives_up(site, monkeypatch):
    _, world = site
    draft_all, serials = draft_all_of_the_desk, iter(range(100))

    def late(*arguments):
        world.say("maker", "lot.split", taken={BATCH: 1}, given={lot_at("A1", f"X{next(serials)}"): 1})
        return draft_all(*arguments)

    monkeypatch.setattr(drafting, "draft_all", late)
    with pytest.raises(RefusedError) as refused:
        rest_of(site)
    assert refused.value.code == "too-busy"
