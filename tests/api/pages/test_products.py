"""Links of other things than lots: products, units without their lot, compressed ones."""

import pytest
from sqlalchemy import event

from tests.factories import BATCH, CABLE_GTIN, DRUM, ROD, ROD_GTIN, SISTER, lot_at, uri_of
from tests.pages import PUBLIC_URL, opened, text_of
from tests.world import HONEST

PRODUCT = f"/01/{CABLE_GTIN}"
OTHER = lot_at("B9")
TWIN = lot_at("B9", "D002")
ACTS = (
    *HONEST,
    ("2015-06-02", "maker", "lot.commissioned", {"amounts": {OTHER: 100}}),
    ("2015-06-02", "maker", "lot.commissioned", {"amounts": {TWIN: 100}}),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("products"), shared_folder, ACTS) as (app, _):
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


def as_json(client, path):
    return client.get(path, headers={"Accept": "application/json"})


def test_a_products_page_lists_its_lots_with_their_makers_and_verdicts(client):
    text = text_of(client.get(f"{PRODUCT}?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True))
    for said in ("BV 2.5", "maker", "A1", "B9", CABLE_GTIN, "nothing of the piece before you"):
        assert said in text
    told = as_json(client, PRODUCT).json
    assert [(lot["lot"], lot["verdict"]) for lot in told["lots"]] == [(BATCH, "HOLD"), (OTHER, "HOLD")]
    assert (told["uri"], told["next"]) == (PUBLIC_URL + PRODUCT, None)


def test_a_page_of_lots_goes_on_after_its_last(client, monkeypatch):
    monkeypatch.setattr("api.pages.products._ON_A_PAGE", 1)
    first = as_json(client, PRODUCT).json
    second = as_json(client, first["next"].removeprefix(PUBLIC_URL)).json
    assert [lot["lot"] for page in (first, second) for lot in page["lots"]] == [BATCH, OTHER]
    assert second["next"] is None


def test_a_gtin_of_13_digits_is_the_same_product(client):
    assert as_json(client, f"/01/{CABLE_GTIN[1:]}").json["gtin"] == CABLE_GTIN


def test_a_unit_without_its_lot_leads_to_the_one_that_there_is(client):
    response = client.get(f"{PRODUCT}/21/D001?17=261031&linkType=gs1:traceability")
    assert (response.status_code, response.headers["Location"]) == (
        307,
        f"/{DRUM}?17=261031&linkType=gs1%3Atraceability",
    )
    assert client.get(response.headers["Location"]).headers["Location"] == f"/trace/{DRUM}?17=261031"


def test_a_serial_of_several_lots_is_listed(client):
    response = as_json(client, f"{PRODUCT}/21/D002")
    assert response.status_code == 200
    assert [lot["lot"] for lot in response.json["lots"]] == [SISTER, TWIN]
    page = text_of(client.get(f"{PRODUCT}/21/D002?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True))
    assert "Several units of this product have the number D002" in page


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{PRODUCT}/21/d001", 404, "lot-unknown"),
        (f"{PRODUCT}/21/D00_", 404, "lot-unknown"),
        (f"{PRODUCT}/21/%25", 404, "lot-unknown"),
        ("/01/06901234567816", 404, "lot-unknown"),
        ("/01/06901234567893", 422, "digital-link-invalid"),
        ("/01/123", 422, "digital-link-invalid"),
        (f"{PRODUCT}?linkType=gs1:traceability", 404, "link-unknown"),
        (f"{PRODUCT}?after=x", 422, "digital-link-invalid"),
        ("/00/106901234567890128", 404, "lot-unknown"),
        ("/00/106901234567890127", 422, "digital-link-invalid"),
        ("/414/6901234567892", 404, "link-unknown"),
        ("/414/6901234567892/254/12", 404, "link-unknown"),
        ("/414/6901234567893", 422, "digital-link-invalid"),
        ("/AQyNo0UVqB", 404, "not-found"),
        ("/nothing-here-at-all", 404, "not-found"),
    ],
)
def test_what_leads_nowhere_says_why(client, path, status, code):
    response = as_json(client, path)
    assert (response.status_code, response.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("segment", "address"),
    [
        ("CwyNo0UVqI4rYKIkKHoE", "/01/06901234567892/10/15B0511/21/D02"),
        ("GgyNo0UVqI4rQIQn906HoG?lang=en", "/01/06901234567892/10/15A0421/21/D03?17=261031&lang=en"),
        ("CwyNo0UVqIVC?linkType=linkset", "/01/06901234567892/10/A1?linkType=linkset"),
    ],
)
def test_a_compressed_link_leads_to_its_address(client, segment, address):
    response = client.get(f"/{segment}")
    assert (response.status_code, response.headers["Location"]) == (307, address)


@pytest.mark.parametrize("page", ["/findings", "/labs", "/rules", "/search?q=A1", "/healthz", "/verify.html"])
def test_pages_of_one_segment_are_no_compressed_links(client, page):
    assert client.get(page).status_code in (200, 302)


def test_a_product_takes_a_bounded_number_of_queries(app, client):
    asked: list[str] = []
    engine = app.extensions["suzheng"].database.readers

    def see(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        as_json(client, PRODUCT)
        many = len(asked)
        asked.clear()
        as_json(client, f"/01/{ROD_GTIN}")
    finally:
        event.remove(engine, "before_cursor_execute", see)
    assert len(asked) <= many <= 9
    assert uri_of(ROD).endswith(ROD)
