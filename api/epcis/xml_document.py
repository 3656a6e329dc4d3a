"""What the interface answers to whoever asks for `application/xml`: query documents and capture jobs.

    <epcisq:EPCISQueryDocument xmlns:epcisq="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0" creationDate="…">
      <EPCISBody><epcisq:QueryResults><queryName>…</queryName><resultsBody><EventList>…</EventList></resultsBody>
        <suzheng:entries><suzheng:entry entry="17" party="…"/></suzheng:entries></epcisq:QueryResults></EPCISBody>

What was signed is the event of the JSON binding; this says the same, and bears no signature. So `suzheng:entries`,
which names the entry of each, stands here too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.epcis_exceptions import write_members
from keys.errors import RefusedError
from trace.epcis.search import Found
from trace.epcis.xml import OURS
from trace.epcis.xml_writer import ROOT_SPACES, escape, tag, write_xml_event

_QUERY = "urn:epcglobal:epcis-query:xsd:2"
_EPCIS = "urn:epcglobal:epcis:xsd:2"


def write_xml_document(
    events: Sequence[Found],
    told: Sequence[Mapping[str, Any]],
    behind: Mapping[str, int],
    name: str,
    at: str,
    words: Mapping[str, str],
) -> bytes:
    """An EPCISQueryDocument. Raises RefusedError `not-acceptable`, with `entry`, where XML can't say an event."""
    listed = "".join(_write(event, words) for event in events)
    entries = "".join(tag("suzheng:entry", **_attributes(one)) for one in told)
    results = (
        tag("queryName", escape(name)),
        tag("resultsBody", tag("EventList", listed)),
        tag("suzheng:entries", entries),
        *([tag("suzheng:indexed", **_attributes(behind))] if behind else []),
    )
    body = tag("EPCISBody", tag("epcisq:QueryResults", "".join(results)))
    head = f'xmlns:epcisq="{_QUERY}" {ROOT_SPACES} schemaVersion="2.0" creationDate="{at}"'
    return f"<epcisq:EPCISQueryDocument {head}>{body}</epcisq:EPCISQueryDocument>".encode()


def write_xml_job(job: Mapping[str, Any]) -> bytes:
    """An EPCISCaptureJob, from the members of the JSON one. Drafts are bytes to be signed, and stand in that alone."""
    parts = [tag("captureErrorBehaviour", job["captureErrorBehaviour"]), tag("createdAt", _time(job["createdAt"]))]
    if job["finishedAt"] is not None:
        parts.append(tag("finishedAt", _time(job["finishedAt"])))
    if job["errors"]:
        errors = (tag("error", write_members(problem)) for problem in job["errors"])
        parts.append(tag("errors", "".join(errors)))
    parts.append(tag("suzheng:state", job["state"]))
    attributes = {"running": _flag(job["running"]), "success": _flag(job["success"]), "captureID": job["captureID"]}
    spaces = {"xmlns:epcis": _EPCIS, "xmlns:suzheng": OURS}
    return tag("epcis:EPCISCaptureJob", "".join(parts), **spaces, **attributes).encode()


def _write(event: Found, words: Mapping[str, str]) -> str:
    try:
        return write_xml_event(event.payload, event.recorded_at, words)
    except RefusedError as error:
        raise RefusedError(error.code, **{**error.facts, "entry": event.position}) from error


def _attributes(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in told.items() if value is not None}


def _time(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")


def _flag(flag: bool) -> str:
    return "true" if flag else "false"
