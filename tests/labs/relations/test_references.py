"""References: the same thing has the same one, however it is written, and nothing else has it."""

import pytest

from keys.errors import RefusedError
from labs.relations.references import DOMAIN_OF, make_reference

SECRET = bytes(range(32))


def test_a_reference_is_the_same_in_every_run():
    assert make_reference(SECRET, "phone", "13900000001") == (
        "6844999da893bebdb3702ba5bf788e033aaaa597d096dfadb98142275be39b37"
    )


@pytest.mark.parametrize(
    ("relation", "one", "other"),
    [
        ("phone", "139 0000 0001", "+86-139-0000-0001"),
        ("phone", "13900000001", "008613900000001"),
        ("phone", "021-5555 0101", "+86 21 55550101"),
        ("phone", "１３９０００００００１", "13900000001"),
        ("account", "6222 0000 1111", "6222-00001111"),
        ("address", "示范市 检测路61号", "示范市检测路６１号"),
        ("legal_representative", "11010519491231002x", "11010519491231002X"),
    ],
)
def test_two_ways_to_write_one_thing_are_one(relation, one, other):
    assert make_reference(SECRET, relation, one) == make_reference(SECRET, relation, other)


def test_a_person_is_the_same_in_every_office_and_a_number_in_no_other_list():
    persons = [name for name, domain in DOMAIN_OF.items() if domain == "person"]
    assert len({make_reference(SECRET, name, "11010519491231002X") for name in persons}) == 1
    assert len({make_reference(SECRET, name, "13900000001") for name in ("phone", "account", "officer")}) == 3


def test_another_secret_or_value_makes_another():
    first = make_reference(SECRET, "phone", "13900000001")
    assert first != make_reference(SECRET[::-1], "phone", "13900000001")
    assert first != make_reference(SECRET, "phone", "13900000002")


@pytest.mark.parametrize(
    ("secret", "relation", "value", "where"),
    [
        (SECRET[1:], "phone", "1", "secret"),
        (SECRET, "friend", "1", "relation"),
        (SECRET, "phone", "none", "value"),
        (SECRET, "address", " - ", "value"),
    ],
)
def test_what_makes_no_reference_is_refused(secret, relation, value, where):
    with pytest.raises(RefusedError) as refused:
        make_reference(secret, relation, value)
    assert (refused.value.code, refused.value.facts["where"]) == ("reference-invalid", where)
