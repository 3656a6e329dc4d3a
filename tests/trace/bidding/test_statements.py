"""Numbers that a purchase goes by: the project's code in its form, the section's as its centre writes it."""

import json
from collections.abc import Mapping

import pytest

from keys.errors import RefusedError
from tests.factories import BODIES
from trace.bidding.statements import TENDER_PUBLISHED
from trace.intake import read_payload


def _read(**facts: object) -> Mapping[str, object]:
    body = BODIES["tender.published"](**facts)
    return read_payload(json.dumps(body, ensure_ascii=False).encode(), TENDER_PUBLISHED)


@pytest.mark.parametrize("code", ["2014-610100-54-01-001234", "2026-320500-48-02-987650"])
def test_a_projects_code_is_kept_as_it_is(code: str) -> None:
    assert _read(project=code)["project"] == code
    assert _read(section="标段 A-3")["section"] == "标段 A-3"
    assert _read()["project"] is None


@pytest.mark.parametrize(
    "code",
    ["2014-610100-54-01-00123", "2014 610100 54 01 001234", "1914-610100-54-01-001234", "２014-610100-54-01-001234"],
)
def test_a_code_in_another_form_is_refused_by_its_name(code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        _read(project=code)
    assert (refused.value.code, "project" in str(refused.value)) == ("schema-violated", True)
