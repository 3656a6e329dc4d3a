"""Tables for spreadsheets: CSV that opens with its signs right, and runs nothing."""

import csv
from collections.abc import Iterable
from io import StringIO

from flask import Response


def answer_csv(name: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Response:
    """A CSV file to keep, named after what it is about."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    # The mark at the beginning is what spreadsheets know UTF-8 by.
    response = Response("\ufeff" + file.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name.replace(' · ', '-')}.csv")
    return response


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula and runs it (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
