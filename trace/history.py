"""All that trace knows about one lot at one time, gathered into frozen values. Nothing here writes or judges."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from keys.envelope import parse_statement, reread_claims
from keys.errors import RefusedError
from trace.bidding import register as bidding
from trace.chains import read_heads, read_mentions
from trace.custody import register as custody
from trace.doubts import drop_doubted, drop_unbelieved, entries_of, read_doubts
from trace.ledger.asking import ask_ahead
from trace.ledger.kept import note_size
from trace.ledger.store import Entry, find_positions, read_entries
from trace.lineage import Lineage, lines_of, read_flows_above, trace_lot
from trace.material import Material
from trace.oversight import register as oversight
from trace.packing import register as packing
from trace.parties.belief import Doubt
from trace.parties.register import Key, Party, Post, read_keys, read_parties, read_posts
from trace.production import register as production
from trace.recalling import Reach, reach_recall
from trace.scans.register import Scan, read_placed_scans
from trace.site import register as site

T = TypeVar("T")
MIXED = "?"
"""The maker of a lot that was joined from several makers' (`production.register.regroup_lots`)."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a lot's chain. `computed_leaf` is the hash of the bytes as they stand today; times are UTC."""

    position: int
    kind: str
    issuer: str
    leaf: bytes
    computed_leaf: bytes
    issued_at: datetime
    recorded_at: datetime
    follows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What trace knows about `lot_id` at `at` (UTC). All tuples are in order of record.

    `site_acts`, `movements`, `inspections` are those of the lot and of the same material above and below it;
    `spot_checks` and `recalls` are those of its whole lineage and of any lot of its maker.

    The chain, the lots and the lineage are as they were recorded. Of all else, what is not believed is left out;
    `doubts` says of which entries that is so, and why. The lineage stays whole so that bad news travels along every way
    that anybody ever claimed.
    """

    lot_id: str
    at: datetime
    lot: production.Lot | None = None
    lineage: Lineage = field(default_factory=lambda: Lineage("", (), (), (), (), ()))
    lots: Mapping[str, production.Lot] = field(default_factory=dict)
    """The known lots of the lineage, by id, this one included."""
    chain: tuple[Link, ...] = ()
    heads: tuple[bytes, ...] = ()
    known_leaves: Mapping[bytes, int] = field(default_factory=dict)
    """Positions of the leaves that the chain follows, where the ledger has them."""
    parties: Mapping[str, Party] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    keys: tuple[Key, ...] = ()
    repeats: tuple[production.Repeat, ...] = ()
    inspections: tuple[production.Inspection, ...] = ()
    certificates: tuple[production.Certificate, ...] = ()
    packings: tuple[packing.Packing, ...] = ()
    """Of the lot and of the same material above it, and of the logistic units that any of these was in."""
    movements: tuple[custody.Movement, ...] = ()
    holders: Mapping[str, custody.Holder] = field(default_factory=dict)
    site_acts: tuple[site.SiteAct, ...] = ()
    flags: tuple[custody.Flag, ...] = ()
    tenders: tuple[bidding.Tender, ...] = ()
    qualified: tuple[bidding.Qualified, ...] = ()
    awards: tuple[bidding.Award, ...] = ()
    contracts: tuple[bidding.Contract, ...] = ()
    penalties: tuple[oversight.Penalty, ...] = ()
    bans: tuple[oversight.Ban, ...] = ()
    spot_checks: tuple[oversight.SpotCheck, ...] = ()
    recalls: tuple[oversight.Recall, ...] = ()
    recall_answers: tuple[oversight.RecallAnswer, ...] = ()
    recall_closings: tuple[oversight.RecallClosing, ...] = ()
    scans: tuple[Scan, ...] = ()
    """Of the lot itself, those that say where they were, in order of time. Nobody has signed them."""
    doubts: Mapping[int, Doubt] = field(default_factory=dict)


def gather_history(
    session: Session, lot_id: str, at: datetime, also: Collection[Callable[[Session, Collection[str]], object]] = ()
) -> History:
    """Everything on record about a lot; a lot nobody spoke of has an empty history with `lot` None.

    `also`: what the caller is going to ask of the lots of the same material, to be asked together with the rest.
    """
    ask_ahead(
        session,
        (note_size,),
        (trace_lot, lot_id),
        (read_mentions, lot_id),
        (read_heads, [lot_id]),
        (read_placed_scans, lot_id, at),
    )
    lineage, mentioned = trace_lot(session, lot_id), read_mentions(session, lot_id)
    same = lineage.same_material
    ask_ahead(
        session,
        (production.read_lots_and_repeats, lineage.lots),
        (read_entries, mentioned),
        (custody.read_movements, same),
        (site.read_site_acts, same),
        (custody.read_holders, lineage.lots),
        (production.read_inspections, same),
        (custody.read_flags, same),
        (packing.read_packings_around, (lot_id, *lineage.same_up)),
        *((read, same) for read in also),
    )
    lots, repeats = production.read_lots_and_repeats(session, lineage.lots)
    lot = lots.get(lot_id)
    makers = {lot.maker} if lot is not None else set()
    if MIXED in makers:
        makers = {lots[above].maker for above in lineage.same_up if above in lots}
    chain = tuple(map(_link, read_entries(session, mentioned)))
    followed = {leaf for link in chain for leaf in link.follows}
    packings = packing.read_packings_around(session, (lot_id, *lineage.same_up))
    movements = custody.read_movements(session, same)
    acts = site.read_site_acts(session, same)
    ask_ahead(
        session,
        (oversight.read_recalls, lineage.lots, makers),
        (oversight.read_spot_checks, lineage.lots, makers),
        (find_positions, followed),
    )
    numbers = {number for number in (*(m.contract for m in movements), *(a.contract for a in acts)) if number}
    contracts = bidding.read_contracts(session, numbers)
    ocids = {contract.ocid for contract in contracts}
    recalls = oversight.read_recalls(session, lineage.lots, makers)
    certificates = production.read_certificates(session, makers)
    holders = custody.read_holders(session, lineage.lots)
    people = _people(lots, chain, movements, acts, contracts, holders, lineage)
    people |= {one.party for one in packings}
    known = read_parties(session, people)
    recorded = History(
        lot_id=lot_id,
        at=at,
        lot=lot,
        lineage=lineage,
        lots=lots,
        chain=chain,
        heads=read_heads(session, [lot_id]),
        known_leaves=find_positions(session, followed),
        parties=known,
        posts=read_posts(session, people),
        keys=read_keys(session, *known),
        repeats=tuple(repeat for repeat in repeats if repeat.lot == lot_id),
        inspections=production.read_inspections(session, same),
        certificates=certificates,
        packings=packings,
        movements=movements,
        holders=holders,
        site_acts=acts,
        flags=custody.read_flags(session, same),
        tenders=bidding.read_tenders(session, ocids),
        qualified=bidding.read_qualified(session, ocids),
        awards=bidding.read_awards(session, ocids),
        contracts=contracts,
        penalties=oversight.read_penalties(session, people),
        bans=oversight.read_bans(session, people),
        spot_checks=oversight.read_spot_checks(session, lineage.lots, makers),
        recalls=recalls,
        recall_answers=oversight.read_recall_answers(session, {recall.number for recall in recalls}),
        recall_closings=oversight.read_recall_closings(session, {recall.number for recall in recalls}),
        scans=read_placed_scans(session, lot_id, at),
    )
    told = {link.position for link in chain} | {known.entry for known in lots.values()}
    told |= {flow.entry for flow in lineage.flows}
    doubts = read_doubts(session, entries_of(recorded) | told)
    return replace(drop_doubted(recorded, doubts), doubts=doubts)


def gather_material(session: Session, lot_id: str) -> Material:
    """What counting a lot's metres needs, in a bounded number of questions however large its lineage is."""
    lineage = trace_lot(session, lot_id)
    same = lineage.same_material
    movements, acts = custody.read_movements(session, same), site.read_site_acts(session, same)
    recalls = oversight.read_recalls(session, same)
    answers = oversight.read_recall_answers(session, {recall.number for recall in recalls})
    recorded = Material(
        lot_id,
        lineage,
        production.read_lots_by_id(session, lineage.lots),
        custody.read_holders(session, lineage.lots),
        movements,
        acts,
        answers,
    )
    flows = {flow.entry for flow in lineage.flows}
    doubts = read_doubts(session, entries_of(recorded) | flows)
    return replace(drop_doubted(recorded, doubts), doubted=frozenset(flows & doubts.keys()))


def gather_single(session: Session, lots: Collection[str]) -> dict[str, Material]:
    """Each of these lots that is known, by itself: all that was said of it, without what became of what was cut from
    it. In a bounded number of questions for all of them.
    """
    above, out = read_flows_above(session, lots), production.read_flows_from(session, lots)
    reached = {portion.lot for flow in above for portion in flow.inputs} | set(lots)
    recalls = oversight.read_recalls(session, reached)
    answers = oversight.read_recall_answers(session, {recall.number for recall in recalls})
    # Where a cut does not say what it took, what came out of it does.
    unsaid = {portion.lot for flow in out if _is_unsaid(flow, lots) for portion in flow.outputs}
    known = production.read_lots_by_id(session, {*lots, *unsaid, *reached.intersection(one.lot for one in answers)})
    moves, acts = custody.read_movements(session, lots), site.read_site_acts(session, lots)
    told = {move.entry for move in moves} | {act.entry for act in acts} | {answer.entry for answer in answers}
    doubts = read_doubts(session, told | {flow.entry for flow in (*above, *out)})
    out_of = _by_lot((portion.lot, flow) for flow in out for portion in flow.inputs)
    moves_of, acts_on = _by_lot((move.lot, move) for move in moves), _by_lot((act.lot, act) for act in acts)
    single = {}
    for lot, line in lines_of(above, [lot for lot in lots if lot in known]).items():
        flows = {flow.entry: flow for flow in (*line.flows, *out_of.get(lot, []))}
        own = tuple(flows[entry] for entry in sorted(flows))
        near = {lot, *line.up, *(portion.lot for flow in out_of.get(lot, []) for portion in flow.outputs)}
        recorded = Material(
            lot,
            replace(line, flows=own),
            {one: known[one] for one in near if one in known},
            {},
            tuple(moves_of.get(lot, [])),
            tuple(acts_on.get(lot, [])),
            tuple(answer for answer in answers if answer.lot in near),
        )
        doubted = frozenset(flow.entry for flow in own if flow.entry in doubts)
        single[lot] = replace(drop_doubted(recorded, doubts), doubted=doubted)
    return single


def _is_unsaid(flow: production.Flow, lots: Collection[str]) -> bool:
    return any(portion.lot in lots and portion.quantity is None for portion in flow.inputs)


def _by_lot(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for lot, one in pairs:
        found.setdefault(lot, []).append(one)
    return found


def gather_reaches(session: Session, lot_id: str) -> tuple[Reach, ...]:
    """How far each recall of this lot, or of one above that it was cut from, has come, in order of record; of a lot
    that nobody has recalled, whom one would have to tell.
    """
    material = gather_material(session, lot_id)
    upward = (lot_id, *material.lineage.same_up)
    orders = drop_unbelieved(session, oversight.read_recalls(session, upward))
    closings = drop_unbelieved(session, oversight.read_recall_closings(session, {order.number for order in orders}))
    return tuple(reach_recall(material, order, closings) for order in orders) or (reach_recall(material),)


def material_of(history: History) -> Material:
    """The same out of a history that is there already."""
    return Material(
        history.lot_id,
        history.lineage,
        history.lots,
        history.holders,
        history.movements,
        history.site_acts,
        history.recall_answers,
        frozenset(flow.entry for flow in history.lineage.flows if flow.entry in history.doubts),
    )


def _link(entry: Entry) -> Link:
    computed = hashlib.sha256(entry.statement).digest()
    try:
        read = reread_claims if computed == entry.leaf else _read_claims
        issued_at, follows = read(entry.statement)
    except RefusedError:
        # Bytes that were changed in the database may no longer be a statement. The rules see it by the hash, and a
        # page that says so must not fail for it.
        issued_at, follows = entry.recorded_at, ()
    return Link(entry.position, entry.kind, entry.issuer, entry.leaf, computed, issued_at, entry.recorded_at, follows)


def _read_claims(data: bytes) -> tuple[datetime, tuple[bytes, ...]]:
    said = parse_statement(data)
    return said.issued_at, said.follows


def _people(
    lots: Mapping[str, production.Lot],
    chain: tuple[Link, ...],
    movements: tuple[custody.Movement, ...],
    acts: tuple[site.SiteAct, ...],
    contracts: tuple[bidding.Contract, ...],
    holders: Mapping[str, custody.Holder],
    lineage: Lineage,
) -> set[str]:
    """The codes of all parties that the history speaks of."""
    people = {lot.maker for lot in lots.values()} | {link.issuer for link in chain}
    people |= {flow.party for flow in lineage.flows} | {holder.party for holder in holders.values()}
    people |= {party for move in movements for party in (move.party, move.other) if party}
    people |= {party for act in acts for party in (act.party, act.invoicer) if party}
    people |= {party for contract in contracts for party in (contract.buyer, contract.supplier, contract.maker)}
    return people
