"""Refusals as concise problem details (RFC 9290), which SCRAPI asks for in place of problem+json.

    {-1: "Rejected", -2: "the key is not on record (key-unknown: …)", -6: "en",
     "https://registry.example/problems/key-unknown": {"code": "key-unknown", "expected": "a key on record", …}}

1. Title and detail MUST be there; -6 names their language.
2. The last member is a custom detail under the problem's own address: our code and facts, as /api/v1 has them.
3. A registration that is refused answers 400 by one of the draft's titles, whichever our own status is; what is no
   matter of the statement (another media type, too many requests, a fault of ours) keeps its status.
"""

from collections.abc import Mapping
from typing import Any

from flask import Request, g

from api.words import LANGUAGES, say
from keys import cbor

MEDIA = "application/concise-problem-details+cbor"
# RFC 9290 §2.1.
_TITLE, _DETAIL, _BASE_LANGUAGE = -1, -2, -6
_REGISTRATION = "/entries"
_KEPT_STATUSES = frozenset({405, 406, 413, 415, 429})
# The draft's titles, by their words under `scrapi.…`; what is not here is "Rejected" by the registration policy.
_MALFORMED, _REJECTED = "malformed", "rejected"
_TITLES: Mapping[str, str] = {
    "cbor-malformed": _MALFORMED,
    "cbor-trailing-bytes": _MALFORMED,
    "request-malformed": _MALFORMED,
    "payload-missing": "payload-missing",
    "algorithm-mismatch": "bad-algorithm",
    "entry-unknown": "not-found",
    "ledger-key-unknown": "no-such-key",
    "too-many-requests": "too-many",
}


def is_wanted(request: Request) -> bool:
    """Is this a request to SCRAPI? Those that no route took too: a method or a path that it does not have."""
    is_ours = request.path == _REGISTRATION or request.path.startswith("/.well-known/scitt-")
    return is_ours or request.blueprint == "scrapi"


def choose_language(request: Request) -> None:
    """English for whoever asks for no language: programs, which may compare the draft's own English titles."""
    if not request.accept_languages and request.args.get("lang") not in LANGUAGES:
        g.language = "en"


def status_of(status: int, request: Request) -> int:
    """The status that SCRAPI answers with, for one of our own."""
    return 400 if _is_refused_registration(status, request) else status


def write_concise(problem: Mapping[str, Any], request: Request, tongue: str, public_url: str) -> bytes:
    """The problem of `api/problems.py` as RFC 9290 has it."""
    code = str(problem["code"])
    facts = {name: value for name, value in problem.items() if name not in ("type", "title", "status", "detail")}
    concise: dict[object, object] = {
        _TITLE: _title(problem, request),
        _DETAIL: f"{problem['title']} ({problem['detail']})",
        _BASE_LANGUAGE: tongue,
        f"{public_url}/problems/{code}": {name: _plain(value) for name, value in facts.items()},
    }
    return cbor.encode(concise)


def _is_refused_registration(status: int, request: Request) -> bool:
    return request.path == _REGISTRATION and 400 <= status < 500 and status not in _KEPT_STATUSES


def _title(problem: Mapping[str, Any], request: Request) -> str:
    word = _TITLES.get(problem["code"])
    if word is None and _is_refused_registration(problem["status"], request):
        # Not even a COSE_Sign1; one whose header is not as ours have to be is refused by policy.
        is_malformed = problem["code"] == "envelope-malformed" and problem.get("where") == "the envelope"
        word = _MALFORMED if is_malformed else _REJECTED
    return say(f"scrapi.{word}", "title") if word is not None else str(problem["title"])


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | str) else str(value)
