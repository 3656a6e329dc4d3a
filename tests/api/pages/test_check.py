"""Whether a paper is true, asked by anybody: by number, hash, code and file; as a page and as JSON."""

import base64
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories import DRUM, uri_of, uscc_of
from tests.pages import opened, text_of
from tests.sealing import LINES, SealOffice, alter, append_page_text, print_paper
from tests.world import HONEST, World

OFFICE = SealOffice()
LAB = uscc_of("lab")
PRINTED = tuple(line.replace("R-2015-001", "R-2015-900") for line in LINES)
SIGNED = OFFICE.seal(print_paper(PRINTED, "https://report.lab.example/q/R-2015-900"))
SHA256 = hashlib.sha256(SIGNED).hexdigest()
SHOWN = OFFICE.seal(print_paper(("A report that no lab has put on record",)))


def tell(world: World) -> None:
    certificate = base64.b64encode(OFFICE.certificate).decode()
    world.say("regulator", "anchor.trusted", certificate=certificate)
    world.say("lab", "hosts.stated")
    world.say("lab", "report.issued", number="R-2015-900", lots=[uri_of(DRUM)], sample="S-1", pdf_sha256=SHA256)


@pytest.fixture
def site(tmp_path: Any, shared_folder: Any) -> Iterator[Flask]:
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        tell(world)
        yield app


def by_file(app: Flask, document: bytes, **query: str) -> dict[str, Any]:
    response = app.test_client().post(
        "/api/v1/check", query_string=query, data={"pdf": (io.BytesIO(document), "report.pdf")}
    )
    told: dict[str, Any] = response.get_json()
    return told


def ask(app: Flask, **query: str) -> dict[str, Any]:
    told: dict[str, Any] = app.test_client().get("/api/v1/check", query_string=query).get_json()
    return told


def codes(told: dict[str, Any], outcome: str) -> list[str]:
    return [line["code"] for line in told["lines"] if line["outcome"] == outcome]


def test_the_very_file_that_the_lab_signed_holds(site: Flask) -> None:
    told = by_file(site, SIGNED)
    assert (told["answer"], told["reason"], told["number"], told["lab"]) == ("true", "number_issued", "R-2015-900", LAB)
    assert codes(told, "holds") == ["number_issued", "file_signed", "host_stated", "seal_valid", "text_same"]
    assert codes(told, "fails") == []
    assert codes(told, "unchecked") == ["revocation_unknown", "goods"]
    assert {one["field"]: one["state"] for one in told["compared"]}["conductor_resistance"] == "same"


def test_its_hash_alone_is_enough_and_says_what_it_did_not_see(site: Flask) -> None:
    told = ask(site, sha256=SHA256)
    assert (told["answer"], codes(told, "holds")) == ("true", ["number_issued", "file_signed"])
    assert codes(told, "unchecked") == ["file_not_sent", "goods"]


def test_one_changed_byte_is_another_file_and_says_which_value(site: Flask) -> None:
    told = by_file(site, alter(SIGNED, b"7.290", b"7.190"))
    assert (told["answer"], told["reason"]) == ("false", "file_other")
    assert codes(told, "fails") == ["file_other", "seal_broken", "text_differs"]
    assert [one["printed"] for one in told["compared"] if one["state"] == "differs"] == ["7.190"]


def test_a_changed_byte_by_hash_alone_is_no_file_of_any_lab(site: Flask) -> None:
    told = ask(site, sha256=hashlib.sha256(SIGNED + b"\n").hexdigest())
    assert (told["answer"], told["reason"]) == ("false", "file_unknown")
    told = ask(site, sha256="0" * 64, lab=LAB, number="R-2015-900")
    assert (told["answer"], told["reason"]) == ("false", "file_other")


def test_an_update_after_the_seal_is_named(site: Flask) -> None:
    told = by_file(site, append_page_text(SIGNED, ("No. R-2015-900", "Conductor resistance 7.190 ohm/km")))
    assert {"file_other", "seal_changed", "text_differs"} <= set(codes(told, "fails"))


def test_a_lookalike_code_fails(site: Flask) -> None:
    forged = print_paper(LINES, "https://rep0rt.lab.example/q?n=R-2015-900")
    told = by_file(site, forged)
    assert "host_lookalike" in codes(told, "fails")
    told = ask(site, code="https://rep\u043ert.lab.example/q?n=R-2015-900")
    assert (told["answer"], told["reason"], told["number"]) == ("false", "host_lookalike", "R-2015-900")


def test_the_labs_own_code_holds_and_finds_its_report(site: Flask) -> None:
    told = ask(site, code="https://report.lab.example/q?n=R-2015-900")
    assert (told["answer"], told["number"], codes(told, "holds")) == (
        "true",
        "R-2015-900",
        ["number_issued", "host_stated"],
    )


@pytest.mark.parametrize(
    ("query", "answer", "reason"),
    [
        ({"number": "R-2015-900", "lab": LAB}, "true", "number_issued"),
        ({"number": "R-2015-900"}, "true", "number_issued"),
        ({"number": "R-2015-999", "lab": LAB}, "false", "number_unknown"),
        ({"number": "R-2015-900", "lab": uscc_of("other_lab")}, "false", "number_unknown"),
        ({"number": "R-2015-999"}, "unknown", "nothing_known"),
        ({"code": "https://nobody.example/"}, "unknown", "nothing_known"),
    ],
)
def test_a_number_is_answered(site: Flask, query: dict[str, str], answer: str, reason: str) -> None:
    told = ask(site, **query)
    assert (told["answer"], told["reason"]) == (answer, reason)


def test_a_number_that_its_lab_denies_or_withdraws_fails(tmp_path: Any, shared_folder: Any) -> None:
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        tell(world)
        world.say("lab", "report.denied", number="R-2015-666")
        world.say("lab", "report.withdrawn", number="R-2015-900")
        assert ask(app, number="R-2015-666", lab=LAB)["reason"] == "number_denied"
        assert ask(app, number="R-2015-900", lab=LAB)["reason"] == "number_withdrawn"


def test_what_somebody_else_handed_over_is_not_the_labs(tmp_path: Any, shared_folder: Any) -> None:
    with opened(tmp_path, shared_folder, HONEST) as (app, world):
        sha256 = hashlib.sha256(SHOWN).hexdigest()
        world.say("dealer", "paper.presented", number="R-2015-777", lots=[uri_of(DRUM)], pdf_sha256=sha256)
        told = by_file(app, SHOWN)
        assert codes(told, "fails") == ["number_unknown", "file_only_shown"]
        assert "text_nothing_to_compare" in codes(told, "unchecked")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"hello", "document-unreadable"),
        (SIGNED[:-500], "document-unreadable"),
        (print_paper(LINES, "", b"/OpenAction << /S /JavaScript /JS (1) >>"), "document-unsafe"),
    ],
)
def test_a_file_that_cannot_be_opened_safely_is_refused_and_nothing_is_stored(
    site: Flask, document: bytes, code: str
) -> None:
    assert by_file(site, document)["code"] == code
    folder = site.extensions["suzheng"].settings.blob_dir
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_checked_file_is_not_kept(site: Flask) -> None:
    by_file(site, SIGNED)
    assert [path for path in site.extensions["suzheng"].settings.blob_dir.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("query", [{}, {"lab": LAB}, {"sha256": "xyz"}, {"number": "x" * 61}])
def test_what_is_no_question_is_refused(site: Flask, query: dict[str, str]) -> None:
    assert ask(site, **query)["code"] == "request-malformed"


def test_200_mib_are_refused_while_they_come(site: Flask) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readinto(self, buffer: Any) -> int:
            Endless.read_bytes += len(buffer)
            return len(buffer)

        def readable(self) -> bool:
            return True

    response = site.test_client().post(
        "/api/v1/check",
        environ_overrides={"wsgi.input": Endless(), "CONTENT_LENGTH": str(200 * 1024**2)},
        content_type="multipart/form-data; boundary=x",
    )
    assert (response.status_code, response.get_json()["code"]) == (413, "too-large")
    assert Endless.read_bytes < 22 * 1024**2


# --- the page ---

WORDS = [("en", "This file is not the one that the lab has signed."), ("zh", "此文件不是检测机构签名的那一份")]


@pytest.mark.parametrize(
    ("tongue", "words"),
    WORDS,
)
def test_the_page_answers_a_file_without_script(site: Flask, tongue: str, words: str) -> None:
    form = {"pdf": (io.BytesIO(alter(SIGNED, b"7.290", b"7.190")), "report.pdf")}
    response = site.test_client().post(f"/check?lang={tongue}", data=form, headers={"Accept": "text/html"})
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert words in text_of(page)
    assert "7.190" in page


def test_the_page_answers_by_number_and_by_hash_in_part(site: Flask) -> None:
    client = site.test_client()
    page = client.get(f"/check?lang=en&number=R-2015-900&lab={LAB}").get_data(as_text=True)
    assert "The lab has issued this number." in page
    part = client.get(f"/check?lang=en&part=1&sha256={SHA256}").get_data(as_text=True)
    assert "<html" not in part
    assert "This is the very file" in part


def test_the_empty_page_has_no_answer(site: Flask) -> None:
    page = site.test_client().get("/check?lang=en").get_data(as_text=True)
    assert 'class="slip' not in page
    assert 'enctype="multipart/form-data"' in page
