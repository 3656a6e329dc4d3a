"""Compressed Digital Links: what GS1's own toolkit writes is read, and every other spelling is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.epcis.compression import decompress
from trace.epcis.digital_link import parse_link
from trace.epcis.elements import ATTRIBUTES, FORMS
from trace.epcis.identifiers import gtin_check_digit

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# Written by gs1/GS1DigitalLinkToolkit.js at 52dc9ce, with its optimised sequences and without. No SSCC: the toolkit
# takes 18 digits for a double and writes another number.
BY_THE_TOOLKIT = [
    ("AQyNo0UVqA", "/01/06901234567892"),
    ("CwyNo0UVqIVC", "/01/06901234567892/10/A1"),
    ("AQyNo0UVqCCFQg", "/01/06901234567892/10/A1"),
    ("CwyNo0UVqI4rYKIkKHoE", "/01/06901234567892/10/15B0511/21/D02"),
    ("AQyNo0UVqCCOK2CiJCh6BA", "/01/06901234567892/10/15B0511/21/D02"),
    ("DAyNo0UVqAYDg", "/01/06901234567892/21/007"),
    ("AQyNo0UVqEIGA4", "/01/06901234567892/21/007"),
    ("GgyNo0UVqI4rQIQn906HoG", "/01/06901234567892/10/15A0421/21/D03?17=261031"),
    ("AQyNo0UVqCCOK0CEIuf3TkKHoG", "/01/06901234567892/10/15A0421/21/D03?17=261031"),
    ("QUZG0aKK1A", "/414/6901234567892"),
    ("nQIYyNo0UVqA", "/414/6901234567892/254/12"),
    ("JUAhiCjI2jRRWo", "/414/6901234567892/254/12"),
    ("LQyNo0UVqAAXogygfa_4iJJcCQwuFdiV4w", "/01/06901234567892/10/A-1_x/21/a.b%2Bc?11=150401&3103=000189"),
    ("CwyNo0UVqElXgEKpV5veAkaKzxNXmg", "/01/06901234567892/10/abc0/21/ABCDEF0123456789ABCD"),
    ("CwyNo0UVqE1Xm95uQw", "/01/06901234567892/10/abcdef?37=12"),
]


@pytest.mark.parametrize(("segment", "address"), BY_THE_TOOLKIT)
def test_what_the_standards_toolkit_writes_is_read(segment: str, address: str) -> None:
    for uri in (f"https://id.gs1.org/{segment}", f"/{segment}"):
        assert parse_link(uri).address == address


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("CgyNo0UVqIRU", "an AI that this registry reads"),  # 01 with 22
        ("gAQLsPlqunA", "an AI that this registry reads"),  # 8004
        ("AQyNo0UVqB", "nothing but zeros at the end"),
        ("AQyNo0UVqAA", "bits more"),  # a character too many
        ("AQyNo0UVqCCF", "bits more"),  # 10 begins and is cut off
        ("AQyNo0UVqE", "nothing but zeros at the end"),
        ("AQyNo0UVqCAA", "a number of 0 digits"),
        ("ARyNo0UVqA", "check digit"),
        ("A" * 141, "9 to 140 characters"),
        ("AQyNo0U=", "9 to 140 characters"),
        ("_QyNo0UVqA", "an AI that this registry reads"),  # F: somebody's own name
    ],
)
def test_what_is_not_canonical_is_refused(segment: str, expected: str) -> None:
    with pytest.raises(RefusedError) as refused:
        decompress(segment)
    assert (refused.value.code, expected in str(refused.value.facts["expected"])) == ("digital-link-invalid", True), (
        refused
    )


def pack(bits: str) -> str:
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def write(ai: str, value: str, alphabet: int | None = None) -> str:
    """The bits of one element, as the standard's tables say; an independent hand of the toolkit's and of ours."""
    form, head = FORMS[ai], "".join(f"{int(digit):04b}" for digit in ai)
    if form.is_digits:
        length = "" if form.is_fixed else f"{len(value):0{form.longest.bit_length()}b}"
        return f"{head}{length}{int(value):0{(10 ** len(value) - 1).bit_length()}b}"
    choices = (("0123456789", 0), ("0123456789ABCDEF", 2), ("0123456789abcdef", 1), (ALPHABET, 3))
    narrowest = next((number for marks, number in choices if set(value) <= set(marks)), 4)
    chosen = narrowest if alphabet is None else alphabet
    head += f"{chosen:03b}{len(value):0{form.longest.bit_length()}b}"
    match chosen:
        case 0:
            return head + f"{int(value):0{(10 ** len(value) - 1).bit_length()}b}"
        case 1 | 2:
            return head + "".join(f"{int(mark, 16):04b}" for mark in value)
        case 3:
            return head + "".join(f"{ALPHABET.index(mark):06b}" for mark in value)
    return head + "".join(f"{ord(mark):07b}" for mark in value)


GTIN = write("01", "06901234567892")


@pytest.mark.parametrize(("value", "alphabet"), [("123", 3), ("123", 4), ("AB", 3), ("Zz", 4), ("12", 2)])
def test_a_text_in_a_wider_alphabet_is_refused(value: str, alphabet: int) -> None:
    assert dict(decompress(pack(GTIN + write("10", value))))["10"] == value
    with pytest.raises(RefusedError):
        decompress(pack(GTIN + write("10", value, alphabet)))


def test_a_number_above_its_digits_is_refused() -> None:
    with pytest.raises(RefusedError, match="a number of 14 digits"):
        decompress(pack("00000001" + "1" * 47))


def test_a_logistic_unit_is_read_to_its_last_digit() -> None:
    assert parse_link("/" + pack(write("00", "106901234567890128"))).path == "/00/106901234567890128"


def test_an_ai_twice_is_refused() -> None:
    with pytest.raises(RefusedError, match="each AI once"):
        decompress(pack(GTIN + write("10", "A1") + write("10", "A1")))


CHARACTERS = "!\"%&'()*+,-.0123456789:;<=>?ABCXYZ_abcxyz"
TEXT = st.text(CHARACTERS, min_size=1, max_size=20) | st.text("0123456789abcdefABCDEF", min_size=1, max_size=20)


@given(st.integers(0, 10**13 - 1), TEXT, st.none() | TEXT, st.none() | st.text("0123456789", min_size=1, max_size=8))
def test_every_link_is_read_back(number: int, lot: str, serial: str | None, count: str | None) -> None:
    gtin = f"{number:013}"
    gtin += gtin_check_digit(gtin)
    elements = [("01", gtin), ("10", lot), *([("21", serial)] if serial else []), *([("30", count)] if count else [])]
    assert list(decompress(pack("".join(write(*each) for each in elements)))) == elements


@given(st.text(ALPHABET, min_size=9, max_size=60))
def test_whatever_is_read_has_one_address_that_reads_the_same(segment: str) -> None:
    try:
        link = parse_link(f"/{segment}")
    except RefusedError:
        return
    assert parse_link(link.address) == link


def test_sequences_hold_none_but_ais_of_ours() -> None:
    from trace.epcis.compression import _SEQUENCES

    assert {ai for orders in _SEQUENCES.values() for ais in orders for ai in ais} <= set(FORMS)
    assert set(FORMS) > ATTRIBUTES
