"""An event that its signer has taken back is shown struck through, and linked with what puts it right, both ways."""

from typing import Any

from tests.factories import DRUM, ShippedEvent
from tests.pages import text_of
from tests.world import HONEST

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
