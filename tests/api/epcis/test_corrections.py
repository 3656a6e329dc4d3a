"""An event that its signer has taken back is shown struck through, and linked with what puts it right, both ways."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from api import shell
from tests.api.epcis.test_capture import COSE
from tests.factories import DRUM, RecordedEvent, ShippedEvent
from tests.pages import text_of
from tests.world import HONEST, World
from trace.epcis import register
from trace.epcis.register import read_progress
from trace.kinds import Catalogue

DECLARED = {"declarationTime": "2016-01-02T09:00:00+08:00", "reason": "incorrect_data"}
EN = {"Accept": "text/html", "Accept-Language": "en"}


def link(position: int) -> str:
    return f'href="/entries/{position}"'


def test_an_entry_its_withdrawal_and_its_correction_name_one_another(client, world):
    world.tell(HONEST[:16])
    wrong: Any = ShippedEvent(amounts={DRUM: 500}, eventID="urn:uuid:1")
    first = world.say("maker", "goods.shipped", wrong)
    right = world.say("maker", "goods.shipped", wrong | {"eventID": "urn:uuid:2"})
    declared = DECLARED | {"correctiveEventIDs": ["urn:uuid:2"]}
    taken = world.say("maker", "epcis.withdrawn", wrong | {"errorDeclaration": declared})
    world.index()
    shown = client.get(f"/entries/{first.position}", headers=EN).text
    assert "Its signer has taken this entry back." in text_of(shown)
    assert "not believed" not in text_of(shown)
    assert link(taken.position) in shown
    assert link(right.position) in shown
    assert "Takes back" in text_of(client.get(f"/entries/{taken.position}", headers=EN).text)
    corrected = client.get(f"/entries/{right.position}", headers=EN).text
    assert "Puts right" in text_of(corrected)
    assert link(first.position) in corrected
    trace = client.get(f"/trace/{DRUM}", headers=EN).text
    assert "is-struck" in trace
    assert "taken back" in text_of(trace)


def test_programs_are_told_too(client, world):
    event: Any = ShippedEvent(amounts={DRUM: 500}, eventID="urn:uuid:1")
    first = world.say("maker", "goods.shipped", event)
    taken = world.say("maker", "epcis.withdrawn", event | {"errorDeclaration": DECLARED})
    assert client.get(f"/api/v1/entries/{first.position}").get_json()["doubt_entry"] == taken.position


def test_what_lags_is_indexed_in_steps_before_something_is_taken_back(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "_INDEXED_A_STEP", 3)
    spans: list[int] = []

    def index_events(session: Session, catalogue: Catalogue, most: int, **known: Any) -> dict[int, int]:
        before = read_progress(session)
        spans.append(min(most, before.of - before.indexed))
        return register.index_events(session, catalogue, most, **known)

    monkeypatch.setattr(shell, "index_events", index_events)
    event: Any = RecordedEvent(eventID="urn:uuid:1")
    first = world.say("maker", "epcis.recorded", event)
    for number in range(10):
        world.say("maker", "epcis.recorded", eventID=f"urn:uuid:other-{number}")
    said = world.seal("maker", "epcis.withdrawn", event | {"errorDeclaration": DECLARED})
    taken = client.post("/epcis/events", data=said.to_bytes(), content_type=COSE)
    assert taken.status_code == 201
    # All that lagged was indexed under locks of its own but for the last few, and the commit's own entry.
    assert max(spans) <= 4
    assert sum(spans) > 10
    assert client.get(f"/api/v1/entries/{first.position}").get_json()["doubt_entry"] == first.position + 11
