"""Requests made from our own OpenAPI document, good ones and bad ones: no server error, and no answer that the document
does not name.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import CABLE_GTIN, uscc_of
from tests.world import World

_CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SignIn = Callable[[FlaskClient, World, str], str]
KNOWN: dict[str, Any] = {
    "position": 3,
    "gtin": CABLE_GTIN,
    "lot": "A1",
    "serial": "D001",
    "uscc": uscc_of("maker"),
    "lab": uscc_of("lab"),
    "number": "R-2015-001",
    "sha256": "a" * 64,
    "epc": "https://id.gs1.org/01/06901234567892/10/A1/21/D001",
    "event_type": "ObjectEvent",
    "biz_step": "shipping",
    "read_point": "geo:34.26,108.94",
    "biz_location": "https://id.gs1.org/414/6901234567892",
    "event_id": "urn:uuid:none",
    "capture_id": "3f2b8c1e-0000-4000-8000-000000000000",
    "name": "shipments",
    "token": "WzEsIDJd",
    "disposition": "conformant",
}
"""Of each path parameter one that is on record."""
# So that processes share the work: each takes the operations whose turn it is.
_PARTS = 8
_THROWN = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations(app: Flask, part: int) -> Iterator[Any]:
    """The operations of the document as it is served, of one part."""
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    results: Iterator[Any] = document.get_all_operations()
    for number, result in enumerate(results):
        if number % _PARTS == part:
            yield result.ok()


def throw(operation: Any, callers: Collection[dict[str, str]], known: dict[str, Any]) -> list[int]:
    """Call it, as each of the callers, with what its description allows, the same about things that are on record, and
    with what it does not allow; the statuses that came.
    """
    good, bad = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    return [
        status
        for mode, on_record in ((good, {}), (good, known), (bad, {}))
        for status in _call_many(operation, mode, callers, on_record)
    ]


def _call_many(
    operation: Any, mode: GenerationMode, callers: Collection[dict[str, str]], on_record: dict[str, Any]
) -> list[int]:
    statuses = []

    @_THROWN
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        named = case.path_parameters or {}
        named |= {name: value for name, value in on_record.items() if name in named}
        # Thinking a request up costs more than answering it: everybody makes the same one.
        for headers in callers:
            response = case.call(headers=headers)
            statuses.append(response.status_code)
            # What says of itself that it is not offered here answers 501 and nothing is wrong with it.
            checks = _CHECKS[1:] if response.status_code == 501 else _CHECKS
            case.validate_response(response, checks=checks)

    call()
    return statuses


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_answer_is_documented_whatever_is_asked_and_whoever_asks(
    told: World, told_app: Flask, sign_in: SignIn, part: int
) -> None:
    regulator = {"Authorization": f"Bearer {sign_in(told_app.test_client(), told, 'regulator')}"}
    known = KNOWN | {"kid": told.kid("maker")}
    for operation in operations(told_app, part):
        assert throw(operation, ({}, regulator), known), operation.label
