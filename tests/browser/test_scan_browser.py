"""The scan page on a phone: the answer is there at once, without script, in both languages and both schemes."""

import re

import pytest

from tests.factories import BATCH, DRUM, SISTER, RowBody, lot_at
from tests.pages import opened, served
from tests.world import HONEST

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
THIN = [act if act[2] != "report.issued" else (*act[:3], {"rows": [RowBody(value="7.837")]}) for act in HONEST]


@pytest.fixture(scope="module")
def address(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("honest"), shared_folder, HONEST) as (app, _), served(app) as address:
        yield address


@pytest.fixture(scope="module")
def thin_address(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("thin"), shared_folder, THIN) as (app, _), served(app) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """Opens a page as a reader would whose browser runs no script; what goes wrong in it fails the test."""
    contexts, complaints = [], []

    def open_(url, viewport=PHONE, locale="zh-CN", scheme="light"):
        context = browser.new_context(
            viewport=viewport,
            locale=locale,
            color_scheme=scheme,
            java_script_enabled=False,
            is_mobile=viewport is PHONE,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    # Chromium writes an unknown lot's 404 to the console too: that is the answer, and no fault.
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("lot", [DRUM, SISTER, lot_at("Z9", "D1")])
def test_word_and_reason_are_seen_without_scrolling(open_page, address, lot, locale):
    page = open_page(f"{address}/{lot}", locale=locale)
    for part in (".band-word", ".band-reason", ".band-sign"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] < PHONE["height"] / 2
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_stop_fits_the_first_screen_too(open_page, thin_address, locale):
    page = open_page(f"{thin_address}/{DRUM}", locale=locale)
    box = page.locator(".band.is-STOP").bounding_box()
    assert box["y"] + box["height"] < PHONE["height"] * 0.75


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("path", [f"/{DRUM}", f"/{SISTER}", f"/trace/{BATCH}", f"/mismatch/{DRUM}"])
def test_nothing_is_wider_than_the_screen(open_page, thin_address, path, viewport):
    page = open_page(thin_address + path, viewport=viewport)
    assert page.locator("html").evaluate("root => root.scrollWidth") <= viewport["width"]


def test_the_language_is_the_browser_s_until_the_switch_is_used(open_page, address):
    page = open_page(f"{address}/{DRUM}", locale="en-GB")
    assert page.locator(".band-word").inner_text() == "Use"
    page.click("text=中文")
    assert page.locator(".band-word").inner_text() == "可用"
    assert page.url.startswith(f"{address}/{DRUM}")
    page.goto(f"{address}/{SISTER}")
    assert page.locator(".band-word").inner_text() == "待定"


def test_from_the_scan_to_the_whole_history_and_back(open_page, address):
    page = open_page(f"{address}/{DRUM}")
    page.click(".button.is-first")
    assert page.url == f"{address}/trace/{DRUM}"
    assert page.locator("svg.picture").is_visible()
    page.click(".crumb a")
    assert page.url == f"{address}/{DRUM}"


def test_what_passed_unfolds_without_script(open_page, address):
    page = open_page(f"{address}/{DRUM}")
    rule = page.locator("details li").first
    assert not rule.is_visible()
    page.locator("details summary").first.click()
    assert rule.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(open_page, thin_address, address, scheme):
    for url in (f"{address}/{DRUM}", f"{address}/{SISTER}", f"{thin_address}/{DRUM}", f"{address}/{lot_at('Z9')}"):
        page = open_page(url, scheme=scheme)
        for words in (".band-word", ".band-reason", ".do", ".quiet >> nth=0", "main a:visible >> nth=0"):
            assert contrast(page.locator(words).first) >= 4.5, (url, words)


def contrast(locator):
    """WCAG 2.2 contrast of a text with the first opaque ground behind it."""
    ink, ground = locator.evaluate(
        """node => {
            let under = node;
            while (getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
            return [getComputedStyle(node).color, getComputedStyle(under).backgroundColor];
        }"""
    )
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
