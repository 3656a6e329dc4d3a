"""Draws: what was announced, what it picks, and the evidence to check both without this registry."""

from flask import Blueprint

from api.access import Callers, open_to
from api.drawn import show_draw
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.draw_schemas import DrawSchema

blueprint = Blueprint("api_draws", __name__)


@blueprint.get("/draws/<int:entry>")
@open_to(Callers.ANYONE)
@operation("A draw, by the entry that announces it", tag="samples", returns={200: DrawSchema}, refuses=("not-found",))
def show_draw_evidence(entry: int) -> Reply:
    """Before the ledger has the size announced there are no picks, and nobody can know them."""
    with current_shell().database.reading() as session:
        return Reply(show_draw(session, entry))
