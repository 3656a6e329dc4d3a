"""The seals in a PDF: intact or not, whose, from which authority, when, and what came after them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labs.papers.examine import Examination, examine, read_examination, write_examination
from labs.papers.seals import LAB_SEAL, TIMESTAMP, Authority
from tests import facts
from tests.sealing import AT, LINES, SealOffice, alter, append_page_text, print_paper

CODE = "https://report.lab.example/q?n=R-2015-001"


@pytest.fixture(scope="module")
def office() -> SealOffice:
    return SealOffice()


@pytest.fixture(scope="module")
def sealed(office: SealOffice) -> bytes:
    return office.seal(print_paper(code=CODE))


def look(document: bytes, office: SealOffice, known_at: datetime = AT, purpose: str = LAB_SEAL) -> Examination:
    return examine(document, [Authority(purpose, office.certificate)], known_at)


def test_a_sealed_report_is_valid_and_says_what_is_not_known(office: SealOffice, sealed: bytes) -> None:
    examination = look(sealed, office)
    (seal,) = examination.seals
    assert (seal.state, seal.change, seal.revocation) == ("valid", "none", "unknown")
    assert (seal.name, seal.organisation, seal.stamped_at, seal.judged_at) == ("Test centre", facts.LAB, None, AT)
    assert seal.signed_at is not None
    assert examination.seen.codes == (CODE,)
    assert [line.rstrip() for line in examination.seen.text.splitlines()] == list(LINES)


def test_an_examination_is_written_and_read_back(office: SealOffice, sealed: bytes) -> None:
    examination = look(sealed, office)
    assert read_examination(write_examination(examination)) == examination


def test_one_changed_byte_breaks_the_seal(office: SealOffice, sealed: bytes) -> None:
    assert look(alter(sealed, b"7.290", b"7.190"), office).seal_state == "broken"


def test_an_update_that_shows_another_value_is_a_change_after_the_seal(office: SealOffice, sealed: bytes) -> None:
    examination = look(append_page_text(sealed, ("resistance 7.190 ohm/km",)), office)
    assert (examination.seal_state, examination.seals[0].change) == ("changed", "other")
    assert "7.190" in examination.seen.text


def test_a_revocation_list_of_the_authority_is_what_archiving_adds(office: SealOffice) -> None:
    (seal,) = look(office.seal(print_paper(), with_list=True), office).seals
    assert (seal.state, seal.change, seal.revocation) == ("valid", "archived", "good")


@pytest.mark.parametrize(("days", "state"), [(-1, "revoked"), (1, "valid")])
def test_a_certificate_revoked_by_then_is_revoked_and_afterwards_not(office: SealOffice, days: int, state: str) -> None:
    document = office.seal(print_paper(), revoked_at=AT + timedelta(days=days))
    assert look(document, office).seal_state == state


def test_another_authority_of_the_same_name_is_not_trusted(sealed: bytes) -> None:
    assert look(sealed, SealOffice()).seal_state == "untrusted"


def test_an_authority_for_timestamps_stands_behind_no_seal(office: SealOffice, sealed: bytes) -> None:
    assert look(sealed, office, purpose=TIMESTAMP).seal_state == "untrusted"


@pytest.mark.parametrize(
    ("known_at", "state"),
    [
        (datetime(2014, 12, 31, 23, tzinfo=UTC), "expired"),
        (datetime(2015, 1, 1, tzinfo=UTC), "valid"),
        (datetime(2017, 12, 31, tzinfo=UTC), "valid"),
        (datetime(2018, 1, 1, tzinfo=UTC), "expired"),
    ],
)
def test_a_certificate_is_judged_for_the_time_that_the_file_is_known_of(
    office: SealOffice, sealed: bytes, known_at: datetime, state: str
) -> None:
    assert look(sealed, office, known_at).seal_state == state


def test_a_report_without_a_seal_has_none(office: SealOffice) -> None:
    examination = look(print_paper(), office)
    assert (examination.seal_state, examination.seals) == ("none", ())


def test_the_gravest_of_several_seals_is_told(office: SealOffice, sealed: bytes) -> None:
    examination = look(sealed, office)
    (seal,) = examination.seals
    assert replace(examination, seals=(seal, replace(seal, state="changed"))).seal_state == "changed"


def test_a_seal_that_names_nobody_by_code_names_none() -> None:
    office = SealOffice(organisation="91110000000000756Y")
    assert look(office.seal(print_paper()), office).seals[0].organisation is None
