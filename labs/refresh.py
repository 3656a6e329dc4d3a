"""Keeping what is judged up to date: which lots an entry touches, or a date that passes, and judging them again.

Marking happens in the accepting transaction, so that nothing is forgotten; judging happens afterwards, in transactions
of its own. What was judged then stands until the next mark or date: the list of findings is made of it, and whoever
scans a lot is told it (`tell_lot`). So a mark too many costs a little, and one too few is a fault.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import filterfalse

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.payload import read_json
from labs.casework.register import mark_stale, read_kept, read_mark, read_rulings, write_judged
from labs.copies.register import read_lots_beside, read_lots_beside_lab
from labs.dossier import Dossier, gather
from labs.drawing.register import read_drawn_with, read_seeded
from labs.instruments.register import read_calibrations
from labs.judge import Verdict, judge
from labs.relations.register import find_related
from labs.reports.register import (
    read_kin,
    read_lots_measured_with,
    read_lots_naming,
    read_lots_of_lab,
    read_samples_of,
)
from labs.rules.authenticity import is_awaited
from labs.rules.days import last_day_to_answer
from labs.sampling.register import read_lots_sampled, read_lots_sampled_by
from labs.standards.pack import StandardsPack
from labs.summary import Summary, hash_chain, read_summary, summarise, write_summary
from trace.bidding.register import read_contract_numbers, read_contracts_of
from trace.chains import read_chain, read_lots_spoken_of, read_mentioned
from trace.custody.register import read_lots_moved_with, read_lots_under
from trace.days import add_months, civil_day, start_of_day
from trace.epcis.identifiers import is_logistic
from trace.findings import Rule
from trace.intake import Accepted
from trace.kinds import Body, Role, Said
from trace.ledger.asking import ask_ahead
from trace.ledger.store import EntryRow
from trace.lineage import reach_lots
from trace.parties.register import find_key, reach_keys, read_parties_of_keys, read_roles
from trace.production.register import read_certificates, read_lots_by_id, read_lots_of_maker, read_lots_of_type
from trace.rules.custody import MAX_DAYS_ON_WAY, still_awaited
from trace.rules.recall import PENALTY_MONTHS
from trace.site.register import read_lots_handed_over

# Ours to choose: what is reached from so many lots at a time is far within the bounds of a lineage.
_REACHED_AT_ONCE = 50
# Kinds whose news travels from a lot to its maker's lots of the same type.
_TO_SAME_TYPE = {"spotcheck.reported", "recall.ordered"}
# Kinds about a purchase: they reach whatever was moved under its contracts.
_OF_PURCHASE = {"tender.published", "suppliers.qualified", "award.made"}
# Kinds that may change whether a draw was obeyed and enough of it tested: they reach all the drums of the draw.
_OF_DRAWS = {
    *("draw.announced", "sample.drawn"),
    *("report.issued", "report.amended", "report.withdrawn", "report.denied"),
}
# Kinds of a report's life: other reports' lots, that have its sample, raw files, hour at the bench or values.
_OF_REPORT = {"report.issued", "report.amended", "report.withdrawn"}
# Kinds that name no lot: the parties whose lots they may put in another light. A kind that is missing reaches none.
_PARTIES: Mapping[str, Callable[[Session, str, Body], Collection[str]]] = {
    "penalty.imposed": lambda session, issuer, body: (body["party"],),
    "ban.imposed": lambda session, issuer, body: (body["party"],),
    "party.admitted": lambda session, issuer, body: (body["party"]["uscc"],),
    "contract.signed": lambda session, issuer, body: (body["maker"], body["supplier"]),
    "certificate.issued": lambda session, issuer, body: (body["maker"],),
    "certificate.withdrawn": lambda session, issuer, body: [
        certificate.maker for certificate in read_certificates(session, (), (body["number"],))
    ],
    "lab.accredited": lambda session, issuer, body: (body["lab"],),
    "accreditation.suspended": lambda session, issuer, body: (body["lab"],),
    "accreditation.reinstated": lambda session, issuer, body: (body["lab"],),
    "signatory.authorised": lambda session, issuer, body: (issuer,),
    "authorisation.ended": lambda session, issuer, body: (issuer,),
    "relation.stated": lambda session, issuer, body: _labs_near(session, body),
    "hosts.stated": lambda session, issuer, body: (issuer,),
    "post.held": lambda session, issuer, body: (issuer,),
    "post.ended": lambda session, issuer, body: (issuer,),
    "key.rotated": lambda session, issuer, body: (issuer,),
}
# Kinds that say something under a number or of a sample: verdicts look for both by name, whatever lots are named there.
_NUMBERED = {"report.issued", "report.amended", "report.withdrawn", "report.denied", "paper.presented"}
_NUMBERED |= {"paper.examined", "certificate.issued", "certificate.withdrawn"}
_OF_SAMPLE = {"report.issued", "report.amended"}
_OF_SAMPLE |= {
    f"sample.{act}" for act in ("drawn", "witnessed", "received", "handed", "retained", "sought", "destroyed")
}
# Kinds about an instrument: they reach what was measured with it.
_OF_INSTRUMENTS = {"instrument.calibrated", "instrument.retired"}
# Kinds whose reach goes beyond the lots of their chains, and may be another one where a key is not believed.
_FAR_REACHING = {*_PARTIES, *_OF_PURCHASE, *_TO_SAME_TYPE, *_OF_DRAWS, *_OF_INSTRUMENTS, "site.bounded"}
_FAR_REACHING |= {*_NUMBERED, *_OF_SAMPLE}
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
        told = [
            _Told(said.kind, said.issuer, said.body, outcome.lots, outcome.position)
            for outcome in fresh
            if (said := outcome.said) is not None
        ]
        # What a draw picks is known from the entry on that fills the tree which it was announced for.
        mentioned = _lots_told(session, told) | set(read_seeded(session, told[0].position, told[-1].position + 1))
        for outcome in fresh:
            mentioned |= _lots_at_first(session, outcome.said)
        # What was only reached above is not looked around from: another way leads on from there.
        lots |= _reach_all(session, mentioned - known)
        mark_stale(session, filterfalse(is_logistic, lots), fresh[-1].position)


def mark_withdrawn(session: Session, withdrawn: Mapping[int, int]) -> None:
    """Queue every lot on which these entries may have counted for something, each taken back by another entry."""
    if withdrawn:
        lots = {lot for position in withdrawn for lot in read_mentioned(session, position)}
        # A draw that was for a delivery which is taken back is for none.
        lots |= set(read_drawn_with(session, lots))
        mark_stale(session, _reach_all(session, set(filterfalse(is_logistic, lots))), max(withdrawn.values()))


def judge_lot(
    session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime
) -> tuple[Dossier, Verdict]:
    """The natural way of a question: gather, then judge, as of `at` (UTC). Writes nothing."""
    dossier = gather(session, lot, at, pack)
    return dossier, judge(dossier, rules, read_rulings(session, lot))


def tell_lot(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> Summary:
    """What is told of a lot at `at` (UTC): as it was last judged where nothing can have changed since, else judged now.

    Nothing can where no entry has touched it, no date has passed, this very edition judged, and the bytes of its chain
    are those that were judged. Writes nothing.
    """
    ask_ahead(session, (read_kept, lot, at), (read_chain, lot))
    kept, chain = read_kept(session, lot, at), read_chain(session, lot)
    if kept is not None:
        summary = read_summary(kept)
        if summary.chain == hash_chain((place, hashlib.sha256(said).digest()) for place, said in chain):
            return summary
    return summarise(*judge_lot(session, lot, rules, pack, at))


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be kept of a lot. `mark` is the newest entry that had touched it when it was looked at."""

    mark: int | None
    summary: Summary
    due_at: datetime | None


def look_at(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> Judged:
    """Judge one lot, to be kept. Writes nothing, so that no lock is held meanwhile."""
    # First: whatever is let in after this has touched the lot anew, and `list_judged` sees it.
    mark = read_mark(session, lot)
    dossier, verdict = judge_lot(session, lot, rules, pack, at)
    return Judged(mark, summarise(dossier, verdict), _next_date(dossier))


def list_judged(session: Session, judged: Judged) -> bool:
    """Replace what is kept of a lot, unless it was touched since; then it still waits, and False is returned.

    The caller holds the write lock.
    """
    summary = judged.summary
    if read_mark(session, summary.lot_id) != judged.mark:
        return False
    first = summary.verdict.reasons[0]
    write_judged(
        session,
        summary.lot_id,
        maker=summary.lot.maker if summary.lot is not None else None,
        word=summary.verdict.word,
        reason=f"{first.kind}.{first.code}"[:60],
        findings=summary.verdict.findings,
        due_at=judged.due_at,
        judged_at=summary.at,
        document=write_summary(summary),
    )
    return True


def refresh_lot(session: Session, lot: str, rules: Mapping[str, Rule], pack: StandardsPack, at: datetime) -> None:
    """Judge one lot and replace what is kept of it, under one lock."""
    list_judged(session, look_at(session, lot, rules, pack, at))


def _reach_all(session: Session, lots: Collection[str]) -> set[str]:
    """These lots, and all above and below any of them. A few at a time: what is looked through at once is bounded."""
    wanted, reached = sorted(lots), set[str]()
    for at in range(0, len(wanted), _REACHED_AT_ONCE):
        reached |= reach_lots(session, wanted[at : at + _REACHED_AT_ONCE])
    return reached


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement as far as its reach goes. `lots` are those of its chains."""

    kind: str
    issuer: str
    body: Body
    lots: Collection[str]
    position: int


def _lots_told(session: Session, told: Collection[_Told]) -> set[str]:
    """What saying these reaches beyond their chains' lineage, and so does taking them back."""
    lots = _lots_by_name(session, told)
    drawn = {lot for one in told if one.kind in _OF_DRAWS for lot in one.lots}
    if drawn:
        lots |= set(read_drawn_with(session, drawn))
    reports = [one for one in told if one.kind in _OF_REPORT]
    if reports:
        lots |= read_kin(session, {(one.issuer, one.body["number"]) for one in reports})
        ended = {one.body["number"] for one in reports if one.kind != "report.issued"}
        lots |= read_lots_beside(session, [one.position for one in reports], ended)
    for one in told:
        lots |= _lots_told_by_one(session, one)
    return lots


def _lots_by_name(session: Session, told: Collection[_Told]) -> set[str]:
    """The lots whose verdicts look at what these say under a number, or of a sample."""
    numbers = {one.body["number"] for one in told if one.kind in _NUMBERED}
    samples = {sample for one in told if one.kind in _OF_SAMPLE and (sample := one.body.get("sample")) is not None}
    if not numbers and not samples:
        return set()
    samples |= read_samples_of(session, numbers)
    return read_lots_naming(session, numbers, samples) | read_lots_sampled(session, samples)


def _lots_told_by_one(session: Session, told: _Told) -> set[str]:
    """Through types, purchases, instruments and parties, of which few statements speak."""
    kind, body, lots = told.kind, told.body, set[str]()
    if kind in _TO_SAME_TYPE:
        for known in read_lots_by_id(session, told.lots).values():
            lots |= set(read_lots_of_type(session, known.maker, known.type))
    if kind == "site.bounded":
        lots |= _lots_of_contracts(session, body["contracts"])
    if kind in _OF_PURCHASE:
        lots |= _lots_of_contracts(session, read_contract_numbers(session, body["ocid"]))
    if kind == "contract.signed":
        lots |= _lots_of_contracts(session, (body["number"],))
    if kind in _OF_INSTRUMENTS:
        lots |= set(read_lots_measured_with(session, told.issuer, body["instrument"]))
    if kind in _PARTIES:
        for party in _PARTIES[kind](session, told.issuer, body):
            lots |= _lots_of_party(session, party)
    return lots


def _lots_at_first(session: Session, said: Said | None) -> set[str]:
    """What a statement reaches when it comes: through a lab's first calibration, or the keys that are believed."""
    lots = set[str]()
    if said is None:
        return lots
    if said.kind == "instrument.calibrated" and _is_first(session, said):
        # Instruments without one are found from then on.
        lots |= _lots_of_party(session, said.issuer)
    if said.kind in _OF_KEYS:
        lots |= _lots_of_key(session, _OF_KEYS[said.kind](said.body), said)
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
        EntryRow.issuer.in_(parties), EntryRow.kind.in_(_FAR_REACHING)
    )
    told = [
        _Told(kind, issuer, read_json(parse_statement(said).payload), read_mentioned(session, position), position)
        for position, kind, issuer, said in session.execute(query)
    ]
    return lots | _lots_told(session, told)


def _lots_of_contracts(session: Session, numbers: Collection[str]) -> set[str]:
    return {*read_lots_under(session, numbers), *read_lots_handed_over(session, numbers)}


def _lots_of_party(session: Session, party: str) -> set[str]:
    """What it made, has spoken of, sampled, or is said to have sent, got, invoiced or sold; what reports by it, or
    under its name, speak of; and what those do that have its values.
    """
    return {
        *read_lots_of_maker(session, party),
        *read_lots_spoken_of(session, party),
        *read_lots_moved_with(session, party),
        *read_lots_handed_over(session, (), party),
        *_lots_of_contracts(session, {contract.number for contract in read_contracts_of(session, party)}),
        *read_lots_sampled_by(session, party),
        *read_lots_of_lab(session, party),
        *read_lots_beside_lab(session, party),
    }


def _is_first(session: Session, said: Said) -> bool:
    """Had the lab no calibration on record before? Others of the batch may be there already."""
    return read_calibrations(session, [said.issuer])[0].entry == said.position


def _labs_near(session: Session, body: Body) -> Collection[str]:
    """The labs whose independence a relation may touch (L21): within two steps of either of its ends."""
    near = find_related(session, body["party"], body.get("reference"))
    if body.get("other") is not None:
        near |= find_related(session, body["other"], None)
    return [party for party, roles in read_roles(session, near).items() if Role.LAB in roles]


def _next_date(dossier: Dossier) -> datetime | None:
    """The next midnight in China at which a finding may come, grow or end with nobody saying anything.

    A lab's time to answer for a presented number runs out (L01, L03), and until it answers every day counts; a recall's
    deadline passes (C07), a penalty begins or grows old (B04), what was sent should have arrived (C08).
    """
    days = [last_day_to_answer(civil_day(paper.presented_at)) for paper in dossier.papers]
    days += [civil_day(dossier.history.at)] * is_awaited(dossier)
    days += [recall.deadline_on for recall in dossier.history.recalls]
    days += [penalty.decided_on for penalty in dossier.history.penalties]
    days += [add_months(penalty.decided_on, PENALTY_MONTHS) for penalty in dossier.history.penalties]
    days += [civil_day(sent.at) + timedelta(days=MAX_DAYS_ON_WAY) for sent in still_awaited(dossier.history)]
    midnights = (start_of_day(day + timedelta(days=1)) for day in days)
    return min((midnight for midnight in midnights if midnight > dossier.history.at), default=None)
