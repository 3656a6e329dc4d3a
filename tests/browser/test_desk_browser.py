"""The desk when things go on meanwhile: chains move, sessions end, nets break, and several keys are in one browser."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.desk import DESK, PHONE, at_desks
from tests.factories import DRUM, PALLET, SISTER, lot_at, uscc_of
from tests.pages import opened, served
from tests.world import MADE, PREPARED, SOLD

pytestmark = pytest.mark.browser


MAKING = ("register", "make", "inspect", "pack", "unpack")


@pytest.fixture
def desk(tmp_path: Path, shared_folder: Path, browser):
    """(person, world, folder with the parties' key files): today, with drums D001 and D002 at the maker's."""
    with opened(tmp_path, shared_folder, PREPARED + MADE) as (app, world), served(app) as address:
        # What the world says takes seconds of its own: they must be over when the desk speaks.
        world.at = datetime.now(UTC) - timedelta(minutes=1)
        app.extensions["suzheng"].clock = lambda: datetime.now(UTC)
        for alias in ("maker", "contractor", "regulator"):
            (tmp_path / f"{alias}.pem").write_bytes(world.keys[alias].to_pem(b"open sesame"))
        with at_desks(browser, address) as seat:
            yield seat(), world, tmp_path


def enter(person, folder: Path, alias: str) -> None:
    person.open_key(folder / f"{alias}.pem", "open sesame")


def begin_to_ship(person) -> None:
    """As far as what is to be signed."""
    person.follow("Ship")
    person.choose("D001")
    person.write(Receiver=f"{uscc_of('dealer')} dealer")
    person.press("Continue")
    person.page.locator("#agree").wait_for()


def sign(person) -> None:
    person.press("Sign and send")
    person.page.get_by_role("heading", name="It stands in the ledger").wait_for()


def test_a_chain_that_moved_on_needs_no_second_look_where_the_facts_are_the_same(desk):
    person, world, folder = desk
    enter(person, folder, "maker")
    begin_to_ship(person)
    world.say("supervisor", "drum.measured")
    sign(person)
    assert world.heads([DRUM]) != ()


def test_facts_that_changed_are_shown_before_they_are_signed(desk):
    person, world, folder = desk
    enter(person, folder, "maker")
    begin_to_ship(person)
    person.find("500\u00a0m")
    world.say("maker", "lot.split", taken={DRUM: 120}, given={lot_at("A1", "D001-1"): 120})
    person.press("Sign and send")
    person.page.get_by_text("The facts have changed meanwhile").wait_for()
    person.find("380\u00a0m")
    sign(person)


def test_a_session_that_ended_begins_anew_by_itself(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.follow("Ship")
    person.page.context.clear_cookies()
    person.choose("D001")
    person.write(Receiver="x")
    person.press("Continue")
    assert "No organisation on record" in person.page.locator("#errors:visible").inner_text()


def test_a_net_that_breaks_loses_nothing(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    begin_to_ship(person)
    person.page.route("**/api/v1/statements", lambda route: route.abort())
    person.press("Sign and send")
    person.page.get_by_text("The registry does not answer").wait_for()
    person.complaints.clear()
    person.page.unroute("**/api/v1/statements")
    sign(person)


def test_what_the_registry_would_have_signed_instead_is_refused(desk):
    person, _, folder = desk
    enter(person, folder, "maker")

    def lie(route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, json={"drafts": [{**answer.json()["drafts"][0], "issuer": "91110000000000000X"}]}
        )

    person.page.route("**/desk/ship", lambda route: lie(route) if route.request.method == "POST" else route.continue_())
    person.follow("Ship")
    person.choose("D001")
    person.write(Receiver=uscc_of("dealer"))
    person.press("Continue")
    assert "is not what you asked for" in person.page.locator("#errors:visible").inner_text()


def test_several_keys_one_is_chosen_left_and_forgotten(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.follow("Keys")
    person.page.get_by_label("Private key").set_input_files(folder / "contractor.pem")
    person.press("Open it")
    person.page.get_by_text("That is not its passphrase").or_(person.page.get_by_text("give its passphrase")).wait_for()
    person.write(Passphrase="open sesame")
    person.press("Open it")
    person.page.locator(".key").nth(1).wait_for()
    person.find("in use")
    person.page.locator(".key", has_text="contractor").get_by_role("button", name="Sign in").click()
    person.page.wait_for_url("**/desk")
    assert person.page.get_by_role("heading", name="contractor").is_visible()
    person.follow("Keys")
    with person.page.expect_navigation():
        person.press("Sign out")
    person.page.get_by_role("button", name="Sign in").first.wait_for()
    card = person.page.locator(".key", has_text="contractor")
    card.get_by_role("button", name="Forget this key").click()
    with person.page.expect_navigation():
        card.get_by_role("button", name="Forget it").click()
    person.page.locator(".key").first.wait_for()
    assert person.page.locator(".key").count() == 1


def test_a_key_that_lies_in_another_browser_is_said_to(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.page.evaluate("indexedDB.deleteDatabase('suzheng-desk')")
    person.follow("Ship")
    person.press("Continue")
    assert "not in this browser" in person.page.locator("#errors:visible").inner_text()


def test_the_keyboard_is_enough(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.follow("Cut a drum")
    person.page.get_by_label("D001").focus()
    for key in ("Space", "Tab"):
        person.page.keyboard.press(key)
    person.page.get_by_label("Metres of piece 1", exact=True).focus()
    person.page.keyboard.type("20")
    assert person.page.get_by_label("Number of piece 1", exact=True).input_value() == "D001-1"
    person.page.keyboard.press("Enter")
    person.page.locator("#agree").wait_for()
    assert person.page.evaluate("document.activeElement.textContent") == "What you are about to sign"
    person.page.keyboard.press("Tab")
    for _ in range(4):
        if person.page.evaluate("document.activeElement.textContent") == "Sign and send":
            break
        person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    person.page.get_by_role("heading", name="It stands in the ledger").wait_for()


def test_metres_that_others_speak_of_are_told_and_can_be_recorded_all_the_same(desk):
    person, world, folder = desk
    for act in SOLD:
        world.say(act[1], act[2], **act[3])
    world.say("contractor", "lot.installed", place={"station": "S 1", "from_m": "0", "to_m": "120"})
    enter(person, folder, "contractor")
    person.follow("Record an installation")
    person.choose("D001")
    person.find("0–120 m built in")
    person.write(Station="S 9", From_metre="100", To_metre="150")
    person.press("Continue")
    assert "0–120 m are built in already" in person.page.locator("#errors:visible").inner_text()
    person.page.get_by_label("Record it even though").check()
    shown = person.agree()
    assert "S 9" in shown
    assert "100" in shown


def test_a_sample_is_drawn_with_its_length(desk):
    person, world, folder = desk
    for act in SOLD:
        world.say(act[1], act[2], **act[3])
    enter(person, folder, "contractor")
    person.follow("Draw a sample")
    person.choose("D001")
    person.write(Sample_number="S-9", From_metre="230", Metres_cut_out="1.5", Sampler="sampler-1")
    person.find("1.5 m taken")
    shown = person.agree()
    assert "S-9" in shown
    assert "1.5" in shown
    person.open(f"/trace/{DRUM}?lang=en")
    person.find("230–231.5")


def test_a_draw_is_announced_over_a_delivery_and_a_sample_handed_on(desk):
    person, world, folder = desk
    for act in SOLD:
        world.say(act[1], act[2], **act[3])
    enter(person, folder, "regulator")
    person.open("/desk/draw?find=A1&lang=en")
    person.choose("D001")
    shown = person.agree()
    assert "A1 · D001 (500 m)" in shown
    assert "GB/T 2828.1 S-3 c=0" in shown
    person.open(f"/trace/{DRUM}?lang=en")
    person.find("nobody can know yet what it picks")
    person.open("/desk/hand?find=A1&lang=en")
    person.choose("D001")
    person.write(Sample_number="S-9", Number_of_the_seal="F-7")
    person.page.locator("#f-to").fill(f"{uscc_of('lab')} lab")
    shown = person.agree()
    assert "S-9" in shown
    assert f"lab ({uscc_of('lab')})" in shown
    assert "Seal intact ✓" in " ".join(shown.split())


def test_drums_are_packed_and_shipped_as_one(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.open("/desk/pack?lang=en")
    person.choose("D001", "D002")
    person.write(SSCC=PALLET.replace("00/", "(00) "))
    assert PALLET[3:] in person.agree()
    person.open("/desk/ship?lang=en")
    person.choose("Logistic unit")
    person.write(Receiver=f"{uscc_of('dealer')} dealer")
    person.agree()
    person.open(f"/{DRUM}?lang=en")
    person.find(f"(00){PALLET[3:]}")
    person.open(f"/{PALLET}?lang=en")
    assert all(drum in person.see() for drum in ("D001", "D002"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_the_screen(desk, language, viewport):
    person, world, folder = desk
    for act in SOLD:
        world.say(act[1], act[2], **act[3])
    person.page.set_viewport_size(viewport)
    for alias, paths in (
        ("maker", (*MAKING, "ship", "split", "join", "answer", "enrol", "keys", "done?entry=14")),
        ("contractor", ("receive", "deliver", "sample", "accept", "install", "remove", "destroy")),
        ("regulator", ("recall?find=A1", "admit")),
    ):
        enter(person, folder, alias)
        for path in ("", *(f"/{path}" for path in paths)):
            mark = "&" if "?" in path else "?"
            person.open(f"/desk{path}{mark}lang={language}")
            assert person.page.locator("html").evaluate("root => root.scrollWidth") <= viewport["width"], path
        person.open("/desk?lang=en")
        person.page.context.clear_cookies()
        person.page.evaluate("indexedDB.deleteDatabase('suzheng-desk')")


def test_without_script_it_is_said_how_to_sign(desk, browser):
    person, _, _ = desk
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{person.address}/desk/keys")
    assert "Signing here needs script." in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Make a key").is_disabled()
    context.close()


def test_both_drums_are_there_to_choose(desk):
    person, _, folder = desk
    enter(person, folder, "maker")
    person.follow("Ship")
    values = person.page.locator("[name=lot]").evaluate_all("boxes => boxes.map((box) => box.value)")
    assert values == [DRUM, SISTER]
