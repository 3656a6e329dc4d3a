"""Both check characters of a unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.uscc import check_uscc, inner_check, outer_check

# GB 11714 example 60003734-1 inside a published code.
PUBLISHED = "91110000600037341L"


def test_published_code_is_valid() -> None:
    assert check_uscc(PUBLISHED) == PUBLISHED


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("91110000600037342L", "place 17"),
        ("911100006000373411", "place 18"),
        ("91110000600037341", None),
        ("91110000600037341l", None),
        ("9111000060003734IL", None),
        ("9I1100006000373410", None),
        (17, None),
    ],
)
def test_wrong_code_is_refused_naming_the_place(code: object, where: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        check_uscc(code)
    assert refused.value.code == "uscc-invalid"
    assert refused.value.facts.get("where") == where


def test_letter_in_the_first_place_is_allowed() -> None:
    body = "N2110000" + "60003734" + "1"
    assert check_uscc(body + outer_check(body))


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
def test_one_wrong_place_of_the_organisation_code_is_noticed(organisation: str) -> None:
    body = "91110000" + organisation + inner_check(organisation)
    code = body + outer_check(body)
    assert check_uscc(code) == code
    changed = ("1" if organisation[0] == "0" else "0") + organisation[1:]
    with pytest.raises(RefusedError):
        check_uscc(code[:8] + changed + code[16:])
