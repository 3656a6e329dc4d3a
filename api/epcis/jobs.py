"""A capture job as it is answered, in JSON or XML: the standard's members, and each event's result."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields

from api.drafting import Draft
from api.epcis.media import CAPTURE_LIMITS, JSON, XML, choose_media
from api.epcis.xml_document import write_xml_job
from api.fields import Time
from api.operations import Reply
from api.problems import describe
from api.shell import current_shell
from api.v1.schemas import DraftSchema
from keys.errors import RefusedError
from trace.captures.register import AWAITING, DONE, Capture
from trace.intake import Outcome


class CapturedEventSchema(Schema):
    """What became of one event, by its place in the document."""

    event = fields.Integer()
    eventID = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    entry = fields.Integer(allow_none=True)
    problem = fields.Dict(allow_none=True)


class JobSchema(Schema):
    """A capture job, as the standard has it, and each event's result."""

    captureID = fields.String()
    createdAt = Time()
    finishedAt = Time(allow_none=True)
    running = fields.Boolean()
    success = fields.Boolean()
    captureErrorBehaviour = fields.String()
    errors = fields.List(fields.Dict())
    state = fields.String(data_key="suzheng:state")
    progress = fields.Dict(data_key="suzheng:progress")
    results = fields.List(fields.Nested(CapturedEventSchema), data_key="suzheng:events")
    drafts = fields.List(fields.Nested(DraftSchema), data_key="suzheng:drafts")


class JobsSchema(Schema):
    """Jobs, newest first."""

    jobs = fields.List(fields.Nested(JobSchema))


def answer_job(job: Capture, drafts: Sequence[Draft] = (), status: int = 200) -> Reply:
    """The job, in whichever form the caller prefers."""
    written = write_job(job, drafts)
    is_xml = choose_media() == XML
    return Reply(
        write_xml_job(written) if is_xml else written,
        status,
        XML if is_xml else JSON,
        headers=CAPTURE_LIMITS | {"Location": f"/epcis/capture/{job.capture_id}"} if status != 200 else {},
        is_private=True,
        afterwards=current_shell().judge_touched if status != 200 and job.state == DONE else None,
    )


def write_job(job: Capture, drafts: Sequence[Draft] = ()) -> dict[str, Any]:
    """The job as its schema writes it."""
    problems = [result["problem"] for result in job.results if result["problem"] is not None]
    waiting = sum(1 for event in job.events if event)
    return {
        "captureID": job.capture_id,
        "createdAt": job.created_at,
        "finishedAt": job.finished_at,
        "running": job.state == AWAITING,
        "success": not problems,
        "captureErrorBehaviour": job.behaviour,
        "errors": problems,
        "state": job.state,
        "progress": {"done": len(job.results), "of": len(job.results) + waiting},
        "results": job.results,
        "drafts": drafts,
    }


def tell_outcome(place: int, outcome: Outcome) -> dict[str, Any]:
    """What became of one event, by its place."""
    if isinstance(outcome, RefusedError):
        return {"event": place, "eventID": None, "kind": None, "entry": None, "problem": dict(describe(outcome))}
    said = outcome.said
    name = said.body.get("eventID") if said is not None else None
    kind = said.kind if said is not None else None
    return {"event": place, "eventID": name, "kind": kind, "entry": outcome.position, "problem": None}
