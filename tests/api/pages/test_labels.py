"""Labels: a phone reads the code, a person reads the number, and the fonts travel with the file."""

import io
import re

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from api.labels import SHEET
from tests.factories import BATCH, DRUM, SISTER, lot_at
from tests.pages import PUBLIC_URL, opened
from tests.world import MADE, PREPARED


@pytest.fixture(scope="module")
def made(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("made"), shared_folder, PREPARED + MADE) as (app, _):
        yield app


@pytest.fixture
def client(made):
    return made.test_client()


def codes_in(picture):
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def pages_of(data, dpi=200):
    document = pypdfium2.PdfDocument(data)
    pictures = [page.render(scale=dpi / 72).to_pil() for page in document]
    document.close()
    return pictures


def words_of(data):
    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


@pytest.mark.parametrize("lot", [DRUM, BATCH])
def test_the_code_of_a_png_leads_to_the_lot_s_page_at_this_registry(client, lot):
    response = client.get(f"/labels/{lot}.png")
    assert response.mimetype == "image/png"
    assert codes_in(Image.open(io.BytesIO(response.data))) == [f"{PUBLIC_URL}/{lot}"]


def test_the_code_of_a_pdf_reads_the_same_as_printed(client):
    (picture,) = pages_of(client.get(f"/labels/{DRUM}.pdf").data, dpi=300)
    assert codes_in(picture) == [f"{PUBLIC_URL}/{DRUM}"]


def test_the_code_survives_a_poor_camera(client):
    (picture,) = pages_of(client.get(f"/labels/{DRUM}.pdf").data, dpi=110)
    assert codes_in(picture.rotate(7, expand=True, fillcolor="white")) == [f"{PUBLIC_URL}/{DRUM}"]


@pytest.mark.parametrize(("language", "amount"), [("en", "500 m"), ("zh", "500 米")])
def test_people_read_number_product_metres_and_maker(client, language, amount):
    words = " ".join(words_of(client.get(f"/labels/{DRUM}.pdf?lang={language}").data).split())
    for printed in ("D001", "A1", "BV 2.5", "maker", amount, f"{PUBLIC_URL}/{DRUM}"):
        assert printed in words


def test_the_svg_needs_no_font_of_the_reader_s(client):
    response = client.get(f"/labels/{DRUM}.svg")
    assert response.mimetype == "image/svg+xml"
    assert b"<text" not in response.data
    assert b"<script" not in response.data


def test_the_font_is_embedded(client):
    data = client.get(f"/labels.pdf?lot={DRUM}").data
    assert b"/FontFile3" in data
    assert re.search(rb"/FontName\s*/[A-Z]{6}\+NotoSansSC", data)


def test_a_sheet_has_every_label_asked_for_in_order(client):
    lots = [DRUM, SISTER, BATCH] * 8
    response = client.get("/labels.pdf", query_string=[("lot", lot) for lot in lots])
    assert response.mimetype == "application/pdf"
    first, second = pages_of(response.data)
    assert sorted(codes_in(first)) == sorted(f"{PUBLIC_URL}/{lot}" for lot in lots[:SHEET])
    assert len(codes_in(second)) == len(lots) - SHEET


def test_a_sheet_takes_digital_link_uris_too(client):
    (sheet,) = pages_of(client.get("/labels.pdf", query_string={"lot": f"https://id.gs1.org/{DRUM}"}).data)
    assert codes_in(sheet) == [f"{PUBLIC_URL}/{DRUM}"]


def test_a_sheet_for_a_batch_has_its_drums(client):
    (sheet,) = pages_of(client.get("/labels.pdf", query_string={"under": BATCH}).data)
    assert sorted(codes_in(sheet)) == [f"{PUBLIC_URL}/{DRUM}", f"{PUBLIC_URL}/{SISTER}"]


def test_the_same_label_is_the_same_bytes(client):
    assert client.get(f"/labels/{DRUM}.pdf").data == client.get(f"/labels/{DRUM}.pdf").data


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/labels/{lot_at('Z9')}.png", 404, "not-found"),
        ("/labels.pdf", 400, "request-malformed"),
        (f"/labels.pdf?under={DRUM}", 400, "request-malformed"),
        ("/labels.pdf?" + "&".join([f"lot={DRUM}"] * 211), 400, "request-malformed"),
        ("/labels.pdf?lot=nonsense", 422, "digital-link-invalid"),
        (f"/labels/{DRUM}.gif", 404, "not-found"),
    ],
)
def test_what_cannot_be_printed_is_refused(client, path, status, code):
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (status, code)
