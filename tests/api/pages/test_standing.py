"""Where all of a lot is: the bar and the table sum to the whole; places are sorted; unknown metres are counted."""

import re
from decimal import Decimal

import pytest

from api.pages.places import list_stations, list_stores
from api.pages.standing import WIDTH, stand
from api.tracing import trace
from tests.factories import BATCH, DRUM, ROD, SISTER, lot_at
from tests.pages import opened, text_of
from tests.world import HONEST
from trace.balance import State

LENGTH = lot_at("A1", "D002-1")
SPREAD = (
    *HONEST,
    ("2015-06-01", "maker", "lot.split", {"taken": {SISTER: 200}, "given": {LENGTH: 190}}),
    ("2015-06-02", "maker", "goods.shipped", {"amounts": {LENGTH: 190}}),
    (
        "2015-06-03",
        "contractor",
        "lot.removed",
        {"amounts": {DRUM: 100}, "place": {"station": "station 3", "from_m": "400", "to_m": "500"}},
    ),
    (
        "2015-06-04",
        "contractor",
        "lot.installed",
        {"amounts": {DRUM: 60}, "place": {"station": "station 1", "circuit": "AL7", "from_m": "400", "to_m": "460"}},
    ),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("spread"), shared_folder, SPREAD) as (app, _):
        yield app


@pytest.fixture
def told(app):
    with app.test_request_context("/?lang=en"):
        yield trace(app.extensions["suzheng"], BATCH)


def test_the_parts_sum_to_the_whole(told):
    standing = stand(told)
    assert sum(line.quantity.value for line in standing.lines) == 1000
    assert sum(share.quantity.value for share in standing.shares) == 1000
    assert sum(share.width for share in standing.shares) == WIDTH


def test_each_state_has_what_is_in_it(told):
    shares = {share.state: share.quantity.value for share in stand(told).shares}
    assert shares[State.ON_WAY] == 190
    assert shares[State.UNKNOWN] == 10
    assert shares[State.HELD] + shares[State.INSTALLED] == 800


def test_the_page_says_it_in_figures_and_counts_what_is_not_known(app):
    html = app.test_client().get(f"/trace/{BATCH}?lang=en").text
    section = html[html.index('id="holders"') : html.index('id="places"')]
    text = text_of(section)
    assert "1\u202f000\u00a0m" in section
    assert "on its way 190" in text
    assert "not known 10" in text
    assert "lost in cutting" in text
    (label,) = re.findall(r'<svg class="shares"[^>]*aria-label="([^"]+)"', section)
    assert "on its way 190\u00a0m" in label


def test_material_that_was_made_into_something_says_into_what(app):
    html = app.test_client().get(f"/trace/{ROD}?lang=en").text
    section = html[html.index('id="holders"') :]
    assert "made into something else" in section
    assert f'href="/trace/{BATCH}"' in section


def test_stations_are_sorted_with_circuits_metres_lots_and_since_when(told):
    stations = list_stations(told)
    assert [station.name for station in stations] == sorted(station.name for station in stations)
    first = stations[0]
    assert (first.name, [circuit.name for circuit in first.circuits]) == ("station 1", ["AL7"])
    assert first.totals[0].value == Decimal(60)
    assert first.lots == (DRUM,)


def test_stores_have_keeper_quantity_and_lots(told):
    stores = list_stores(stand(told).lines)
    assert {store.line.state for store in stores} == {State.HELD, State.ON_WAY}
    (under_way,) = (store for store in stores if store.line.state is State.ON_WAY)
    assert under_way.line.lots == (LENGTH,)


def test_the_list_of_places_is_on_the_page(app):
    html = app.test_client().get(f"/trace/{BATCH}?lang=zh").text
    places = html[html.index('id="places"') : html.index('id="recalls"')]
    assert places.index("station 1") < places.index("在途")
    assert "AL7" in places
