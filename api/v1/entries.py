"""Entries go out: headers for everybody, bodies for those who may read them, the signed bytes and receipts. All of it
is immutable, and says so.
"""

import hashlib
from typing import Any

from flask import Blueprint
from marshmallow import fields

from api.access import Callers, may_read, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.fields import Hex, Whole
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.schemas import EntrySchema, HeaderPageSchema
from api.v1.statements import COSE
from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.chains import read_mentioned, read_mentioned_by, read_mentions
from trace.doubts import read_doubts
from trace.fields import LotRef
from trace.kinds import Readers
from trace.ledger.issuing import issue_receipt
from trace.ledger.listing import EntryFilter, page_entries
from trace.ledger.store import Entry, read_entry

blueprint = Blueprint("api_entries", __name__)


class EntriesQuery(PageQuery):
    """Filters of the list of entries; all that are given must match."""

    kind = fields.String(load_default=None)
    issuer = fields.String(load_default=None)
    subject = fields.String(load_default=None)
    lot = LotRef(load_default=None, metadata={"description": "Entries that speak of this lot."})
    leaf = Hex(load_default=None, metadata={"description": "The entry with this leaf hash."})


class ReceiptQuery(Query):
    """Which checkpoint the receipt is against."""

    size = Whole(1, load_default=None, metadata={"description": "Size of a later checkpoint; else that of the record."})


@blueprint.get("/entries")
@open_to(Callers.ANYONE)
@operation("Entries, oldest first", tag="entries", returns={200: HeaderPageSchema}, query=EntriesQuery)
def list_entries(query: dict[str, Any]) -> Reply:
    """Headers only."""
    place = read_cursor(query["cursor"], int)
    with current_shell().database.reading() as session:
        among = read_mentions(session, query["lot"]) if query["lot"] else None
        wanted = EntryFilter(query["kind"], query["issuer"], query["subject"], query["leaf"], among)
        after = int(place[0]) if place else -1
        entries = page_entries(session, wanted, after, query["limit"] + 1)
        lots = read_mentioned_by(session, [entry.position for entry in entries])
    headers = [write_header(entry, lots.get(entry.position, ())) for entry in entries]
    return Reply(cut_page(headers, query["limit"], lambda header: (header["position"],)))


@blueprint.get("/entries/<int:position>")
@open_to(Callers.ANYONE)
@operation("One entry", tag="entries", returns={200: EntrySchema}, refuses=("entry-unknown",))
def show_entry(position: int) -> Reply:
    """The header, and the payload as it was signed where the caller may read it."""
    with current_shell().database.reading() as session:
        entry = read_entry(session, position)
        header = write_header(entry, read_mentioned(session, position))
        doubt = read_doubts(session, {position}).get(position)
    statement = parse_statement(entry.statement)
    readers = _readers_of(entry)
    is_open = may_read(readers, entry.issuer)
    body = {
        # The nonce keeps a withheld body from being guessed by its hash; whoever reads the body may have it.
        "nonce": statement.nonce if is_open else None,
        "payload": statement.payload.decode("utf-8") if is_open else None,
        "is_withheld": not is_open,
        "readers": readers,
        "doubted_since": doubt.since if doubt else None,
        "doubt_entry": doubt.entry if doubt else None,
        "receipt_url": f"/api/v1/entries/{position}/receipt",
        "statement_url": f"/api/v1/entries/{position}/statement",
    }
    tag = entry.leaf.hex() + ("" if is_open else "-withheld") + (f"-doubted-{doubt.entry}" if doubt else "")
    return Reply(header | body, tag=tag, is_private=readers is not Readers.ANYONE)


@blueprint.get("/entries/<int:position>/statement")
@open_to(Callers.ANYONE)
@operation(
    "The signed statement of an entry",
    tag="entries",
    returns={200: None},
    media=(COSE,),
    refuses=("entry-unknown", "body-withheld"),
)
def show_statement(position: int) -> Reply:
    """A COSE_Sign1 with an empty unprotected header: the bytes that the leaf is the SHA-256 of."""
    with current_shell().database.reading() as session:
        entry = read_entry(session, position)
    readers = _readers_of(entry)
    if not may_read(readers, entry.issuer):
        raise RefusedError("body-withheld", where=f"entry {position}", expected=readers.value, got="another caller")
    return Reply(entry.statement, media=COSE, tag=entry.leaf.hex(), is_private=readers is not Readers.ANYONE)


@blueprint.get("/entries/<int:position>/receipt")
@open_to(Callers.ANYONE)
@operation(
    "The receipt of an entry",
    tag="entries",
    returns={200: None},
    media=(COSE,),
    query=ReceiptQuery,
    refuses=("entry-unknown", "checkpoint-unknown"),
)
def show_receipt(query: dict[str, Any], position: int) -> Reply:
    """A COSE receipt (RFC 9942) that verifies offline with the ledger's key and the leaf hash."""
    with current_shell().database.reading() as session:
        receipt = issue_receipt(session, position, query["size"])
    return Reply(receipt, media=COSE, tag=hashlib.sha256(receipt).hexdigest())


def write_header(entry: Entry, lots: tuple[str, ...]) -> dict[str, Any]:
    """What everybody may know of an entry."""
    statement = parse_statement(entry.statement)
    return {
        "position": entry.position,
        "leaf": entry.leaf,
        "kind": entry.kind,
        "issuer": entry.issuer,
        "subject": entry.subject,
        "issued_at": statement.issued_at,
        "recorded_at": entry.recorded_at,
        "kid": statement.kid,
        "algorithm_id": statement.algorithm_id,
        "content_type": statement.content_type,
        "follows": statement.follows,
        "lots": lots,
        "size_bytes": len(entry.statement),
        "url": f"/api/v1/entries/{entry.position}",
    }


def _readers_of(entry: Entry) -> Readers:
    return current_shell().house.catalogue.find(entry.kind).readers
