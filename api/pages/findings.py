"""The findings: what looks wrong, gravest first, as a list to work through. What is found on many lots stands once."""

from collections import Counter
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from api.access import Callers, open_to
from api.pages.doubts import note_doubts
from api.pages.people import names_in
from api.pages.questions import CODES, tell_looked, tell_questions
from api.sentences import tell_finding
from api.shell import current_shell
from keys.errors import RefusedError
from labs.screens.register import count_screened, read_questions
from labs.worklist.register import Place, Wanted, count_findings, count_verdicts, read_found_makers, read_groups
from trace.findings import Severity

blueprint = Blueprint("findings", __name__)
PAGE, QUESTIONS = 25, 10


@blueprint.get("/findings")
@open_to(Callers.ANYONE)
def list_findings() -> str:
    """The list, filtered by severity, rule, maker and text, a page at a time. Eight queries, however long it is."""
    wanted, after = _read_filter(), _read_place(request.args.get("after"))
    shell = current_shell()
    with shell.database.reading() as session:
        groups = read_groups(session, wanted, most=PAGE + 1, after=after)
        counts = count_findings(session, wanted)
        makers = read_found_makers(session)
        verdicts = count_verdicts(session)
        shown = groups[:PAGE]
        note_doubts(session, {entry for group in shown for entry in group.entries})
        # No lot, maker or text names a question: it is about a lab.
        is_asked = after is None and not (wanted.maker or wanted.text) and wanted.severity in (None, Severity.SCREEN)
        is_asked = is_asked and (wanted.code is None or wanted.code in CODES)
        questions = read_questions(session, code=wanted.code) if is_asked else ()
        looked = count_screened(session) if is_asked else {}
        names = names_in(session, shown, makers, questions[:QUESTIONS])
    by_severity: Counter[str] = Counter()
    for (severity, _), count in counts.items():
        by_severity[severity] += count
    return render_template(
        "findings.html",
        findings=[(group, tell_finding(group, names)) for group in shown],
        wanted=wanted,
        severities=[severity.value for severity in reversed(Severity)],
        by_severity=by_severity,
        total=sum(counts.values()),
        verdicts=verdicts,
        rules=tuple(shell.house.rules),
        makers=makers,
        screens=CODES,
        questions=tell_questions(questions[:QUESTIONS], names),
        unshown=len(questions[QUESTIONS:]),
        looked=tell_looked(looked, questions),
        names=names,
        is_continued=after is not None,
        following=_address(shown[-1].place) if len(groups) > PAGE else None,
        beginning=_address(None),
    )


def _read_filter() -> Wanted:
    """The form's fields; an empty one filters nothing."""
    severity, code, maker, text = (
        (request.args.get(name) or "").strip()[:80] or None for name in ("severity", "rule", "maker", "text")
    )
    if severity is not None and severity not in set(Severity):
        raise RefusedError("request-malformed", where="severity", expected=" or ".join(Severity), got=severity)
    return Wanted(severity, code, maker, text)


def _read_place(cursor: str | None) -> Place | None:
    """A cursor, as `_address` writes it: weight, entry, rule, case and maker."""
    if not cursor:
        return None
    match cursor.split("~"):
        case [weight, entry, code, case, maker] if weight.isdecimal() and entry.removeprefix("-").isdecimal():
            if len(entry) < 16 and len(weight) < 3:
                return int(weight), int(entry), code, case, maker
    raise RefusedError("request-malformed", where="after", expected="a cursor that this page gave", got=cursor[:80])


def _address(place: Place | None) -> str:
    """This list with its filters, from a place on."""
    kept = [(name, request.args[name]) for name in ("severity", "rule", "maker", "text") if request.args.get(name)]
    after = [("after", "~".join(map(str, place)))] if place is not None else []
    return "/findings?" + urlencode(kept + after) if kept or after else "/findings"
