"""The page of a draw: what was announced before anybody could know it, what it picks, and how to check that. The
browser computes it once more by itself (`static/draw.js`); without script the server's computation stands alone.
"""

from flask import Blueprint, render_template

from api.access import Callers, open_to
from api.drawn import show_draw
from api.pages.doubts import note_doubts
from api.pages.people import names_in
from api.shell import current_shell
from labs.drawing.plans import find_plan
from labs.rules.draws import TOLERANCE_M
from labs.sampling.register import read_samples
from trace.production.register import read_lots_by_id

blueprint = Blueprint("draws", __name__)


@blueprint.get("/draws/<int:entry>")
@open_to(Callers.ANYONE)
def show(entry: int) -> str:
    """A draw by the entry that announces it. Raises `not-found`."""
    with current_shell().database.reading() as session:
        shown = show_draw(session, entry)
        made = shown.draw
        drums = {drum.lot: drum for drum in made.units}
        samples = [one for one in read_samples(session, drums) if one.entry > made.entry]
        lots = read_lots_by_id(session, drums)
        first = next(iter(lots.values()), None)
        plan = find_plan(made.plan, first.family, len(drums)) if made.plan and first else None
        note_doubts(session, {made.entry, *(one.entry for one in samples)})
        return render_template(
            "draw.html",
            draw=made,
            drums=drums,
            size=shown.evidence.size,
            plan=plan,
            samples=samples,
            tolerance=TOLERANCE_M,
            names=names_in(session, made, samples),
            public_url=current_shell().settings.public_url,
        )
