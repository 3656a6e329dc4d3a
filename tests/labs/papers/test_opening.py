"""A stranger's PDF is opened whole, without a password, and with pages alone in it; or refused by name."""

import pytest

from keys.errors import RefusedError
from labs.papers import opening
from labs.papers.opening import open_document
from tests.sealing import LINES, print_paper, write_pdf

NO_PAGES = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")


def refusal(document: bytes) -> tuple[str, object]:
    with pytest.raises(RefusedError) as refused:
        open_document(document)
    return refused.value.code, refused.value.facts["got"]


def test_a_plain_report_is_opened() -> None:
    assert open_document(print_paper()).total_revisions == 1


def test_a_link_within_the_document_is_no_danger() -> None:
    open_document(print_paper(LINES, "", b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"))


@pytest.mark.parametrize(
    ("catalogue", "more", "found"),
    [
        (b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", (), "JS"),
        (b"/OpenAction << /S /Java#53cript >>", (), "JavaScript"),
        (b"/Names << /EmbeddedFiles << /Names [] >> >>", (), "EmbeddedFiles"),
        (b"/AcroForm << /Fields [] /XFA [] >>", (), "XFA"),
        (b"", (b"<< /S /Launch /F (x.exe) >>",), "Launch"),
        (b"", (b"<< /S /SubmitForm /F (https://x.example) >>",), "SubmitForm"),
        (b"", (b"<< /Type /Annot /Subtype /RichMedia >>",), "RichMedia"),
        (b"", (b"<< /Type /Annot /Subtype /FileAttachment >>",), "FileAttachment"),
        (b"", (b"[ << /A << /Type /Filespec /EF << >> >> >> ]",), "EF"),
    ],
)
def test_what_acts_or_hides_is_refused_by_name(catalogue: bytes, more: tuple[bytes, ...], found: str) -> None:
    assert refusal(print_paper(LINES, "", catalogue, *more)) == ("document-unsafe", found)


def test_what_an_update_took_out_again_is_refused_all_the_same() -> None:
    first = print_paper(LINES, "", b"", b"<< /S /Launch /F (x.exe) >>")
    start = first.rindex(b"startxref\n") + len(b"startxref\n")
    before = first[start:].split(b"\n")[0]
    table = len(first) + len(b"6 0 obj\n<< >>\nendobj\n")
    update = b"6 0 obj\n<< >>\nendobj\nxref\n6 1\n%010d 00000 n \n" % len(first)
    update += b"trailer\n<< /Size 7 /Root 1 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (before, table)
    assert refusal(first + update) == ("document-unsafe", "Launch")


def test_a_password_is_refused_even_where_it_is_empty() -> None:
    document = write_pdf(*NO_PAGES, trailer=b"/Encrypt << /Filter /Standard /V 4 /R 4 >>")
    assert refusal(document) == ("document-unsafe", "password")


@pytest.mark.parametrize("cut", [1, 40, 600])
def test_a_truncated_file_is_refused(cut: int) -> None:
    document = print_paper(code="https://report.lab.example/1")
    assert refusal(document[: -cut - 6])[0] == "document-unreadable"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"PK\x03\x04",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
        write_pdf(b"<< /Type /Catalog >>"),
        write_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<<" * 500),
        write_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"[" * 100 + b"]" * 100),
    ],
)
def test_what_is_no_whole_pdf_is_refused(document: bytes) -> None:
    assert refusal(document)[0] == "document-unreadable"


def test_more_objects_than_a_report_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    document = print_paper()
    monkeypatch.setattr(opening, "MOST_OBJECTS", 5)
    open_document(document)
    monkeypatch.setattr(opening, "MOST_OBJECTS", 4)
    assert refusal(document) == ("document-unreadable", "more")
