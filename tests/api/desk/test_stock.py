"""What waits at a desk: what is held, what is coming, what is left of it, and which recalls wait for an answer."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.database import Database
from api.desk.recalls import read_open_recalls
from api.desk.stock import Stock, read_stock
from tests.api.desk.conftest import Registry
from tests.databases import fresh_sqlite
from tests.factories import BATCH, DRUM, SISTER, lot_at, uri_of, uscc_of
from tests.pages import text_of
from tests.world import BUILT_IN, MADE, PREPARED, SOLD, TESTED, World
from trace.custody.register import _COMING, _HELD

Seat = Callable[[str], FlaskClient]


def stock_of(world: World, alias: str) -> Stock:
    with world.database.reading() as session:
        return read_stock(session, uscc_of(alias))


def lots(items: tuple[object, ...]) -> list[str]:
    return [item.lot_id for item in items]  # type: ignore[attr-defined]


def recalls_of(world: World, alias: str) -> list[tuple[str, list[str]]]:
    with world.database.reading() as session:
        stock = read_stock(session, uscc_of(alias))
        found = read_open_recalls(session, uscc_of(alias), stock)
    return [(one.order.number, lots(one.items)) for one in found]


def test_what_was_made_and_cut_is_the_makers(registry: Registry) -> None:
    stock = stock_of(registry[1], "maker")
    assert [item.lot_id for item in stock.held if not item.is_used_up] == [DRUM, SISTER]
    (batch,) = stock.among([BATCH])
    assert batch.is_used_up
    assert stock.sent == stock.coming == ()


def test_on_the_way_it_is_still_the_senders(registry: Registry) -> None:
    _, world = registry
    world.tell(SOLD[:1])
    assert lots(stock_of(world, "maker").sent) == [DRUM]
    assert lots(stock_of(world, "contractor").coming) == [DRUM]
    world.tell(SOLD[1:])
    assert stock_of(world, "maker").sent == ()
    assert lots(stock_of(world, "contractor").held) == [DRUM]
    assert stock_of(world, "contractor").held[0].has("delivered")


def test_what_is_cut_off_and_built_in_is_not_left(registry: Registry) -> None:
    _, world = registry
    world.tell(SOLD + TESTED + BUILT_IN[:1])
    place = {"station": "S", "from_m": "0", "to_m": "100"}
    world.say("contractor", "lot.installed", amounts={DRUM: 100}, place=place)
    piece = lot_at("A1", "D001-1")
    world.say("contractor", "lot.split", taken={DRUM: 150}, given={piece: 150})
    left = {item.lot_id: item.left.value for item in stock_of(world, "contractor").held if item.left}
    assert left == {DRUM: Decimal(250), piece: Decimal(150)}
    world.say("contractor", "lot.removed", amounts={DRUM: 100}, place=place)
    (drum,) = stock_of(world, "contractor").among([DRUM])
    assert drum.left is not None
    assert drum.left.value == Decimal(350)


def test_a_word_that_is_not_believed_moves_nothing_to_anybodys_desk(registry: Registry) -> None:
    _, world = registry
    world.tell(SOLD[:1])
    thief = world.enroll("contractor", "stolen")
    world.say("contractor.stolen", "goods.received")
    assert lots(stock_of(world, "contractor").held) == [DRUM]
    world.say("regulator", "key.revoked", kid=thief, compromised_since="2014-01-01T00:00:00Z")
    assert stock_of(world, "contractor").held == ()


def test_a_recall_waits_for_each_holder_until_it_has_answered(registry: Registry) -> None:
    _, world = registry
    world.tell(SOLD)
    world.say("regulator", "recall.ordered", lots=[uri_of(BATCH)], number="K-1")
    assert recalls_of(world, "maker") == [("K-1", [SISTER])]
    assert recalls_of(world, "contractor") == [("K-1", [DRUM])]
    assert recalls_of(world, "dealer") == []
    world.say("contractor", "recall.answered", number="K-1", lot=uri_of(BATCH))
    assert recalls_of(world, "contractor") == []
    assert recalls_of(world, "maker") == [("K-1", [SISTER])]
    world.say("maker", "recall.answered", number="K-1", lot=uri_of(SISTER))
    assert recalls_of(world, "maker") == []


def test_the_desk_shows_what_waits(registry: Registry, seat: Seat) -> None:
    _, world = registry
    world.tell(SOLD[:1])
    world.say("regulator", "recall.ordered", lots=[uri_of(BATCH)], number="K-1", reason="too thin")
    told = text_of(seat("maker").get("/desk?lang=en").get_data(as_text=True))
    assert "too thin" in told
    assert "Sent, and not received yet" in told
    assert "On its way to you" in text_of(seat("contractor").get("/desk?lang=en").get_data(as_text=True))
    stranger = registry[0].test_client().get("/desk?lang=en").get_data(as_text=True)
    assert "The first time" in text_of(stranger)


@pytest.mark.parametrize("path", ["/desk", "/desk/ship"])
def test_questions_are_few_however_much_there_is(registry: Registry, seat: Seat, path: str) -> None:
    app, world = registry
    client, engine = seat("maker"), app.extensions["suzheng"].database.readers

    def count() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    count()  # the first asks what is kept while the ledger stands still
    few = count()
    for number in range(5):
        batch = lot_at(f"M{number}")
        drums = {lot_at(f"M{number}", f"D{place}"): 100 for place in range(10)}
        world.say("maker", "lot.commissioned", amounts={batch: 1000})
        world.say("maker", "lot.split", taken={batch: 1000}, given=drums)
    count()
    assert count() == few


def test_done_shows_entries_and_what_comes_next(registry: Registry, seat: Seat) -> None:
    _, world = registry
    accepted = world.say("maker", "goods.shipped")
    page = seat("maker").get(f"/desk/done?entry={accepted.position}&lang=en").get_data(as_text=True)
    assert f"/api/v1/entries/{accepted.position}/receipt" in page
    split = world.say("maker", "lot.split", taken={SISTER: 10}, given={lot_at("A1", "D002-1"): 10})
    page = seat("maker").get(f"/desk/done?entry={split.position}").get_data(as_text=True)
    assert "/labels.pdf?lot=" in page
    assert "/desk/ship?lot=" in page
    assert seat("maker").get("/desk/done?entry=99999999").status_code == 404
    assert seat("maker").get("/desk/done?entry=x").headers["Location"] == "/desk"


def test_known_keys_are_told_with_whose_they_are(registry: Registry, seat: Seat) -> None:
    _, world = registry
    kid = world.enroll("maker", "second")
    world.say("maker", "key.revoked", kid=kid)
    query = f"kid={kid}&kid={world.kid('maker')}&kid={'0' * 64}&kid=nonsense&lang=en"
    known = {key["kid"]: key for key in seat("maker").get(f"/desk/keys/known?{query}").get_json()["keys"]}
    assert known.keys() == {kid, world.kid("maker")}
    assert known[world.kid("maker")]["unusable"] == ""
    assert known[kid]["unusable"]


def test_both_databases_say_the_same(database_url: str) -> None:
    database = Database(database_url)
    world = World.found(database)
    world.tell(PREPARED + MADE + SOLD[:1])
    world.say("regulator", "recall.ordered", lots=[uri_of(BATCH)], number="K-1")
    assert lots(stock_of(world, "maker").sent) == [DRUM]
    assert [item.lot_id for item in stock_of(world, "maker").held if not item.is_used_up] == [SISTER]
    assert lots(stock_of(world, "contractor").coming) == [DRUM]
    assert recalls_of(world, "maker") == [("K-1", [DRUM, SISTER])]
    database.close()


@pytest.mark.parametrize("query", [_HELD, _COMING], ids=["held", "coming"])
def test_what_is_held_and_coming_is_found_by_the_partys_index(tmp_path: Path, shared_folder: Path, query: Any) -> None:
    # SQLite alone plans the same for an empty table as for a full one.
    database = Database(fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    with database.reading() as session:
        sql = str(query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True}))
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("x", 1, 0)).all()
    told = [row[3] for row in plan]
    index = "ix_holding_party (party=?)" if query is _HELD else "ix_holding_sent_to (sent_to=?)"
    assert any(line == f"SEARCH holding USING INDEX {index}" for line in told), told
    assert not any(line.startswith("SCAN") for line in told)
    database.close()
