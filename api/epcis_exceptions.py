"""Refusals under /epcis as the exceptions of EPCIS 2.0: what GS1's OpenAPI document has under `responses`.

    {"type": "epcisException:QueryParameterException", "title": …, "status": 400, "detail": …,
     "code": "query-parameter-unknown", "where": "EQ_bizstep"}

1. `type` is the standard's exception where it has one for the case; else it is ours, `/problems/<code>`. Our `code` and
   the facts go along in any case.
2. What is wrong with what was sent is 400 there, never 422.
3. Whoever would rather have XML gets an EPCISException, our code and facts behind its own elements.
"""

from collections.abc import Mapping

from flask import Request

from trace.epcis.xml import OURS
from trace.epcis.xml_writer import escape, tag

PROBLEM_XML = "application/problem+xml"
_EPCIS = "urn:epcglobal:epcis:xsd:2"
_OF_CODE: Mapping[str, str] = {
    "query-parameter-unknown": "QueryParameterException",
    "query-parameter-invalid": "QueryParameterException",
    "query-too-large": "QueryTooLargeException",
    "query-known": "ResourceAlreadyExistsException",
}
_OF_STATUS: Mapping[int, str] = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchNameException",
    406: "NotAcceptableException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
    500: "ImplementationException",
    501: "ImplementationException",
    503: "ImplementationException",
}
# The members of a problem that an EPCISException has, in its order.
_STANDARD = ("type", "title", "status", "detail")


def is_epcis(path: str) -> bool:
    """Is this the path of a request to the standard's interface?"""
    return path == "/epcis" or path.startswith("/epcis/")


def status_of(status: int) -> int:
    """The status that the standard has for one of ours."""
    return 400 if status == 422 else status


def type_of(code: str, status: int) -> str | None:
    """The standard's exception for a refusal; None where it has none."""
    name = _OF_CODE.get(code) or _OF_STATUS.get(status)
    return f"epcisException:{name}" if name is not None else None


def is_xml_wanted(request: Request) -> bool:
    """Would whoever asks rather have a refusal as XML?"""
    offered = ["application/json", "application/problem+json", "application/xml", PROBLEM_XML]
    return is_epcis(request.path) and request.accept_mimetypes.best_match(offered) in offered[2:]


def write_exception(problem: Mapping[str, object]) -> str:
    """A problem as an EPCISException document."""
    spaces = {"xmlns:epcis": _EPCIS, "xmlns:suzheng": OURS}
    return tag("epcis:EPCISException", write_members(problem), **spaces)


def write_members(problem: Mapping[str, object]) -> str:
    """What is in an EPCISException, or in an error of a capture job."""
    facts = (name for name in problem if name not in _STANDARD)
    return "".join(
        (
            *(tag(name, escape(str(problem[name]))) for name in _STANDARD if name in problem),
            *(tag("suzheng:fact", escape(_text(problem[name])), name=name) for name in facts),
        )
    )


def _text(fact: object) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)
