"""The pages of a draw and of a sample, and the ways to them."""

import re

import pytest

from tests.draws import DELIVERED, announce, read_draw, tell_draw
from tests.factories import DRUM, SISTER, uscc_of
from tests.pages import opened
from tests.world import MADE, PREPARED

SAMPLER = uscc_of("contractor")


@pytest.fixture(scope="module")
def told(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("draws"), shared_folder, PREPARED + MADE + DELIVERED) as (app, world):
        tell_draw(world)
        app.extensions["suzheng"].refresh(1000)
        yield app, world, read_draw(world)


@pytest.fixture
def read(told):
    client = told[0].test_client()

    def get(path, language="en", status=200):
        response = client.get(f"{path}?lang={language}")
        assert response.status_code == status, response.get_data(as_text=True)[-1000:]
        return response.get_data(as_text=True)

    return get


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_draw_shows_its_picks_its_seed_and_how_to_check_it(told, read, language):
    draw = told[2]
    page = read(f"/draws/{draw.entry}", language)
    assert re.findall(r'data-pick="([^"]+)" data-metre="(\d+)"', page) == [
        (pick.lot, str(pick.metre)) for pick in draw.picks
    ]
    for said in (draw.seed.hex(), draw.root.hex(), draw.delivery, f"/entries/{draw.delivery_entry}", "draw verify"):
        assert said in page
    assert sorted(re.findall(r'data-drum="([^"]+)" data-length="500"', page)) == [DRUM, SISTER]
    assert page.count("hidden") >= 2  # what a browser adds


@pytest.mark.parametrize("entry", [0, 10_000])
def test_an_entry_that_announces_no_draw_has_no_such_page(read, entry):
    assert "not-found" in read(f"/draws/{entry}", status=404)


def test_before_it_is_known_the_page_says_so(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("early"), shared_folder, PREPARED + MADE + DELIVERED) as (app, world):
        early = announce(world)
        page = app.test_client().get(f"/draws/{early.position}?lang=en").get_data(as_text=True)
        assert "Nobody can know yet" in page
        assert "<script" not in page
        trace = app.test_client().get(f"/trace/{DRUM}?lang=en").get_data(as_text=True)
        assert "nobody can know yet what it picks" in trace
        void = world.say("owner", "draw.announced", delivery="9" * 64, ledger_size=2)
        assert "This draw is void." in app.test_client().get(f"/draws/{void.position}?lang=en").get_data(as_text=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sample_shows_hands_seal_photos_and_its_draw(told, read, language):
    draw = told[2]
    page = read(f"/samples/{SAMPLER}/S-1", language)
    for said in (f"/draws/{draw.entry}", "seal-1", "3" * 64, "4" * 64, "R-2015-001", 'class="metre"'):
        assert said in page
    assert page.count('<li><a class="party"') == 3


def test_a_sample_that_was_prepared_shows_what_is_wrong(told, read):
    page = read(f"/samples/{SAMPLER}/S-2")
    assert "and the sample was cut elsewhere" in page
    assert "by the record" in page
    assert "The seal seal-7 was broken" in page
    assert "missing" in page


def test_an_unknown_sample_has_no_page(read):
    assert "not-found" in read(f"/samples/{SAMPLER}/S-3", status=404)
    assert "not-found" in read(f"/samples/{uscc_of('maker')}/S-1", status=404)


def test_trace_page_report_and_search_lead_there(told, read):
    draw = told[2]
    trace = read(f"/trace/{DRUM}")
    assert f'href="/draws/{draw.entry}"' in trace
    assert f'href="/samples/{SAMPLER}/S-1"' in trace
    assert "Draw announced: 2 of 2 drums" in trace
    assert "Part of sample S-1 kept" in trace
    assert f'href="/samples/{SAMPLER}/S-1"' in read(f"/reports/{uscc_of('lab')}/R-2015-001")
    assert f'href="/draws/{draw.entry}"' in read(f"/entries/{draw.entry}")


def test_a_draw_under_a_stolen_key_is_marked(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("stolen"), shared_folder, PREPARED + MADE + DELIVERED) as (app, world):
        since = world.at.isoformat()
        said = announce(world)
        world.say("regulator", "key.revoked", kid=world.kid("supervisor"), reason="stolen", compromised_since=since)
        page = app.test_client().get(f"/draws/{said.position}?lang=en").get_data(as_text=True)
        assert "This announcement is not believed." in page
