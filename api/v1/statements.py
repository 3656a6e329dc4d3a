"""Statements come in: the HTTP side of the one door. Nothing is answered before the commit is durable.

    POST /api/v1/statements   application/cose          one COSE_Sign1, or a CBOR sequence of many
                              application/cbor-seq      a CBOR sequence (RFC 8742)
                              application/json          {"statement": "<base64>"} or {"statements": ["<base64>", …]}

One statement: 201, or 200 with the same receipt where it stood already, or the problem. Many: 201 (200 where all were
known), or 207 with a result each as soon as one was refused.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, request

from api.access import Callers, open_to
from api.operations import JSON, Reply, operation
from api.problems import describe
from api.shell import current_shell
from api.v1.schemas import AcceptedSchema, ResultsSchema, StatementsSchema
from keys import cbor
from keys.errors import RefusedError
from keys.payload import read_json
from trace.chains import read_mentioned_by
from trace.intake import MAX_BATCH, Accepted, Outcome
from trace.ledger.issuing import issue_receipts

blueprint = Blueprint("api_statements", __name__)

COSE, CBOR_SEQUENCE = "application/cose", "application/cbor-seq"
DOOR_REFUSALS = (
    "algorithm-mismatch",
    "cbor-malformed",
    "cbor-not-deterministic",
    "cbor-trailing-bytes",
    "clock-went-back",
    "content-type-unknown",
    "digital-link-invalid",
    "envelope-malformed",
    "founding-misplaced",
    "head-stale",
    "issued-in-future",
    "issuer-mismatch",
    "key-doubted",
    "key-expired",
    "key-known",
    "key-not-yet-valid",
    "key-revoked",
    "key-unknown",
    "key-unreadable",
    "kind-unknown",
    "media-type-unknown",
    "not-acceptable",
    "not-founded",
    "not-your-party",
    "party-unknown",
    "payload-malformed",
    "payload-missing",
    "post-not-held",
    "role-not-allowed",
    "schema-violated",
    "signature-invalid",
    "statement-too-large",
    "subject-mismatch",
    "not-recordable",
    "too-busy",
    "token-failed",
    "too-large",
    "too-many-statements",
)
"""What the door may answer."""


class ReceivedSchema(AcceptedSchema, ResultsSchema):
    """The reply to one statement, or `results` for many."""


@blueprint.post("/statements")
@open_to(Callers.ANYONE)
@operation(
    "Send one statement or many through the one door",
    tag="statements",
    returns={201: ReceivedSchema, 200: ReceivedSchema, 207: ResultsSchema},
    takes={COSE: None, CBOR_SEQUENCE: None, JSON: StatementsSchema},
    media=(COSE,),
    refuses=DOOR_REFUSALS,
)
def receive_statements() -> Reply:
    """Whoever signed a statement may be anyone's messenger: the signature speaks, not the sender, so nobody signs in
    here.
    """
    is_many, envelopes = _read_envelopes()
    wanted = _choose_media(is_many)
    outcomes = current_shell().accept(envelopes)
    if not is_many and isinstance(outcomes[0], RefusedError):
        raise outcomes[0]
    results = write_outcomes(outcomes)
    if is_many:
        statuses = {result["status"] for result in results}
        status = 207 if statuses - {200, 201} else max(statuses)
        return Reply({"results": results}, status, afterwards=judge_afterwards(*results))
    return _answer_one(results[0]["accepted"], wanted)


def write_outcomes(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What became of each statement, with the receipts of those that stand in the ledger."""
    # Those that stood already; a new one brings its receipt and its lots along.
    known = {one.position for one in outcomes if isinstance(one, Accepted) and one.batch is None}
    receipts: dict[int, bytes] = {}
    lots: dict[int, tuple[str, ...]] = {}
    if known:
        with current_shell().database.reading() as session:
            receipts, lots = issue_receipts(session, sorted(known)), read_mentioned_by(session, known)
    results: list[dict[str, Any]] = []
    for outcome in outcomes:
        if isinstance(outcome, RefusedError):
            problem = describe(outcome)
            results.append({"status": problem["status"], "accepted": None, "problem": problem})
            continue
        position, batch = outcome.position, outcome.batch
        accepted = {
            "status": 201 if outcome.is_new else 200,
            "entry": position,
            "leaf": outcome.leaf,
            "receipt": receipts[position] if batch is None else batch.issue_receipt(position),
            "lots": lots.get(position, ()) if batch is None else outcome.lots,
            "url": f"/api/v1/entries/{position}",
        }
        results.append({"status": accepted["status"], "accepted": accepted, "problem": None})
    return results


def judge_afterwards(*results: dict[str, Any]) -> Callable[[], None] | None:
    """What runs once the reply has left, where something new was let in: the lots that it touched are judged again.
    Its failure is nobody's reply; the lots stay queued.
    """
    if all(result["status"] != HTTPStatus.CREATED for result in results):
        return None
    shell, logger = current_shell(), current_app.logger

    def judge() -> None:
        try:
            shell.judge_touched()
        except Exception:
            logger.exception("lots that were touched could not be judged again; they wait")

    return judge


def decode_base64(text: object, where: str) -> bytes:
    """Strict base64 (RFC 4648 §4): padded, no line breaks, one spelling. Raises RefusedError `request-malformed`."""
    if isinstance(text, str):
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if data and base64.b64encode(data).decode("ascii") == text:
            return data
    raise RefusedError("request-malformed", where=where, expected="base64 with padding and nothing else")


def _read_envelopes() -> tuple[bool, list[bytes]]:
    """(Are many meant?, the envelopes). A sequence of one is one; a JSON list of one is many."""
    data = request.get_data()
    if request.mimetype in (COSE, CBOR_SEQUENCE):
        envelopes = list(cbor.split_sequence(data, where="the request", most=MAX_BATCH))
        if not envelopes:
            raise RefusedError("request-malformed", where="the request", expected="a statement", got="nothing")
        return request.mimetype == CBOR_SEQUENCE or len(envelopes) > 1, envelopes
    if request.mimetype == JSON:
        return _read_json_envelopes(read_json(data))
    raise RefusedError("media-type-unknown", expected=[COSE, CBOR_SEQUENCE, JSON], got=request.mimetype[:80])


def _read_json_envelopes(body: dict[str, Any]) -> tuple[bool, list[bytes]]:
    match body:
        case {"statement": str() as text} if len(body) == 1:
            return False, [decode_base64(text, "statement")]
        case {"statements": [_, *_] as texts} if len(body) == 1:
            if len(texts) > MAX_BATCH:
                raise RefusedError("too-many-statements", expected=f"at most {MAX_BATCH}", got=len(texts))
            return True, [decode_base64(text, f"statements[{index}]") for index, text in enumerate(texts)]
    raise RefusedError("request-malformed", where="the request", expected='{"statement": …} or {"statements": […]}')


def _choose_media(is_many: bool) -> str:
    """The media type of the reply, chosen before anything is let in: JSON, or for one statement its receipt's."""
    offered = [JSON] if is_many else [JSON, COSE]
    chosen = request.accept_mimetypes.best_match(offered) if request.accept_mimetypes else JSON
    if chosen is None:
        raise RefusedError("not-acceptable", expected=offered, got=str(request.accept_mimetypes)[:80])
    return chosen


def _answer_one(accepted: dict[str, Any], media: str) -> Reply:
    data = accepted["receipt"] if media == COSE else accepted
    headers = {"Location": accepted["url"], "Vary": "Accept"}
    return Reply(data, accepted["status"], media, headers, afterwards=judge_afterwards(accepted))
