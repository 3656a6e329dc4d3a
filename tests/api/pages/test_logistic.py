"""The page of a logistic unit, its JSON and its links; and what a drum's own pages say of the unit that it is in."""

import io
import zipfile

import pytest
from sqlalchemy import event

from tests.factories import CONTAINER, DRUM, PALLET, SISTER, lot_at, pallet_at, uscc_of
from tests.pages import opened, text_of
from tests.world import HONEST

THIRD = lot_at("A1", "D003")
EMPTY = pallet_at(77)
NEXT_YEAR = "2016-01-05T09:00:00+08:00"
ACTS = (
    *HONEST,
    ("2016-01-01", "maker", "lot.commissioned", {"amounts": {THIRD: 300}}),
    # D001, which may be used, D002, which nobody has tested, and a third that is taken out again.
    (
        "2016-01-05",
        "contractor",
        "goods.packed",
        {"amounts": {DRUM: None, SISTER: None, THIRD: None}, "eventTime": NEXT_YEAR},
    ),
    ("2016-01-05", "contractor", "goods.unpacked", {"amounts": {THIRD: None}, "eventTime": NEXT_YEAR}),
    (
        "2016-01-06",
        "contractor",
        "goods.packed",
        {"amounts": {PALLET: None}, "unit": CONTAINER, "eventTime": NEXT_YEAR},
    ),
    (
        "2016-01-07",
        "contractor",
        "goods.shipped",
        {"amounts": {CONTAINER: None}, "receiver": uscc_of("dealer"), "eventTime": NEXT_YEAR},
    ),
    ("2016-01-07", "maker", "goods.packed", {"amounts": {THIRD: None}, "unit": EMPTY, "eventTime": NEXT_YEAR}),
    ("2016-01-07", "maker", "goods.unpacked", {"unit": EMPTY, "eventTime": NEXT_YEAR}),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("logistic"), shared_folder, ACTS) as (app, _):
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


def as_json(client, path):
    response = client.get(path, headers={"Accept": "application/json"})
    assert response.status_code == 200
    return response.json


def page(client, path):
    response = client.get(f"{path}?lang=en", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return text_of(response.get_data(as_text=True))


def test_a_pallets_page_has_the_gravest_verdict_on_top(client):
    text = page(client, f"/{PALLET}")
    assert text.index("Hold") < text.index("Of the goods in it, 1 of 2 may be used") < text.index("A1 · D002")
    assert text.index("A1 · D002") < text.index("A1 · D001")
    assert f"(00){PALLET[3:]}" in text


def test_what_is_in_it_and_was(client):
    told = as_json(client, f"/{PALLET}")
    assert told == as_json(client, f"/api/v1/logistic-units/{PALLET}")
    assert told["unit"] == PALLET
    assert {one["lot"]: one["packed_in"] for one in told["contents"]} == {DRUM: PALLET, SISTER: PALLET}
    assert told["count"] == 2
    assert told["verdict"] == told["contents"][0]["verdict"] == "HOLD"
    assert [one["lot"] for one in told["before"]] == [THIRD]
    assert [one["unit"] for one in told["packed_in"]] == [CONTAINER]
    assert (told["holder"]["party"], told["holder"]["sent_to"]) == (uscc_of("contractor"), uscc_of("dealer"))


def test_a_container_tells_what_is_in_its_pallets(client):
    told = as_json(client, f"/{CONTAINER}")
    assert {one["lot"]: one["packed_in"] for one in told["contents"]} == {
        DRUM: PALLET,
        SISTER: PALLET,
        PALLET: CONTAINER,
    }
    assert [one["verdict"] for one in told["contents"] if one["lot"] == PALLET] == [None]
    assert f"(00){PALLET[3:]}" in page(client, f"/{CONTAINER}")


def test_one_that_is_empty_now_has_no_verdict(client):
    told = as_json(client, f"/{EMPTY}")
    assert (told["verdict"], told["contents"], [one["lot"] for one in told["before"]]) == (None, [], [THIRD])
    text = page(client, f"/{EMPTY}")
    assert "By the record nothing is in it now." in text
    assert "maker (who packed it last" in text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/{pallet_at(99)}", 404, "lot-unknown"),
        (f"/{pallet_at(99)}?linkType=linkset", 404, "lot-unknown"),
        (f"/{PALLET[:-1]}{(int(PALLET[-1]) + 1) % 10}", 422, "digital-link-invalid"),
        ("/00/123", 422, "digital-link-invalid"),
        (f"/{PALLET}?linkType=gs1:recallStatus", 404, "link-unknown"),
        (f"/api/v1/logistic-units/{pallet_at(99)}", 404, "lot-unknown"),
        ("/api/v1/logistic-units/00/123", 422, "digital-link-invalid"),
    ],
)
def test_what_is_refused(client, path, status, code):
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.json["code"]) == (status, code)


def test_its_links(client):
    response = client.get(f"/{PALLET}", headers={"Accept": "application/linkset+json"})
    (part,) = response.json["linkset"]
    assert part["anchor"].endswith(f"/{PALLET}")
    assert {key.rpartition("/")[2] for key in part} == {"anchor", "defaultLink", "pip", "traceability"}
    for term, accept, location in (
        ("pip", "text/html", f"/{PALLET}"),
        ("traceability", "text/html", f"/{PALLET}#history"),
        ("traceability", "application/json", f"/api/v1/logistic-units/{PALLET}"),
    ):
        followed = client.get(f"/{PALLET}?linkType=gs1:{term}", headers={"Accept": accept})
        assert (followed.status_code, followed.headers["Location"]) == (307, location)
        assert client.get(location.partition("#")[0], headers={"Accept": accept}).status_code == 200
    assert "00" in client.get("/.well-known/gs1resolver").json["supportedPrimaryKeys"]


def test_it_is_found_by_its_number(client):
    assert f"/{PALLET}" in client.get(f"/search?q=({PALLET.replace('/', ')')}").headers.get("Location", "")


# --- what a drum's own pages say ---


def test_the_scan_page_says_which_unit_it_is_in(client):
    assert f"Packed in (00){PALLET[3:]}" in page(client, f"/{DRUM}")
    assert [one["unit"] for one in as_json(client, f"/{DRUM}")["packed_in"]] == [PALLET]
    assert [one["unit"] for one in as_json(client, f"/api/v1/lots/{DRUM}")["packed_in"]] == [PALLET]
    assert as_json(client, f"/{THIRD}")["packed_in"] == []


def test_the_time_line_says_how_it_travelled(client):
    text = page(client, f"/trace/{DRUM}")
    assert f"Packed in (00){PALLET[3:]}" in text
    assert f"Its logistic unit (00){PALLET[3:]} was packed in (00){CONTAINER[3:]}" in text
    assert f"Shipped to dealer · in (00){CONTAINER[3:]}" in text
    # D003 was, and this drum was not.
    assert "Taken out of" not in text
    assert "Other goods were packed in its logistic unit, or taken out" in text


def test_the_entry_that_moved_the_container_is_in_the_drums_evidence(client):
    told = as_json(client, f"/{CONTAINER}")
    assert set(told["entries"]) <= set(as_json(client, f"/api/v1/lots/{DRUM}")["entries"])
    bundle = zipfile.ZipFile(io.BytesIO(client.get(f"/api/v1/lots/{DRUM}/evidence.zip").data))
    assert {f"statements/{entry:08}.cose" for entry in told["entries"]} <= set(bundle.namelist())


def test_an_entry_names_what_it_moved(client):
    shipped = as_json(client, f"/{CONTAINER}")["entries"][-1]
    assert set(as_json(client, f"/api/v1/entries/{shipped}")["lots"]) == {CONTAINER, PALLET, DRUM, SISTER}
    assert f"(00){CONTAINER[3:]}" in page(client, f"/entries/{shipped}")


def test_a_units_page_takes_a_bounded_number_of_questions(app, client):
    asked: list[str] = []

    def see(_connection, _cursor, statement, *_):
        asked.append(statement)

    engine = app.extensions["suzheng"].database.readers
    event.listen(engine, "before_cursor_execute", see)
    try:
        as_json(client, f"/{PALLET}")
    finally:
        event.remove(engine, "before_cursor_execute", see)
    assert len(asked) <= 16
