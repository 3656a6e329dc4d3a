"""Labels: a phone reads the code, a person reads the number, and the fonts travel with the file."""

import io
import re
import zipfile

import pypdfium2
import pytest
from PIL import Image

from api.label_code import MODULE_MM, draw_code
from api.label_keys import make_label_key, read_label_document, read_label_keys
from api.labels import SHEET, SIZES
from keys.keyring import PublicKey
from keys.label import Standing, check_label
from tests.factories import BATCH, DRUM, SISTER, lot_at
from tests.pages import PUBLIC_URL, opened, read_codes, text_of
from tests.world import MADE, ORIGIN, PREPARED
from trace.epcis.digital_link import parse_link
from trace.epcis.identifiers import parse_lot

# The longest that there can be, with signs that a URI escapes; the widest letters that the GS1 set has.
WORST = lot_at("W%W%W%W%W%W%W%W%W%W%", "M&M&M&M&M&M&M&M&M&M&")
LONGEST = lot_at("ABCDEFGHJKLMNPQRSTUV", "WWWWWWWWWWWWWWWWWWWW")
LONG = tuple(("2015-04-20", "maker", "lot.commissioned", {"amounts": {lot: 1250}}) for lot in (WORST, LONGEST))
KEYS: dict[str, PublicKey] = {}


@pytest.fixture(scope="module")
def made(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("made"), shared_folder, (*PREPARED, *MADE, *LONG)) as (app, _):
        settings = app.extensions["suzheng"].settings
        make_label_key(settings)
        KEYS.clear()
        KEYS.update(read_label_keys(settings))
        yield app


@pytest.fixture
def client(made):
    return made.test_client()


def codes_in(picture):
    """The addresses in a picture, their signatures checked and taken off."""
    codes = [code.text for code in read_codes(picture)]
    return [without_mark(code) for code in codes]


def without_mark(address):
    bare, _, mark = address.partition("?s=")
    assert check_label(mark, ORIGIN, parse_link(bare).path, KEYS) is Standing.HOLDS
    return bare


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


# --- what factories print by the thousand ---


@pytest.mark.parametrize("lot", [DRUM, BATCH, LONGEST, WORST])
@pytest.mark.parametrize("size", ["38x64", "100x150"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_size_is_read_and_its_signature_holds_however_long_its_numbers(client, lot, size, language):
    response = client.get(f"/labels{parse_lot(lot).path}.pdf?size={size}&lang={language}")
    for dpi in (203, 300):  # a label printer's
        (picture,) = pages_of(response.data, dpi=dpi)
        assert codes_in(picture) == [PUBLIC_URL + parse_lot(lot).path]


@pytest.mark.parametrize("size", ["38x64", "100x150"])
@pytest.mark.parametrize("lot", [LONGEST, WORST])
def test_no_number_is_cut_off(client, size, lot):
    (picture,) = pages_of(client.get(f"/labels{parse_lot(lot).path}.pdf?size={size}").data, dpi=72)
    identity = parse_lot(lot)
    words = "".join(words_of(client.get(f"/labels{parse_lot(lot).path}.pdf?size={size}").data).split())
    words = words.replace("\u200b", "")
    assert identity.lot in words
    assert str(identity.serial) in words
    assert picture.width > 100


def test_modules_are_large_enough_for_a_phone(client):
    mark = "?s=" + "A" * 90
    for size in SIZES.values():
        for lot in (DRUM, LONGEST, WORST):
            drawn = draw_code(PUBLIC_URL + parse_lot(lot).path + mark, size.code_mm)
            (modules,) = re.findall(r'viewBox="0 0 (\d+) \1"', drawn)
            assert size.code_mm / int(modules) >= MODULE_MM


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("请与电缆印字核对", "盘号", "批号", "制造商", "500米", "BV2.5电线")),
        ("en", ("Comparewiththeprintonthecable", "Drum", "Batch", "Maker", "500m", "BV2.5wire")),
    ],
)
def test_a_large_label_says_what_to_compare(client, language, words):
    said = "".join(words_of(client.get(f"/labels/{DRUM}.pdf?size=100x150&lang={language}").data).split())
    words = [word.replace("请与电缆印字核对", "请与电缆上的印字核对") for word in words]
    assert [word for word in (*words, "D001", "A1", "maker") if word not in said.replace("\u200b", "")] == []


@pytest.mark.parametrize(("form", "start"), [("svg-zip", b"<svg"), ("png-zip", b"\x89PNG")])
@pytest.mark.parametrize("size", ["38x64", "100x150"])
def test_a_zip_has_a_picture_a_label_in_order(client, form, start, size):
    query = [("lot", DRUM), ("lot", BATCH), ("size", size), ("form", form)]
    response = client.get("/labels/print", query_string=query)
    assert response.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        ending = form.partition("-")[0]
        assert archive.namelist() == [f"00001-A1-D001.{ending}", f"00002-A1.{ending}"]
        pages = [archive.read(name) for name in archive.namelist()]
    assert all(page.startswith(start) for page in pages)
    if form == "png-zip":
        assert [codes_in(Image.open(io.BytesIO(page)))[0] for page in pages] == [
            f"{PUBLIC_URL}/{lot}" for lot in (DRUM, BATCH)
        ]


def test_a_zip_of_sheets_has_a_page_a_sheet(client):
    query = [*(("lot", lot) for lot in [DRUM, SISTER] * 12), ("size", "a4"), ("form", "svg-zip")]
    with zipfile.ZipFile(io.BytesIO(client.get("/labels/print", query_string=query).data)) as archive:
        assert archive.namelist() == ["00001.svg", "00002.svg"]


def test_all_units_of_a_lot_are_chosen_in_the_form(client):
    response = client.get("/labels/print", query_string={"lot": BATCH, "which": "units", "size": "100x150"})
    assert [codes_in(page) for page in pages_of(response.data)] == [[f"{PUBLIC_URL}/{lot}"] for lot in (DRUM, SISTER)]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"lot": DRUM, "size": "a5"}, "size"),
        ({"lot": DRUM, "form": "gif"}, "form"),
        ({"lot": ""}, "lot"),
        ([("lot", DRUM)] * 43 + [("form", "png-zip")], "lot"),
    ],
)
def test_a_form_filled_in_wrongly_says_where(client, query, where):
    response = client.get("/labels/print", query_string=query, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["where"]) == (400, where)


def test_the_form_offers_every_size_and_form(client):
    html = client.get(f"/labels?lot={BATCH}&lang=en").get_data(as_text=True)
    assert f'value="{BATCH}"' in html
    for value in (*SIZES, "pdf", "svg-zip", "png-zip"):
        assert f'<option value="{value}">' in html
    assert "<script" not in html


def test_a_registry_without_a_label_key_prints_labels_without_signatures(tmp_path, shared_folder):
    with opened(tmp_path, shared_folder, PREPARED + MADE) as (app, _):
        (picture,) = pages_of(app.test_client().get(f"/labels/{DRUM}.pdf").data, dpi=300)
        keys = app.test_client().get("/.well-known/suzheng-label-keys").get_json()
    assert [code.text for code in read_codes(picture)] == [f"{PUBLIC_URL}/{DRUM}"]
    assert (keys["origin"], keys["keys"]) == (ORIGIN, [])


# --- what a scan says of the signature ---


def address_on(client, lot):
    (picture,) = pages_of(client.get(f"/labels/{lot}.pdf").data, dpi=300)
    (code,) = read_codes(picture)
    return code.text.removeprefix(PUBLIC_URL)


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        (lambda address: address, "holds", "Signed by this registry"),
        (lambda address: address.partition("?")[0], "missing", "The address has no signature"),
        (lambda address: address.replace("D001", "D002"), "wrong", "The signature does not hold"),
        (lambda address: address[:-3] + "AAA", "wrong", "Trust the print on the goods"),
        (lambda address: address + "&s=x", "wrong", "was changed, or made up"),
        (lambda address: address.replace("?s=", "?s=AAAA")[:-4], "unknown_key", "a key that is not known here"),
    ],
)
def test_the_scan_page_says_what_the_signature_shows_and_is_never_stopped_by_it(client, change, state, said):
    address = change(address_on(client, DRUM))
    response = client.get(address, headers={"Accept": "application/json", "Accept-Language": "en"})
    assert (response.status_code, response.get_json()["label"]["state"]) == (200, state)
    page = client.get(address, headers={"Accept": "text/html", "Accept-Language": "en"}).get_data(as_text=True)
    assert said in text_of(page)
    plain = client.get(address.partition("?")[0], headers={"Accept": "application/json"}).get_json()
    assert response.get_json()["verdict"] == plain["verdict"] or state == "wrong"


def test_a_phone_that_holds_the_published_keys_checks_offline(client):
    told = client.get("/.well-known/suzheng-label-keys")
    origin, keys = read_label_document(told.data)
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    path, _, mark = address_on(client, DRUM).partition("?s=")
    assert check_label(mark, origin, path, keys) is Standing.HOLDS
    assert b'"d"' not in told.data
