"""Digital Link URIs: one canonical lot id whatever host and spelling, and nothing that only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.epcis.identifiers import LotId, is_logistic, make_lot, parse_goods, parse_lot

CHARACTERS = "!\"%&'()*+,-.0123456789:;<=>?ABCXYZ_abcxyz"
TEXT = st.text(CHARACTERS, min_size=1, max_size=20)


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/01/06901234567892/10/A1/21/D1",
        "http://127.0.0.1:8000/01/06901234567892/10/A1/21/D1",
        "https://example.org/01/6901234567892/10/A1/21/D1",
        "/01/06901234567892/10/A1/21/D1",
        "01/06901234567892/10/A1/21/D1",
        "https://id.gs1.org/01/06901234567892/10/%41%31/21/D1",
    ],
)
def test_spellings_of_one_unit_have_one_id(uri: str) -> None:
    assert str(parse_lot(uri)) == "01/06901234567892/10/A1/21/D1"


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/01/06901234567893/10/A1",  # check digit
        "https://id.gs1.org/01/690123456789/10",  # no lot
        "https://id.gs1.org/01/06901234567892",  # no lot
        "https://id.gs1.org/01/06901234567892/10/A1/21/",  # empty serial
        "https://id.gs1.org/01/06901234567892/21/D1/10/A1",  # order
        "https://id.gs1.org/01/06901234567892/10/" + "A" * 21,
        "https://id.gs1.org/01/06901234567892/10/A%2FB",  # a slash would end the segment elsewhere
        "https://id.gs1.org/01/06901234567892/10/甲",
        "https://id.gs1.org/01/06901234567892/10/A1?x=1",
        "ftp://id.gs1.org/01/06901234567892/10/A1",
        "urn:epc:id:sgtin:690123.4567892.1",
        "https://id.gs1.org/01/٠٦٩٠١٢٣٤٥٦٧٨٩٢/10/A1",  # digits, but not ASCII
        "https://id.gs1.org/01/06901234567892/10/%ff",
        "https://[id.gs1.org/01/06901234567892/10/A1",
        "https://id.gs1.org/01/06901234567892/10/A1" + "/" * 300,
        None,
        17,
    ],
)
def test_what_only_looks_like_a_lot_is_refused(uri: object) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_lot(uri)
    assert refused.value.code == "digital-link-invalid"


@given(TEXT, st.none() | TEXT)
def test_every_name_survives_its_uri(lot: str, serial: str | None) -> None:
    made = make_lot("06901234567892", lot, serial)
    assert parse_lot(made.uri("https://registry.example/")) == made
    assert parse_lot(made.path) == made


def test_unit_belongs_to_its_lot() -> None:
    assert LotId("06901234567892", "A1", "D1").parent == LotId("06901234567892", "A1")
    assert LotId("06901234567892", "A1").parent is None


# --- logistic units ---

PALLET = "00/106901234567890128"


@pytest.mark.parametrize(
    "host", ["", "/", "https://id.gs1.org/", "http://registry.example:8080/", "https://ID.GS1.ORG/"]
)
def test_a_logistic_unit_has_one_id_whatever_its_host(host):
    assert parse_goods(host + PALLET) == PALLET
    assert is_logistic(parse_goods(host + PALLET))


def test_goods_are_lots_and_units_too():
    lot = "01/06901234567892/10/A1/21/D007"
    assert parse_goods(f"https://id.gs1.org/{lot}") == lot
    assert not is_logistic(lot)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/00/106901234567890120", "check digit 8"),
        ("/00/10690123456789012", "18 digits"),
        ("/00/\N{FULLWIDTH DIGIT ONE}06901234567890128", "18 digits"),
        (f"/{PALLET}/21/1", "/01/"),
        (f"/{PALLET}?x=1", "/01/"),
        (f"/{PALLET}/", "/01/"),
        (f"ftp://id.gs1.org/{PALLET}", "/01/"),
        ("/414/6901234567892", "/01/"),
        (None, "/01/"),
        (7, "/01/"),
    ],
)
def test_what_names_no_goods_is_refused(uri, expected):
    with pytest.raises(RefusedError) as refused:
        parse_goods(uri)
    assert refused.value.code == "digital-link-invalid"
    assert expected in str(refused.value.facts["expected"])
