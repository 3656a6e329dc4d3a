"""Events come in: the capture interface of EPCIS 2.0.1, over the one door.

    POST /epcis/capture   application/cbor-seq, application/cose   statements whose payloads are events
                          application/json   {"statements": ["<base64>", …]}: the same
                          application/json, application/ld+json   an EPCISDocument, an EPCISQueryDocument or an event
                          application/xml    an EPCISDocument or EPCISQueryDocument of EPCIS 1.2 or 2.0

1. Every event is a statement that its party has signed. With statements the job is done when it is answered.
2. A document has no signatures, and one in XML has nothing that could be signed as it stands: its events are brought
   into the JSON binding first (`trace/epcis/xml.py`). A party that has signed in gets a job that awaits them, with a
   draft for each event (`api/drafting.py`): the bytes to be signed, but for what follows on drafts of the same job that
   are yet to be signed. Keys never come here: the party signs, and sends the statements, in order, to the job's own
   address.
3. `GS1-Capture-Error-Behaviour: rollback`, the default, is one transaction: all events are recorded, or none is. With
   `proceed` each goes its own way. What is recorded is never rolled back: a ledger has no undo.
4. What may be captured at once is in the headers GS1-EPCIS-Capture-Limit and GS1-EPCIS-Capture-File-Size-Limit.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from api.access import Callers, caller, caller_key, check_same_site, open_to
from api.commands.choosing import choose_kind
from api.cursor import next_address, read_cursor
from api.drafting import MAX_DRAFTS, Draft, draft_all
from api.epcis.events import PagedQuery
from api.epcis.jobs import JobSchema, JobsSchema, answer_job, tell_outcome, write_job
from api.epcis.media import JSON, JSON_LD, XML, make_blueprint
from api.operations import Reply, operation
from api.shell import Completion, current_shell
from api.v1.schemas import StatementsSchema
from api.v1.statements import CBOR_SEQUENCE, COSE, DOOR_REFUSALS, decode_base64
from keys import cbor
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from trace.captures.register import (
    AWAITING,
    DONE,
    Capture,
    add_capture,
    find_capture,
    finish_capture,
    list_captures,
)
from trace.epcis.documents import check_document, cut_events
from trace.epcis.xml import cut_xml_events
from trace.intake import MAX_BATCH, Outcome

blueprint = make_blueprint("capture")
# Of a job that may go on without some: some batches.
MAX_STATEMENTS = 10 * MAX_BATCH
REFUSES = (
    *DOOR_REFUSALS,
    "capture-rolled-back",
    "no-event",
    "not-signed-in",
    "origin-foreign",
    "request-malformed",
    "database-unavailable",
)


@blueprint.post("/capture")
@open_to(Callers.ANYONE)
@operation(
    "Capture events",
    tag="epcis",
    returns={202: JobSchema},
    takes={COSE: None, CBOR_SEQUENCE: None, JSON: StatementsSchema, JSON_LD: None, XML: None},
    media=(XML,),
    refuses=REFUSES,
)
def capture_events() -> Reply:
    """Whoever signed a statement may be anyone's messenger; a document is taken from its own party alone."""
    behaviour, at = _read_behaviour(), current_shell().clock()
    job = Capture(str(uuid.uuid4()), None, at, None, behaviour, AWAITING, (), ())
    envelopes = _read_envelopes(request.get_data())
    if envelopes is None:
        return await_signatures(job, _cut_document)
    party, kept = caller(), list[Capture]()
    job = replace(job, party=party.uscc if party else None, state=DONE)

    def keep(session: Session, outcomes: Sequence[Outcome]) -> None:
        results = tuple(tell_outcome(place, outcome) for place, outcome in enumerate(outcomes))
        kept.append(replace(job, finished_at=current_shell().clock(), results=results))
        add_capture(session, kept[-1])

    outcomes = _send(envelopes, behaviour, keep)
    if not kept:
        with current_shell().database.writing() as session:
            keep(session, outcomes)
    return answer_job(kept[-1], status=202)


@blueprint.get("/capture")
@open_to(Callers.SIGNED_IN)
@operation(
    "Capture jobs of the caller, newest first",
    tag="epcis",
    returns={200: JobsSchema},
    query=PagedQuery,
    refuses=("not-signed-in", "not-acceptable"),
)
def list_jobs(query: dict[str, Any]) -> Reply:
    """Those that it began signed in; a job without a party is known to whoever has its address."""
    party = caller()
    place = read_cursor(query["nextPageToken"], str, str, where="nextPageToken")
    after = (datetime.fromisoformat(str(place[0])), str(place[1])) if place is not None else None
    most = query["perPage"]
    with current_shell().database.reading() as session:
        found = list_captures(session, party.uscc if party else "", after, most + 1)
    page, more = found[:most], {}
    if len(found) > most:
        last = (page[-1].created_at.isoformat(), page[-1].capture_id)
        more = {"Link": f'<{next_address(last, "nextPageToken")}>; rel="next"'}
    return Reply({"jobs": [write_job(job) for job in page]}, headers=more, is_private=True)


@blueprint.get("/capture/<capture_id>")
@open_to(Callers.ANYONE)
@operation(
    "A capture job",
    tag="epcis",
    returns={200: JobSchema},
    media=(XML,),
    refuses=("capture-unknown", "not-your-party", *REFUSES),
)
def show_job(capture_id: str) -> Reply:
    """While it awaits signatures, with drafts over the heads as they stand now. One begun signed in is its party's."""
    job = _find(capture_id)
    drafts, _ = _draft(job) if job.state == AWAITING else ([], [])
    return answer_job(job, drafts)


@blueprint.post("/capture/<capture_id>")
@open_to(Callers.SIGNED_IN)
@operation(
    "Hand in what a capture job awaits",
    tag="epcis",
    returns={202: JobSchema},
    takes={COSE: None, CBOR_SEQUENCE: None, JSON: StatementsSchema},
    media=(XML,),
    refuses=("capture-done", "capture-differs", "capture-unknown", "not-your-party", *REFUSES),
)
def sign_job(capture_id: str) -> Reply:
    """The statements over the job's events, byte for byte, in their order."""
    check_same_site()
    job = _find(capture_id)
    if job.state != AWAITING:
        raise RefusedError("capture-done", expected="a job that awaits signatures", got=job.state)
    envelopes = _read_envelopes(request.get_data(), takes_xml=False)
    if envelopes is None:
        raise RefusedError("request-malformed", where="the request", expected="signed statements", got="a document")
    _check_same(job, envelopes)
    refused = [dict(result) for result in job.results]
    places = [place for place, event in enumerate(job.events) if event]
    outcomes = _send(envelopes, job.behaviour)
    sent = [tell_outcome(place, outcome) for place, outcome in zip(places, outcomes, strict=True)]
    results = sorted([*refused, *sent], key=lambda result: int(result["event"]))
    at = current_shell().clock()
    with current_shell().database.writing() as session:
        if not finish_capture(session, capture_id, results, at):
            raise RefusedError("capture-done", expected="a job that awaits signatures", got=DONE)
    done = replace(job, state=DONE, finished_at=at, events=(), results=tuple(results))
    return answer_job(done, status=202)


def _read_behaviour() -> str:
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", "rollback")
    if behaviour not in ("rollback", "proceed"):
        raise RefusedError(
            "request-malformed",
            where="GS1-Capture-Error-Behaviour",
            expected="rollback or proceed",
            got=behaviour[:40],
        )
    return behaviour


def _read_envelopes(data: bytes, *, takes_xml: bool = True) -> list[bytes] | None:
    """The statements of a request; None where it brings a document."""
    if request.mimetype in (COSE, CBOR_SEQUENCE):
        envelopes = list(cbor.split_sequence(data, where="the request", most=MAX_STATEMENTS))
        if not envelopes:
            raise RefusedError("request-malformed", where="the request", expected="a statement", got="nothing")
        return envelopes
    if request.mimetype == XML and takes_xml:
        return None
    if request.mimetype not in (JSON, JSON_LD):
        expected = [COSE, CBOR_SEQUENCE, JSON, JSON_LD, *([XML] if takes_xml else [])]
        raise RefusedError("media-type-unknown", expected=expected, got=request.mimetype[:80])
    if b'"statements"' not in data[:200]:
        return None
    match read_json(data):
        case {"statements": [_, *_] as texts} if len(texts) <= MAX_STATEMENTS:
            return [decode_base64(text, f"statements[{number}]") for number, text in enumerate(texts)]
    return None


def _send(
    envelopes: Sequence[bytes], behaviour: str, keep: Completion = lambda session, outcomes: None
) -> list[Outcome]:
    """The outcomes. `keep` is called where all go in, in their transaction: a job that is kept with its events costs
    no second commit.
    """
    shell, is_whole = current_shell(), behaviour == "rollback"
    if is_whole and len(envelopes) > MAX_BATCH:
        raise RefusedError("too-many-statements", expected=f"at most {MAX_BATCH} to roll back", got=len(envelopes))
    outcomes: list[Outcome] = []
    for start in range(0, len(envelopes), MAX_BATCH):
        outcomes += shell.capture(envelopes[start : start + MAX_BATCH], is_whole=is_whole, also=keep)
    return outcomes


def await_signatures(job: Capture, payloads: Callable[[], Sequence[bytes]]) -> Reply:
    """Keep a job over unsigned events; they are read once it is known that somebody will sign them."""
    check_same_site()
    party, kid = caller(), caller_key()
    if party is None or kid is None:
        raise RefusedError("not-signed-in", expected="signed statements, or a session of the party that will sign")
    return _begin(job, party.uscc, payloads())


def _cut_document() -> list[bytes]:
    data = request.get_data()
    if request.mimetype == XML:
        return cut_xml_events(data)
    payloads = cut_events(data)
    check_document(data)
    return payloads


def _begin(job: Capture, party: str, payloads: Sequence[bytes]) -> Reply:
    if not 0 < len(payloads) <= MAX_DRAFTS:
        raise RefusedError("too-many-statements", expected=f"1 to {MAX_DRAFTS} events to be signed", got=len(payloads))
    job = replace(job, party=party, events=tuple(payload.decode() for payload in payloads))
    drafts, refused = _draft(job)
    if refused and job.behaviour == "rollback":
        raise refused[0][1]
    results = tuple(tell_outcome(place, error) for place, error in refused)
    bad = {place for place, _ in refused}
    events = tuple("" if place in bad else event for place, event in enumerate(job.events))
    job = replace(job, events=events, results=results)
    if not drafts:
        job = replace(job, state=DONE, finished_at=job.created_at, events=())
    with current_shell().database.writing() as session:
        add_capture(session, job)
    return answer_job(job, drafts, 202)


def _draft(job: Capture) -> tuple[list[Draft], list[tuple[int, RefusedError]]]:
    """Drafts of the events that the door would let in as it stands, and what it would say of the others."""
    shell, kid = current_shell(), caller_key()
    if kid is None or job.party is None:
        raise RefusedError("not-signed-in", expected="a session of the party that will sign")
    refused: list[tuple[int, RefusedError]] = []
    wanted: list[tuple[int, str, bytes]] = []
    for place, event in enumerate(job.events):
        try:
            if event:
                wanted.append((place, choose_kind(event.encode(), shell.house.catalogue), event.encode()))
        except RefusedError as error:
            refused.append((place, _at(place, error)))
    while wanted:
        try:
            return draft_all(shell, job.party, kid, [(tag, payload) for _, tag, payload in wanted]), refused
        except RefusedError as error:
            if "draft" not in error.facts:
                raise
            place, _, _ = wanted.pop(int(str(error.facts["draft"])))
            refused.append((place, _at(place, error)))
    return [], refused


def _at(place: int, error: RefusedError) -> RefusedError:
    """The refusal with the whole path of the fault."""
    facts: Mapping[str, Any] = {name: fact for name, fact in error.facts.items() if name != "draft"}
    path, inner = f"epcisBody.eventList.{place}", facts.get("where")
    where = path if inner is None else f"{path}.{inner}" if error.code == "schema-violated" else f"{path} ({inner})"
    return RefusedError(error.code, **{**facts, "where": where})


def _check_same(job: Capture, envelopes: Sequence[bytes]) -> None:
    """The statements are of the events that the job has, and of its party."""
    events = [event for event in job.events if event]
    if len(envelopes) != len(events):
        raise RefusedError("capture-differs", expected=f"{len(events)} statements", got=len(envelopes))
    for place, (event, envelope) in enumerate(zip(events, envelopes, strict=True)):
        said = parse_statement(envelope)
        if said.payload != event.encode() or said.issuer != job.party:
            raise RefusedError(
                "capture-differs", where=f"statement {place}", expected="the job's event, by its party", got="another"
            )


def _find(capture_id: str) -> Capture:
    with current_shell().database.reading() as session:
        job = find_capture(session, capture_id[:36])
    if job is None or job.capture_id != capture_id:
        raise RefusedError("capture-unknown", expected="a capture job", got=capture_id[:40])
    party = caller()
    if job.party is not None and (party is None or party.uscc != job.party):
        raise RefusedError("not-your-party", expected="the party that began it", got=party.uscc if party else "nobody")
    return job
