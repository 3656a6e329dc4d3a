"""Where a Digital Link leads: the typed links of a lot or unit (GS1-Conformant Resolver 1.2, RFC 9264).

    /01/06901234567892/10/A1/21/D007                              the scan page, at the address itself
    …?linkType=gs1:traceability                                   307 to the trace page, or to its JSON
    …?linkType=linkset   or   Accept: application/linkset+json    all links, as a linkset

1. A type is named by its CURIE (`gs1:pip`) or its IRI. A type without links is 404 (`link-unknown`); so is a lot that
   nobody has spoken of (`lot-unknown`).
2. Of a type's links the one in the media type that the client likes best is followed; the page's own where it has no
   preference. Pages come in the language of the request.
3. What is known of a lot holds for its units: a unit's linkset has a second part whose anchor is its lot.
4. What else stands in the query goes along.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, json, request
from sqlalchemy.orm import Session

from api.finder import report_path
from api.naming import lot_name, lot_path
from api.operations import JSON
from api.shell import current_shell
from api.words import LANGUAGES, load
from keys.errors import RefusedError
from labs.reports.register import Report, read_denials, read_reports
from trace.chains import read_heads_by_lot
from trace.epcis.identifiers import LotId
from trace.production.register import read_lots_by_id

LINKSET = "application/linkset+json"
HTML = "text/html"
GS1 = "https://ref.gs1.org/voc/"
_CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
_CONTEXT_RELATION = "http://www.w3.org/ns/json-ld#context"
_ALL = frozenset({"linkset", "all"})
# Anybody's page or program may ask: there is nothing here that depends on who does.
FOR_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a type of link leads to. `path` has the lot's own path in it; a page speaks every language."""

    path: str
    media: str = HTML


TARGETS: Mapping[str, tuple[Target, ...]] = {
    "pip": (Target("{lot}"), Target("/api/v1/lots{lot}", JSON)),
    "traceability": (Target("/trace{lot}"), Target("/api/v1/lots{lot}/trace", JSON)),
    "certificationInfo": (Target("{lot}#tested"), Target("/api/v1/lots{lot}/evidence.zip", "application/zip")),
    "recallStatus": (Target("/trace{lot}#recalls"), Target("/api/v1/lots{lot}", JSON)),
}
"""The terms of the GS1 Web Vocabulary that have an answer here, and where; the first is the default of its type."""


def resolve(identity: LotId) -> Response | None:
    """The answer where links are asked for; None where the address itself is to answer."""
    wanted = request.args.get("linkType")
    if wanted in _ALL or (wanted is None and _likes_linkset()):
        return _answer_linkset(identity)
    if wanted is None:
        return None
    term = wanted.removeprefix("gs1:").removeprefix(GS1)
    if term == "defaultLink":
        return None
    targets = TARGETS.get(term)
    if targets is None or term == wanted:
        expected = ", ".join(f"gs1:{known}" for known in ("defaultLink", *TARGETS))
        raise RefusedError("link-unknown", where="linkType", expected=f"{expected} or linkset", got=wanted[:80])
    with current_shell().database.reading() as session:
        _check_known(session, identity)
    offered = [target.media for target in targets]
    media = request.accept_mimetypes.best_match(offered, default=HTML)
    path = next(target.path for target in targets if target.media == media)
    location = _with_query(path.format(lot=lot_path(str(identity))))
    response = Response(status=307, headers={"Location": location, **FOR_ANYBODY})
    response.vary.add("Accept")
    return link_to_linkset(response, identity)


def link_to_linkset(response: Response, identity: LotId) -> Response:
    """Say on any answer of a Digital Link where its linkset is (RFC 9264 §7)."""
    here = current_shell().settings.public_url + lot_path(str(identity))
    response.headers.add("Link", f'<{here}?linkType=linkset>; rel="linkset"; type="{LINKSET}"')
    return response


def describe_resolver() -> dict[str, Any]:
    """What stands at /.well-known/gs1resolver."""
    shell = current_shell()
    return {
        "name": shell.registry.title,
        "resolverRoot": shell.settings.public_url,
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{"namespace": GS1, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
    }


def _likes_linkset() -> bool:
    # Only who names it gets it: */* means the page.
    return request.accept_mimetypes.best_match([HTML, JSON, LINKSET]) == LINKSET


def _answer_linkset(identity: LotId) -> Response:
    with current_shell().database.reading() as session:
        _check_known(session, identity)
        levels = [level for level in (identity, identity.parent) if level is not None]
        lots = read_lots_by_id(session, [str(level) for level in levels])
        reports = _standing_reports(session, [str(level) for level in levels])
    linkset = []
    for level in levels:
        lot = lots.get(str(level))
        own = [report for report in reports if str(level) in report.lots]
        described = {"description": lot_name(lot)} if lot is not None else {}
        linkset.append({"anchor": _absolute(lot_path(str(level))), **described, **_links_of(level, own)})
    response = Response(json.dumps({"linkset": linkset}, ensure_ascii=False), headers=FOR_ANYBODY, mimetype=LINKSET)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Link"] = f'<{_CONTEXT}>; rel="{_CONTEXT_RELATION}"; type="application/ld+json"'
    response.vary.update(["Accept", "Accept-Language", "Cookie"])
    return response


def _links_of(identity: LotId, reports: list[Report]) -> dict[str, list[dict[str, Any]]]:
    lot = lot_path(str(identity))
    title = load(LANGUAGES[0]).pgettext("link.pip", "title")
    links = {GS1 + "defaultLink": [{"href": _absolute(lot), "title": title, "type": HTML}]}
    for term, targets in TARGETS.items():
        links[GS1 + term] = [link for target in targets for link in _write_link(target, lot, f"link.{term}")]
    for report in reports:
        page = Target(report_path(report.lab, report.number))
        links[GS1 + "certificationInfo"] += _write_link(page, lot, "link.report", number=report.number)
    return links


def _write_link(target: Target, lot: str, context: str, **facts: str) -> Iterator[dict[str, Any]]:
    """One link, or of a page one for each language."""
    path, _, fragment = target.path.format(lot=lot).partition("#") if "{lot}" in target.path else (target.path, "", "")
    place = f"#{fragment}" if fragment else ""
    for tongue in LANGUAGES if target.media == HTML else LANGUAGES[:1]:
        title = str(load(tongue).pgettext(context, "title"))
        link: dict[str, Any] = {"href": _absolute(path) + place, "title": title % facts, "type": target.media}
        if target.media == HTML:
            link |= {"href": f"{_absolute(path)}?lang={tongue}{place}", "hreflang": [tongue]}
        yield link


def _standing_reports(session: Session, lots: list[str]) -> list[Report]:
    """The reports that name these lots, in their last version, without those denied or not believed."""
    current = [report for report in read_reports(session, lots) if report.is_current and report.doubt is None]
    denied = {(denial.lab, denial.number) for denial in read_denials(session, [report.number for report in current])}
    return [report for report in current if (report.lab, report.number) not in denied]


def _check_known(session: Session, identity: LotId) -> None:
    levels = [str(level) for level in (identity, identity.parent) if level is not None]
    if not read_heads_by_lot(session, levels):
        raise RefusedError("lot-unknown", expected="a lot or unit that somebody has spoken of", got=str(identity))


def _absolute(path: str) -> str:
    return current_shell().settings.public_url + path


def _with_query(path: str) -> str:
    """The path with what the request's query says besides the type of link."""
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "linkType"]
    before, mark, fragment = path.partition("#")
    return before + (f"?{urlencode(rest)}" if rest else "") + mark + fragment
