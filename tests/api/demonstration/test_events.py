"""The story's EPCIS events, held against GS1's own JSON Schema and vocabulary."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped] # it has no types of its own

from api.demonstration.chapters import Story
from api.demonstration.events import write_event

# The schema lets a word of the Core Business Vocabulary stand as itself and any other as a URI: without this check, any
# word at all.
_FORMATS = FormatChecker(("date-time",))


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@pytest.fixture(scope="session")
def schema(conformance: Path) -> Draft7Validator:
    path = conformance / "gs1-epcis" / "EPCIS-JSON-Schema.json"
    return Draft7Validator(json.loads(path.read_text(encoding="utf-8")), format_checker=_FORMATS)


def test_every_event_is_one_by_gs1s_own_schema(story: Story, schema: Draft7Validator):
    events = [step for step in story.steps if "@context" in step.body]
    assert len(events) > 100
    assert [(step.kind, error.message) for step in events for error in schema.iter_errors(step.body)] == []


@pytest.mark.parametrize(
    ("member", "wrong"),
    [("bizStep", "transforming"), ("disposition", "fine"), ("epcList", ["D01"]), ("eventTimeZoneOffset", "+8")],
)
def test_schema_would_have_seen_a_wrong_word(story: Story, schema: Draft7Validator, member: str, wrong: object):
    event = next(step.body for step in story.steps if step.kind == "goods.delivered")
    assert schema.is_valid(event)
    assert not schema.is_valid({**event, member: wrong})


def test_event_happened_before_it_was_recorded(story: Story):
    at = story.steps[0].at
    event = write_event(story.names, "goods.shipped", at, {"lots": {"rod/15R0316": 700}, "to": "maker_a"})
    assert event["eventTime"] < at.isoformat()
    assert event["quantityList"][0]["uom"] == "KGM"
    assert event["destinationList"][0]["destination"].endswith(story.names.parties["maker_a"])
