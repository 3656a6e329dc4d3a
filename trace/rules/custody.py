"""Do hands, times and places agree? Rules C08 to C14, of our own numbering: the catalogue ends at C07.

Statements are compared by the time that they give for what happened, in which a late record is no fault; only where two
give the same time does the order of record count. Quantities are P10's.
"""

import re
from datetime import date, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from trace.custody.register import Movement
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.history import History
from trace.quantities import convert
from trace.rules.facts import NOBODY, HasHistory, covered_lots, origins
from trace.rules.packing import misplaced
from trace.whereabouts import is_unit

# Ours to choose: by road and rail nothing in the country takes a month.
MAX_DAYS_ON_WAY = 30
# detection_rules.csv C06: faster than an aircraft.
_FASTEST_KM_H = 900
# Ours to choose: clocks of two parties may differ, and a place is where a gate stands, not a desk.
_CLOCKS_DIFFER, _SAME_PLACE_KM = timedelta(minutes=10), 50
# RFC 5870, as CBV 2.0 §8.3 allows it for a place.
_GEO = re.compile(r"geo:(-?[0-9]{1,2}(?:\.[0-9]+)?),(-?[0-9]{1,3}(?:\.[0-9]+)?)(?:[,;].*)?")


@rule("C08", Severity.MINOR)
def never_received(facts: HasHistory) -> Judgement:
    """What was sent to somebody arrived there within 30 days: received, delivered, or sent on by whoever it went to."""
    history = facts.history
    for sent in still_awaited(history):
        if civil_day(history.at) - civil_day(sent.at) > timedelta(days=MAX_DAYS_ON_WAY):
            shown = _of(sent, other=sent.other or NOBODY, days=MAX_DAYS_ON_WAY)
            yield Finding("C08", Severity.MINOR, shown, (sent.entry,))


def still_awaited(history: History) -> list[Movement]:
    """The lot's shipments to somebody who has said and done nothing since that shows that it came."""
    shipped = [move for move in _moves(history, "shipped") if move.other is not None]
    return [move for move in shipped if move.other not in _seen_with(history, move)]


@rule("C09", Severity.MINOR)
def never_shipped(facts: HasHistory) -> Judgement:
    """Whoever received it was sent it, by anybody. One who was sent nothing while another was is C10's."""
    history = facts.history
    for got in _moves(history, "received"):
        if not _sent_to(history, got) and not _sent_elsewhere(history, got):
            yield Finding("C09", Severity.MINOR, _of(got, other=got.other or NOBODY), (got.entry,))


@rule("C10", Severity.MAJOR)
def another_than_named(facts: HasHistory) -> Judgement:
    """What its giver sent to one was not received by another."""
    history = facts.history
    for got in _moves(history, "received"):
        elsewhere = _sent_elsewhere(history, got)
        if elsewhere and not _sent_to(history, got):
            last = elsewhere[-1]
            shown = _of(got, shipper=last.party, named=last.other or NOBODY)
            yield Finding("C10", Severity.MAJOR, shown, _entries(last, got))


@rule("C11", Severity.MAJOR)
def before_it_was_made(facts: HasHistory) -> Judgement:
    """Nothing was moved, tested by its maker, delivered, built in or used up before it was made."""
    history, lot = facts.history, facts.history.lot
    if lot is None:
        return
    done = [
        (move.at, move.entry, move.party, f"goods.{move.kind}") for move in history.movements if move.lot == lot.lot_id
    ]
    done += [
        (act.at, act.entry, act.party, _KIND_OF_ACT[act.act]) for act in history.site_acts if act.lot == lot.lot_id
    ]
    done += [(one.at, one.entry, one.party, f"goods.{one.act}") for one in history.packings if one.child == lot.lot_id]
    done += [(one.at, one.entry, one.party, "lot.inspected") for one in history.inspections if one.lot == lot.lot_id]
    done += [
        (flow.at, flow.entry, flow.party, f"lot.{flow.kind}")
        for flow in history.lineage.flows
        if flow.entry not in history.doubts and any(portion.lot == lot.lot_id for portion in flow.inputs)
    ]
    early = sorted(each for each in done if each[0] < lot.made_at)
    if early:
        at, _, party, kind = early[0]
        shown: dict[str, Fact] = {"kind": kind, "party": party, "at": at, "made_at": lot.made_at, "count": len(early)}
        yield Finding("C11", Severity.MAJOR, shown, tuple(sorted({lot.entry, *(each[1] for each in early)})), "moved")
    unmade = [entry for _, entry, _, kind in done if kind.startswith("lot.") and entry < lot.entry]
    if unmade:
        shown = {"position": lot.entry, "first": min(unmade)}
        yield Finding("C11", Severity.MINOR, shown, (*sorted(unmade), lot.entry), "recorded")


_KIND_OF_ACT = {
    "delivered": "goods.delivered",
    "accepted": "goods.accepted",
    "rejected": "goods.rejected",
    "installed": "lot.installed",
    "removed": "lot.removed",
    "stored": "goods.stored",
    "destroyed": "lot.destroyed",
    "sampled": "sample.drawn",
}


@rule("C12", Severity.CRITICAL)
def goods_of_banned(facts: HasHistory) -> Judgement:
    """Nobody shipped or delivered goods of a maker, or took them from a party, that was banned from the trade that day.

    What a banned party itself says is C03's.
    """
    history = facts.history
    lots, makers = covered_lots(history), {lot.maker for lot in origins(history)}
    passed = [(civil_day(move.at), move.entry, move.party) for move in history.movements if move.lot in lots]
    passed += [
        (civil_day(act.at), act.entry, act.party)
        for act in history.site_acts
        if act.act == "delivered" and act.lot in lots
    ]
    for ban in history.bans:
        late = [(day, entry) for day, entry, party in passed if ban.is_in_force_on(day) and party != ban.party]
        if ban.party in makers and late:
            yield _under_ban(ban.party, ban.banned_from, ban.entry, late, "maker")
        taken = [
            (civil_day(move.at), move.entry)
            for move in history.movements
            if move.kind == "received" and move.lot in lots and move.other == ban.party
        ]
        from_banned = [each for each in taken if ban.is_in_force_on(each[0])]
        if from_banned:
            yield _under_ban(ban.party, ban.banned_from, ban.entry, from_banned, "giver")


@rule("C13", Severity.MAJOR)
def held_twice(facts: HasHistory) -> Judgement:
    """One piece is in one place: nobody received it while another had it, nobody sent it to two at once, and it is in
    the logistic units that it is said to be in.
    """
    history = facts.history
    if not is_unit(history.lot_id):
        return
    has: Movement | None = None
    gone: Movement | None = None
    for move in (move for move in _moves(history) if _is_whole(history, move)):
        if move.kind == "shipped":
            if gone is not None and gone.party == move.party and gone.other != move.other:
                shown = _of(move, first=gone.other or NOBODY, other=move.other or NOBODY)
                yield Finding("C13", Severity.MAJOR, shown, _entries(gone, move), "sent")
            has, gone = None, move
        else:
            if has is not None and move.party != has.party and move.other != has.party:
                shown = _of(move, holder=has.party, since=has.at)
                yield Finding("C13", Severity.MAJOR, shown, _entries(has, move), "received")
            has, gone = move, None
    yield from misplaced(history)


@rule("C14", Severity.MAJOR)
def time_and_place(facts: HasHistory) -> Judgement:
    """It arrived after it was sent, and was not in two places too far apart for the time between.

    Only places that are given by their coordinates can be compared; of others nothing is said.
    """
    history = facts.history
    for got in _moves(history, "received"):
        sent = _sent_to(history, got)
        if sent and all(move.at > got.at + _CLOCKS_DIFFER for move in sent):
            shown = _of(got, sent_at=sent[0].at, shipper=sent[0].party)
            yield Finding("C14", Severity.MINOR, shown, _entries(sent[0], got), "arrived_before_sent")
    located = [(move, place) for move in _moves(history) if (place := _read_place(move.place)) is not None]
    for (before, here), (after, there) in pairwise(located):
        km, took = _distance_km(here, there), after.at - before.at + _CLOCKS_DIFFER
        if km > _SAME_PLACE_KM and km > _FASTEST_KM_H * (took / timedelta(hours=1)):
            minutes = int((after.at - before.at) / timedelta(minutes=1))
            shown = _of(after, km=km, minutes=minutes, from_at=before.at)
            yield Finding("C14", Severity.MAJOR, shown, _entries(before, after), "too_fast")


def _moves(history: History, kind: str | None = None) -> list[Movement]:
    """The movements of the lot itself, in order of time."""
    moves = [move for move in history.movements if move.lot == history.lot_id and kind in (None, move.kind)]
    return sorted(moves, key=lambda move: (move.at, move.entry))


def _seen_with(history: History, sent: Movement) -> set[str]:
    """Who has had the material since it was sent: by receiving it, sending it on, cutting it or an act on site."""
    since = sent.at - _CLOCKS_DIFFER
    seen = {move.party for move in history.movements if move.entry != sent.entry and move.at >= since}
    seen |= {act.party for act in history.site_acts if act.at >= since}
    return seen | {
        flow.party
        for flow in history.lineage.flows
        if flow.at >= since and any(portion.lot == sent.lot for portion in flow.inputs)
    }


def _sent_to(history: History, got: Movement) -> list[Movement]:
    """What was sent to its receiver of the same material, a batch as a whole or a drum of it, in order of time."""
    sent = [move for move in history.movements if move.kind == "shipped" and move.other == got.party]
    return sorted(sent, key=lambda move: (move.at, move.entry))


def _sent_elsewhere(history: History, got: Movement) -> list[Movement]:
    """The shipment of this very lot that was under way when it was received, if it was to somebody else."""
    before = [move for move in _moves(history) if (move.at, move.entry) < (got.at, got.entry)]
    last = before[-1:]
    return [
        move
        for move in last
        if move.kind == "shipped" and move.other not in (None, got.party) and got.other in (None, move.party)
    ]


def _is_whole(history: History, move: Movement) -> bool:
    """Was all of the lot moved, as far as is said?"""
    whole = history.lot.quantity if history.lot is not None else None
    if move.quantity is None or whole is None or (said := convert(move.quantity, whole.unit)) is None:
        return True
    return said.value * 2 > whole.value


def _read_place(place: str | None) -> tuple[float, float] | None:
    """Latitude and longitude in degrees."""
    match = _GEO.fullmatch(place or "")
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _distance_km(here: tuple[float, float], there: tuple[float, float]) -> int:
    """Over the earth as a sphere of 6,371 km, which is right within half a percent."""
    (north, east), (other_north, other_east) = (map(radians, point) for point in (here, there))
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return round(2 * 6371 * asin(sqrt(min(1.0, half))))


def _of(move: Movement, **more: Fact) -> dict[str, Fact]:
    """The facts of a movement, and more."""
    return {"party": move.party, "at": move.at, **more}


def _entries(*moves: Movement) -> tuple[int, ...]:
    return tuple(sorted({move.entry for move in moves}))


def _under_ban(party: str, since: date, entry: int, late: list[tuple[date, int]], case: str) -> Finding:
    shown: dict[str, Fact] = {"party": party, "banned_from": since, "day": min(late)[0], "count": len(late)}
    return Finding("C12", Severity.CRITICAL, shown, tuple(sorted({entry, *(each[1] for each in late)})), case)
