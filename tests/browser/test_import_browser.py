"""A clerk's list, checked, signed and sent in the browser; and after a break from where the registers are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.bulk.files import dicts_to_csv
from tests.browser.desk import Person, at_desks
from tests.factories import lot_at, uscc_of
from tests.pages import opened, served
from tests.world import PREPARED, World
from trace.production.register import read_lots_and_repeats, read_lots_by_id

pytestmark = pytest.mark.browser
SERIALS = [f"D{number:04d}" for number in range(4150)]
ROW = {"product": "06901234567892", "lot": "B1", "length": "5", "made_at": "2015-05-05 14:00"}
ROWS = [ROW | {"serial": serial, "type": "BV 2.5", "name_zh": "电线"} for serial in SERIALS]

Seat = Callable[[], Person]


@pytest.fixture
def office(tmp_path, shared_folder, browser) -> Iterator[tuple[Seat, World, Path]]:
    """Somewhere to sit down at, the world, and the folder in which the clerk's files lie."""
    with opened(tmp_path, shared_folder, PREPARED) as (app, world), served(app) as address:
        # The browser holds the drafts' time against its own clock.
        world.at = datetime.now(UTC)
        (tmp_path / "maker.pem").write_bytes(world.keys["maker"].to_pem())
        (tmp_path / "drums.csv").write_bytes(dicts_to_csv(ROWS))
        with at_desks(browser, address) as seat:
            yield seat, world, tmp_path


def check(clerk: Person, path: Path) -> None:
    clerk.open("/import")
    clerk.page.get_by_label("File").set_input_files(path)
    clerk.press("Check")
    clerk.page.get_by_text("Nothing has been recorded yet.").or_(clerk.page.get_by_text("bad")).first.wait_for()


def assert_stand_once(world: World) -> None:
    lots = [lot_at("B1", serial) for serial in SERIALS]
    with world.database.reading() as session:
        assert len(read_lots_by_id(session, lots)) == len(lots)
        assert not read_lots_and_repeats(session, lots)[1]


def test_a_list_is_checked_signed_and_sent_without_leaving_the_page(office) -> None:
    seat, world, folder = office
    clerk = seat()
    clerk.open_key(folder / "maker.pem")
    check(clerk, folder / "drums.csv")
    assert f"{len(ROWS)} rows: {len(ROWS)} good, 0 bad" in clerk.see()
    clerk.press("Show what will be signed")
    clerk.page.get_by_role("button", name="Sign and send 4150 rows").wait_for()
    shown = clerk.see()
    assert "D0000 – B1 · D0199" in shown
    assert "These are the first 3" in shown
    clerk.press("Sign and send")
    clerk.page.get_by_text("All 4150 rows stand on record.").wait_for(timeout=60_000)
    assert_stand_once(world)


def test_after_a_break_it_goes_on_and_each_drum_stands_once(office) -> None:
    seat, world, folder = office
    clerk = seat()
    clerk.open_key(folder / "maker.pem")
    check(clerk, folder / "drums.csv")
    clerk.press("Show what will be signed")
    handed_in = []

    def break_off(route) -> None:
        handed_in.append(route.request)
        # The second part reaches the registry, and its answer is lost; with the third the line is gone.
        if len(handed_in) == 2:
            route.fetch()
        route.abort() if len(handed_in) >= 2 else route.continue_()

    clerk.page.route("**/api/v1/statements", break_off)
    clerk.press("Sign and send")
    clerk.page.get_by_role("button", name="Go on").wait_for(timeout=60_000)
    clerk.complaints.clear()
    clerk.page.unroute("**/api/v1/statements")
    clerk.press("Go on")
    clerk.page.get_by_role("button", name="Sign and send").wait_for()
    clerk.press("Sign and send")
    clerk.page.get_by_text("All 4150 rows stand on record.").wait_for(timeout=60_000)
    assert_stand_once(world)


def test_bad_rows_are_shown_and_cannot_be_signed(office) -> None:
    seat, _, folder = office
    clerk = seat()
    clerk.open_key(folder / "maker.pem")
    (folder / "bad.csv").write_bytes(dicts_to_csv([ROWS[0], ROWS[1] | {"length": "0"}]))
    check(clerk, folder / "bad.csv")
    assert "it must be more than zero" in clerk.see()
    assert clerk.page.get_by_role("button", name="Show what will be signed").count() == 0


def test_whoever_has_no_key_here_is_told_both_ways(office) -> None:
    seat, _, folder = office
    clerk = seat()
    clerk.open("/import")
    clerk.write(**{"Who will sign": uscc_of("maker")})
    clerk.page.get_by_label("File").set_input_files(folder / "drums.csv")
    clerk.press("Check")
    clerk.page.get_by_role("link", name="Sign in with a key to sign").wait_for()
    assert "flask --app wsgi import drums drums.csv" in clerk.see()
