"""What is on record of a product, on both databases: its lots in order, its units by their serial."""

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from tests.factories import BATCH, CABLE_GTIN, DRUM, ROD, SISTER, lot_at
from tests.world import MADE, PREPARED, World
from trace.production.register import find_lots_of_product, find_units_of_product, read_names

# "_" and "%" mean something to LIKE, and "/" comes after "-" and before "0" in the order of bytes.
ODD = (lot_at("A-1"), lot_at("A10"), lot_at("A_%"), lot_at("A1", "d001"), lot_at("A10", "D001"))


@pytest.fixture
def session(database_url):
    database = Database(database_url)
    world = World.told(database, [*PREPARED, *MADE])
    for lot in ODD:
        world.say("maker", "lot.commissioned", amounts={lot: 10})
    with Session(database.engine) as session:  # some change what they find, to see what comes of it
        yield session
    database.close()


def test_the_lots_of_a_product_are_its_own_and_no_units(session):
    found = find_lots_of_product(session, CABLE_GTIN, 10)
    assert sorted(found) == sorted([BATCH, *ODD[:3]])
    assert find_lots_of_product(session, "06901234567816", 10) == ()
    some = find_lots_of_product(session, CABLE_GTIN, 2)
    rest = find_lots_of_product(session, CABLE_GTIN, 10, after=some[-1])
    assert some + rest == found


def test_a_serial_is_found_in_every_lot_and_in_its_own_letters(session):
    assert set(find_units_of_product(session, CABLE_GTIN, "D001", 10)) == {DRUM, ODD[4]}
    assert find_units_of_product(session, CABLE_GTIN, "d001", 10) == (ODD[3],)
    assert find_units_of_product(session, CABLE_GTIN, "D002", 10) == (SISTER,)
    assert find_units_of_product(session, CABLE_GTIN, "D00_", 10) == ()


def test_names_are_those_of_the_lots(session):
    assert read_names(session, [DRUM, lot_at("Z")]) == {DRUM: ("BV 2.5 电线", "BV 2.5 wire")}
    assert set(read_names(session, [BATCH, ROD])) == {BATCH, ROD}
