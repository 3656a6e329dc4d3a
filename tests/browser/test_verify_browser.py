"""verify.html from a file and without a network: what it is given is read, and the page is fit for everybody."""

import base64
import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest

from keys.envelope import seal_statement
from keys.keyring import generate_key
from tests import verifying
from tests.pages import served
from tests.verifying import check, flip
from trace.ledger.receipt import read_receipt

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


# --- what holds ---


def test_a_whole_bundle_holds_with_a_key_from_elsewhere(page, bundle, vkey):
    report = check(page, {"evidence.zip": bundle}, ledger=vkey)
    assert (report.whole, report.failing()) == ("pass", set())
    assert len(report.entries) > 30
    for lines in report.entries:
        assert [(line["check"], line["outcome"]) for line in lines] == [
            (name, "pass")
            for name in ("statement", "signature", "enrolled", "path", "sealed", "claims", "time", "same")
        ]
    assert report.of("document") == "pass"
    assert report.of("witnesses") == "open:none"


def test_a_key_that_came_with_the_evidence_vouches_for_nothing(page, bundle):
    report = check(page, {"evidence.zip": bundle})
    assert (report.whole, report.failing(), report.of("ledger_key")) == ("open", set(), "open:brought")


def test_single_files_hold_too(page, loose, vkey):
    report = check(page, loose, ledger=vkey)
    assert (report.whole, report.of("same")) == ("pass", "open:sizes")


@pytest.mark.parametrize("packed", [bytes.hex, lambda data: base64.b64encode(data).decode()])
def test_what_is_pasted_is_read(page, loose, vkey, packed):
    texts = {"a": packed(loose["statement.cose"]), "b": packed(loose["receipt.cose"])}
    report = check(page, {name: text.encode() for name, text in texts.items()}, ledger=vkey)
    assert (report.of("statement"), report.of("signature"), report.of("claims")) == ("pass", "pass", "pass")


def test_a_consistency_proof_ties_an_older_receipt_to_the_checkpoint(page, loose, demo_app, vkey):
    first = read_receipt(loose["receipt.cose"])[1][0]
    growth = demo_app.test_client().get(f"/api/v1/ledger/consistency?first={first}")
    report = check(page, {**loose, "growth.json": growth.data}, ledger=vkey)
    assert report.of("same") == "pass:grown"
    node = growth.get_json()["path"][0]
    forged = growth.data.replace(node.encode(), hashlib.sha256(b"another").hexdigest().encode())
    assert check(page, {**loose, "growth.json": forged}, ledger=vkey).of("same") == "fail:not_grown"


def test_a_tlog_proof_leads_to_the_checkpoint(page, loose, demo_app, vkey):
    proof = demo_app.test_client().get("/api/v1/entries/0/tlog-proof").data
    files = {"statement.cose": loose["statement.cose"], "0.tlog-proof": proof}
    report = check(page, files, ledger=vkey)
    assert (report.of("path"), report.of("checkpoint"), report.of("same")) == ("pass", "pass", "pass")
    files["statement.cose"] = flip(loose["statement.cose"], 400)
    assert check(page, files, ledger=vkey).of("same") == "fail"


# --- the page ---


def test_the_served_page_saves_itself_and_runs_under_its_own_policy(browser, demo_app, bundle, vkey):
    with served(demo_app) as address:
        context = browser.new_context(locale="zh-CN")
        page, told = context.new_page(), []
        page.on("console", lambda message: told.append(message.text))
        page.goto(f"{address}/verify.html")
        page.wait_for_selector("#work:not([hidden])")
        with page.expect_download() as download:
            page.click("#save a")
        saved = download.value.path().read_bytes()
        report = check(page, {"evidence.zip": bundle}, ledger=vkey)
        assert page.locator("#whole_word").inner_text() == "所校验的均成立"
        page.click("#tongue")
        assert page.locator("#whole_word").inner_text() == "It holds, as far as was checked"
        context.close()
    assert report.whole == "pass"
    assert told == []
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.read("verify.html") == saved == demo_app.test_client().get("/verify.html").data


def test_no_script_gets_a_connection(browser, demo_app, tmp_path):
    (tmp_path / "verify.html").write_bytes(demo_app.test_client().get("/verify.html").data)
    with served(demo_app) as address:
        page = browser.new_page()
        page.goto((tmp_path / "verify.html").as_uri())
        refused = page.evaluate(
            "url => fetch(url, { mode: 'no-cors' }).then(() => 'sent', (error) => error.name)", address
        )
        violated = page.evaluate(
            """url => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
                new Image().src = url;
            })""",
            address,
        )
        markup = page.evaluate(
            "() => { try { find('given').innerHTML = '<b>'; } catch (error) { return error.name; } }"
        )
        page.close()
    assert (refused, violated, markup) == ("TypeError", "img-src", "TypeError")


def test_what_a_browser_cannot_check_is_never_passed(page, bundle, loose, vkey):
    able = page.evaluate("[...state.abilities]")
    assert set(able) == {"EdDSA", "ES256"}
    page.evaluate("state.abilities = new Set(['ES256'])")
    report = check(page, {"evidence.zip": bundle}, ledger=vkey)
    page.evaluate("state.abilities = new Set(['EdDSA', 'ES256'])")
    assert (report.whole, report.failing(), report.of("checkpoint")) == ("open", set(), "open:unable")
    assert {line["outcome"] for lines in report.entries for line in lines if line["check"] in ("sealed", "claims")} == {
        "open"
    }


def test_without_cryptography_the_page_says_so_and_offers_nothing(browser, demo_app, tmp_path):
    (tmp_path / "verify.html").write_bytes(demo_app.test_client().get("/verify.html").data)
    context = browser.new_context()
    # As on a page that came over a bare http.
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })")
    page = context.new_page()
    page.goto((tmp_path / "verify.html").as_uri())
    assert page.locator("#unable").is_visible()
    assert not page.locator("#work").is_visible()
    context.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_screen(browser, demo_app, tmp_path, bundle, viewport, locale):
    with verifying.opened(browser, tmp_path, demo_app, viewport=viewport, locale=locale) as page:
        check(page, {"evidence.zip": bundle})
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.locator("html").evaluate("root => root.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_bundles_index_is_read_offline_on_any_screen(browser, tmp_path, bundle, viewport):
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    context = browser.new_context(offline=True, viewport=viewport)
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.goto((tmp_path / "index.html").as_uri())
    assert page.locator("html").evaluate("root => root.scrollWidth") <= viewport["width"]
    page.click("text=English")
    page.locator("#en").get_by_role("link", name="verify.html").click()
    page.wait_for_selector("#work:not([hidden])")
    context.close()
    assert told == []


def test_it_is_worked_by_keyboard_and_heard(browser, demo_app, tmp_path, bundle, vkey):
    with verifying.opened(browser, tmp_path, demo_app) as page:
        reached = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert {"tongue", "files", "ledger_text", "witness_text", "check", "over"} <= reached
        labels = page.locator("input, textarea").evaluate_all("all => all.map((one) => one.labels.length)")
        assert set(labels) == {1}
        check(page, {"evidence.zip": bundle}, ledger=vkey)
        assert page.locator("[role=status]").inner_text() == "It holds, as far as was checked"
        assert page.evaluate("document.activeElement.id") == "whole_word"


def test_the_words_of_a_statement_are_text_and_nothing_hides_in_them(page):
    name = "<img src=x onerror=alert(1)>\u202egnp.exe"
    said = seal_statement(
        generate_key(),
        kind="party.founded",
        issuer=name,
        subject="s",
        issued_at=datetime(2020, 1, 1, tzinfo=UTC),
        payload="<script>\u202e</script>".encode(),
        nonce=bytes(16),
    )
    check(page, {"s.cose": said.to_bytes()})
    shown = page.locator("#entry_list").inner_text()
    assert "<img src=x onerror=alert(1)>\\u202egnp.exe" in shown
    assert "<script>\\u202e</script>" in shown
    assert page.locator("#report img").count() == 0
