"""Findings: what the rules last said of every lot, gravest first."""

from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.access import Callers, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.lot_schemas import FindingPageSchema
from labs.casework.register import OpenFinding, read_open_findings
from trace.fields import LotRef, Uscc
from trace.findings import Severity

blueprint = Blueprint("api_findings", __name__)


class FindingsQuery(PageQuery):
    """Filters of the list of findings; all that are given must match."""

    code = fields.String(load_default=None, validate=validate.Regexp(r"[PSLBC][0-9]{2}\Z"))
    severity = fields.Enum(Severity, by_value=True, load_default=None)
    maker = Uscc(load_default=None)
    lot = LotRef(load_default=None)


@blueprint.get("/findings")
@open_to(Callers.ANYONE)
@operation("Findings, gravest first", tag="findings", returns={200: FindingPageSchema}, query=FindingsQuery)
def list_findings(query: dict[str, Any]) -> Reply:
    """As last judged; a lot's own page judges it anew."""
    place = read_cursor(query["cursor"], int, int, str, int)
    wanted = {name: query[name] for name in ("code", "severity", "maker", "lot")}
    with current_shell().database.reading() as session:
        found = read_open_findings(session, query["limit"] + 1, place, **wanted)  # type: ignore[arg-type]
    return Reply(cut_page(found, query["limit"], _place_of))


def _place_of(finding: OpenFinding) -> tuple[int | str, ...]:
    return finding.place
