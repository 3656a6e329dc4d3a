"""Reports that goods do not match: without login or script, followed by a number; no stranger's word stops goods."""

import io
from datetime import timedelta

import pytest

from api.access import serializer
from tests.factories import DRUM, SISTER, uscc_of
from tests.pages import opened, text_of
from tests.photos import make_photo
from tests.world import HONEST
from trace.mismatches.register import MOST_WORDS

WORDS = "The print says BV 1.5.\r\n<b>Call</b> me: 138-0000"


@pytest.fixture
def app(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        app.extensions["world"] = world
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


def send(client, lot=DRUM, words=WORDS, photo=None, **headers):
    data = {"words": words} | ({"photo": (io.BytesIO(photo), "x.jpg")} if photo is not None else {})
    return client.post(f"/mismatch/{lot}", data=data, headers=headers, content_type="multipart/form-data")


@pytest.fixture
def signed_in(app):
    def sign_in(alias):
        client = app.test_client()
        token = serializer(app).dumps(app.extensions["world"].keys[alias].public.kid.hex())
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return sign_in


def state(client, address):
    return client.get(address, headers={"Accept": "application/json"}).get_json()


def test_a_report_is_sent_and_followed_by_its_number_alone(client):
    sent = send(client, photo=make_photo())
    assert sent.status_code == 303
    address = sent.headers["Location"]
    response = client.get(f"{address}?lang=en", headers={"Accept": "text/html"})
    page = response.get_data(as_text=True)
    assert "Received" in text_of(page)
    assert response.headers["Cache-Control"] == "no-store"
    assert "138-0000" not in page
    assert "<img" not in page
    assert state(client, address)["state"] == "received"
    typed = address.removeprefix("/mismatch/").lower()
    assert client.get(f"/mismatch?number={typed[:4]}-{typed[4:]}").headers["Location"] == address
    assert client.get("/mismatch?lang=en").status_code == 200


def test_two_reports_have_two_numbers(client):
    assert len({send(client).headers["Location"] for _ in range(5)}) == 5


def test_no_report_changes_the_verdict(client):
    before = client.get(f"/{DRUM}", headers={"Accept": "application/json"}).get_json()
    for _ in range(5):
        send(client)
    after = client.get(f"/{DRUM}", headers={"Accept": "application/json"}).get_json()
    assert (after["verdict"], after["findings"]) == (before["verdict"], before["findings"]) == ("USE", [])


def test_the_regulator_reads_answers_and_the_answer_is_read_by_its_number(client, signed_in):
    address = send(client, photo=make_photo()).headers["Location"]
    number = address.rpartition("/")[2]
    regulator = signed_in("regulator")
    page = regulator.get("/mismatches?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "&lt;b&gt;Call&lt;/b&gt; me: 138-0000" in page
    assert regulator.post(f"/mismatches/{number}", data={"answer": " "}).status_code == 303
    assert state(client, address)["state"] == "seen"
    regulator.post(f"/mismatches/{number}", data={"answer": "We have taken samples."})
    told = state(client, address)
    assert (told["state"], told["answer"], told["answered_by"]) == (
        "answered",
        "We have taken samples.",
        uscc_of("regulator"),
    )
    regulator.post(f"/mismatches/{number}")
    assert state(client, address)["state"] == "answered"
    assert "We have taken samples." in client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)


def test_the_photo_is_the_regulators_to_save_as_it_came(client, signed_in):
    data = make_photo("WEBP", (64, 48))
    number = send(client, photo=data).headers["Location"].rpartition("/")[2]
    response = signed_in("regulator").get(f"/mismatches/{number}/photo")
    assert response.data == data
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Content-Disposition"] == f"attachment; filename={number}.webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"].startswith("no-")


def test_the_list_is_the_regulators_newest_first_and_goes_on(client, signed_in, monkeypatch):
    monkeypatch.setattr("api.pages.mismatch._ON_A_PAGE", 1)
    for lot in (DRUM, SISTER):
        send(client, lot)
        client.application.extensions["world"].at += timedelta(minutes=1)
    regulator = signed_in("regulator")
    first = state(regulator, "/mismatches")
    second = state(regulator, first["next"])
    assert [page["reports"][0]["lot"] for page in (first, second)] == [SISTER, DRUM]
    assert second["next"] is None


@pytest.mark.parametrize("alias", [None, "maker", "lab"])
@pytest.mark.parametrize("path", ["/mismatches", "/mismatches/0000000000000/photo"])
def test_nobody_else_reads_them(client, signed_in, alias, path):
    reader = signed_in(alias) if alias else client
    response = reader.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (
        (401, "not-signed-in") if alias is None else (403, "role-not-allowed")
    )


@pytest.mark.parametrize(
    ("words", "photo", "status", "code"),
    [
        ("", None, 400, "request-malformed"),
        (" \r\n ", None, 400, "request-malformed"),
        ("x" * (MOST_WORDS + 1), None, 400, "request-malformed"),
        ("x", b"GIF89a" + bytes(20), 422, "photo-refused"),
        ("x", make_photo() + bytes(3000), 413, "too-large"),
    ],
    ids=["empty", "blank", "long", "gif", "large"],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(client, signed_in, monkeypatch, words, photo, status, code):
    monkeypatch.setattr("api.photos.MAX_PHOTO_BYTES", 2000)
    response = send(client, words=words, photo=photo, Accept="application/json")
    assert (response.status_code, response.get_json()["code"]) == (status, code)
    assert state(signed_in("regulator"), "/mismatches")["reports"] == []


def test_another_site_can_not_send_or_answer_in_somebodys_name(client, signed_in):
    foreign = {"Origin": "https://evil.example", "Accept": "application/json"}
    assert send(client, **foreign).get_json()["code"] == "origin-foreign"
    number = send(client).headers["Location"].rpartition("/")[2]
    response = signed_in("regulator").post(f"/mismatches/{number}", data={"answer": "x"}, headers=foreign)
    assert response.get_json()["code"] == "origin-foreign"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/mismatch/0000000000000", 400), ("/mismatch/nonsense", 400), ("/mismatch?number=x", 400)],
)
def test_a_number_that_is_none_is_refused(client, path, status):
    assert client.get(path, headers={"Accept": "application/json"}).status_code == status


def test_a_number_that_nobody_was_given_is_not_found(client):
    from api.mismatch_number import make_number

    response = client.get(f"/mismatch/{make_number(bytes(8))}", headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_works_without_script_and_says_what_is_kept(client, language):
    html = client.get(f"/mismatch/{DRUM}?lang={language}").get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in html
    assert "<script" not in html
    assert "%(" not in html
