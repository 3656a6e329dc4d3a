"""What axe-core says of every kind of page: nothing serious or critical, on phone and desk, in both languages."""

import json
from importlib import resources

import pytest

from tests.pages import served

pytestmark = pytest.mark.browser
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WHERE = """() => {
    const at = document.activeElement;
    return at.id || at.getAttribute("href") || at.getAttribute("class");
}"""
GRAVE = {"serious", "critical"}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
BATCH = "01/02990000020017/10/15B0511"
PAGES = {
    "home": "/",
    "search": "/?q=15B0511",
    "scan-use": "/01/02990000010018/10/15A0421/21/D03",
    "scan-stop": f"/{BATCH}/21/D02",
    "scan-unknown": "/01/02990000010018/10/NOBODY",
    "mismatch": f"/mismatch/{BATCH}/21/D02",
    "trace-batch": f"/trace/{BATCH}?find=D02",
    "trace-drum": "/trace/01/02990000010018/10/15A0421/21/D03",
    "recall": f"/recall/{BATCH}",
    "report": "/reports/12990100DEM000612B/SY-2016-0201",
    "report-unknown": "/reports/12990100DEM000612B/SY-2015-0688",
    "lab": "/labs/12990100DEM000612B",
    "labs": "/labs",
    "party": "/parties/91990100DEM0003213",
    "findings": "/findings",
    "entry": "/entries/152",
    "submit": "/submit",
    "check": "/check?number=SY-2016-0201",
    "rules": "/rules",
    "rule": "/rules/P01",
    "kinds": "/kinds",
    "standards": "/standards",
    "problems": "/problems",
    "problem": "/problems/not-found",
    "problem-page": "/no/such/page",
    "api": "/api",
    "verify": "/verify.html",
}


@pytest.fixture(scope="module")
def address(demo_app):
    with served(demo_app) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """Opens a page with axe-core in it. Our policy forbids inline script, so it is set aside for the looking."""
    contexts = []

    def open_(url, viewport=DESK, locale="zh-CN", scheme="light"):
        context = browser.new_context(viewport=viewport, locale=locale, color_scheme=scheme, bypass_csp=True)
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        page.evaluate(AXE)
        return page

    yield open_
    for context in contexts:
        context.close()


def look(page):
    """What axe-core finds that is serious or critical: rule, and where."""
    # The same rules run; what passed is not described, node by node, for nobody to read.
    run = 'async () => JSON.stringify((await axe.run({resultTypes: ["violations"]})).violations)'
    found = json.loads(page.evaluate(run))
    return [
        (fault["id"], [(node["target"], node["failureSummary"]) for node in fault["nodes"][:3]])
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_is_found_on_a_desk_and_a_phone_in_both_languages(open_page, address, name):
    for viewport, locale, scheme in ((DESK, "zh-CN", "light"), (PHONE, "en-GB", "dark"), (PHONE, "zh-CN", "light")):
        page = open_page(address + PAGES[name], viewport, locale, scheme)
        assert look(page) == [], (name, locale, viewport, scheme)


def test_axe_core_finds_what_is_wrong(open_page, address):
    page = open_page(f"{address}/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input><img src=x>')")
    assert {rule for rule, _ in look(page)} == {"label", "image-alt"}


def tab(page, most):
    """What the tab key leads to: an id, else an address, else a class."""
    for _ in range(most):
        page.keyboard.press("Tab")
        yield page.evaluate(WHERE)


def test_the_trace_page_is_walked_by_keyboard_from_the_skip_link_through_the_picture(open_page, address):
    page = open_page(f"{address}/trace/{BATCH}", locale="en-GB")
    assert next(tab(page, 1)) == "#content"
    page.keyboard.press("Enter")
    stops = list(tab(page, 40))
    assert stops.index("find") < stops.index("picture-box") < stops.index(f"/trace/{BATCH}/21/D01")
    assert "asked" in stops
    boxes = page.locator("svg.picture a").count()
    assert sum(1 for stop in stops[stops.index("picture-box") :] if stop) >= min(boxes, 20)


def test_where_the_keyboard_is_can_be_seen(open_page, address):
    page = open_page(f"{address}/trace/{BATCH}", locale="en-GB")
    at_rest = stroke(page.locator("svg.picture a .box").first)
    next(stop for stop in tab(page, 30) if stop.startswith("/trace/") and "lang=" not in stop)
    assert stroke(page.locator("svg.picture a:focus .box").first) > at_rest


def stroke(box):
    return float(box.evaluate("box => getComputedStyle(box).strokeWidth").removesuffix("px"))


def test_the_way_through_a_box_is_marked_while_the_keyboard_is_on_it(open_page, address):
    page = open_page(f"{address}/trace/{BATCH}", locale="en-GB")
    assert page.locator(".ways .is-near").count() == 0
    page.locator("svg.picture a", has_text="D03").first.focus()
    lines = page.locator(".ways .is-near").count()
    assert 0 < lines < page.locator(".ways path").count()
