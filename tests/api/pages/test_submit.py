"""Handing in by form: accepted, known, refused in words with nothing left behind, and what is found at once."""

import hashlib
import io
from typing import Any

import pytest

from api import blobs
from tests.factories import SISTER, RowBody, uri_of, uscc_of
from tests.pages import opened, text_of
from tests.sealing import print_paper
from tests.world import HONEST
from trace.ledger.store import size_of

PDF = print_paper()
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def site(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        yield app, world


def report(world, **changes):
    body = {"number": "R-2015-NEW", "lots": [uri_of(SISTER)], "sample": "S-1", "pdf_sha256": SHA256}
    return world.seal("lab", "report.issued", **(body | changes)).to_bytes()


def hand_in(app, statement, pdf=None, language="en"):
    form: dict[str, Any] = {"what": "statement" if pdf is None else "report"}
    if statement is not None:
        form["statement"] = (io.BytesIO(statement), "said.cose")
    if pdf is not None:
        form["pdf"] = (io.BytesIO(pdf), "report.pdf")
    return app.test_client().post(f"/submit?lang={language}", data=form, headers={"Accept": "text/html"})


def size(app):
    with app.extensions["suzheng"].database.reading() as session:
        return size_of(session)


def test_a_signed_report_with_its_pdf_is_accepted_and_kept(site):
    app, world = site
    before = size(app)
    response = hand_in(app, report(world), PDF)
    text = text_of(response.get_data(as_text=True))
    assert response.status_code == 201
    assert f"✓ Accepted Test report It stands in the ledger as entry #{before}" in text
    assert f"receipt-{before}.cose" in text
    assert blobs.has_blob(app.extensions["suzheng"].settings, SHA256)
    shown = app.test_client().get(f"/reports/{uscc_of('lab')}/R-2015-NEW", headers={"Accept": "text/html"})
    assert f"/api/v1/documents/{SHA256}" in shown.get_data(as_text=True)


def test_what_is_found_is_said_at_once(site):
    app, world = site
    rows = [RowBody(value="7.837", verdict="pass")]
    text = text_of(hand_in(app, report(world, rows=rows), PDF).get_data(as_text=True))
    assert "✓ Accepted" in text
    assert "Conductor resistance over the limit" in text
    assert "Stop" in text


def test_the_same_again_is_known(site):
    app, world = site
    statement = report(world)
    hand_in(app, statement, PDF)
    before = size(app)
    response = hand_in(app, statement, PDF)
    assert response.status_code == 200
    assert "✓ Known already" in text_of(response.get_data(as_text=True))
    assert size(app) == before


def test_a_changed_pdf_is_refused_and_leaves_nothing_behind(site):
    app, world = site
    before = size(app)
    response = hand_in(app, report(world), PDF + b" ")
    text = text_of(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "✕ Refused" in text
    assert SHA256 in text  # expected
    assert hashlib.sha256(PDF + b" ").hexdigest() in text  # got
    assert size(app) == before
    assert not blobs.has_blob(app.extensions["suzheng"].settings, SHA256)


def test_a_refused_report_leaves_no_document(site):
    app, world = site
    forged = bytearray(report(world))
    forged[-1] ^= 1
    response = hand_in(app, bytes(forged), PDF)
    assert response.status_code == 403
    assert "Nothing of it was recorded." in text_of(response.get_data(as_text=True))
    assert not blobs.has_blob(app.extensions["suzheng"].settings, SHA256)


def test_a_file_that_is_no_pdf_is_refused(site):
    app, world = site
    page = b"<html><script>alert(1)</script>"
    response = hand_in(app, report(world, pdf_sha256=hashlib.sha256(page).hexdigest()), page)
    assert response.status_code == 422
    assert b"<script>alert" not in response.data


def test_a_statement_that_names_no_document_is_no_report(site):
    app, world = site
    response = hand_in(app, world.seal("maker", "goods.shipped", amounts={SISTER: 500}).to_bytes(), PDF)
    assert response.status_code == 422
    assert "report.issued" in text_of(response.get_data(as_text=True))


def test_anybody_hands_in_any_signed_statement(site):
    app, world = site
    statement = world.seal("maker", "goods.shipped", amounts={SISTER: 500}).to_bytes()
    response = hand_in(app, statement)
    assert response.status_code == 201
    assert "Hold" in text_of(response.get_data(as_text=True))


def test_of_many_each_has_its_outcome(site):
    app, world = site
    good = world.seal("regulator", "penalty.imposed").to_bytes()
    bad = world.seal("maker", "penalty.imposed").to_bytes()
    text = text_of(hand_in(app, good + bad).get_data(as_text=True))
    assert "✓ Accepted" in text
    assert "✕ Refused" in text


@pytest.mark.parametrize(
    ("statement", "status"),
    [(None, 400), (b"", 400), (b"<script>alert(1)</script>", 400), (b"\xd2\x84\x40\xa0\x40\x40", 400)],
)
def test_what_is_no_statement_is_refused_in_words(site, statement, status):
    app, _ = site
    response = hand_in(app, statement)
    assert response.status_code == status
    assert b"<script>alert" not in response.data
    assert "✕ Refused" in text_of(response.get_data(as_text=True))


def test_more_than_a_page_can_show_belongs_to_the_api(site):
    app, world = site
    one = world.seal("regulator", "penalty.imposed").to_bytes()
    assert hand_in(app, one * 21).status_code == 413


def test_refusals_are_told_in_chinese(site):
    app, world = site
    assert "不予受理" in hand_in(app, report(world), PDF + b" ", "zh").get_data(as_text=True)


def test_roles_and_kinds_in_a_refusal_are_told_in_words(site):
    app, world = site
    penalty = world.seal("maker", "penalty.imposed").to_bytes()
    for language, role, kind in (("en", "Producer", "Penalty"), ("zh", "生产单位", "行政处罚")):
        text = text_of(hand_in(app, penalty, language=language).get_data(as_text=True))
        assert role in text
        assert kind in text
        assert "producer" not in text


def test_the_form_says_how_to_make_a_signed_file(site):
    app, _ = site
    html = app.test_client().get("/submit?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "flask statement sign" in html
    assert html.count('enctype="multipart/form-data"') == 2
