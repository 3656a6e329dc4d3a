"""Samples: how each was drawn, through whose hands it went, and what became of it."""

from flask import Blueprint

from api.access import Callers, open_to
from api.operations import Reply, operation
from api.sampled import show_lives
from api.shell import current_shell
from api.v1.draw_schemas import SamplesSchema

blueprint = Blueprint("api_samples", __name__)


@blueprint.get("/samples/<sampler>/<path:sample>")
@open_to(Callers.ANYONE)
@operation(
    "The life of a sample, by its sampler and number",
    tag="samples",
    returns={200: SamplesSchema},
    refuses=("not-found",),
)
def show_samples(sampler: str, sample: str) -> Reply:
    """The sampler is the organisation whose key signed the drawing."""
    with current_shell().database.reading() as session:
        return Reply({"items": show_lives(session, sampler, sample)})
