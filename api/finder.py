"""One box for every number: what a person may type or scan, and what of the registry it names.

Understood are Digital Link URIs and their paths, GS1 element strings, lot numbers and serials, report, certificate,
contract, tender, recall, check and penalty numbers, sample marks, USCC and names of parties, CMA and CNAS numbers,
entry numbers, and the hex of leaf hashes, keys and documents.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session

from api.naming import lot_label, lot_path, party_name
from api.words import show
from keys.errors import RefusedError
from labs.accreditation.register import find_accredited
from labs.reports.register import find_documents, find_numbers, read_denials, read_papers, read_reports
from trace.chains import find_lots
from trace.epcis.digital_link import Link, make_link, parse_link
from trace.epcis.elements import read_elements
from trace.epcis.identifiers import is_logistic
from trace.ledger.store import find_leaf, read_entries_on, size_of
from trace.oversight.register import find_penalties
from trace.parties.register import find_key, find_parties, find_party, read_parties
from trace.uscc import check_uscc

MAX_HITS = 30
# A scanner's group separator ends a lot number: Python takes it for white space, and without it two numbers are one.
_SPACE = re.compile(r"[^\S\x1d]+")
_HASH = re.compile(r"[0-9a-f]{64}")
_UNIT = re.compile(r"(\S+?)\s*[·/\s]\s*(\S+)")
# Found under better names than as bare entries: as parties, keys, lots and reports.
_NAMED_OTHERWISE = ("party.", "key.", "post.", "report.", "paper.", "lab.", "accreditation.", "penalty.", "ban.")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that the text names. `context` has the word for what it is; `note` says more, in words."""

    context: str
    label: str
    address: str
    note: str = ""


def find(session: Session, text: str) -> tuple[Hit, ...]:
    """What the text names, surest first, each address once: by exact number, else by the beginning or part of one."""
    wanted = " ".join(filter(None, _SPACE.split(unicodedata.normalize("NFKC", text))))
    if not wanted:
        return ()
    for finders in (_EXACT, _LOOSE):
        hits: dict[str, Hit] = {}
        for finder in finders:
            for hit in finder(session, wanted):
                hits.setdefault(hit.address, hit)
        if hits:
            return tuple(hits.values())[:MAX_HITS]
    return ()


def report_path(lab: str, number: str) -> str:
    """The address of a report's page."""
    return f"/reports/{lab}/{quote(number, safe='')}"


def sample_path(sampler: str, number: str) -> str:
    """The address of the page of a sampler's samples with a number."""
    return f"/samples/{sampler}/{quote(number, safe='')}"


def _by_link(session: Session, text: str) -> Iterator[Hit]:
    """A Digital Link URI with whatever host and query, compressed or not, its path, or an element string. What it names
    need not be known.
    """
    bare = text.replace(" ", "")
    # A scanner's copy may carry a query; what it names does not depend on it.
    address = bare.partition("?")[0].partition("#")[0].rstrip("/")
    link = _read_link(bare, address if "://" in address or address.startswith("/") else f"/{address}")
    if link is not None:
        yield _lot_hit(link.goods) if link.goods else Hit("term.product", link.value, link.path, link.path[1:])


def _read_link(elements: str, address: str) -> Link | None:
    with suppress(RefusedError):
        return make_link(read_elements(elements))
    with suppress(RefusedError):
        return parse_link(address)
    return None


def _by_hash(session: Session, text: str) -> Iterator[Hit]:
    digest = text.lower().removeprefix("sha-256:").removeprefix("sha256:")
    if not _HASH.fullmatch(digest):
        return
    entry = find_leaf(session, bytes.fromhex(digest))
    if entry is not None:
        yield Hit("term.entry", f"#{entry.position}", f"/entries/{entry.position}", show(entry.recorded_at))
    key = find_key(session, bytes.fromhex(digest))
    if key is not None:
        parties = read_parties(session, {key.party})
        yield Hit("term.key", digest[:12], f"/parties/{key.party}#keys", party_name(parties[key.party]))
    yield from _report_hits(session, find_documents(session, digest))


def _by_code(session: Session, text: str) -> Iterator[Hit]:
    try:
        party = find_party(session, check_uscc(text.upper()))
    except RefusedError:
        return
    if party is not None:
        yield Hit("term.party", party_name(party), f"/parties/{party.uscc}", party.uscc)


def _by_report(session: Session, text: str) -> Iterator[Hit]:
    known = {(report.lab, report.number) for report in read_reports(session, numbers={text})}
    known |= {(denial.lab, denial.number) for denial in read_denials(session, {text})}
    papers = [paper for paper in read_papers(session, numbers={text}) if paper.type == "report"]
    known |= {(paper.claimed_body, paper.number) for paper in papers}
    yield from _report_hits(session, tuple(sorted(known)))


def _by_subject(session: Session, text: str) -> Iterator[Hit]:
    """Contracts, tenders, certificates, checks, recalls, samples: the statements with this very subject."""
    for entry in read_entries_on(session, text, MAX_HITS):
        if not entry.kind.startswith(_NAMED_OTHERWISE) and not text.startswith("01/"):
            is_drawn = entry.kind == "sample.drawn"
            address = sample_path(entry.issuer, text) if is_drawn else f"/entries/{entry.position}"
            yield Hit(f"kind.{entry.kind}", text, address, show(entry.recorded_at))


def _by_penalty(session: Session, text: str) -> Iterator[Hit]:
    for penalty in find_penalties(session, text):
        yield Hit("kind.penalty.imposed", penalty.number, f"/entries/{penalty.entry}", show(penalty.decided_on))


def _by_accreditation(session: Session, text: str) -> Iterator[Hit]:
    parties = read_parties(session, set(find_accredited(session, text.upper())))
    for party in parties.values():
        yield Hit("role.lab", party_name(party), f"/labs/{party.uscc}", text.upper())


def _by_lot_number(session: Session, text: str) -> Iterator[Hit]:
    for lot in find_lots(session, text, MAX_HITS):
        yield _lot_hit(lot)
    if match := _UNIT.fullmatch(text):
        for lot in find_lots(session, match[2], MAX_HITS):
            if f"/10/{match[1]}/".lower() in lot.lower():
                yield _lot_hit(lot)


def _by_position(session: Session, text: str) -> Iterator[Hit]:
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdecimal() and len(digits) < 16 and int(digits) < size_of(session):
        yield Hit("term.entry", f"#{int(digits)}", f"/entries/{int(digits)}")


def _by_name(session: Session, text: str) -> Iterator[Hit]:
    for party in find_parties(session, text, MAX_HITS):
        yield Hit("term.party", party_name(party), f"/parties/{party.uscc}", party.uscc)


def _by_beginning(session: Session, text: str) -> Iterator[Hit]:
    yield from _report_hits(session, find_numbers(session, text, MAX_HITS))


Finder = Callable[[Session, str], Iterator[Hit]]
_EXACT: tuple[Finder, ...] = (
    _by_link,
    _by_hash,
    _by_code,
    _by_report,
    _by_subject,
    _by_penalty,
    _by_accreditation,
    _by_lot_number,
    _by_position,
)
_LOOSE: tuple[Finder, ...] = (_by_name, _by_beginning)


def _report_hits(session: Session, reports: tuple[tuple[str, str], ...]) -> Iterator[Hit]:
    parties = read_parties(session, {lab for lab, _ in reports}) if reports else {}
    for lab, number in reports:
        yield Hit("term.report", number, report_path(lab, number), party_name(parties[lab]) if lab in parties else lab)


def _lot_hit(lot: str) -> Hit:
    term = "term.logistic" if is_logistic(lot) else "term.unit" if "/21/" in lot else "term.lot"
    return Hit(term, lot_label(lot), lot_path(lot), lot)
