"""The quick reading of a schema against marshmallow's own: the same values, the same refusals."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from api.wiring import build_house
from keys.payload import read_json
from tests.factories import BODIES, ShippedEvent
from trace.reading import QuickSchema

CATALOGUE = build_house().catalogue
ODD: list[Any] = [None, True, 0, -1, 7, "", " ", "x", "x" * 301, "a\nb", "2015-13-01", [], [1], {}, {"id": 1}, "\ud800"]


def _as_marshmallow(schema: Schema, body: dict[str, Any]) -> Any:
    """What `Schema.load` says without our walk: values, or the tree of faults."""
    try:
        # An option that changes nothing, and that our walk leaves alone.
        return schema.load(body, partial=("no such field",))
    except ValidationError as error:
        return error.messages


def _as_ours(schema: Schema, body: dict[str, Any]) -> Any:
    try:
        return schema.load(body)
    except ValidationError as error:
        return error.messages


def _body(tag: str) -> dict[str, Any]:
    """As the door reads it: fractions are Decimal."""
    more = {"kid": "00" * 32} if tag in ("key.revoked", "signatory.authorised") else {}
    return read_json(json.dumps(BODIES[tag](**more), default=str).encode())


@pytest.mark.parametrize("tag", sorted(BODIES))
def test_every_kinds_body_is_read_as_marshmallow_reads_it(tag):
    schema = CATALOGUE.find(tag).schema()
    assert isinstance(schema, QuickSchema)
    body = _body(tag)
    assert schema._read(body) == _as_marshmallow(schema, body)


def _parts(schema: Schema) -> list[Schema]:
    """A schema with all that are nested in it."""
    inner = [getattr(field, "inner", field) for field in schema.load_fields.values()]
    return [schema, *(part for field in inner if hasattr(field, "schema") for part in _parts(field.schema))]


@pytest.mark.parametrize("kind", list(CATALOGUE), ids=lambda kind: kind.tag)
def test_no_schema_has_a_hook_that_the_quick_reading_would_pass_over(kind):
    for schema in _parts(kind.schema()):
        hooks = {name for found in schema._hooks.values() for name, *_ in found}
        assert isinstance(schema, QuickSchema)
        assert hooks == {"_check_whole"}, type(schema)


@given(st.data())
@settings(max_examples=400)
def test_a_body_with_something_odd_in_it_is_read_or_refused_as_marshmallow_does(data):
    tag = data.draw(st.sampled_from(sorted(BODIES)))
    schema, body = CATALOGUE.find(tag).schema(), copy.deepcopy(_body(tag))
    place: Any = body
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            if isinstance(place, dict) and data.draw(st.booleans()):
                del place[key]
            else:
                place[key] = data.draw(st.sampled_from(ODD))
            break
        place = place[key]
    assert _as_ours(schema, body) == _as_marshmallow(schema, body)


def test_an_extension_never_stands_for_what_a_field_was_read_into():
    schema = CATALOGUE.find("epcis.recorded").schema()
    event: Any = ShippedEvent(type="example:Parade")
    plain = schema.load(read_json(json.dumps(event).encode()))
    # `quantities` is where "suzheng:quantities" is read into; without its prefix it is a stranger's word.
    extended = schema.load(read_json(json.dumps(event | {"quantities": 5, "example:note": "kept"}).encode()))
    assert extended == plain | {"example:note": "kept"}


def test_a_bare_name_that_nobody_knows_is_refused_whatever_it_was_read_into():
    event: Any = ShippedEvent()
    with pytest.raises(ValidationError) as refused:
        CATALOGUE.find("goods.shipped").schema().load(read_json(json.dumps(event | {"quantities": 5}).encode()))
    assert list(refused.value.messages_dict) == ["quantities"]
