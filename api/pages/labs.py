"""Labs: the directory, and each with its accreditation on a day, suspensions, signatories and reports."""

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from api.access import Callers, may_read, open_to
from api.cursor import read_entry_number
from api.naming import party_names
from api.pages.doubts import Recorded, doubt_of, note_doubts
from api.pages.people import names_in
from api.pages.questions import tell_looked, tell_questions
from api.shell import current_shell
from keys.errors import RefusedError
from labs.accreditation.register import (
    Accreditation,
    Suspension,
    read_accreditations,
    read_signatories,
    read_suspensions,
)
from labs.reports.register import count_reports, read_claimed_papers, read_denials, read_reports, read_reports_of_lab
from labs.screens.register import count_screened, read_questions
from trace.days import civil_day
from trace.kinds import Readers, Role
from trace.ledger.store import latest_checkpoint
from trace.parties.register import find_party, read_keys, read_parties_in

blueprint = Blueprint("labs", __name__)
PAGE = 30


@blueprint.get("/labs")
@open_to(Callers.ANYONE)
def list_labs() -> str:
    """Every lab with the state of its accreditation today. Seven queries, however many labs there are."""
    with current_shell().database.reading() as session:
        today = _today(session)
        labs = read_parties_in(session, Role.LAB)
        codes = [lab.uscc for lab in labs]
        accreditations = read_accreditations(session, codes)
        suspensions = read_suspensions(session, codes)
        counts = count_reports(session)
        told: tuple[Recorded, ...] = (*accreditations, *suspensions)
        note_doubts(session, {one.entry for one in told})
    return render_template(
        "labs.html",
        labs=labs,
        names=party_names({lab.uscc: lab for lab in labs}),
        states={code: _state(code, accreditations, suspensions, today) for code in codes},
        accreditations={one.lab: one for one in accreditations},
        counts=counts,
        today=today,
    )


@blueprint.get("/labs/<uscc>")
@open_to(Callers.ANYONE)
def show_lab(uscc: str) -> str:
    """A lab's accreditation as it stood on a day (today unless asked), and its reports, newest first."""
    before = read_entry_number(request.args.get("before"))
    with current_shell().database.reading() as session:
        on = _read_day(session, request.args.get("on"))
        lab = find_party(session, uscc)
        if lab is None or Role.LAB not in lab.roles:
            raise RefusedError("not-found", where="labs", expected="the code of a lab", got=uscc[:40])
        accreditations = read_accreditations(session, [uscc])
        suspensions = read_suspensions(session, [uscc])
        reports = read_reports_of_lab(session, uscc, before, PAGE + 1)
        papers = read_claimed_papers(session, uscc)
        claimed = {paper.number for paper in papers}
        issued = {report.number for report in read_reports(session, numbers=claimed) if report.lab == uscc}
        denials = [denial for denial in read_denials(session, claimed) if denial.lab == uscc]
        signatories = read_signatories(session, [uscc])
        keys = read_keys(session, uscc)
        told: tuple[Recorded, ...] = (*accreditations, *suspensions, *reports, *papers, *denials, *signatories)
        note_doubts(session, {one.entry for one in told})
        questions, looked = read_questions(session, uscc), count_screened(session, uscc)
        names = names_in(session, lab, accreditations, papers, reports, questions)
    return render_template(
        "lab.html",
        lab=lab,
        on=on,
        state=_state(uscc, accreditations, suspensions, on),
        accreditations=accreditations,
        suspensions=suspensions,
        signatories=signatories,
        keys=keys,
        questions=tell_questions(questions, names),
        looked=tell_looked(looked, questions),
        now=current_shell().clock(),
        reports=reports[:PAGE],
        papers=[paper for paper in papers if paper.number not in issued],
        denied={denial.number: denial for denial in denials},
        is_insider=may_read(Readers.PARTIES, uscc),
        following="?" + urlencode({"before": reports[PAGE - 1].entry}) if len(reports) > PAGE else None,
        names=names,
    )


def _state(lab: str, accreditations: tuple[Accreditation, ...], suspensions: tuple[Suspension, ...], on: date) -> str:
    """suspended, valid, lapsed, future or none: how a lab's accreditation stands on a day, by what is believed."""
    own = [one for one in accreditations if one.lab == lab and doubt_of(one.entry) is None]
    rests = [rest for rest in suspensions if rest.lab == lab and doubt_of(rest.entry) is None]
    if any(rest.suspended_from <= on and (rest.suspended_to is None or on <= rest.suspended_to) for rest in rests):
        return "suspended"
    if any(one.valid_from <= on <= one.valid_to for one in own):
        return "valid"
    if not own:
        return "none"
    return "future" if all(on < one.valid_from for one in own) else "lapsed"


def _today(session: Session) -> date:
    """Today in China; in a demonstration, whose story lies years back, the day of its last checkpoint."""
    shell = current_shell()
    last = latest_checkpoint(session) if shell.registry.is_demonstration else None
    return civil_day(last.recorded_at if last is not None else shell.clock())


def _read_day(session: Session, text: str | None) -> date:
    if not text:
        return _today(session)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("request-malformed", where="on", expected="a day YYYY-MM-DD", got=text[:40]) from None
