"""Numbers that nobody guesses and a slip of the pen never makes another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.mismatch_number import CHANCE_BYTES, make_number, read_number, show_number
from keys.errors import RefusedError

CHANCE = st.binary(min_size=CHANCE_BYTES, max_size=CHANCE_BYTES)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(CHANCE)
def test_it_is_read_as_people_write_it(chance):
    number = make_number(chance)
    assert read_number(number) == number
    shown = show_number(number)
    assert [len(part) for part in shown.split("-")] == [4, 4, 4, 1]
    assert read_number(f" {shown.lower()} ") == number
    assert read_number(shown.replace("0", "O").replace("1", "l")) == number


@given(CHANCE, st.integers(0, 12), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(chance, place, mark):
    number = make_number(chance)
    wrong = number[:place] + mark + number[place + 1 :]
    if wrong != number:
        with pytest.raises(RefusedError):
            read_number(wrong)


@given(CHANCE, st.integers(0, 11))
def test_neighbours_that_changed_places_are_found(chance, place):
    number = make_number(chance)
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    # The system's one weakness, of any modulus: 0 and the last character of the alphabet.
    if wrong != number and {number[place], number[place + 1]} != {"0", "Z"}:
        with pytest.raises(RefusedError):
            read_number(wrong)


def test_sixty_bits_of_chance_are_all_used():
    assert len({make_number((1 << bit).to_bytes(8)) for bit in range(60)}) == 60


@pytest.mark.parametrize("text", ["", "7K2M", "U" * 13, "0" * 14, "甲" * 13, "0" * 100])
def test_anything_else_is_refused(text):
    with pytest.raises(RefusedError) as refused:
        read_number(text)
    assert refused.value.code == "request-malformed"
