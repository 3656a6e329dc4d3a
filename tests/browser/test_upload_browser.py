"""A lab at its desk, script switched off: it hands in a signed report with its PDF and sees the receipt."""

import hashlib

import pytest

from tests.factories import SISTER, uri_of
from tests.pages import opened, served
from tests.sealing import print_paper
from tests.world import HONEST

pytestmark = pytest.mark.browser
PDF = print_paper()


@pytest.fixture
def desk(tmp_path, shared_folder, browser):
    """(page, world, folder): the upload page in a browser without script."""
    with opened(tmp_path, shared_folder, HONEST) as (app, world), served(app) as address:
        context = browser.new_context(java_script_enabled=False, locale="en-GB")
        page = context.new_page()
        page.goto(f"{address}/submit")
        yield page, world, tmp_path
        context.close()


def hand_in(page, folder, statement, pdf):
    (folder / "report.cose").write_bytes(statement)
    (folder / "report.pdf").write_bytes(pdf)
    page.set_input_files("#report-statement", folder / "report.cose")
    page.set_input_files("#report-pdf", folder / "report.pdf")
    page.get_by_role("button", name="Submit the report").click()


def sealed(world):
    body = {"number": "R-2015-NEW", "lots": [uri_of(SISTER)], "pdf_sha256": hashlib.sha256(PDF).hexdigest()}
    return world.seal("lab", "report.issued", **body).to_bytes()


def test_a_lab_uploads_a_report_and_sees_its_receipt(desk):
    page, world, folder = desk
    statement = sealed(world)
    hand_in(page, folder, statement, PDF)
    outcome = page.locator(".outcome.is-accepted")
    assert "Accepted" in outcome.inner_text()
    assert hashlib.sha256(statement).hexdigest() in outcome.inner_text()
    assert outcome.get_by_role("link", name="receipt-").count() == 1
    outcome.get_by_role("link", name="The report's page").click()
    assert page.get_by_role("heading", name="R-2015-NEW").count() == 1
    assert page.get_by_role("link", name="Open the PDF").count() == 1


def test_a_changed_pdf_is_refused(desk):
    page, world, folder = desk
    hand_in(page, folder, sealed(world), PDF + b"% another page")
    outcome = page.locator(".outcome.is-refused")
    assert "Refused" in outcome.inner_text()
    assert hashlib.sha256(PDF).hexdigest() in outcome.inner_text()
    assert page.locator(".outcome.is-accepted").count() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_is_wider_than_a_phone(desk, browser, language):
    page, _, _ = desk
    address = page.url.removesuffix("/submit")
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    for path in (
        "/",
        "/findings",
        "/labs",
        "/submit",
        "/import",
        "/rules",
        "/kinds",
        "/standards",
        "/problems",
        "/entries/1",
    ):
        phone.goto(f"{address}{path}?lang={language}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
    phone.close()
