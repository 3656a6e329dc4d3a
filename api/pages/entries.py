"""One entry of the ledger: who said what, when; the body where it may be read; its place in the chain; its proof."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from api.access import Callers, may_read, open_to
from api.finder import report_path, sample_path
from api.pages.doubts import note_doubts
from api.pages.people import names_in
from api.shell import current_shell
from keys.algorithms import ED25519, ES256
from keys.envelope import Statement, parse_statement
from keys.payload import read_json
from trace.chains import read_followers, read_mentioned
from trace.epcis.events import EventSchema
from trace.epcis.register import find_corrected, find_events, read_withdrawals, read_withdrawn_by
from trace.kinds import Kind, Readers
from trace.ledger.store import Entry, find_leaf, read_entries, read_entry, size_of
from trace.parties.register import find_key

# What scitt-cose verifies, the program that the page tells readers of.
_TOOLS_KNOW = (ED25519, ES256)
blueprint = Blueprint("entries", __name__)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry before or after in the chain; `position` is None for a leaf that the ledger does not have."""

    position: int | None
    kind: str
    issuer: str
    recorded_at: datetime | None
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Corrections:
    """How an event and others stand in for one another, by entry: those that it takes back, those that put right what
    is taken back here, and those that were taken back and that it puts right.
    """

    takes_back: tuple[int, ...] = ()
    put_right_by: tuple[int, ...] = ()
    puts_right: tuple[int, ...] = ()


@blueprint.get("/entries/<int:position>")
@open_to(Callers.ANYONE)
def show_entry(position: int) -> Response:
    """What was said and recorded never changes; what follows it may, so the tag is that of the whole page."""
    shell = current_shell()
    with shell.database.reading() as session:
        entry = read_entry(session, position)
        said = parse_statement(entry.statement)
        kind: Kind = shell.house.catalogue.find(entry.kind)
        is_open = may_read(kind.readers, entry.issuer)
        body = read_json(said.payload) if is_open else None
        lots = read_mentioned(session, position)
        before = [_before(session, leaf) for leaf in said.follows]
        after = [_neighbour(other) for other in read_entries(session, read_followers(session, position))]
        key = find_key(session, said.kid)
        links = _corrections(session, kind, position, body)
        linked = (*links.takes_back, *links.put_right_by, *links.puts_right)
        note_doubts(
            session, {position, *linked, *(one.position for one in (*before, *after) if one.position is not None)}
        )
        ended = find_key(session, bytes.fromhex(body["kid"])) if body and entry.kind == "key.revoked" else None
        page = render_template(
            "entry.html",
            entry=entry,
            said=said,
            kind=kind,
            body=body,
            text=said.payload.decode() if is_open else None,
            lots=lots,
            before=before,
            after=after,
            links=links,
            size=size_of(session),
            about=_page_about(position, said, body),
            key=key,
            tools_know=_TOOLS_KNOW,
            ended=ended,
            ended_since=kind.load(body)["compromised_since"] if body and ended else None,
            now=shell.clock(),
            ledger_pem=shell.registry.ledger_key.to_pem().strip(),
            here_url=shell.settings.public_url,
            names=names_in(session, entry, body, before, after, ended),
        )
    response = Response(page, mimetype="text/html")
    response.add_etag()
    if kind.readers is not Readers.ANYONE:
        response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]


def _corrections(session: Session, kind: Kind, position: int, body: dict[str, Any] | None) -> Corrections:
    if body is None or not issubclass(kind.schema, EventSchema):
        return Corrections()
    declared = find_corrected(session, position)
    puts_right = {entry for declaration in declared for entry in read_withdrawn_by(session, declaration)}
    told = body.get("errorDeclaration", {}).get("correctiveEventIDs", ())
    return Corrections(
        takes_back=read_withdrawn_by(session, position) if "errorDeclaration" in body else (),
        put_right_by=find_events(session, told) or _named_by_declarations(session, position),
        puts_right=(*sorted(puts_right), *declared),
    )


def _named_by_declarations(session: Session, position: int) -> tuple[int, ...]:
    """What the declarations that take this entry back name as right."""
    entries = read_entries(session, [one.declaration for one in read_withdrawals(session, [position])])
    bodies = [read_json(parse_statement(entry.statement).payload) for entry in entries]
    ids = {each for body in bodies for each in body.get("errorDeclaration", {}).get("correctiveEventIDs", ())}
    return find_events(session, ids)


def _before(session: Any, leaf: bytes) -> Neighbour:
    entry = find_leaf(session, leaf)
    return _neighbour(entry) if entry is not None else Neighbour(None, "", "", None, leaf)


def _neighbour(entry: Entry) -> Neighbour:
    return Neighbour(entry.position, entry.kind, entry.issuer, entry.recorded_at, entry.leaf)


def _page_about(position: int, said: Statement, body: dict[str, Any] | None) -> str | None:
    """The page of what the entry is about, where it is a report, a paper, a sample or a draw."""
    if said.kind == "draw.announced":
        return f"/draws/{position}"
    if said.kind == "sample.drawn":
        return sample_path(said.issuer, said.subject)
    if said.kind.startswith("report."):
        return report_path(said.issuer, said.subject)
    if body is not None and said.kind == "paper.presented" and body["type"] == "report":
        return report_path(body["claimed_body"], said.subject)
    return None
