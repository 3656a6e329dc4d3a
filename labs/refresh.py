"""Keeping the list of findings up to date: which lots an entry touches, or a date that passes, and judging them again.

Marking happens in the accepting transaction, so that nothing is forgotten; judging happens afterwards, in transactions
of its own.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import filterfalse

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.payload import read_json
from labs.casework.register import mark_stale, read_mark, read_rulings, write_judged
from labs.copies.register import read_lots_beside, read_lots_beside_lab
from labs.dossier import Dossier, gather
from labs.judge import Verdict, judge
from labs.reports.register import read_lots_of_lab
from labs.rules.days import last_day_to_answer
from labs.standards.pack import StandardsPack
from trace.bidding.register import read_contract_numbers
from trace.chains import read_lots_spoken_of, read_mentioned
from trace.custody.register import read_lots_under
from trace.days import add_months, civil_day, start_of_day
from trace.epcis.identifiers import is_logistic
from trace.findings import Rule
from trace.intake import Accepted
from trace.kinds import Body, Said
from trace.ledger.store import EntryRow
from trace.lineage import reach_lots
from trace.parties.register import find_key, reach_keys, read_parties_of_keys
from trace.production.register import read_certificates, read_lots_by_id, read_lots_of_maker, read_lots_of_type
from trace.rules.custody import MAX_DAYS_ON_WAY, still_awaited
from trace.rules.recall import PENALTY_MONTHS

# Kinds whose news travels from a lot to its maker's lots of the same type.
_TO_SAME_TYPE = {"spotcheck.reported", "recall.ordered"}
# Kinds about a purchase: they reach whatever was moved under its contracts.
_OF_PURCHASE = {"tender.published", "suppliers.qualified", "award.made"}
# Kinds that name no lot: the parties whose lots they may put in another light. A kind that is missing reaches none.
_PARTIES: Mapping[str, Callable[[Session, str, Body], Collection[str]]] = {
    "penalty.imposed": lambda session, issuer, body: (body["party"],),
    "ban.imposed": lambda session, issuer, body: (body["party"],),
    "contract.signed": lambda session, issuer, body: (body["maker"], body["supplier"]),
    "certificate.issued": lambda session, issuer, body: (body["maker"],),
    "certificate.withdrawn": lambda session, issuer, body: [
        certificate.maker for certificate in read_certificates(session, (), (body["number"],))
    ],
    "lab.accredited": lambda session, issuer, body: (body["lab"],),
    "accreditation.suspended": lambda session, issuer, body: (body["lab"],),
    "signatory.authorised": lambda session, issuer, body: (issuer,),
    "post.held": lambda session, issuer, body: (issuer,),
    "post.ended": lambda session, issuer, body: (issuer,),
    "key.rotated": lambda session, issuer, body: (issuer,),
}
# Kinds that bring a report or end one: another may have its values.
_OF_REPORTS = {"report.issued", "report.amended", "report.withdrawn"}
# Kinds that can change which keys are believed, and the kid that each speaks of.
_OF_KEYS: Mapping[str, Callable[[Body], bytes]] = {
    "key.revoked": lambda body: bytes.fromhex(body["kid"]),
    "key.enrolled": lambda body: body["key"].kid,
    "party.admitted": lambda body: body["key"].kid,
}


def mark_touched(session: Session, outcomes: Iterable[object]) -> None:
    """Queue every lot on which the newly accepted statements may have changed what is found."""
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Accepted) and outcome.said is not None]
    if fresh:
        named = {lot for outcome in fresh for lot in outcome.lots}
        # Material flows to or from a new lot only by what is in this batch, whose lots are all named.
        known = named.difference(*(outcome.said.new_lots for outcome in fresh if outcome.said is not None))
        lots = named | reach_lots(session, known) if known else named
        for outcome in fresh:
            lots |= _lots_touched(session, outcome)
        lots |= _lots_beside(session, fresh)
        mark_stale(session, filterfalse(is_logistic, lots), fresh[-1].position)


def mark_withdrawn(session: Session, withdrawn: Mapping[int, int]) -> None:
    """Queue every lot on which these entries may have counted for something, each taken back by another entry."""
    if withdrawn:
        lots = {lot for position in withdrawn for lot in read_mentioned(session, position)}
        lots = set(filterfalse(is_logistic, lots))
        mark_stale(session, lots | reach_lots(session, lots) if lots else lots, max(withdrawn.values()))


def judge_lot(
    session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime
) -> tuple[Dossier, Verdict]:
    """The natural way of a question: gather, then judge, as of `at` (UTC). Writes nothing."""
    dossier = gather(session, lot, at, pack)
    return dossier, judge(dossier, rules, read_rulings(session, lot))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the list is to say of a lot. `mark` is the newest entry that had touched it when it was looked at."""

    lot: str
    mark: int | None
    maker: str | None
    verdict: Verdict
    due_at: datetime | None


def look_at(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> Judged:
    """Judge one lot for the list. Writes nothing, so that no lock is held meanwhile."""
    # First: whatever is let in after this has touched the lot anew, and `list_judged` sees it.
    mark = read_mark(session, lot)
    dossier, verdict = judge_lot(session, lot, rules, pack, at)
    maker = dossier.history.lot.maker if dossier.history.lot is not None else None
    return Judged(lot, mark, maker, verdict, _next_date(dossier))


def list_judged(session: Session, judged: Judged) -> bool:
    """Replace what the list says of a lot, unless it was touched since; then it still waits, and False is returned.

    The caller holds the write lock.
    """
    if read_mark(session, judged.lot) != judged.mark:
        return False
    first = judged.verdict.reasons[0]
    reason = f"{first.kind}.{first.code}"[:60]
    found = judged.verdict.findings
    write_judged(session, judged.lot, judged.maker, judged.verdict.word, reason, found, judged.due_at)
    return True


def refresh_lot(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> None:
    """Judge one lot and replace what the list says of it, under one lock."""
    list_judged(session, look_at(session, lot, rules, pack, at))


def _lots_beside(session: Session, fresh: Collection[Accepted]) -> set[str]:
    """The lots of the reports that have their values in common with those that are new, or no longer in force."""
    said = [outcome.said for outcome in fresh if outcome.said is not None and outcome.said.kind in _OF_REPORTS]
    ended = {one.body["number"] for one in said if one.kind != "report.issued"}
    return read_lots_beside(session, [one.position for one in said], ended) if said else set()


def _lots_touched(session: Session, outcome: Accepted) -> set[str]:
    """The lots that a statement reaches beyond those of its chains' lineage."""
    said = outcome.said
    if said is None:
        return set()
    lots = _lots_told(session, said.kind, said.issuer, said.body, outcome.lots)
    if said.kind in _OF_KEYS:
        lots |= _lots_of_key(session, _OF_KEYS[said.kind](said.body), said)
    return lots


def _lots_told(session: Session, kind: str, issuer: str, body: Body, named: Collection[str]) -> set[str]:
    """What saying it reaches, and so does taking it back. `named` are the lots of its chains."""
    lots = set[str]()
    if kind in _TO_SAME_TYPE:
        for known in read_lots_by_id(session, named).values():
            lots |= set(read_lots_of_type(session, known.maker, known.type))
    if kind in _OF_PURCHASE:
        lots |= set(read_lots_under(session, read_contract_numbers(session, body["ocid"])))
    if kind in _PARTIES:
        for party in _PARTIES[kind](session, issuer, body):
            lots |= _lots_of_party(session, party)
    return lots


def _lots_of_key(session: Session, kid: bytes, said: Said) -> set[str]:
    """The lots on which something may be believed or not because of what was just said of a key."""
    key = find_key(session, kid)
    if key is None or (said.kind != "key.revoked" and key.enrolled_at == said.recorded_at):
        return set()
    if said.kind == "key.revoked" and said.body["compromised_since"] is None:
        return _lots_of_party(session, key.party)
    lots = set[str]()
    parties = read_parties_of_keys(session, reach_keys(session, {kid}))
    for party in parties:
        lots |= _lots_of_party(session, party)
    query = select(EntryRow.position, EntryRow.kind, EntryRow.issuer, EntryRow.statement).where(
        EntryRow.issuer.in_(parties), EntryRow.kind.in_((*_PARTIES, *_OF_PURCHASE, *_TO_SAME_TYPE))
    )
    for position, kind, issuer, statement in session.execute(query):
        body = read_json(parse_statement(statement).payload)
        lots |= _lots_told(session, kind, issuer, body, read_mentioned(session, position))
    return lots


def _lots_of_party(session: Session, party: str) -> set[str]:
    """What it made, what it has spoken of, what reports by it, or under its name, speak of, and what those speak of
    that have its values.
    """
    spoken_of = read_lots_spoken_of(session, party)
    beside = read_lots_beside_lab(session, party)
    return {*read_lots_of_maker(session, party), *spoken_of, *read_lots_of_lab(session, party), *beside}


def _next_date(dossier: Dossier) -> datetime | None:
    """The next midnight in China at which a finding may come, grow or end with nobody saying anything.

    A lab's time to answer for a presented number runs out (L01, L03), a recall's deadline passes (C07), a penalty
    grows old (B04), what was sent should have arrived (C08).
    """
    days = [last_day_to_answer(civil_day(paper.presented_at)) for paper in dossier.papers]
    days += [recall.deadline_on for recall in dossier.history.recalls]
    days += [add_months(penalty.decided_on, PENALTY_MONTHS) for penalty in dossier.history.penalties]
    days += [civil_day(sent.at) + timedelta(days=MAX_DAYS_ON_WAY) for sent in still_awaited(dossier.history)]
    midnights = (start_of_day(day + timedelta(days=1)) for day in days)
    return min((midnight for midnight in midnights if midnight > dossier.history.at), default=None)
