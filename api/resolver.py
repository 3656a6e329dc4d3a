"""Where a Digital Link leads: the typed links of a product, lot, unit or logistic unit (GS1-Conformant Resolver 1.2,
RFC 9264).

    /01/06901234567892/10/A1/21/D007                              the scan page, at the address itself
    /00/106901234567890128                                        a logistic unit's page, likewise
    …?linkType=gs1:traceability                                   307 to the trace page, or to its JSON
    …?linkType=linkset   or   Accept: application/linkset+json    all links, as a linkset

1. A type is named by its CURIE (`gs1:pip`) or its IRI. A type without links is 404 (`link-unknown`); so is a lot that
   nobody has spoken of (`lot-unknown`).
2. Of a type's links the one in the media type that the client likes best is followed; the page's own where it has no
   preference. Pages come in the language of the request.
3. What is known of a product holds for its lots, and what is known of a lot for its units: a unit's linkset has a part
   for each, whose anchor is that lot or product.
4. What else stands in the query goes along.

A linkset is asked for a thousand times a second: its links, which differ by the path alone, are written once
(`_Written`), and what is on record takes three questions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Response, json, request
from sqlalchemy.orm import Session

from api.finder import report_path
from api.operations import JSON
from api.shell import current_shell
from api.words import LANGUAGES, language, load
from keys.errors import RefusedError
from labs.reports.register import read_standing
from trace.chains import read_heads_by_lot
from trace.epcis.digital_link import Link
from trace.ledger.asking import ask_ahead
from trace.ledger.kept import note_size
from trace.production.register import find_lots_of_product, read_names

LINKSET = "application/linkset+json"
HTML = "text/html"
GS1 = "https://ref.gs1.org/voc/"
_CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
_CONTEXT_RELATION = "http://www.w3.org/ns/json-ld#context"
_ALL = frozenset({"linkset", "all"})
# Stands for the path in what is written once. No text of ours has it, and JSON lets it stand as it is.
_PATH = "\N{REPLACEMENT CHARACTER}"
# Anybody's page or program may ask: there is nothing here that depends on who does.
FOR_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a type of link leads to. `path` has the own path of what is asked for in it; a page speaks every
    language.
    """

    path: str
    media: str = HTML


TARGETS: Mapping[str, tuple[Target, ...]] = {
    "pip": (Target("{path}"), Target("/api/v1/lots{path}", JSON)),
    "traceability": (Target("/trace{path}"), Target("/api/v1/lots{path}/trace", JSON)),
    "recallStatus": (Target("/recall{path}"), Target("/api/v1/lots{path}/recall", JSON)),
    # The last: reports are added to it.
    "certificationInfo": (Target("{path}#tested"), Target("/api/v1/lots{path}/evidence.zip", "application/zip")),
}
"""The terms of the GS1 Web Vocabulary that have an answer here for a lot or unit, and where; the first is the default
of its type.
"""
OF_PRODUCT: Mapping[str, tuple[Target, ...]] = {"pip": (Target("{path}"), Target("{path}", JSON))}
"""The same for a product: what all its lots have in common is little."""
OF_LOGISTIC: Mapping[str, tuple[Target, ...]] = {
    "pip": (Target("{path}"), Target("{path}", JSON)),
    "traceability": (Target("{path}#history"), Target("/api/v1/logistic-units{path}", JSON)),
}
"""And for a logistic unit: what is in it, and what became of it."""


def resolve(link: Link) -> Response | None:
    """The answer where links are asked for; None where the address itself is to answer."""
    wanted = request.args.get("linkType")
    if wanted in _ALL or (wanted is None and _likes_linkset()):
        return _answer_linkset(link)
    if wanted is None:
        return None
    term = wanted.removeprefix("gs1:").removeprefix(GS1)
    if term == "defaultLink":
        return None
    known = _targets(link)
    targets = known.get(term)
    if targets is None or term == wanted:
        expected = ", ".join(f"gs1:{known}" for known in ("defaultLink", *known))
        raise RefusedError("link-unknown", where="linkType", expected=f"{expected} or linkset", got=wanted[:80])
    with current_shell().database.reading() as session:
        _check_known(session, link)
    offered = [target.media for target in targets]
    media = request.accept_mimetypes.best_match(offered, default=HTML)
    path = next(target.path for target in targets if target.media == media)
    response = redirect_to(path.format(path=link.path))
    response.vary.add("Accept")
    return link_to_linkset(response, link)


def redirect_to(path: str, *, keeps_type: bool = False) -> Response:
    """307 to another address here, with what the request's query says; `keeps_type`: the type of link too, which is
    then that address's to answer.
    """
    rest = [(name, value) for name, value in request.args.items(multi=True) if keeps_type or name != "linkType"]
    before, mark, fragment = path.partition("#")
    query = f"{'&' if '?' in before else '?'}{urlencode(rest)}" if rest else ""
    return Response(status=307, headers={"Location": before + query + mark + fragment, **FOR_ANYBODY})


def link_to_linkset(response: Response, link: Link) -> Response:
    """Say on any answer of a Digital Link where its linkset is (RFC 9264 §7)."""
    here = current_shell().settings.public_url + link.path
    response.headers.add("Link", f'<{here}?linkType=linkset>; rel="linkset"; type="{LINKSET}"')
    return response


def describe_resolver() -> dict[str, Any]:
    """What stands at /.well-known/gs1resolver."""
    shell = current_shell()
    return {
        "name": shell.registry.title,
        "resolverRoot": shell.settings.public_url,
        "supportedPrimaryKeys": ["00", "01"],
        "supportedLinkType": [{"namespace": GS1, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "supportsSemanticInterpretation": False,
    }


def _likes_linkset() -> bool:
    # Only who names it gets it: */* means the page.
    return request.accept_mimetypes.best_match([HTML, JSON, LINKSET]) == LINKSET


def _sort(link: Link) -> str:
    return "logistic" if link.key == "00" else "product" if link.lot is None else "lot"


_TARGETS = {"lot": TARGETS, "product": OF_PRODUCT, "logistic": OF_LOGISTIC}


def _targets(link: Link) -> Mapping[str, tuple[Target, ...]]:
    return _TARGETS[_sort(link)]


def _levels(link: Link) -> tuple[Link, ...]:
    """What is asked for, and what it inherits from: a unit's lot, a lot's product."""
    return tuple(Link(link.key, link.value, link.qualifiers[:count]) for count in range(len(link.qualifiers), -1, -1))


def _answer_linkset(link: Link) -> Response:
    levels = _levels(link)
    ids = [str(level.lot) for level in levels if level.lot is not None]
    with current_shell().database.reading() as session:
        if ids:
            ask_ahead(session, (note_size,), (read_names, ids), (read_standing, ids))
        names = read_names(session, ids) if ids else {}
        if not names:
            _check_known(session, link)
        reports = read_standing(session, ids)
    tongue = language()
    parts = []
    for level in levels:
        own = [(lab, number) for lot, lab, number in reports if lot == str(level.lot)]
        name = names.get(str(level.lot))
        described = (name[1] if tongue == "en" else None) or name[0] if name else None
        parts.append(_write(_sort(level), current_shell().settings.public_url).fill(level.path, described, own))
    response = Response('{"linkset": [' + ", ".join(parts) + "]}", headers=FOR_ANYBODY, mimetype=LINKSET)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Link"] = f'<{_CONTEXT}>; rel="{_CONTEXT_RELATION}"; type="application/ld+json"'
    response.vary.update(["Accept", "Accept-Language", "Cookie"])
    return response


@dataclass(frozen=True, slots=True)
class _Written:
    """The links of one level as JSON, with `_PATH` where its path belongs; open at the end, for reports."""

    text: str
    public_url: str

    def fill(self, path: str, description: str | None, reports: list[tuple[str, str]]) -> str:
        """The level's part of the linkset. A path is percent-encoded: nothing in it has a meaning in JSON."""
        said = f'"description": {json.dumps(description, ensure_ascii=False)}, ' if description else ""
        links = [
            link
            for lab, number in reports
            for link in _links(Target(report_path(lab, number)), self.public_url, "link.report", number=number)
        ]
        more = "".join(", " + json.dumps(link, ensure_ascii=False) for link in links)
        return "{" + said + self.text.replace(_PATH, path) + more + "]}"


@cache
def _write(sort: str, public_url: str) -> _Written:
    title = load(LANGUAGES[0]).pgettext("link.logistic" if sort == "logistic" else "link.pip", "title")
    anchor = public_url + _PATH
    part: dict[str, Any] = {"anchor": anchor}
    part[GS1 + "defaultLink"] = [{"href": anchor, "title": title, "type": HTML}]
    for term, targets in _TARGETS[sort].items():
        context = f"link.{sort}" if sort != "lot" and term == "pip" else f"link.{term}"
        part[GS1 + term] = [link for target in targets for link in _links(target, public_url, context)]
    return _Written(json.dumps(part, ensure_ascii=False)[1:].removesuffix("]}"), public_url)


def _links(target: Target, public_url: str, context: str, **facts: str) -> Iterator[dict[str, Any]]:
    """One link, or of a page one for each language."""
    path, _, fragment = target.path.partition("#")
    address = public_url + path.replace("{path}", _PATH)
    place = f"#{fragment}" if fragment else ""
    for tongue in LANGUAGES if target.media == HTML else LANGUAGES[:1]:
        title = str(load(tongue).pgettext(context, "title"))
        link: dict[str, Any] = {"href": address + place, "title": title % facts, "type": target.media}
        if target.media == HTML:
            link |= {"href": f"{address}?lang={tongue}{place}", "hreflang": [tongue]}
        yield link


def _check_known(session: Session, link: Link) -> None:
    levels = [level.goods for level in _levels(link) if level.goods is not None]
    known = read_heads_by_lot(session, levels) if levels else find_lots_of_product(session, link.value, 1)
    if not known:
        expected = "a product, lot, unit or logistic unit that somebody has spoken of"
        raise RefusedError("lot-unknown", expected=expected, got=link.path.removeprefix("/"))
