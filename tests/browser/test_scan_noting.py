"""Noting a scan in a browser: nothing of where somebody is leaves it unasked, and then only to a tenth of a degree."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from tests.factories import DRUM, uscc_of
from tests.pages import opened, served
from tests.world import HONEST

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory, shared_folder) -> Iterator[str]:
    with opened(tmp_path_factory.mktemp("noting"), shared_folder, HONEST) as (app, _), served(app) as address:
        yield address


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_(address: str, **options) -> tuple[Page, list[dict[str, list[str]]]]:
        """The scan page, and what it has sent."""
        context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844}, **options)
        contexts.append(context)
        page, sent, wrong = context.new_page(), [], []
        page.on("request", lambda one: sent.append(parse_qs(one.post_data or "")) if one.method == "POST" else None)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        with page.expect_response("**/scans/**"):
            page.goto(f"{address}/{DRUM}")
        assert wrong == []
        return page, sent

    yield open_
    for context in contexts:
        context.close()


def test_opening_the_page_sends_that_it_was_opened_and_nothing_else(open_page, address):
    _, sent = open_page(address, geolocation={"latitude": 34.2641, "longitude": 108.943}, permissions=["geolocation"])
    assert sent == [{"by": ["script"]}]


def test_a_place_is_sent_when_it_is_asked_for_rounded_in_the_browser(open_page, address):
    place = {"latitude": 34.2641, "longitude": 108.943}
    page, sent = open_page(address, geolocation=place, permissions=["geolocation"])
    page.click(".noting summary")
    page.select_option("#note-holder", uscc_of("contractor"))
    page.click("#note-place")
    page.wait_for_selector("#note-said:not(:empty)")
    assert page.inner_text("#note-said") == "Noted. Thank you."
    assert sent[1:] == [
        {"by": ["script"], "latitude": ["34.3"], "longitude": ["108.9"], "holder": [uscc_of("contractor")]}
    ]


def test_who_refuses_the_browsers_question_sends_nothing(open_page, address):
    page, sent = open_page(address)
    page.click(".noting summary")
    page.click("#note-place")
    page.wait_for_selector("#note-said:not(:empty)")
    assert "Nothing was sent" in page.inner_text("#note-said")
    assert sent == [{"by": ["script"]}]
