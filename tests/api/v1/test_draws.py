"""Draws and samples as JSON; the evidence stands on its own."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.database import Database
from api.drawn import read_told
from keys.errors import RefusedError
from labs.drawing.checking import check_draw
from labs.drawing.draw import Pick
from tests import databases
from tests.api.v1.conftest import open_app, shell_of
from tests.draws import DELIVERED, announce, read_draw, say_more, tell_draw
from tests.factories import DRUM, SISTER, uscc_of
from tests.world import MADE, PREPARED, World
from trace.ledger.checkpoint import read_note
from trace.ledger.store import read_entry


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, shared_folder: Any) -> Iterator[World]:
    database = Database(databases.fresh_sqlite(tmp_path_factory.mktemp("drawn"), shared_folder, is_migrated=True))
    world = World.told(database, PREPARED + MADE + DELIVERED)
    tell_draw(world)
    yield world
    database.close()


@pytest.fixture(scope="module")
def client(drawn: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = open_app(drawn, tmp_path_factory.mktemp("var"))
    yield app.test_client()
    shell_of(app).database.close()


@pytest.fixture
def answer(drawn: World, client: FlaskClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/api/v1/draws/{read_draw(drawn).entry}").get_json()
    return told


def test_the_answer_is_evidence_enough(drawn: World, answer: dict[str, Any]) -> None:
    evidence = read_told(answer)
    draw = check_draw(evidence)
    assert draw.picks == read_draw(drawn).picks
    assert [(one["lot"], one["metre"]) for one in answer["picks"]] == [(one.lot, one.metre) for one in draw.picks]
    origin = evidence.note.partition("\n")[0]
    assert read_note(evidence.note, origin, drawn.sealer.key.public) == (evidence.size, evidence.head)
    assert (answer["seed"], answer["delivery_entry"], answer["is_ahead"]) == (
        draw.seed.hex() if draw.seed else None,
        draw.entry - 1,
        True,
    )


OTHER = "1f" * 32


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"root": OTHER}, "the root"),
        ({"consistency": []}, "the root"),
        ({"inclusion": []}, "the announcement"),
        ({"entry": 3}, "the announcement"),
        ({"picks": []}, "the picks"),
        ({"statement": "AAAA"}, None),
        ({"statement": "no base64"}, "the evidence"),
        ({"checkpoint": "nothing"}, None),
        ({"entry": -1}, "the evidence"),
        ({"entry": "3"}, "the evidence"),
        ({"picks": [{"lot": DRUM}]}, "the evidence"),
        ({"root": "xy"}, "the evidence"),
        ({"inclusion": None}, "the evidence"),
    ],
)
def test_whatever_is_changed_in_it_is_found(answer: dict[str, Any], change: dict[str, Any], where: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        check_draw(read_told(answer | change))
    if where is not None:
        assert (refused.value.code, refused.value.facts["where"]) == ("draw-invalid", where)


def test_one_pick_moved_by_a_metre_is_found(answer: dict[str, Any]) -> None:
    evidence = read_told(answer)
    assert evidence.picks is not None
    first, *rest = evidence.picks
    with pytest.raises(RefusedError, match="the picks"):
        check_draw(replace(evidence, picks=(Pick(first.lot, first.metre + 1), *rest)))


def test_another_statement_is_no_announcement(drawn: World, client: FlaskClient, answer: dict[str, Any]) -> None:
    """Its own proof holds; it announces nothing."""
    other = client.get("/api/v1/ledger/inclusion?entry=3").get_json()
    with drawn.database.reading() as session:
        statement = base64.b64encode(read_entry(session, 3).statement).decode()
    changed = answer | {"entry": 3, "statement": statement, "inclusion": other["path"]}
    with pytest.raises(RefusedError) as refused:
        check_draw(read_told(changed))
    assert refused.value.code == "kind-unknown"


def test_before_it_is_known_there_are_no_picks_and_no_proof(world: World, client: FlaskClient, tmp_path: Any) -> None:
    world.tell(PREPARED + MADE + DELIVERED)
    early = announce(world)
    app = open_app(world, tmp_path / "other")
    told = app.test_client().get(f"/api/v1/draws/{early.position}").get_json()
    assert (told["root"], told["seed"], told["picks"], told["consistency"]) == (None, None, [], [])
    with pytest.raises(RefusedError) as refused:
        check_draw(read_told(told))
    assert refused.value.code == "draw-not-yet"
    say_more(world, 3)
    told = app.test_client().get(f"/api/v1/draws/{early.position}").get_json()
    assert check_draw(read_told(told)).picks
    shell_of(app).database.close()


def test_a_draw_that_nobody_announced(client: FlaskClient) -> None:
    assert client.get("/api/v1/draws/1").status_code == 404


def test_the_life_of_a_sample(drawn: World, client: FlaskClient) -> None:
    sampler = uscc_of("contractor")
    (one,) = client.get(f"/api/v1/samples/{sampler}/S-1").get_json()["items"]
    assert [hand["how"] for hand in one["hands"]] == ["drew", "given", "received"]
    assert (one["gaps"], one["draws"], one["drawn"]["lot"]) == ([], [read_draw(drawn).entry], DRUM)
    assert [step["step"] for step in one["steps"]] == ["handed_over", "retained"]
    (other,) = client.get(f"/api/v1/samples/{sampler}/S-2").get_json()["items"]
    assert {gap["case"] for gap in other["gaps"]} == {"not_holder", "seal_broken"}
    assert other["drawn"]["lot"] == SISTER
    assert client.get(f"/api/v1/samples/{sampler}/none").status_code == 404
