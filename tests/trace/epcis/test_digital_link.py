"""Digital Links of every key that is resolved here: one canonical path, attributes beside it, nothing half right."""

import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_messages import GS1Message
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.epcis.digital_link import parse_link
from trace.epcis.elements import FORMS, check_element, read_elements

LOT = "/01/06901234567892/10/A1"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("https://id.gs1.org/01/06901234567892", "/01/06901234567892"),
        ("https://example.org/01/6901234567892", "/01/06901234567892"),
        ("/01/06901234567892/21/D007", "/01/06901234567892/21/D007"),
        (f"http://127.0.0.1:8000{LOT}/21/D%30%30%37", f"{LOT}/21/D007"),
        ("/00/106901234567890128", "/00/106901234567890128"),
        ("/414/6901234567892", "/414/6901234567892"),
        ("/414/6901234567892/254/12", "/414/6901234567892/254/12"),
        (f"{LOT}?linkType=linkset&lang=zh&sig=AAAA", LOT),
    ],
)
def test_spellings_of_one_thing_have_one_path(uri: str, path: str) -> None:
    assert parse_link(uri).path == path
    assert parse_link(path).path == path


def test_attributes_are_kept_beside_what_is_named() -> None:
    link = parse_link(f"{LOT}?3103=000189&17=261031&mark=x")
    assert link.attributes == (("3103", "000189"), ("17", "261031"))
    assert link.address == f"{LOT}?17=261031&3103=000189"
    assert str(link.lot) == LOT.removeprefix("/")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"{LOT}?17=261332", "a day YYMMDD"),
        (f"{LOT}?17=260230", "a day YYMMDD"),
        (f"{LOT}?17=261031&17=261031", "each AI once"),
        (f"{LOT}?3103=12", "6 digits"),
        (f"{LOT}?11=", "6 digits"),
        (f"{LOT}?21=D1", "attributes alone"),
        (f"{LOT}?10=A1", "each AI once"),
        ("/01/06901234567892?10=A1", "attributes alone"),
        (f"{LOT}?7003=2610311200", "attributes alone"),
        (f"{LOT}#x", "/01/{gtin}"),
        ("/01/06901234567892/22/2A/10/A1", "/01/{gtin}"),
        ("/01/06901234567892/21/D1/10/A1", "/01/{gtin}"),
        ("/01/06901234567892/254/12", "/01/{gtin}"),
        ("/00/106901234567890128/21/5", "/01/{gtin}"),
        ("/00/106901234567890120", "check digit 8"),
        ("/414/6901234567893", "check digit 2"),
        ("/00/6901234567892", "18 digits"),
        ("/gtin/06901234567892/lot/A1", "/01/{gtin}"),
        ("/stem/01/06901234567892", "/01/{gtin}"),
        (f"{LOT}/", "/01/{gtin}"),
        ("https://someone@id.gs1.org" + LOT, "/01/{gtin}"),
        (f"https://id.gs1.org{LOT}\n", "/01/{gtin}"),
        ("/01/06901234567892/10/A%2FB", "GS1 characters"),
        ("/" + "A" * 700, "/01/{gtin}"),
        (None, "/01/{gtin}"),
    ],
)
def test_what_is_half_right_is_refused_and_says_where(uri: object, expected: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_link(uri)
    assert refused.value.code == "digital-link-invalid"
    assert expected in str(refused.value.facts["expected"])


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/01/06901234567893/10/A1",  # check digit of a product
        "https://id.gs1.org/414/6901234567893",  # of a place
        "https://id.gs1.org/00/069012345678901234",  # of a logistic unit
        "https://id.gs1.org/01/06901234567892/10/A%2FB",  # ends a segment elsewhere
        "https://id.gs1.org/01/06901234567892?10=A1",  # a qualifier as an attribute
        "https://id.gs1.org/01/06901234567892/10/A1?10=B2",  # two lots
        "https://id.gs1.org/01/06901234567892/10/A1?17=261031&17=271031",  # two days
        "https://id.gs1.org/01/٠٦٩٠١٢٣٤٥٦٧٨٩٢/10/A1",  # digits, but not ASCII
        "https://id.gs1.org/a/b/01/06901234567892/10/A1",
        "https://id.gs1.org//01/06901234567892/10/A1",
        "https://id.gs1.org/01/06901234567892/10/A1#x",
        "https://user:pw@id.gs1.org/01/06901234567892/10/A1",
        "https://id.gs1.org/01/06901234567892/10/A\nB",  # read as AB
    ],
)
def test_what_biip_lets_through_is_refused_here(uri: str) -> None:
    GS1DigitalLinkURI.parse(uri)
    with pytest.raises(RefusedError):
        parse_link(uri)


@pytest.mark.parametrize(
    "text",
    [
        "010690123456789310A1",
        "0106901234567892" + "0106901234567892",
        "010690123456789210A1\x1d10B2",
        "010690123456789210A/1",
    ],
)
def test_element_strings_that_biip_lets_through_are_refused_here(text: str) -> None:
    GS1Message.parse(text)
    with pytest.raises(RefusedError):
        read_elements(text)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("(01)06901234567892(10)A1(21)D007", {"01": "06901234567892", "10": "A1", "21": "D007"}),
        ("(01)6901234567892(10)A1", {"01": "06901234567892", "10": "A1"}),
        ("(01)06901234567892(10)A(1)", {"01": "06901234567892", "10": "A(1)"}),
        ("010690123456789210A1\x1d21D007", {"01": "06901234567892", "10": "A1", "21": "D007"}),
        ("00106901234567890128", {"00": "106901234567890128"}),
        ("01069012345678921726103110A1", {"01": "06901234567892", "17": "261031", "10": "A1"}),
    ],
)
def test_element_strings_are_read_from_print_and_scanner(text: str, elements: dict[str, str]) -> None:
    assert dict(read_elements(text)) == elements


@pytest.mark.parametrize("text", ["", "(01)", "(99)x", "nonsense", "(01)0690123456789", "(10)" + "A" * 300])
def test_what_is_no_element_string_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_elements(text)
    assert refused.value.code == "digital-link-invalid"


@pytest.mark.parametrize(("day", "is_one"), [("240229", True), ("240200", True), ("240431", False), ("240001", False)])
def test_a_day_may_be_a_whole_month_and_must_be_in_it(day: str, is_one: bool) -> None:
    if is_one:
        assert check_element("11", day) == day
        return
    with pytest.raises(RefusedError):
        check_element("11", day)


@given(st.sampled_from(sorted(FORMS)), st.text(max_size=35))
def test_a_value_is_itself_or_refused(ai: str, value: str) -> None:
    try:
        checked = check_element(ai, value)
    except RefusedError:
        checked = None
    assert checked in (value, None)
    assert (checked is None) or 0 < len(value) <= FORMS[ai].longest
