"""The page of a sample: where on the drum, through whose hands, under which seal, with which pictures, and by which
draw.
"""

from flask import Blueprint, render_template

from api.access import Callers, open_to
from api.pages.doubts import Recorded, note_doubts
from api.pages.people import names_in
from api.sampled import Life, show_lives
from api.shell import current_shell
from labs.rules.draws import TOLERANCE_M

blueprint = Blueprint("samples", __name__)


@blueprint.get("/samples/<sampler>/<path:sample>")
@open_to(Callers.ANYONE)
def show(sampler: str, sample: str) -> str:
    """The samples of an organisation with this number; nothing forbids two. Raises `not-found`."""
    with current_shell().database.reading() as session:
        lives = show_lives(session, sampler, sample)
        note_doubts(session, {entry for life in lives for entry in _entries(life)})
        return render_template(
            "sample.html",
            number=sample,
            sampler=sampler,
            lives=lives,
            tolerance=TOLERANCE_M,
            names=names_in(session, sampler, lives),
        )


def _entries(life: Life) -> list[int]:
    told: tuple[Recorded, ...] = (life.drawn, *life.witnessings, *life.receptions, *life.steps, *life.reports)
    return [one.entry for one in (*told, *life.draws)]
