"""Labs: the directory with search; and each with what it was allowed to do on a day, how it has done, its reports."""

from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from api.access import Callers, may_read, open_to
from api.cursor import cut_page, read_cursor, read_entry_number
from api.directory import (
    LAB_COLUMNS,
    MAX_SEARCH,
    SCOPE_COLUMNS,
    find_listed_labs,
    lab_rows,
    list_labs_on,
    read_day,
    read_lab,
    scope_rows,
)
from api.naming import party_names
from api.pages.doubts import Recorded, keep_doubts, note_doubts
from api.pages.people import names_in
from api.pages.questions import tell_looked, tell_questions
from api.pages.sheets import answer_csv
from api.shell import current_shell
from keys.errors import RefusedError
from labs.accreditation.numbers import read_cma
from labs.accreditation.standing import authorised_until
from labs.performance.register import count_performance, read_disagreements
from labs.reports.register import read_claimed_papers, read_denials, read_reports, read_reports_of_lab
from labs.screens.register import count_screened, read_questions
from trace.kinds import Readers
from trace.parties.register import read_keys

blueprint = Blueprint("labs", __name__)
PAGE = 30


@blueprint.get("/labs")
@open_to(Callers.ANYONE)
def list_labs() -> str:
    """A page of the labs that fit, each as it stands on a day. Fifteen queries, however many labs there are."""
    text = _read_text()
    place = read_cursor(request.args.get("cursor"), str)
    with current_shell().database.reading() as session:
        on = read_day(session, request.args.get("on"))
        found = find_listed_labs(session, text)
        rest = [lab for lab in found if place is None or lab.uscc > str(place[0])]
        page = cut_page(rest[: PAGE + 1], PAGE, lambda lab: (lab.uscc,))
        listed = list_labs_on(session, list(page.items), on)
    kept = {name: request.args[name] for name in ("q", "on") if request.args.get(name)}
    return render_template(
        "labs.html",
        labs=listed,
        names=party_names({one.party.uscc: one.party for one in listed}),
        text=text,
        total=len(found),
        on=on,
        is_asked="on" in kept,
        sheet="/labs.csv?" + urlencode(kept) if kept else "/labs.csv",
        following=page.next,
        beginning=("/labs?" + urlencode(kept) if kept else "/labs") if place is not None else None,
    )


@blueprint.get("/labs.csv")
@open_to(Callers.ANYONE)
def export_labs() -> Response:
    """All the labs that fit, as a table."""
    with current_shell().database.reading() as session:
        on = read_day(session, request.args.get("on"))
        listed = list_labs_on(session, find_listed_labs(session, _read_text()), on)
    return answer_csv(f"labs-{on}", LAB_COLUMNS, lab_rows(listed))


@blueprint.get("/labs/<uscc>.csv")
@open_to(Callers.ANYONE)
def export_scope(uscc: str) -> Response:
    """What a lab may test on a day, as a table of its scope's lines."""
    with current_shell().database.reading() as session:
        on = read_day(session, request.args.get("on"))
        lab = read_lab(session, uscc, on)
    return answer_csv(f"scope-{uscc}-{on}", SCOPE_COLUMNS, scope_rows(lab))


@blueprint.get("/labs/<uscc>")
@open_to(Callers.ANYONE)
def show_lab(uscc: str) -> str:
    """A lab as it stood on a day (today unless asked), how it has done, and its reports, newest first."""
    before = read_entry_number(request.args.get("before"))
    with current_shell().database.reading() as session:
        on = read_day(session, request.args.get("on"))
        lab = read_lab(session, uscc, on)
        reports = read_reports_of_lab(session, uscc, before, PAGE + 1)
        papers = read_claimed_papers(session, uscc)
        claimed = {paper.number for paper in papers}
        issued = {report.number for report in read_reports(session, numbers=claimed) if report.lab == uscc}
        denials = [denial for denial in read_denials(session, claimed) if denial.lab == uscc]
        performance = count_performance(session, [uscc])[uscc]
        disagreements = read_disagreements(session, [uscc])
        keys = read_keys(session, uscc)
        told: tuple[Recorded, ...] = (*reports, *papers, *denials)
        keep_doubts(lab.doubts)
        note_doubts(session, {one.entry for one in told})
        questions, looked = read_questions(session, uscc), count_screened(session, uscc)
        names = names_in(session, lab.party, lab.told.accreditations, papers, reports, disagreements, questions)
    kept = {"on": on.isoformat()} if request.args.get("on") else {}
    following = kept | {"before": reports[PAGE - 1].entry} if len(reports) > PAGE else None
    return render_template(
        "lab.html",
        lab=lab.party,
        record=lab.told,
        standing=lab.standing,
        # In the order of the scope; an accreditation that is not believed permits nothing.
        permits={entry: list(own) for entry, own in groupby(lab.standing.permits, lambda one: one.accreditation.entry)},
        resting={rest.suspension.entry for rest in lab.standing.rests},
        until_of=authorised_until,
        faults=lab.number_faults,
        numbers={one.cma: read_cma(one.cma) for one in lab.told.accreditations if one.cma is not None},
        on=on,
        keys=keys,
        questions=tell_questions(questions, names),
        looked=tell_looked(looked, questions),
        now=current_shell().clock(),
        performance=performance,
        disagreements=disagreements,
        reports=reports[:PAGE],
        papers=[paper for paper in papers if paper.number not in issued],
        denied={denial.number: denial for denial in denials},
        is_insider=may_read(Readers.PARTIES, uscc),
        sheet=f"/labs/{uscc}.csv?on={on.isoformat()}",
        following="?" + urlencode(following) if following else None,
        names=names,
    )


def _read_text() -> str:
    text = (request.args.get("q") or "").strip()
    if len(text) > MAX_SEARCH:
        raise RefusedError("request-malformed", where="q", expected=f"up to {MAX_SEARCH} characters", got=len(text))
    return text
