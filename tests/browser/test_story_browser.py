"""A registry's first days with the pages alone: three organisations make keys in their browsers and have them enrolled;
a batch of fifty drums is made, labelled, shipped, received, accepted, cut, built in and recalled.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from tests import databases, facts
from tests.browser.desk import Person, at_desks
from tests.factories import uscc_of
from tests.pages import served

pytestmark = pytest.mark.browser
FOUNDING = (
    f"init --origin registry.example/story --title Story --party {uscc_of('regulator')} --name-zh 市场监督局 "
    "--name-en 'Market bureau' --no-passphrase --key "
)
MAKER, CONTRACTOR = facts.uscc(7001), facts.uscc(7002)
GTIN = "06901234567892"


@pytest.fixture
def founded(tmp_path: Path, shared_folder: Path) -> Iterator[tuple[str, Path]]:
    """(address, root key) of a registry in which nothing was said but its founding."""
    url = databases.fresh_sqlite(tmp_path, shared_folder, is_migrated=True)
    app = create_app(Settings(tmp_path, url, "http://127.0.0.1", "", is_secure=False))
    root = tmp_path / "root.pem"
    result = app.test_cli_runner().invoke(args=shlex.split(FOUNDING + str(root)))
    assert result.exit_code == 0, result.output
    with served(app) as address:
        yield address, root
    app.extensions["suzheng"].database.close()


def admit(regulator: Person, uscc: str, name: str, role: str, request: str) -> None:
    regulator.follow("Desk", "Admit an organisation")
    regulator.write(Unified_social_credit_code=uscc, Name_in_Chinese=f"{name}公司", Name_in_English=name)
    regulator.choose(role)
    regulator.write(Request_for_enrolment=request)
    shown = regulator.agree()
    assert uscc in shown
    assert role in shown
    # By this the two compare keys over the telephone.
    kid = json.loads(request)["kid"]
    assert " ".join(kid[place : place + 4] for place in range(0, 16, 4)) in shown


def test_from_an_empty_registry_to_a_recall(founded, browser) -> None:
    address, root = founded
    with at_desks(browser, address) as seat:
        regulator, maker, contractor = seat(), seat(), seat()
        begin(regulator, maker, contractor, root)
        make_and_ship(maker)
        build(contractor)
        recall(regulator, maker, contractor)


def begin(regulator: Person, maker: Person, contractor: Person, root: Path) -> None:
    requests = maker.make_key("dispatch"), contractor.make_key("site office")
    maker.find("not enrolled")
    regulator.open_key(root)
    admit(regulator, MAKER, "Cable works", "Producer", requests[0])
    admit(regulator, CONTRACTOR, "Site builders", "Contractor", requests[1])
    for person, name in ((maker, "Cable works"), (contractor, "Site builders")):
        person.page.reload()
        person.sign_in()
        assert person.page.get_by_role("heading", name=name).is_visible()
        person.find("Nothing waits for you.")


def make_and_ship(maker: Person) -> None:
    maker.follow("Register a batch")
    maker.write(Product_type="BV 2.5", Name_in_Chinese="BV 2.5 电线", Name_in_English="BV 2.5 wire")
    maker.write(GTIN_of_the_product=GTIN, Batch_number="26K0001")
    maker.choose("Passed")
    maker.write(First_drum_number="D001", How_many_drums="50", Metres_on_each="500")
    maker.find("50 drums · 25000 m together")
    shown = maker.agree()
    assert "50 pieces · 25\u202f000\u00a0m" in shown
    with maker.page.expect_download() as download:
        maker.follow("Print the labels")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    maker.follow("Ship")
    maker.find("50 chosen")
    maker.press("All or none")
    maker.write(Show_only="D00")
    maker.press("All or none")
    maker.find("9 chosen · 4500 m")
    maker.write(Receiver=CONTRACTOR, Contract_number="HT-26-1")
    shown = maker.agree()
    assert f"Site builders ({CONTRACTOR})" in shown
    assert "26K0001 · D001 – 26K0001 · D009" in shown
    maker.follow("Back to the desk")
    maker.find("41 drums")
    maker.find("Sent, and not received yet")


def build(contractor: Person) -> None:
    contractor.follow("Desk")
    contractor.find("sent by Cable works")
    contractor.follow("Receive")
    contractor.find("9 chosen")
    contractor.page.locator("[name$='/21/D009'][name^='found']").fill("498.5")
    shown = contractor.agree()
    assert f"Cable works ({MAKER})" in shown
    assert "HT-26-1" in shown
    assert "9 pieces · 4\u202f498.5\u00a0m" in shown
    contractor.follow("Deliver to the site")
    contractor.write(Contract_number="HT-26-1", Site="station-03")
    contractor.agree()
    contractor.follow("Accept or reject")
    contractor.choose("Accepted: may be built in")
    contractor.agree()
    cut_a_drum(contractor)
    contractor.follow("Record an installation")
    contractor.choose("D001-1")
    contractor.write(Station="Station 3", Circuit="lighting 2", To_metre="100")
    contractor.find("100 m taken · 20 m left")
    contractor.agree()


def cut_a_drum(contractor: Person) -> None:
    contractor.follow("Cut a drum")
    contractor.choose("D001")
    contractor.write(Number_of_piece_1="D001-1", Metres_of_piece_1="620", Number_of_piece_2="")
    contractor.press("Continue")
    refusal = contractor.page.get_by_role("alert")
    refusal.get_by_role("link", name="620 m are more than the 500 m that are left").click()
    field = contractor.page.get_by_label("Metres of piece 1", exact=True)
    assert field.evaluate("field => field === document.activeElement")
    field.fill("120")
    contractor.find("120 m taken · 380 m left")
    assert "26K0001 · D001-1 · 120\u00a0m" in contractor.agree()


def recall(regulator: Person, maker: Person, contractor: Person) -> None:
    regulator.follow("Desk", "Order a recall")
    regulator.page.get_by_label("Batch, drum or contract number").fill("26K0001")
    regulator.press("Look")
    regulator.page.locator("[name=lot]").first.check()
    regulator.write(Number_of_the_order="K-26-1", Reason="the conductor is too thin", Holders_answer_by="2099-12-31")
    assert "the conductor is too thin" in regulator.agree()
    for holder, held in ((maker, "41 drums"), (contractor, "10 drums")):
        holder.follow("Desk")
        holder.find(held)
        holder.follow("Answer")
        holder.choose("Set apart")
        assert "Set apart" in holder.agree()
        holder.follow("Back to the desk")
        holder.find("Put on record")
        assert "Recalls to answer" not in holder.see()
    look_back(contractor)


def look_back(contractor: Person) -> None:
    contractor.open("/")
    contractor.page.locator("main input").first.fill("26K0001 D001-1")
    contractor.page.keyboard.press("Enter")
    contractor.page.locator(".band").wait_for()
    assert contractor.page.locator(".band-word").inner_text() == "Stop"
    contractor.find("Station 3")
    contractor.follow("Whole history")
    contractor.find("K-26-1")
    told = contractor.see()
    for one in ("Cable works", "Site builders", "K-26-1", "Station 3", "D001-1"):
        assert one in told
