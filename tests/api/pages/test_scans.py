"""Noting a scan: nothing but what was said is kept, nothing is written by looking, and a contradiction is found."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.app import create_app
from api.photos import keep_photo
from api.settings import Settings
from tests.factories import DRUM, lot_at, uscc_of
from tests.pages import opened, text_of
from tests.photos import make_photo
from tests.world import HONEST
from trace.mismatches.register import KEPT_DAYS as REPORTS_KEPT_DAYS
from trace.mismatches.register import Mismatch, add_mismatch, answer_mismatch, read_mismatches
from trace.scans.register import KEPT_DAYS, ScanRow


@pytest.fixture
def app(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        app.extensions["world"] = world
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


def kept(app):
    with app.extensions["suzheng"].database.reading() as session:
        return [
            (row.lot, row.latitude, row.longitude, row.holder)
            for row in session.scalars(select(ScanRow).order_by(ScanRow.number))
        ]


def test_looking_writes_nothing(app, client):
    for headers in ({"Accept": "text/html"}, {"Accept": "application/json"}):
        assert client.get(f"/{DRUM}", headers=headers).status_code == 200
    assert kept(app) == []


def test_a_script_notes_the_page_with_nothing_else(app, client):
    assert client.post(f"/scans/{DRUM}", data={"by": "script"}).status_code == 204
    assert kept(app) == [(DRUM, None, None, None)]


def test_a_form_without_script_leads_back_and_is_thanked(app, client):
    response = client.post(f"/scans/{DRUM}", data={"holder": uscc_of("contractor")})
    assert (response.status_code, response.headers["Location"]) == (303, f"/{DRUM}?noted=1")
    page = client.get(f"/{DRUM}?noted=1&lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "Noted. Thank you." in text_of(page)
    assert kept(app) == [(DRUM, None, None, uscc_of("contractor"))]


@pytest.mark.parametrize(
    ("latitude", "longitude", "tenths"),
    [("34.3", "108.9", (343, 1089)), ("34.26412345", "108.94", (343, 1089)), ("-90", "180", (-900, 1800))],
)
def test_a_place_is_rounded_here_whatever_is_sent(app, client, latitude, longitude, tenths):
    client.post(f"/scans/{DRUM}", data={"by": "script", "latitude": latitude, "longitude": longitude})
    assert kept(app) == [(DRUM, *tenths, None)]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"latitude": "34.3"}, 400),
        ({"latitude": "90.1", "longitude": "1"}, 400),
        ({"latitude": "nan", "longitude": "1"}, 400),
        ({"latitude": "1e9999", "longitude": "1"}, 400),
        ({"latitude": "٣٤", "longitude": "1"}, 400),
        ({"holder": "nobody"}, 422),
    ],
)
def test_what_is_no_place_or_party_is_refused_and_not_kept(app, client, fields, status):
    assert client.post(f"/scans/{DRUM}", data=fields).status_code == status
    assert kept(app) == []


def test_another_site_can_not_make_a_visitor_note_anything(app, client):
    response = client.post(f"/scans/{DRUM}", headers={"Sec-Fetch-Site": "cross-site", "Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (403, "origin-foreign")
    assert kept(app) == []


def test_a_lot_that_nobody_spoke_of_is_not_kept(app, client):
    assert client.post(f"/scans/{lot_at('Z9', 'D777')}", data={"by": "script"}).status_code == 204
    assert kept(app) == []


def test_no_address_and_no_device_is_kept():
    assert set(ScanRow.__table__.columns.keys()) == {"number", "lot", "at", "latitude", "longitude", "holder"}


def test_old_scans_go_when_new_ones_come(app, client):
    client.post(f"/scans/{DRUM}", data={"by": "script"})
    app.extensions["world"].at += timedelta(days=KEPT_DAYS + 1)
    client.post(f"/scans/{DRUM}", data={"by": "script", "holder": uscc_of("maker")})
    assert kept(app) == [(DRUM, None, None, uscc_of("maker"))]


def test_reports_answered_long_ago_go_with_their_photos_when_old_scans_do(app, client):
    world, shell = app.extensions["world"], app.extensions["suzheng"]
    with shell.database.writing() as session:
        for number, width in (("A", 40), ("B", 50)):
            photo = keep_photo(shell.settings, make_photo(size=(width, 30)))
            add_mismatch(session, Mismatch(number, DRUM, world.at, "words", photo, "image/jpeg"))
        answer_mismatch(session, "A", "the print is right", uscc_of("regulator"), world.at)
    world.at += timedelta(days=REPORTS_KEPT_DAYS + 1)
    assert len(list(shell.settings.mismatch_dir.iterdir())) == 2
    client.post(f"/scans/{DRUM}", data={"by": "script"})
    with shell.database.reading() as session:
        (left,) = read_mismatches(session, 10)
    assert left.number == "B"
    assert [path.name for path in shell.settings.mismatch_dir.iterdir()] == [left.photo]


def test_a_copy_is_found_shown_and_listed_and_holds_no_lot(app, client):
    for number in range(4):
        place = (("34.3", "108.9"), ("31.2", "121.5"))[number % 2]
        client.post(f"/scans/{DRUM}", data={"latitude": place[0], "longitude": place[1]})
        app.extensions["world"].at += timedelta(minutes=1)
    page = client.get(f"/{DRUM}?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    text = text_of(page)
    assert "Something is odd about the scans of this label" in text
    assert re.search(r"scanned 12\d\d km apart within 1 minutes", text)
    assert client.get(f"/{DRUM}", headers={"Accept": "application/json"}).get_json()["verdict"] == "USE"
    app.extensions["suzheng"].refresh(100)
    listed = client.get("/api/v1/findings?code=C06").get_json()
    assert [finding["lot"] for finding in listed["items"]] == [DRUM]


def test_the_form_names_those_who_may_hold_it_and_says_what_is_kept(client):
    page = client.get(f"/{DRUM}?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f'<option value="{uscc_of("contractor")}">contractor</option>' in page
    assert f"Kept for {KEPT_DAYS} days" in text_of(page)
    assert 'type="button" id="note-place" hidden' in page


def test_one_address_notes_no_more_than_some_a_minute(app, tmp_path):
    own = app.extensions["suzheng"].settings
    limited = create_app(Settings(own.var_dir, own.database_url, own.public_url, "600 per minute", is_secure=False))
    limited.extensions["suzheng"].clock = lambda: app.extensions["world"].at
    statuses = [limited.test_client().post(f"/scans/{DRUM}", data={"by": "script"}).status_code for _ in range(31)]
    assert (statuses[:30], statuses[30]) == ([204] * 30, 429)
    limited.extensions["suzheng"].database.close()
