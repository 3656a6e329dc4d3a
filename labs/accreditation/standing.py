"""What a lab was allowed to do on a day: one answer, worked out from all that is on record of it.

    stand_on(record, date(2026, 3, 3)).state                    # "valid"
    [permit.state for permit in stand_on(record, day).permits]  # one for each line of each scope

Pure: from the facts of one lab, of which those that are not believed were dropped before. Pages, JSON, the command and
the rules ask here, so that they can't answer differently.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from labs.accreditation.register import (
    Accreditation,
    Analyst,
    AuthorisationEnding,
    Reinstatement,
    ScopeRow,
    Signatory,
    Site,
    Suspension,
    Tested,
)
from labs.instruments.register import Calibration, Retirement, intervals_of


@dataclass(frozen=True, slots=True)
class LabRecord:
    """All that is on record of what one lab may do, in order of record."""

    accreditations: tuple[Accreditation, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    reinstatements: tuple[Reinstatement, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    analysts: tuple[Analyst, ...] = ()
    endings: tuple[AuthorisationEnding, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    retirements: tuple[Retirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """Days, both included, on which something is suspended (an open end lasts), and by what."""

    first: date
    last: date | None
    suspension: Suspension

    def meets(self, first: date, last: date) -> bool:
        """Is any of the days from `first` to `last` among them?"""
        return self.first <= last and (self.last is None or first <= self.last)


@dataclass(frozen=True, slots=True)
class Permit:
    """A line of a scope on a day: `open`, `suspended` (by `rest`), `lapsed` or `future`."""

    accreditation: Accreditation
    line: ScopeRow
    state: str
    rest: Rest | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An authorisation that holds on a day, and until when as far as is known."""

    authorisation: Signatory | Analyst
    until: date | None


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument by its latest calibration on record as of a day. `state` is `calibrated`, `overdue` or `retired`;
    `until` the last day on which it may be relied on.
    """

    calibration: Calibration
    until: date
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer. `state` is none, future, lapsed, suspended, partly (some lines are) or valid."""

    day: date
    state: str
    permits: tuple[Permit, ...]
    rests: tuple[Rest, ...]
    """What is suspended on the day, whole or in part."""
    sites: tuple[Site, ...]
    signatories: tuple[Person, ...]
    analysts: tuple[Person, ...]
    instruments: tuple[Instrument, ...]
    """Each that has been calibrated by then, by its number."""


def stand_on(record: LabRecord, day: date) -> Standing:
    """How a lab stands on a day."""
    permits = tuple(
        _permit(record, accreditation, line, day)
        for accreditation in record.accreditations
        for line in accreditation.scope
    )
    valid = [one for one in record.accreditations if one.valid_from <= day <= one.valid_to]
    return Standing(
        day,
        _state(record, permits, valid, day),
        permits,
        _rests_on(record, permits, day),
        # Of a site that was assessed again the newest address.
        tuple({site.site: site for one in valid for site in one.sites}.values()),
        _people(record.signatories, record.endings, "signatory", day),
        _people(record.analysts, record.endings, "analyst", day),
        _instruments(record, day),
    )


def rests_of(
    line: Tested | None, suspensions: Iterable[Suspension], reinstatements: Iterable[Reinstatement]
) -> tuple[Rest, ...]:
    """When a line is suspended; without a line, when all that a lab does is. Of one lab, in order of record."""
    lifting = tuple(reinstatements)
    rests = (
        _rest(pause, line, lifting)
        for pause in suspensions
        if pause.scope is None or (line is not None and any(part.covers(line) for part in pause.scope))
    )
    return tuple(rest for rest in rests if rest is not None)


def authorised_until(one: Signatory | Analyst, endings: Iterable[AuthorisationEnding]) -> date | None:
    """The last day of an authorisation, None where there is none: its own, or of what was said of the person later."""
    duty = "signatory" if isinstance(one, Signatory) else "analyst"
    days = [
        end.ended_on
        for end in endings
        if (end.lab, end.person, end.duty) == (one.lab, one.person, duty) and end.entry > one.entry
    ]
    return min([*days, *([one.authorised_to] if one.authorised_to is not None else [])], default=None)


def may_on(one: Signatory | Analyst, endings: Iterable[AuthorisationEnding], day: date) -> bool:
    """Does an authorisation hold on a day?"""
    until = authorised_until(one, endings)
    return one.authorised_from <= day and (until is None or day <= until)


def _rest(pause: Suspension, line: Tested | None, lifting: tuple[Reinstatement, ...]) -> Rest | None:
    days = [
        one.reinstated_on - timedelta(days=1)
        for one in lifting
        if one.entry > pause.entry
        and one.suspended_from in (None, pause.suspended_from)
        and (one.scope is None or (line is not None and any(part.covers(line) for part in one.scope)))
    ]
    last = min([*days, *([pause.suspended_to] if pause.suspended_to is not None else [])], default=None)
    return None if last is not None and last < pause.suspended_from else Rest(pause.suspended_from, last, pause)


def _permit(record: LabRecord, accreditation: Accreditation, line: ScopeRow, day: date) -> Permit:
    if day < max(accreditation.valid_from, line.valid_from):
        return Permit(accreditation, line, "future")
    if day > min(accreditation.valid_to, line.valid_to):
        return Permit(accreditation, line, "lapsed")
    rests = rests_of(line, record.suspensions, record.reinstatements)
    rest = next((one for one in rests if one.meets(day, day)), None)
    return Permit(accreditation, line, "open" if rest is None else "suspended", rest)


def _state(record: LabRecord, permits: tuple[Permit, ...], valid: list[Accreditation], day: date) -> str:
    if any(rest.meets(day, day) for rest in rests_of(None, record.suspensions, record.reinstatements)):
        # A suspension in whole of which every line has been given back rests in name only.
        return "partly" if any(permit.state == "open" for permit in permits) else "suspended"
    if not valid:
        if not record.accreditations:
            return "none"
        return "future" if all(day < one.valid_from for one in record.accreditations) else "lapsed"
    states = {permit.state for permit in permits}
    if "suspended" in states:
        return "partly" if "open" in states else "suspended"
    return "valid"


def _rests_on(record: LabRecord, permits: tuple[Permit, ...], day: date) -> tuple[Rest, ...]:
    whole = rests_of(None, record.suspensions, record.reinstatements)
    found = [*(rest for rest in whole if rest.meets(day, day)), *(one.rest for one in permits if one.rest is not None)]
    by_entry = {rest.suspension.entry: rest for rest in reversed(found)}
    return tuple(by_entry[entry] for entry in sorted(by_entry))


def _people(
    authorised: Iterable[Signatory | Analyst], endings: tuple[AuthorisationEnding, ...], duty: str, day: date
) -> tuple[Person, ...]:
    own = [one for one in endings if one.duty == duty]
    return tuple(Person(one, authorised_until(one, own)) for one in authorised if may_on(one, own, day))


def _instruments(record: LabRecord, day: date) -> tuple[Instrument, ...]:
    found: dict[str, Instrument] = {}
    for lab, number in dict.fromkeys((one.lab, one.instrument) for one in record.calibrations):
        known = [
            known for known in intervals_of(record.calibrations, record.retirements, lab, number) if known[0] <= day
        ]
        if known:
            _, until, calibration = max(known, key=lambda one: (one[1], one[2].entry))
            is_retired = until < calibration.due_on
            state = "calibrated" if day <= until else "retired" if is_retired else "overdue"
            found[number] = Instrument(calibration, until, state)
    return tuple(found[number] for number in sorted(found))
