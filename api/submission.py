"""Handing in, as the API and the page both do it: statements through the one door, and a report with its PDF.

A document is kept only after its statement stands: a refusal leaves nothing behind. Should the machine stop between
the two, nothing was acknowledged, and handing in the same again answers with the same receipt and keeps the document.
"""

from collections.abc import Sequence
from typing import BinaryIO

from api import blobs
from api.papers.paper import examine_document, read_document
from api.shell import current_shell
from keys import cbor
from keys.envelope import Statement, parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from trace.intake import MAX_BATCH, Accepted, Outcome

WITH_DOCUMENT = frozenset({"report.issued", "report.amended", "paper.presented"})
"""The kinds whose body names a PDF."""


def read_envelopes(data: bytes) -> list[bytes]:
    """The envelopes of a file: one COSE_Sign1, or a CBOR sequence (RFC 8742) of many. Raises RefusedError."""
    envelopes = list(cbor.split_sequence(data, where="the statement", most=MAX_BATCH))
    if not envelopes:
        raise RefusedError("request-malformed", where="statement", expected="a signed statement", got="nothing")
    return envelopes


def submit_statements(envelopes: Sequence[bytes]) -> list[Outcome]:
    """Through the one door, and committed when this returns."""
    return current_shell().accept(envelopes)


def submit_report(envelope: bytes, document: BinaryIO) -> Accepted:
    """A report (or a paper) with its PDF: let in only where the document is the one that the statement names.

    Raises RefusedError: `document-refused` for a file that is no PDF or not that one, `document-unreadable` and
    `document-unsafe` for one that is not whole or more than pages, else what the door answers.
    """
    shell = current_shell()
    named = read_document_name(parse_statement(envelope))
    sha256 = blobs.measure(document)
    if sha256 != named:
        raise RefusedError("document-refused", where="pdf_sha256", expected=named, got=sha256)
    with shell.database.reading() as session:
        # What can't be opened safely is not kept for others to open.
        examine_document(session, read_document(document), sha256, shell.clock())
    document.seek(0)
    (outcome,) = shell.accept([envelope])
    if isinstance(outcome, RefusedError):
        raise outcome
    blobs.store(shell.settings, document, expected_sha256=sha256)
    return outcome


def read_document_name(statement: Statement) -> str:
    """The SHA-256 of the PDF that a statement names. Raises RefusedError `document-refused` where it names none."""
    if statement.kind not in WITH_DOCUMENT:
        raise RefusedError("document-refused", where="kind", expected=sorted(WITH_DOCUMENT), got=statement.kind)
    named = read_json(statement.payload).get("pdf_sha256")
    if not isinstance(named, str):
        raise RefusedError("document-refused", where="pdf_sha256", expected="the SHA-256 of the document", got="none")
    return named
