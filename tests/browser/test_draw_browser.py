"""The draw's script and Python come to the same, on the page of a draw and on many changed inputs."""

import hashlib
import random
from decimal import Decimal

import pytest

from labs.drawing.draw import Candidate, metres_of, pick, seed_of
from tests.browser.test_axe_browser import AXE, DESK, GRAVE, PHONE
from tests.draws import DELIVERED, read_draw, tell_draw
from tests.factories import uscc_of
from tests.pages import opened, served
from tests.world import MADE, PREPARED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("draws"), shared_folder, PREPARED + MADE + DELIVERED) as (app, world):
        tell_draw(world)
        with served(app) as address:
            yield address, read_draw(world)


@pytest.fixture
def page(browser, told):
    page = browser.new_page()
    page.goto(f"{told[0]}/draws/{told[1].entry}?lang=en")
    yield page
    page.close()


def test_the_browser_makes_the_draw_by_itself(page):
    page.wait_for_selector(".own-same:not([hidden])")
    assert page.locator(".own-other").is_hidden()


def test_a_page_that_shows_another_pick_is_found(browser, told):
    page = browser.new_page()

    def lie(route):
        reply = route.fetch()
        metre = told[1].picks[0].metre
        route.fulfill(response=reply, body=reply.text().replace(f'data-metre="{metre}"', f'data-metre="{metre + 1}"'))

    page.route("**/draws/*", lie)
    page.goto(f"{told[0]}/draws/{told[1].entry}?lang=en")
    page.wait_for_selector(".own-other:not([hidden])")
    assert page.locator(".own-same").is_hidden()
    page.close()


def test_both_implementations_agree_on_many_draws(page):
    chance = random.Random(1)
    cases = []
    for number in range(60):
        seed = hashlib.sha256(number.to_bytes(4, "big")).digest()
        drums = [
            Candidate(f"01/06901234567892/10/A{number}/21/D{serial}", Decimal(chance.randrange(50_000, 10**7)) / 1000)
            for serial in range(chance.randrange(1, 30))
        ]
        margin = Decimal(chance.randrange(0, 4_000)) / 100
        cases.append((seed, drums, chance.randrange(1, len(drums) + 1), margin))
    given = [
        [
            seed.hex(),
            [{"lot": drum.lot, "length": format(drum.length_m, "f")} for drum in drums],
            n,
            format(margin, "f"),
        ]
        for seed, drums, n, margin in cases
    ]
    made = page.evaluate(
        """async (given) => {
            const address = document.querySelector("script[type=module]").src;
            const { pick, metresOf, seedOf } = await import(address);
            const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
            const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
            const done = [];
            for (const [seed, drums, n, margin] of given)
                done.push([
                    (await pick(bytes(seed), drums, n, margin)).map(({ lot, metre }) => [lot, metre]),
                    drums.map(({ length }) => metresOf(length, margin)),
                    hex(await seedOf(seed, n * 4294967297, seed)),
                ]);
            return done;
        }""",
        given,
    )
    for (seed, drums, n, margin), (picks, metres, seeded) in zip(cases, made, strict=True):
        assert picks == [[one.lot, one.metre] for one in pick(seed, drums, n, margin)]
        offered = [metres_of(drum.length_m, margin) for drum in drums]
        assert metres == [[one.start, len(one)] for one in offered]
        assert seeded == seed_of(seed, n * 4294967297, seed).hex()


@pytest.mark.parametrize(("viewport", "language", "scheme"), [(PHONE, "zh", "light"), (DESK, "en", "dark")])
def test_axe_finds_nothing_grave_and_no_page_is_too_wide(browser, told, viewport, language, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    sampler = uscc_of("contractor")
    for path in (f"/draws/{told[1].entry}", f"/samples/{sampler}/S-1", f"/samples/{sampler}/S-2"):
        page.goto(f"{told[0]}{path}?lang={language}")
        page.evaluate(AXE)
        found = page.evaluate("async () => (await axe.run()).violations")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in GRAVE] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    context.close()
