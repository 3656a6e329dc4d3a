"""Tables that a page gives away as files."""

from collections.abc import Iterable

from flask import Response

from api.csv_table import write_table


def answer_csv(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Response:
    """A CSV file to keep, named after what it is about."""
    response = Response(write_table(columns, rows), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name.replace(' · ', '-')}.csv")
    return response
