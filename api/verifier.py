"""`verify.html`: one file that checks evidence in a browser, without a network and without us.

Put together once a process, by plain concatenation: `templates/verify.html`, the two style sheets, the scripts of
`static/verify/` in the order of `SCRIPTS`, and the words of both languages. There is no build: what is served is what
stands in those files. It is the same bytes for every reader, so that two copies can be compared by their SHA-256.

The page carries a content policy that names its script and its style by their hashes and allows nothing else: no
connection, no image, no frame, no other script. So a saved copy shows by itself that what it is given stays in it.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import render_template

from api.words import LANGUAGES, load

STATIC = Path(__file__).parent / "static"
STYLES = ("style.css", "verify/verify.css")
SCRIPTS = (
    *("bytes", "cbor", "envelope", "tree", "receipt", "json", "keys", "note", "policy", "zip"),
    *("given", "ledger", "entries", "chain", "checks", "page"),
)
# Whose words the page has: all of its own families, the kinds' names, and the titles of the problems that it meets.
_FAMILIES = re.compile(r"(?:verify|check\.\w+|outcome|whole|limit|fact|refused\.[\w-]+)\Z")
_CODE = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """The page and the content policy that allows it, and nothing besides it, to run."""

    html: bytes
    policy: str

    @property
    def sha256(self) -> str:
        """What two copies of the page are compared by, in hex."""
        return hashlib.sha256(self.html).hexdigest()


@cache
def build_page() -> VerifyPage:
    """The one page of this version. Has to be called inside the application at first."""
    style = "\n".join(_read(name) for name in STYLES)
    code = "\n".join(_read(f"verify/{name}.js") for name in SCRIPTS)
    # One script and not two: one hash says all that may run.
    script = f'"use strict";\nconst WORDS = {_write_words(code)};\n{code}'
    policy = _write_policy(script, style)
    html = render_template("verify.html", script=script, style=style, policy=policy)
    return VerifyPage(html.encode(), policy)


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _write_policy(script: str, style: str) -> str:
    """Content Security Policy 3 as a page may carry it; trusted-types forbids making markup from text at all."""
    return (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _write_words(code: str) -> str:
    """Both languages as a JavaScript literal, {language: {context: {key: text}}}."""
    codes = set(_CODE.findall(code))
    words = {language: _pick_words(language, codes) for language in LANGUAGES}
    # A "<" in a word must not end the script, whatever a translator writes.
    return json.dumps(words, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def _pick_words(language: str, codes: set[str]) -> dict[str, dict[str, str]]:
    picked: dict[str, dict[str, str]] = {}
    for identity, text in load(language)._catalog.items():
        # GNU gettext joins context and message by EOT.
        context, _, key = identity.partition("\x04") if isinstance(identity, str) else ("", "", "")
        family, _, name = context.partition(".")
        is_title = key == "title" and (family == "kind" or (family == "problem" and name in codes))
        if is_title or _FAMILIES.match(context):
            picked.setdefault(context, {})[key] = text
    return picked
