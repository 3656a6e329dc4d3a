"""verify.html is one file that can load nothing, is allowed by its hashes alone, and has words for all that it says."""

import base64
import hashlib
import html
import json
import re

import pytest

from api.verifier import SCRIPTS, STATIC, build_page
from tests.house.catalogues import read_language

PAGES = STATIC / "verify"
CODE = "\n".join((PAGES / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


@pytest.fixture
def page(demo_app):
    with demo_app.app_context():
        return build_page()


@pytest.fixture
def reply(demo_app):
    return demo_app.test_client().get("/verify.html")


def inside(page, tag):
    (found,) = re.findall(f"<{tag}>(.*?)</{tag}>", page.html.decode(), re.DOTALL)
    return found


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(page, reply):
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        digest = base64.b64encode(hashlib.sha256(inside(page, tag).encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in page.policy
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy
    (written,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.html.decode())
    assert html.unescape(written) == page.policy
    assert reply.headers["Content-Security-Policy"] == f"{page.policy}; frame-ancestors 'none'"


def test_the_policy_comes_before_all_that_it_governs(page):
    text = page.html.decode()
    assert text.index("Content-Security-Policy") < text.index("<style>") < text.index("<script>")


def test_every_reader_gets_the_same_bytes(demo_app, page):
    client = demo_app.test_client()
    replies = [client.get("/verify.html", headers={"Accept-Language": tongue}) for tongue in ("zh", "en")]
    assert {reply.data for reply in replies} == {page.html}
    digest = base64.b64encode(hashlib.sha256(page.html).digest()).decode()
    assert {reply.headers["Repr-Digest"] for reply in replies} == {f"sha-256=:{digest}:"}
    assert {reply.headers["Content-Language"] for reply in replies} == {"zh, en"}
    again = client.get("/verify.html", headers={"If-None-Match": replies[0].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_in_it_asks_a_network_or_makes_markup_of_text(page):
    text = page.html.decode()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|\ssrc=|@import|url\(|<link", text)
    asks = r"fetch|XMLHttpRequest|WebSocket|EventSource|RTCPeerConnection|sendBeacon|importScripts|Worker|import\s*\("
    makes = r"eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|setTimeout"
    assert not re.search(rf"\b({asks}|{makes})", CODE)
    assert "location.href" not in CODE
    assert not re.search(r"\bon[a-z]+=", text)


def test_a_word_cannot_end_the_script(page):
    assert "<" not in inside(page, "script").split("\n")[1]
    assert "</script" not in CODE


def test_every_script_is_in_it_once_and_as_it_stands(page):
    assert {path.stem for path in PAGES.glob("*.js")} == set(SCRIPTS)
    assert inside(page, "script").endswith(CODE)


# --- words ---

# What the page or `flask receipt verify` composes rather than writes out.
SLOTS = ("statement", "receipt", "checkpoint", "signer", "ledger", "witnesses")
COMPOSED = {("verify", f"slot_{slot}") for slot in SLOTS}
COMPOSED |= {(context, name) for context in ("outcome", "whole") for name in ("pass", "fail", "open")}


def asked():
    """All that the scripts, the template and the Python half ask for: checks' lines, and words by literals."""
    template = (STATIC.parent / "templates" / "verify.html").read_text(encoding="utf-8")
    words = set(COMPOSED) | set(re.findall(r'say\("([\w.-]+)", "([\w.]+)"', CODE))
    words |= {("verify", name) for name in re.findall(r'data-say="(\w+)"', template)}
    words |= {("verify", name) for name in re.findall(r'pasted\("(\w+)"', CODE)}
    words |= {(f"check.{check}", "fail") for check in re.findall(r'attempt\("(\w+)"', CODE)}
    lines = re.findall(r'line\(\s*"(\w+)",\s*(.*?)\)', CODE, re.DOTALL)
    for check, rest in lines:
        words |= {(f"check.{check}", "title")}
        words |= {(f"check.{check}", case) for case in re.findall(r'"(\w+)"', rest)}
    return words


def known():
    (words,) = [words for words in read_language("en") if words.name == "en/verify.po"]
    return set(words.texts)


def test_every_line_has_its_words():
    cases = {key for key in asked() if not (key[0].startswith("check.") and key[1] in ("pass", "open", "fail"))}
    assert cases - known() == set()


def test_no_word_is_left_over():
    python = "\n".join(
        (STATIC.parent / name).read_text(encoding="utf-8") for name in ("checking.py", "commands/receipt.py")
    )
    left = {key for key in known() - asked() if not key[0].startswith(("refused.", "fact"))}
    left -= set(re.findall(r'say\("([\w.]+)", "([\w.]+)"', python)) | {("limit", "heading")}
    # Lines that the command has and the page has not.
    told = re.findall(r'(?:left_open|Check)\("(\w+)", (?:Outcome\.FAIL, )?"(\w+)"', python)
    left -= {(f"check.{name}", case) for name, case in told}
    assert left == set()


def test_every_refusal_of_its_own_has_words_and_the_others_are_the_registrys(page):
    (written,) = re.findall(r"^const WORDS = (.*);$", inside(page, "script"), re.MULTILINE)
    words = json.loads(written)
    codes = set(re.findall(r'new Refused\("([\w-]+)"', CODE)) | set(re.findall(r'[?:] "(key-\w+)"', CODE))
    assert len(codes) > 10
    for language in ("zh", "en"):
        titled = {name.partition(".")[2] for name in words[language] if name.startswith(("refused.", "problem."))}
        assert codes - titled == set()
    assert {name for name in words["en"] if name.startswith("refused.")} <= {f"refused.{code}" for code in codes}


def test_every_hash_that_a_line_tells_has_a_name():
    named = {key for context, key in known() if context == "fact"}
    assert named == {"kid", "other", "leaf", "root", "hash"}
