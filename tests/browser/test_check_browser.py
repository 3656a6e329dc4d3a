"""A purchaser checks the PDF that came with the goods: by its fingerprint in the browser, and by sending it."""

import base64
import hashlib
from types import SimpleNamespace

import pytest

from tests.factories import DRUM, uri_of
from tests.pages import opened, served
from tests.sealing import LINES, SealOffice, alter, print_paper
from tests.world import HONEST

pytestmark = pytest.mark.browser
OFFICE = SealOffice()
PRINTED = tuple(line.replace("R-2015-001", "R-2015-900") for line in LINES)
SIGNED = OFFICE.seal(print_paper(PRINTED, "https://report.lab.example/q/R-2015-900"))


@pytest.fixture
def desk(tmp_path, shared_folder, browser):
    """The address, and pages with or without script; requests that carry a body are counted."""
    with opened(tmp_path, shared_folder, HONEST) as (app, world), served(app) as address:
        world.say("regulator", "anchor.trusted", certificate=base64.b64encode(OFFICE.certificate).decode())
        world.say("lab", "hosts.stated")
        sha256 = hashlib.sha256(SIGNED).hexdigest()
        world.say("lab", "report.issued", number="R-2015-900", lots=[uri_of(DRUM)], pdf_sha256=sha256)
        contexts, sent = [], []

        def open_page(*, script=True):
            context = browser.new_context(java_script_enabled=script, locale="en-GB")
            contexts.append(context)
            page = context.new_page()
            page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
            page.goto(f"{address}/check")
            return page

        yield SimpleNamespace(open_page=open_page, sent=sent, folder=tmp_path)
        for context in contexts:
            context.close()


def choose(desk, page, document):
    path = desk.folder / "report.pdf"
    path.write_bytes(document)
    page.set_input_files("#check-pdf", path)


def test_the_labs_file_holds_by_its_fingerprint_and_never_leaves_the_browser(desk):
    page = desk.open_page()
    choose(desk, page, SIGNED)
    slip = page.locator(".slip.is-USE")
    slip.wait_for()
    assert "very file" in slip.inner_text()
    assert hashlib.sha256(SIGNED).hexdigest() in page.locator("#file-hash").inner_text()
    assert desk.sent == []
    assert page.get_by_role("button", name="Print the slip").is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_one_changed_byte_is_not_the_file_that_the_lab_signed(desk, script):
    page = desk.open_page(script=script)
    choose(desk, page, alter(SIGNED, b"7.290", b"7.190"))
    if script:
        slip = page.locator(".slip.is-STOP")
        slip.wait_for()
        assert "No lab has signed this file" in slip.inner_text()
        assert desk.sent == []
    page.get_by_role("button", name="Send the file and examine it").click()
    page.wait_for_load_state()
    slip = page.locator(".slip.is-STOP")
    text = slip.inner_text()
    assert "This file is not the one that the lab has signed." in text
    assert "seal of Test centre is broken" in text
    odd = slip.locator("tr.is-odd")
    assert odd.count() == 1
    assert odd.locator("td").all_inner_texts() == ["7.290 ohm/km", "7.190"]
    assert desk.sent == ["POST"]
