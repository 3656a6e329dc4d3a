"""Is this paper true? The one answer that page and API give: what holds, what does not, and what was not checked.

Asked by a lab and a number, by the SHA-256 of a file, by the text of a QR code, or by the file itself. Each line of the
answer has a code with words (`check.<code>`), facts, and the entries that prove it. Nothing is kept of what was asked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from api.papers.paper import compare_with
from api.papers.printed import Field
from labs.papers.examine import Examination
from labs.papers.hosts import is_lookalike, read_host, show_host
from labs.papers.register import LabHosts, read_all_hosts
from labs.papers.seals import Seal
from labs.reports.register import Paper, Report, find_documents, read_denials, read_papers, read_reports
from trace.doubts import drop_unbelieved
from trace.findings import Fact
from trace.parties.register import find_party

HOLDS, FAILS, UNCHECKED, SAYS = "holds", "fails", "unchecked", "says"
# What may be a report's number in a text; ours to choose.
_TOKEN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff()\[\]/._-]{3,59}")
_MOST_TOKENS = 400
_REPORT_PATH = re.compile(r"/reports/([0-9A-Z]{18})/(.+)\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that holds, fails, was not checked, or is said for the reader to judge."""

    outcome: str
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. At least one is given; an `examination` brings its own SHA-256."""

    lab: str = ""
    number: str = ""
    sha256: str = ""
    code: str = ""
    examination: Examination | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`word` is the whole of it in one: true (nothing fails, and the lab has signed what was asked about), false
    (something fails), or unknown (nothing on record says either).
    """

    word: str
    reason: str
    """The code of the line that says why."""
    lab: str
    number: str
    sha256: str
    report: Report | None
    lines: tuple[Line, ...]
    fields: tuple[Field, ...] = ()
    seals: tuple[Seal, ...] = ()


def answer(session: Session, question: Question, own_host: str | None) -> Answer:
    """Look at everything that the question lets one look at. `own_host` is this registry's."""
    examination = question.examination
    sha256 = examination.sha256 if examination is not None else question.sha256
    signed, shown = _find_by_file(session, sha256)
    codes = examination.seen.codes if examination is not None else (question.code,) if question.code else ()
    hosts = _latest(drop_unbelieved(session, read_all_hosts(session)))
    named = (
        [(signed[0].lab, signed[0].number)] if signed else [(shown[0].claimed_body, shown[0].number)] if shown else []
    )
    lab, number = (question.lab, question.number) if question.number else ("", "")
    if not number:
        text = examination.seen.text if examination is not None else ""
        named += [*_named_by_codes(session, codes, own_host, hosts), *_named_by_text(session, text)]
        lab, number = named[0] if named else ("", "")
    versions = [one for one in read_reports(session, numbers={number}) if not lab or one.lab == lab] if number else []
    lab = lab or (versions[0].lab if len({one.lab for one in versions}) == 1 else "")
    versions = [one for one in versions if one.lab == lab]
    report = _choose(versions, sha256)
    lines = [*_judge_number(session, lab, number, versions, report)] if number else []
    fields: tuple[Field, ...] = ()
    if sha256:
        lines += _judge_file(sha256, lab, number, signed, shown, report)
    if codes:
        lines += _judge_hosts(codes, lab, hosts, own_host)
    if examination is not None:
        lines += _judge_seals(examination, lab)
        fields = compare_with(report, examination.seen.text) if report is not None else ()
        lines += _judge_text(examination, report, fields)
    elif sha256:
        lines.append(Line(UNCHECKED, "file_not_sent"))
    lines.append(Line(UNCHECKED, "goods"))
    word, reason = _sum_up(lines)
    return Answer(
        word, reason, lab, number, sha256, report, tuple(lines), fields, examination.seals if examination else ()
    )


def _sum_up(lines: list[Line]) -> tuple[str, str]:
    failed = next((line.code for line in lines if line.outcome == FAILS), None)
    if failed is not None:
        return "false", failed
    held = next((line.code for line in lines if line.code in ("file_signed", "number_issued")), None)
    return ("true", held) if held is not None else ("unknown", "nothing_known")


def _find_by_file(session: Session, sha256: str) -> tuple[list[Report], list[Paper]]:
    """Reports that a lab signed with this very file, and papers that others handed over as it."""
    numbers = {number for _, number in find_documents(session, sha256)} if sha256 else set()
    if not numbers:
        return [], []
    reports = [one for one in read_reports(session, numbers=numbers) if one.pdf_sha256 == sha256 and one.doubt is None]
    papers = [one for one in read_papers(session, numbers=numbers) if one.pdf_sha256 == sha256 and one.type == "report"]
    return reports, papers


def _choose(versions: list[Report], sha256: str) -> Report | None:
    """The version of that file, else the one in force that is believed, else the last that is."""
    believed = [one for one in versions if one.doubt is None]
    same = [one for one in believed if sha256 and one.pdf_sha256 == sha256]
    return next(iter([*same, *(one for one in reversed(believed) if one.is_current), *reversed(believed)]), None)


def _judge_number(
    session: Session, lab: str, number: str, versions: list[Report], report: Report | None
) -> Iterator[Line]:
    facts: dict[str, Fact] = {"lab": lab, "number": number}
    denials = [one for one in read_denials(session, {number}) if one.lab == lab]
    denial = denials[-1] if denials else None
    if denial is not None and all(one.entry < denial.entry for one in versions):
        yield Line(FAILS, "number_denied", facts | {"day": denial.denied_on}, (denial.entry,))
    elif report is None and versions:
        yield Line(FAILS, "number_not_believed", facts, tuple(one.entry for one in versions))
    elif report is None:
        is_lab = bool(lab) and find_party(session, lab) is not None
        yield Line(FAILS, "number_unknown", facts) if is_lab else Line(UNCHECKED, "lab_unknown", facts)
    elif report.withdrawn_by is not None:
        yield Line(FAILS, "number_withdrawn", facts, (report.entry, report.withdrawn_by))
    elif report.replaced_by is not None:
        yield Line(FAILS, "number_replaced", facts, (report.entry, report.replaced_by))
    else:
        told = facts | {"issued_on": report.issued_on, "conclusion": report.conclusion}
        yield Line(HOLDS, "number_issued", told, (report.entry,))
        if report.conclusion == "fail":
            yield Line(SAYS, "concludes_fail", facts, (report.entry,))


def _judge_file(
    sha256: str, lab: str, number: str, signed: list[Report], shown: list[Paper], report: Report | None
) -> Iterator[Line]:
    own = [one for one in signed if not number or (one.lab, one.number) == (lab, number)]
    if own:
        yield Line(HOLDS, "file_signed", {"lab": own[0].lab, "number": own[0].number}, (own[0].entry,))
    elif report is not None and report.pdf_sha256 is not None:
        facts: dict[str, Fact] = {"lab": lab, "number": number, "got": sha256, "expected": report.pdf_sha256}
        yield Line(FAILS, "file_other", facts, (report.entry,))
    elif shown:
        paper = shown[0]
        facts = {"lab": paper.claimed_body, "number": paper.number, "presenter": paper.presenter}
        yield Line(FAILS, "file_only_shown", facts, (paper.entry,))
    elif report is not None:
        yield Line(UNCHECKED, "file_none_on_record", {"lab": lab, "number": number}, (report.entry,))
    else:
        yield Line(FAILS, "file_unknown", {"got": sha256})


def _judge_seals(examination: Examination, lab: str) -> Iterator[Line]:
    if not examination.seals:
        yield Line(UNCHECKED, "seal_none")
    for seal in examination.seals:
        facts: dict[str, Fact] = {"name": seal.name or "?", "judged_at": seal.judged_at}
        if seal.state == "valid":
            yield Line(HOLDS, "seal_valid", facts)
        elif seal.state == "unsupported":
            yield Line(UNCHECKED, "seal_unsupported", facts)
        elif seal.state in ("untrusted", "expired"):
            yield Line(UNCHECKED, f"seal_{seal.state}", facts)
        else:
            yield Line(FAILS, f"seal_{seal.state}", facts)
        if seal.organisation is not None and lab and seal.organisation != lab:
            yield Line(FAILS, "seal_foreign", facts | {"organisation": seal.organisation, "lab": lab})
        elif seal.organisation is None and seal.state != "unsupported":
            yield Line(UNCHECKED, "seal_unnamed", facts)
        if seal.revocation == "unknown" and seal.state == "valid":
            yield Line(UNCHECKED, "revocation_unknown", facts)
        if seal.stamped_at is None and seal.signed_at is not None and seal.state == "valid":
            yield Line(SAYS, "time_claimed", facts | {"signed_at": seal.signed_at})
        if seal.change == "forms":
            yield Line(SAYS, "forms_filled", facts)


def _judge_text(examination: Examination, report: Report | None, fields: tuple[Field, ...]) -> Iterator[Line]:
    if not examination.seen.text.strip():
        yield Line(UNCHECKED, "text_none")
    elif report is None:
        yield Line(UNCHECKED, "text_nothing_to_compare")
    else:
        differing = [one for one in fields if one.state == "differs"]
        for one in differing:
            yield Line(
                FAILS, "text_differs", {"field": one.field, "printed": one.printed, "registered": one.registered}
            )
        missing = sum(one.state == "missing" for one in fields)
        if missing:
            yield Line(UNCHECKED, "text_missing", {"count": missing})
        if not differing and missing < len(fields):
            yield Line(HOLDS, "text_same", {"count": len(fields) - missing})


def _judge_hosts(codes: Iterable[str], lab: str, hosts: dict[str, LabHosts], own_host: str | None) -> Iterator[Line]:
    for host in dict.fromkeys(filter(None, map(read_host, codes))):
        facts: dict[str, Fact] = {"host": show_host(host), "ascii": host}
        stated = hosts.get(lab)
        owner = next((one for one in hosts.values() if host in one.hosts), None)
        near = [one for one in hosts.values() for known in one.hosts if is_lookalike(host, known)]
        if host == own_host:
            yield Line(HOLDS, "host_own", facts)
        elif stated is not None and host in stated.hosts:
            yield Line(HOLDS, "host_stated", facts | {"lab": lab}, (stated.entry,))
        elif near and owner is None:
            looks = next(known for known in near[0].hosts if is_lookalike(host, known))
            yield Line(FAILS, "host_lookalike", facts | {"lab": near[0].lab, "registered": looks}, (near[0].entry,))
        elif stated is not None:
            told = facts | {"lab": lab, "registered": ", ".join(stated.hosts)}
            yield Line(FAILS, "host_other", told, (stated.entry,))
        elif owner is not None:
            yield Line(SAYS if not lab else FAILS, "host_of", facts | {"lab": owner.lab}, (owner.entry,))
        else:
            yield Line(UNCHECKED, "host_unknown", facts)


def _named_by_codes(
    session: Session, codes: Iterable[str], own_host: str | None, hosts: dict[str, LabHosts]
) -> Iterator[tuple[str, str]]:
    """(lab, number) of reports on record that a QR code names: in our own addresses, else anywhere in its text."""
    for code in codes:
        try:
            path = unquote(urlsplit(code).path)
        except ValueError:
            path = ""
        match = _REPORT_PATH.search(path)
        if match is not None and read_host(code) == own_host:
            yield match[1], match[2]
        labs = {one.lab for one in hosts.values() if read_host(code) in one.hosts}
        tokens = {*_TOKEN.findall(unquote(code)), *re.split(r"[=&?/#\s]+", unquote(code))}
        yield from _issued(session, tokens, labs)


def _named_by_text(session: Session, text: str) -> Iterator[tuple[str, str]]:
    yield from _issued(session, dict.fromkeys(_TOKEN.findall(text)), set())


def _issued(session: Session, tokens: Iterable[str], labs: set[str]) -> list[tuple[str, str]]:
    """Which of these words are numbers of reports, those of `labs` first."""
    wanted = [token for token in tokens if len(token) <= 60 and any(map(str.isdigit, token))][:_MOST_TOKENS]
    found = dict.fromkeys((one.lab, one.number) for one in read_reports(session, numbers=wanted)) if wanted else {}
    return sorted(found, key=lambda one: (one[0] not in labs, -len(one[1])))


def _latest(stated: Iterable[LabHosts]) -> dict[str, LabHosts]:
    return {one.lab: one for one in stated}
