"""A label's signature holds over its own path at its own registry, and over nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import ES256
from keys.keyring import generate_key
from keys.label import Standing, check_label, name_label_key, sign_label

ORIGIN, PATH = "registry.example/2026", "/01/06901234567892/10/A1/21/D007"
KEY = generate_key()
KEYS = {name_label_key(KEY.public): KEY.public}
MARK = sign_label(KEY, ORIGIN, PATH)


def test_it_is_ninety_characters_of_which_four_name_the_key():
    assert len(MARK) == 90
    assert MARK[:4] == base64.urlsafe_b64encode(KEY.public.kid[:3]).decode()
    assert check_label(MARK, ORIGIN, PATH, KEYS) is Standing.HOLDS


def test_what_is_signed_is_three_lines():
    """The example of the docstring, by hand."""
    signature = base64.urlsafe_b64decode(MARK[4:] + "==")
    assert KEY.public.verifies(signature, f"suzheng-label-v1\n{ORIGIN}\n{PATH}\n".encode())


@pytest.mark.parametrize(
    ("mark", "origin", "path", "standing"),
    [
        (None, ORIGIN, PATH, Standing.MISSING),
        ("", ORIGIN, PATH, Standing.WRONG),
        (MARK, ORIGIN, PATH[:-1] + "8", Standing.WRONG),
        (MARK, ORIGIN, "/01/06901234567892/10/A1", Standing.WRONG),
        (MARK, "registry.example/2027", PATH, Standing.WRONG),
        (MARK[:-1], ORIGIN, PATH, Standing.WRONG),
        (MARK + "A", ORIGIN, PATH, Standing.WRONG),
        (MARK + "=", ORIGIN, PATH, Standing.WRONG),
        (MARK.replace(MARK[:4], "AAAA", 1), ORIGIN, PATH, Standing.UNKNOWN_KEY),
        ("甲" * 90, ORIGIN, PATH, Standing.WRONG),
    ],
    # The marks are other ones in each process.
    ids=["none", "empty", "unit", "lot", "origin", "short", "long", "padded", "key", "no-base64"],
)
def test_anything_else_is_told_apart(mark, origin, path, standing):
    assert check_label(mark, origin, path, KEYS) is standing


def test_the_last_character_has_one_spelling():
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(MARK[-1]) ^ 1]
    assert check_label(MARK[:-1] + other, ORIGIN, PATH, KEYS) is Standing.WRONG


def test_a_path_that_holds_lines_can_not_be_another_registrys():
    """Paths are percent-encoded, so a line's end is never in one."""
    assert sign_label(KEY, "a", "/b") != sign_label(KEY, "a\n/b", "")
    assert check_label(sign_label(KEY, "a", "/b"), "a", "/c", KEYS) is Standing.WRONG


def test_another_keys_signature_under_this_keys_name_is_wrong():
    forged = name_label_key(KEY.public) + sign_label(generate_key(), ORIGIN, PATH)[4:]
    assert check_label(forged, ORIGIN, PATH, KEYS) is Standing.WRONG


@given(st.text(max_size=120))
def test_no_text_breaks_it_or_holds(mark):
    assert check_label(mark, ORIGIN, PATH, KEYS) in (Standing.WRONG, Standing.UNKNOWN_KEY)


def test_a_signature_of_another_algorithm_is_wrong_and_no_error():
    other = generate_key(ES256.name)
    mark = name_label_key(other.public) + MARK[4:]
    assert check_label(mark, ORIGIN, PATH, {mark[:4]: other.public}) is Standing.WRONG
