"""Labs, as pages, JSON and commands tell of them alike: found by what people type, and each with what it was allowed to
do on a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy.orm import Session

from api.shell import current_shell
from api.words import LANGUAGES, load
from keys.errors import RefusedError
from labs.accreditation.numbers import find_number_faults
from labs.accreditation.register import (
    Accreditation,
    find_labs,
    read_accreditations,
    read_analysts,
    read_authorisation_endings,
    read_reinstatements,
    read_signatories,
    read_suspensions,
)
from labs.accreditation.standing import LabRecord, Standing, stand_on
from labs.instruments.register import read_calibrations, read_retirements
from labs.performance.register import Performance, count_performance
from trace.days import civil_day
from trace.doubts import drop_doubted, entries_of, read_doubts
from trace.kinds import Role
from trace.ledger.store import latest_checkpoint
from trace.parties.belief import Doubt
from trace.parties.register import Party, find_party, read_parties_in

MAX_SEARCH = 80


@dataclass(frozen=True, slots=True)
class Listed:
    """A lab in the directory: how it stands on the day, by which accreditation, and how it has done."""

    party: Party
    state: str
    accreditation: Accreditation | None
    """The one that is valid on the day; else the last that was."""
    performance: Performance


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab with all that is on record of it (`told`, what is not believed included), and what that comes to."""

    party: Party
    told: LabRecord
    standing: Standing
    doubts: Mapping[int, Doubt]
    number_faults: Mapping[int, tuple[str, ...]]
    """By the entry of an accreditation what can't be right about its CMA number."""


def find_listed_labs(session: Session, text: str) -> list[Party]:
    """The labs, by code, of which `text` is in the name, begins the code or a CMA or CNAS number, or names something
    in the scope: a parameter, in either language, or a method. All where it is empty. Four questions.
    """
    labs = read_parties_in(session, Role.LAB)
    if not text:
        return list(labs)
    wanted = text.casefold()
    testing = find_labs(session, text, _parameters_called(wanted))
    return [
        lab
        for lab in labs
        if lab.uscc in testing
        or lab.uscc.casefold().startswith(wanted)
        or any(wanted in name.casefold() for name in (lab.name_zh, lab.name_en or ""))
    ]


def list_labs_on(session: Session, labs: list[Party], day: date) -> list[Listed]:
    """How these labs stand on a day. Ten questions, however many labs there are."""
    codes = [lab.uscc for lab in labs]
    everything = LabRecord(
        accreditations=read_accreditations(session, codes),
        suspensions=read_suspensions(session, codes),
        reinstatements=read_reinstatements(session, codes),
    )
    believed = drop_doubted(everything, read_doubts(session, entries_of(everything)))
    counts = count_performance(session, codes)
    listed = []
    for lab in labs:
        own = _of(believed, lab.uscc)
        held = _accreditation_on(own.accreditations, day)
        listed.append(Listed(lab, stand_on(own, day).state, held, counts[lab.uscc]))
    return listed


def read_lab(session: Session, uscc: str, day: date) -> Lab:
    """A lab on a day. Raises RefusedError `not-found` for whoever is none."""
    party = find_party(session, uscc)
    if party is None or Role.LAB not in party.roles:
        raise RefusedError("not-found", where="labs", expected="the code of a lab", got=uscc[:40])
    told = LabRecord(
        accreditations=read_accreditations(session, [uscc]),
        suspensions=read_suspensions(session, [uscc]),
        reinstatements=read_reinstatements(session, [uscc]),
        signatories=read_signatories(session, [uscc]),
        analysts=read_analysts(session, [uscc]),
        endings=read_authorisation_endings(session, [uscc]),
        calibrations=read_calibrations(session, [uscc]),
        retirements=read_retirements(session, [uscc]),
    )
    doubts = read_doubts(session, entries_of(told))
    standing = stand_on(drop_doubted(told, doubts), day)
    faults = {one.entry: found for one in told.accreditations if (found := find_number_faults(one))}
    return Lab(party, told, standing, doubts, faults)


def read_day(session: Session, text: str | None) -> date:
    """The day that `?on=` or `--on` asks for, today where it is empty. Raises RefusedError `request-malformed`."""
    if not text:
        return today(session)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("request-malformed", where="on", expected="a day YYYY-MM-DD", got=text[:40]) from None


def today(session: Session) -> date:
    """Today in China; in a demonstration, whose story lies years back, the day of its last checkpoint."""
    shell = current_shell()
    last = latest_checkpoint(session) if shell.registry.is_demonstration else None
    return civil_day(last.recorded_at if last is not None else shell.clock())


SCOPE_COLUMNS = (
    *("object", "parameter", "method", "range_from", "range_to", "range_unit", "site", "state"),
    *("valid_from", "valid_to", "suspended_from", "suspended_to", "cma", "cnas", "body", "entry"),
)
LAB_COLUMNS = (
    *("uscc", "name_zh", "name_en", "state", "cma", "cnas", "valid_from", "valid_to"),
    *("reports", "amended", "withdrawn", "denied", "disagreements"),
)


def scope_rows(lab: Lab) -> list[tuple[object, ...]]:
    """A row a line of each scope, as it stands on the day."""
    rows = []
    for permit in lab.standing.permits:
        line, held, rest = permit.line, permit.accreditation, permit.rest
        rows.append(
            (
                *(line.object, line.parameter, line.method, line.range_from, line.range_to, line.range_unit),
                *(line.site, permit.state, line.valid_from, line.valid_to),
                *((rest.first, rest.last) if rest is not None else (None, None)),
                *(held.cma, held.cnas, held.body, held.entry),
            )
        )
    return rows


def lab_rows(listed: list[Listed]) -> list[tuple[object, ...]]:
    """A row a lab."""
    rows = []
    for one in listed:
        held = one.accreditation
        numbers = (held.cma, held.cnas, held.valid_from, held.valid_to) if held is not None else (None,) * 4
        counts = (getattr(one.performance, field.name) for field in fields(Performance))
        rows.append((one.party.uscc, one.party.name_zh, one.party.name_en, one.state, *numbers, *counts))
    return rows


def _of(record: LabRecord, uscc: str) -> LabRecord:
    names = ("accreditations", "suspensions", "reinstatements")
    return replace(record, **{name: tuple(x for x in getattr(record, name) if x.lab == uscc) for name in names})


def _accreditation_on(held: tuple[Accreditation, ...], day: date) -> Accreditation | None:
    return max(held, key=lambda one: (one.valid_from <= day <= one.valid_to, one.valid_to, one.entry), default=None)


def _parameters_called(wanted: str) -> list[str]:
    """The parameters whose word in either language has this in it."""
    found = set()
    for tongue in LANGUAGES:
        for key, word in load(tongue)._catalog.items():
            # As gettext keeps a context (parameter.x) with its key (title).
            if isinstance(key, str) and key.startswith("parameter.") and wanted in str(word).casefold():
                found.add(key.partition("\x04")[0].removeprefix("parameter."))
    return sorted(found)
