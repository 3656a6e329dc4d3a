"""SCRAPI's resources (draft-ietf-scitt-scrapi §2), in the draft's order.

/.well-known/scitt-keys                 the keys that receipts are signed with, a COSE_KeySet
/.well-known/scitt-keys/<kid>           one of them; the kid in base64url, since it is 32 bytes
/.well-known/scitt-configuration        what this service takes; earlier drafts named it, and left its content open
POST /entries                           a signed statement comes in through the one door; its receipt comes back
/entries/<leaf>                         a fresh receipt, against the newest checkpoint
/entries/<leaf>/statement               the transparent statement: the draft does not name it, SCITT's own services do

A registration is durable when it is answered, so nothing is ever "running": 201, never 303. An entry's name is the
leaf hash in hexadecimal, which whoever has the statement knows before asking.
"""

import base64
import re

from flask import Blueprint, request
from sqlalchemy.orm import Session

from api.access import Callers, may_read, open_to
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.statements import COSE, DOOR_REFUSALS, judge_afterwards
from keys import cbor
from keys.algorithms import ALGORITHMS
from keys.cose_key import write_cose_key
from keys.envelope import MAX_STATEMENT_BYTES, parse_statement
from keys.errors import RefusedError
from trace.kinds import Readers
from trace.ledger.issuing import issue_receipt
from trace.ledger.scitt import attach_receipts
from trace.ledger.store import Entry, find_leaf, latest_checkpoint

blueprint = Blueprint("scrapi", __name__)
CBOR = "application/cbor"
_LEAF = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/.well-known/scitt-keys")
@open_to(Callers.ANYONE)
@operation("The ledger's keys", tag="ledger", returns={200: None}, media=(CBOR,), refuses=("not-founded",))
def list_keys() -> Reply:
    """A COSE_KeySet (RFC 9052 §7)."""
    return Reply(cbor.encode([write_cose_key(current_shell().registry.ledger_key)]), media=CBOR)


@blueprint.get("/.well-known/scitt-keys/<kid>")
@open_to(Callers.ANYONE)
@operation(
    "One of the ledger's keys",
    tag="ledger",
    returns={200: None},
    media=(CBOR,),
    refuses=("not-founded", "ledger-key-unknown"),
)
def show_key(kid: str) -> Reply:
    """A COSE_Key, by the `kid` of a receipt: its COSE key thumbprint (RFC 9679) in base64url without padding."""
    key = current_shell().registry.ledger_key
    if kid != _name_key(key.kid):
        raise RefusedError("ledger-key-unknown", where="kid", expected=_name_key(key.kid), got=kid[:80])
    return Reply(cbor.encode(write_cose_key(key)), media=CBOR)


@blueprint.get("/.well-known/scitt-configuration")
@open_to(Callers.ANYONE)
@operation("What this service takes", tag="ledger", returns={200: None}, media=(CBOR,), refuses=("not-founded",))
def show_configuration() -> Reply:
    """A CBOR map: where to register what, and who issues the receipts."""
    shell = current_shell()
    here = shell.settings.public_url
    configuration = {
        "issuer": shell.registry.origin,
        "registration_endpoint": f"{here}/entries",
        "registration_policy": f"{here}/kinds",
        "keys": f"{here}/.well-known/scitt-keys",
        "checkpoint": f"{here}/checkpoint",
        "signature_algorithms": sorted(algorithm.cose_id for algorithm in ALGORITHMS.values()),
        "max_statement_bytes": MAX_STATEMENT_BYTES,
    }
    return Reply(cbor.encode(configuration), media=CBOR)


@blueprint.post("/entries")
@open_to(Callers.ANYONE)
@operation(
    "Register a signed statement",
    tag="statements",
    returns={201: None},
    takes={COSE: None},
    media=(COSE,),
    refuses=DOOR_REFUSALS,
)
def register_statement() -> Reply:
    """Registering it again gives the same receipt: a statement is made once, however often it is brought."""
    if request.mimetype != COSE:
        raise RefusedError("media-type-unknown", expected=[COSE], got=request.mimetype[:80])
    shell = current_shell()
    (outcome,) = shell.accept([request.get_data()])
    if isinstance(outcome, RefusedError):
        raise outcome
    if outcome.batch is not None:
        receipt = outcome.batch.issue_receipt(outcome.position)
    else:
        with shell.database.reading() as session:
            receipt = issue_receipt(session, outcome.position)
    afterwards = judge_afterwards({"status": 201 if outcome.is_new else 200})
    return Reply(receipt, 201, COSE, _locate(outcome.leaf), afterwards=afterwards)


@blueprint.get("/entries/<entry>")
@open_to(Callers.ANYONE)
@operation("The receipt of an entry", tag="entries", returns={200: None}, media=(COSE,), refuses=("entry-unknown",))
def resolve_receipt(entry: str) -> Reply:
    """Fresh: against the newest checkpoint, so that whoever keeps that needs no consistency proof besides."""
    with current_shell().database.reading() as session:
        found = _find(session, entry)
        receipt = _issue_fresh(session, found)
    return Reply(receipt, media=COSE, headers=_locate(found.leaf))


@blueprint.get("/entries/<entry>/statement")
@open_to(Callers.ANYONE)
@operation(
    "The transparent statement of an entry",
    tag="entries",
    returns={200: None},
    media=(COSE,),
    refuses=("entry-unknown", "body-withheld"),
)
def show_transparent_statement(entry: str) -> Reply:
    """The signed statement with a fresh receipt in its unprotected header (RFC 9943 §7), for those who may read it."""
    shell = current_shell()
    with shell.database.reading() as session:
        found = _find(session, entry)
        readers = shell.house.catalogue.find(found.kind).readers
        if not may_read(readers, found.issuer):
            raise RefusedError(
                "body-withheld", where=f"entry {found.position}", expected=readers.value, got="another caller"
            )
        receipt = _issue_fresh(session, found)
    statement = attach_receipts(parse_statement(found.statement), [receipt])
    return Reply(statement, media=COSE, is_private=readers is not Readers.ANYONE)


def _name_key(kid: bytes) -> str:
    return base64.urlsafe_b64encode(kid).rstrip(b"=").decode("ascii")


def _locate(leaf: bytes) -> dict[str, str]:
    return {"Location": f"{current_shell().settings.public_url}/entries/{leaf.hex()}"}


def _find(session: Session, name: str) -> Entry:
    entry = find_leaf(session, bytes.fromhex(name)) if _LEAF.fullmatch(name) else None
    if entry is None:
        raise RefusedError(
            "entry-unknown",
            where="the entry's name",
            expected="the leaf hash of an entry, 64 hexadecimal digits",
            got=name[:80],
        )
    return entry


def _issue_fresh(session: Session, entry: Entry) -> bytes:
    newest = latest_checkpoint(session)
    return issue_receipt(session, entry.position, newest.size if newest is not None else None)
