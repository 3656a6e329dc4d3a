"""Keeping the list of findings up to date: which lots an entry touches, and judging them again.

Marking happens in the accepting transaction, so that nothing is forgotten; judging happens afterwards, in transactions
of its own.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from labs.casework.register import mark_stale, read_rulings, write_judged
from labs.dossier import Dossier, gather
from labs.judge import Verdict, judge
from labs.reports.register import read_lots_of_lab
from labs.standards.pack import StandardsPack
from trace.bidding.register import read_contract_numbers
from trace.custody.register import read_lots_under
from trace.findings import Rule
from trace.intake import Accepted, read_body
from trace.kinds import Body, Catalogue
from trace.ledger.store import read_entry
from trace.lineage import trace_lot
from trace.production.register import read_lots_by_id, read_lots_of_maker, read_lots_of_type

# Kinds without lots whose news travels to the lots of a party, and where in the body the party stands.
_OF_MAKER = {
    "penalty.imposed": "party",
    "ban.imposed": "party",
    "certificate.issued": "maker",
    "contract.signed": "maker",
}
_OF_LAB = {"lab.accredited": "lab", "accreditation.suspended": "lab"}
_OF_SIGNER = {"key.revoked", "key.rotated", "signatory.authorised", "post.held", "certificate.withdrawn"}
# Kinds whose news travels from a lot to its maker's lots of the same type.
_TO_SAME_TYPE = {"spotcheck.reported", "recall.ordered"}
# Kinds about a purchase: they reach whatever was delivered under its contracts.
_OF_PURCHASE = {"tender.published", "suppliers.qualified", "award.made"}


def mark_touched(session: Session, outcomes: Iterable[object], catalogue: Catalogue) -> None:
    """Queue every lot on which the newly accepted statements may have changed what is found."""
    for outcome in outcomes:
        if isinstance(outcome, Accepted) and outcome.is_new:
            lots = _lots_touched(session, outcome, catalogue)
            mark_stale(session, sorted(lots), outcome.position)


def judge_lot(
    session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime
) -> tuple[Dossier, Verdict]:
    """The natural way of a question: gather, then judge, as of `at` (UTC). Writes nothing."""
    dossier = gather(session, lot, at, pack)
    return dossier, judge(dossier, rules, read_rulings(session, lot))


def refresh_lot(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> None:
    """Judge one lot and replace what the list says of it."""
    dossier, verdict = judge_lot(session, lot, rules, pack, at)
    maker = dossier.history.lot.maker if dossier.history.lot is not None else None
    first = verdict.reasons[0]
    write_judged(session, lot, maker, verdict.word, f"{first.kind}.{first.code}"[:60], verdict.findings)


def _lots_touched(session: Session, outcome: Accepted, catalogue: Catalogue) -> set[str]:
    statement = parse_statement(read_entry(session, outcome.position).statement)
    body: Body = read_body(statement, catalogue.find(statement.kind))
    lots: set[str] = set()
    for lot in outcome.lots:
        lots |= set(trace_lot(session, lot).lots)
    if statement.kind in _TO_SAME_TYPE:
        for known in read_lots_by_id(session, outcome.lots).values():
            lots |= set(read_lots_of_type(session, known.maker, known.type))
    lots |= _lots_of_party(session, statement.kind, statement.issuer, body)
    return lots


def _lots_of_party(session: Session, kind: str, issuer: str, body: Mapping[str, Any]) -> set[str]:
    if kind in _OF_MAKER:
        return set(read_lots_of_maker(session, body[_OF_MAKER[kind]]))
    if kind in _OF_LAB:
        return set(read_lots_of_lab(session, body[_OF_LAB[kind]]))
    if kind in _OF_SIGNER:
        return set(read_lots_of_maker(session, issuer)) | set(read_lots_of_lab(session, issuer))
    if kind in _OF_PURCHASE:
        return set(read_lots_under(session, read_contract_numbers(session, body["ocid"])))
    return set()
