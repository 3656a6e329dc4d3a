"""A party: who it is, with which keys it speaks, what it said and what was said of it."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from api.access import Callers, may_read, open_to
from api.cursor import read_entry_number
from api.naming import Names, party_name
from api.pages.doubts import Recorded, note_doubts
from api.pages.people import names_in
from api.shell import current_shell
from keys.errors import RefusedError
from labs.reports.register import read_claimed_papers
from labs.worklist.register import count_made
from trace.bidding.register import read_contracts_of
from trace.kinds import Readers, Role
from trace.ledger.store import Entry, read_entries_about
from trace.oversight.register import read_bans, read_entries_against, read_penalties
from trace.parties.register import find_party, read_keys, read_posts
from trace.production.register import read_certificate_entries, read_certificates

blueprint = Blueprint("parties", __name__)
PAGE = 40
# What weighs against the party of whom it is said.
GRAVE = frozenset({"penalty.imposed", "ban.imposed", "accreditation.suspended", "certificate.withdrawn", "key.revoked",
                   "recall.ordered", "report.denied"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the time line. `is_own` where the party signed it, `is_grave` where it weighs against the party."""

    entry: Entry
    is_own: bool
    is_grave: bool


@blueprint.get("/parties/<uscc>")
@open_to(Callers.ANYONE)
def show_party(uscc: str) -> str:
    """Everything on record about a party that this reader may see."""
    before = read_entry_number(request.args.get("before"))
    shell = current_shell()
    with shell.database.reading() as session:
        party = find_party(session, uscc)
        if party is None:
            raise RefusedError("not-found", where="parties", expected="the code of an admitted party", got=uscc[:40])
        lines = _read_lines(session, uscc, before)
        contracts = read_contracts_of(session, uscc) if may_read(Readers.PARTIES, uscc) else None
        posts = read_posts(session, {uscc}) if may_read(Readers.PARTIES, uscc) else None
        penalties, bans = read_penalties(session, {uscc}), read_bans(session, {uscc})
        certificates = [one for one in read_certificates(session, {uscc}) if one.maker == uscc]
        told: tuple[Recorded, ...] = (*(posts or ()), *penalties, *bans, *certificates, *(contracts or ()))
        note_doubts(session, {line.entry.position for line in lines} | {one.entry for one in told} | {party.entry})
        names: Names = names_in(session, party, lines, contracts, penalties, certificates)
        return render_template(
            "party.html",
            party=party,
            name=party_name(party),
            keys=read_keys(session, uscc),
            now=shell.clock(),
            posts=posts,
            penalties=penalties,
            bans=bans,
            certificates=certificates,
            contracts=contracts,
            made=count_made(session, uscc),
            is_lab=Role.LAB in party.roles,
            lines=lines[:PAGE],
            is_continued=before is not None,
            following=f"?before={lines[PAGE - 1].entry.position}#history" if len(lines) > PAGE else None,
            names=names,
        )


def _read_lines(session: Session, uscc: str, before: int | None) -> list[Line]:
    """What the party said, and what others said of it or under its name, newest first."""
    also = {*read_certificate_entries(session, uscc), *read_entries_against(session, uscc)}
    also |= {paper.entry for paper in read_claimed_papers(session, uscc)}
    return [
        Line(entry, entry.issuer == uscc, entry.kind in GRAVE and entry.issuer != uscc)
        for entry in read_entries_about(session, uscc, also, before, PAGE + 1)
    ]
