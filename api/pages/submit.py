"""Handing in by form: a lab's signed report with its PDF, or any signed statement; and at once what became of it.

There is no token against cross-site requests, and none is missed: what is sent is judged by its own signature and by
nothing that the browser adds. No session, cookie or address gives a submission any power, so a foreign page that makes
a visitor send a statement does no more than its author could have done from anywhere.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from api.access import Callers, open_to
from api.finder import report_path
from api.pages.people import names_in
from api.problems import describe
from api.sentences import Told, tell_findings
from api.shell import Shell, current_shell
from api.submission import read_envelopes, submit_report, submit_statements
from api.v1.statements import judge_afterwards
from keys.envelope import MAX_STATEMENT_BYTES, Statement, parse_statement
from keys.errors import RefusedError
from labs.refresh import judge_lot
from trace.chains import read_mentioned
from trace.findings import Finding
from trace.intake import Accepted, Outcome
from trace.ledger.store import Entry, read_entry

blueprint = Blueprint("submit", __name__)
# What one page can show; a file of more belongs to the API.
MAX_STATEMENTS = 20
MAX_LOTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class LotNow:
    """A lot after the submission: its verdict, what this very entry proves or is part of, and how much else is open."""

    lot: str
    word: str
    findings: tuple[Told, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one statement: `entry` where it stands in the ledger, else `problem`."""

    entry: Entry | None
    is_new: bool
    statement: Statement | None
    lots: tuple[LotNow, ...]
    page: str | None
    problem: dict[str, object] | None


@blueprint.get("/submit")
@open_to(Callers.ANYONE)
def show_form() -> str:
    """The two forms."""
    return _render(())


@blueprint.post("/submit")
@open_to(Callers.ANYONE)
def receive() -> Response:
    """Take what was sent; the answer is a page with each outcome, its status that of the gravest."""
    try:
        outcomes = _take()
    except RefusedError as error:
        outcomes = [(None, error)]
    shell = current_shell()
    with shell.database.reading() as session:
        results = tuple(_tell(session, shell, envelope, outcome) for envelope, outcome in outcomes)
        names = names_in(session, results)
    # The status of the first problem, or whether anything is new in the ledger.
    statuses: list[Any] = [result.problem["status"] for result in results if result.problem is not None]
    status = statuses[0] if statuses else 201 if any(result.is_new for result in results) else 200
    response = Response(_render(results, names), status, mimetype="text/html")
    # The page has judged its lots itself; what else was touched is judged once the page is on its way.
    judge = judge_afterwards(*({"status": 201 if result.is_new else 200} for result in results))
    if judge is not None:
        response.call_on_close(judge)
    return response


def keys_folder(shell: Shell) -> str | None:
    """Where the demonstration's keys lie, from the folder in which commands are typed; None elsewhere."""
    try:
        is_demonstration = shell.registry.is_demonstration
    except RefusedError:
        return None
    folder = shell.settings.demo_dir
    if not is_demonstration or not folder.is_dir():
        return None
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:  # a page tells nobody how the machine's folders lie
        return "$VAR_DIR/demo"


def _take() -> list[tuple[bytes | None, Outcome]]:
    """The envelopes with their outcomes. Raises RefusedError for what could not even be read."""
    data = _file("statement").read(MAX_STATEMENT_BYTES * MAX_STATEMENTS + 1)
    envelopes = read_envelopes(data)
    if len(envelopes) > MAX_STATEMENTS:
        raise RefusedError("too-many-statements", expected=f"at most {MAX_STATEMENTS}", got=len(envelopes))
    if request.form.get("what") != "report":
        return list(zip(envelopes, submit_statements(envelopes), strict=True))
    if len(envelopes) != 1:
        raise RefusedError("too-many-statements", where="statement", expected="one report", got=len(envelopes))
    try:
        return [(envelopes[0], submit_report(envelopes[0], _file("pdf")))]
    except RefusedError as error:
        return [(envelopes[0], error)]


def _file(name: str) -> BinaryIO:
    file = request.files.get(name)
    if file is None or not file.filename:
        raise RefusedError("request-malformed", where=name, expected="a file", got="none")
    return file.stream  # type: ignore[return-value]


def _tell(session: Session, shell: Shell, envelope: bytes | None, outcome: Outcome) -> Result:
    statement = _read(envelope)
    if not isinstance(outcome, Accepted):
        return Result(None, False, statement, (), None, describe(outcome))
    lots = read_mentioned(session, outcome.position)[:MAX_LOTS_SHOWN]
    told = tuple(_judge(session, shell, lot, outcome.position) for lot in lots)
    is_report = statement is not None and statement.kind in ("report.issued", "report.amended")
    page = report_path(statement.issuer, statement.subject) if statement is not None and is_report else None
    return Result(read_entry(session, outcome.position), outcome.is_new, statement, told, page, None)


def _judge(session: Session, shell: Shell, lot: str, position: int) -> LotNow:
    verdict = judge_lot(session, lot, shell.house.rules, shell.house.pack, shell.clock())[1]
    own: list[Finding] = [finding for finding in verdict.findings if position in finding.entries]
    told = tell_findings(own, names_in(session, own))
    return LotNow(lot, verdict.word, told, len(verdict.findings) - len(own))


def _read(envelope: bytes | None) -> Statement | None:
    try:
        return parse_statement(envelope) if envelope is not None else None
    except RefusedError:
        return None


def _render(results: tuple[Result, ...], names: Any = None) -> str:
    shell = current_shell()
    return render_template(
        "submit.html",
        results=results,
        names=names or {},
        keys_folder=keys_folder(shell),
        public_url=shell.settings.public_url,
    )
