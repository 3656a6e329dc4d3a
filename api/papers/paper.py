"""A file against the ledger: since when it is known, whose seals count, and what its text says beside a report."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from api.blobs import MAX_DOCUMENT_BYTES
from api.papers.examiner import EXAMINER
from api.papers.printed import Claim, Field, compare
from api.words import LANGUAGES, knows, words_for
from keys.errors import RefusedError
from labs.papers.examine import Examination
from labs.papers.register import read_authorities
from labs.reports.register import Report, find_first_record
from trace.days import civil_day

# The temperature of the limit: on paper it stands before the name, behind it or not at all.
_CELSIUS = re.compile(r"(?:at )?[(（]?20 ?°C[)）]?(?:时的|时)?")


def read_document(stream: IO[bytes]) -> bytes:
    """The bytes of an upload, no more than may be kept. Raises RefusedError `document-refused`."""
    document = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(document) > MAX_DOCUMENT_BYTES:
        raise RefusedError("document-refused", where="pdf", expected=f"at most {MAX_DOCUMENT_BYTES} bytes")
    return document


def examine_document(session: Session, document: bytes, sha256: str, now: datetime) -> Examination:
    """Judged as of the time when the ledger first named the file, else as of today. Raises RefusedError."""
    # To the hour: a file that nobody has named is asked about several times, and seals last for years.
    known_at = find_first_record(session, sha256) or now.replace(minute=0, second=0, microsecond=0)
    return EXAMINER.examine(document, read_authorities(session, civil_day(known_at)), known_at)


def compare_with(report: Report, text: str) -> tuple[Field, ...]:
    """What the file says beside what its lab has on record."""
    claims = []
    for row in report.rows:
        value = row.value if row.value is not None else row.resistance_ohm
        unit = row.unit if row.value is not None else "ohm"
        if value is not None:
            claims.append(Claim(row.parameter, _names_of(row.parameter), value, unit, row.limit))
    return compare(text, number=report.number, issued_on=report.issued_on, conclusion=report.conclusion, claims=claims)


def _names_of(parameter: str) -> tuple[str, ...]:
    """What a parameter is called on paper, in both languages, its own name included."""
    told = [
        _CELSIUS.sub("", words_for(tongue, context, "title")).strip()
        for context in (f"parameter.{parameter}", f"field.{parameter}")
        for tongue in LANGUAGES
        if knows(tongue, context, "title")
    ]
    return tuple(dict.fromkeys((parameter, parameter.replace("_", " "), *told)))


def describe_for_statement(
    examination: Examination, fields: tuple[Field, ...], hosts: list[str]
) -> Mapping[str, object]:
    """The members of a `paper.examined` body that follow from the file."""
    codes = {seal.organisation for seal in examination.seals if seal.organisation is not None}
    differences = [
        {"field": one.field, "registered": one.registered[:100], "printed": one.printed[:100]}
        for one in fields
        if one.state == "differs"
    ]
    return {
        "pdf_sha256": examination.sha256,
        "seal_state": examination.seal_state,
        "sealed_by": codes.pop() if len(codes) == 1 else None,
        "hosts": hosts,
        "differences": differences,
    }
