"""Reports come in with their PDF or not at all, and are shown with all that was said under their number."""

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.v1.conftest import count_rows, shell_of
from tests.factories import DRUM, uscc_of
from tests.sealing import print_paper
from tests.world import MADE, PREPARED, SOLD, World

PDF = print_paper()
SHA256 = hashlib.sha256(PDF).hexdigest()
LAB = uscc_of("lab")
Counter = Callable[[], AbstractContextManager[list[str]]]


def _upload(client: FlaskClient, statement: bytes, pdf: bytes = PDF) -> Any:
    files = {"statement": (io.BytesIO(statement), "report.cose"), "pdf": (io.BytesIO(pdf), "report.pdf")}
    return client.post("/api/v1/reports", data=files, content_type="multipart/form-data")


def _kept(app: Flask) -> Sequence[str]:
    return [path.name for path in shell_of(app).settings.blob_dir.rglob("*") if path.is_file()]


@pytest.fixture
def sealed(world: World) -> bytes:
    """A report on the drum that names the PDF."""
    world.tell(PREPARED + MADE + SOLD)
    return world.seal("lab", "report.issued", pdf_sha256=SHA256).to_bytes()


def test_report_and_pdf_are_kept_together(app: Flask, client: FlaskClient, sealed: bytes) -> None:
    first, again = _upload(client, sealed), _upload(client, sealed)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == first.get_json()["url"]
    assert again.get_json()["receipt"] == first.get_json()["receipt"]
    assert _kept(app) == [SHA256]
    record = client.get(f"/api/v1/reports/{LAB}/R-2015-001").get_json()
    assert record["documents"] == [f"/api/v1/documents/{SHA256}"]
    document = client.get(record["documents"][0])
    assert document.data == PDF
    assert document.headers["Content-Disposition"].startswith("attachment")
    assert "immutable" in document.headers["Cache-Control"]
    unchanged = client.get(record["documents"][0], headers={"If-None-Match": document.headers["ETag"]})
    assert unchanged.status_code == 304


@pytest.mark.parametrize("pdf", [PDF + b"x", b"", b"<html>", b"%PDF-"])
def test_pdf_other_than_the_signed_one_leaves_nothing_behind(
    app: Flask, client: FlaskClient, world: World, sealed: bytes, pdf: bytes
) -> None:
    before = count_rows(world)
    response = _upload(client, sealed, pdf)
    assert (response.status_code, response.get_json()["code"]) == (422, "document-refused")
    assert count_rows(world) == before
    assert _kept(app) == []


def test_refused_statement_leaves_no_pdf_behind(app: Flask, client: FlaskClient, world: World) -> None:
    forged = world.seal("maker", "report.issued", pdf_sha256=SHA256).to_bytes()
    before = count_rows(world)
    response = _upload(client, forged)
    assert (response.status_code, response.get_json()["code"]) == (403, "role-not-allowed")
    assert count_rows(world) == before
    assert _kept(app) == []


def test_statement_that_names_no_pdf_brings_none(app: Flask, client: FlaskClient, world: World) -> None:
    response = _upload(client, world.seal("owner", "tender.published").to_bytes())
    assert response.get_json()["code"] == "document-refused"
    assert _kept(app) == []


@pytest.mark.parametrize("parts", [{}, {"statement": b"x"}, {"pdf": PDF}, {"statement": b"x", "pdf": PDF, "more": b""}])
def test_form_without_both_files_is_refused(reader: FlaskClient, parts: dict[str, bytes]) -> None:
    files = {name: (io.BytesIO(data), name) for name, data in parts.items()}
    response = reader.post("/api/v1/reports", data=files, content_type="multipart/form-data")
    assert response.get_json()["code"] == "request-malformed"
    assert reader.post("/api/v1/reports", data=b"x", content_type="text/plain").status_code == 415


def test_form_whose_parts_have_no_names_is_refused(reader: FlaskClient) -> None:
    part = "--x\r\nContent-Disposition: form-data; filename=a\r\n\r\na\r\n"
    form = f"{part}{part}--x--\r\n".encode()
    response = reader.post("/api/v1/reports", data=form, content_type="multipart/form-data; boundary=x")
    assert (response.status_code, response.get_json()["code"]) == (400, "request-malformed")


def test_report_is_shown_with_its_versions_denials_and_papers(client: FlaskClient, world: World, sealed: bytes) -> None:
    issued = world.send(sealed)[0].position
    amended = world.say("lab", "report.amended", pdf_sha256=None).position
    presented = world.say("contractor", "paper.presented").position
    record = client.get(f"/api/v1/reports/{LAB}/R-2015-001").get_json()
    first, second = record["versions"]
    assert (first["entry"], first["is_current"], first["replaced_by"]) == (issued, False, amended)
    assert (second["entry"], second["is_current"], second["replaces"]) == (amended, True, issued)
    assert first["rows"][0]["value"] == "7.290"
    assert [paper["entry"] for paper in record["papers"]] == [presented]
    assert record["denials"] == []


def test_number_that_only_a_paper_claims_is_shown_as_such(client: FlaskClient, world: World) -> None:
    world.say("maker", "paper.presented", number="检字(2015)/001", claimed_body=LAB)
    world.say("lab", "report.denied", number="检字(2015)/001")
    record = client.get(f"/api/v1/reports/{LAB}/检字(2015)%2F001").get_json()
    assert (record["number"], record["versions"]) == ("检字(2015)/001", [])
    assert len(record["papers"]) == len(record["denials"]) == 1


def test_reports_are_listed_by_lab_and_by_number(client: FlaskClient, world: World) -> None:
    entries = [world.say("lab", "report.issued", number=f"R-{number}").position for number in range(5)]
    first = client.get(f"/api/v1/reports?lab={LAB}&limit=3").get_json()
    second = client.get(first["next"]).get_json()
    assert [item["entry"] for item in first["items"] + second["items"]] == entries[::-1]
    (named,) = client.get("/api/v1/reports?number=R-2").get_json()["items"]
    assert (named["entry"], named["lots"]) == (entries[2], [DRUM])
    other = uscc_of("other_lab")
    assert client.get(f"/api/v1/reports?number=R-2&lab={other}").get_json()["items"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("reports", 400, "request-malformed"),
        ("reports?lab=x", 400, "request-malformed"),
        (f"reports/{LAB}/NONE", 404, "not-found"),
        (f"documents/{'0' * 64}", 404, "not-found"),
        ("documents/secret_key", 404, "not-found"),
        ("documents/..%2F..%2Fsecret_key", 404, "not-found"),
    ],
)
def test_request_that_cannot_be_answered_says_why(reader: FlaskClient, path: str, status: int, code: str) -> None:
    response = reader.get(f"/api/v1/{path}")
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_page_of_reports_takes_four_queries(reader: FlaskClient, count_queries: Counter) -> None:
    with count_queries() as sent:
        reader.get(f"/api/v1/reports?lab={LAB}")
    assert len([query for query in sent if query.startswith("SELECT")]) == 4
