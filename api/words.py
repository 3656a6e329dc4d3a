"""What people read, in Chinese and English: gettext catalogues in `api/translations/<language>/*.po`, read as they are.

Sentences of templates are looked up by their English text; words for rules, kinds, problems, commands and gates by a
symbolic context and key, such as context `rule.P01` and key `says`. A house test reads both languages and misses
nothing.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, g, has_app_context, has_request_context, request
from markupsafe import Markup

from trace.days import CHINA

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "lang"
FOLDER = Path(__file__).parent / "translations"


@cache
def load(language: str) -> Translations:
    """All catalogues of a language as one. Raises ValueError for a language that the house does not speak."""
    if language not in LANGUAGES:
        raise ValueError(f"expected one of {LANGUAGES}, got {language}")
    words = Translations()
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            compiled = BytesIO()
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        catalogue = Translations(compiled)
        words.merge(catalogue)
        # Merging leaves the counting of the empty catalogue, which is English; Chinese has one form for all.
        words.plural = catalogue.plural
    return words


def language() -> str:
    """The language of this request: asked for, remembered, else the browser's, else Chinese; or that of a command."""
    # A page asks some hundreds of times.
    told: str | None = g.get("language") if has_app_context() else None
    if told is not None:
        return told
    if not has_request_context():
        return LANGUAGES[0]
    asked = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    best = asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES)
    g.language = best or LANGUAGES[0]
    chosen: str = g.language
    return chosen


def say(context: str, key: str, **facts: object) -> str:
    """The words for a symbolic key, its `%(name)s` filled with the facts as people write them."""
    return say_in(language(), context, key, **facts)


def say_in(tongue: str, context: str, key: str, /, **facts: object) -> str:
    """As `say`, in a language."""
    text = words_for(tongue, context, key)
    return text % {name: show(value) for name, value in facts.items()} if facts else text


def words_for(tongue: str, context: str, key: str) -> str:
    """The words of a language for a symbolic key, as they are before any fact is put into them."""
    return str(load(tongue).pgettext(context, key))


def knows(tongue: str, context: str, key: str) -> bool:
    """Does a language have words for a symbolic key?"""
    return load(tongue).pgettext(context, key) != key


def list_keys(tongue: str, context: str) -> tuple[str, ...]:
    """The keys of a symbolic context that a language has words for, in order."""
    # GNU gettext joins context and message by EOT, and babel's catalogue keeps them so.
    prefix = f"{context}\x04"
    keys = load(tongue)._catalog
    return tuple(sorted(key.removeprefix(prefix) for key in keys if isinstance(key, str) and key.startswith(prefix)))


def show(value: object) -> str:
    """A fact as people write it in this language: days in full, decimals without an exponent."""
    if isinstance(value, datetime):
        local = value.astimezone(CHINA)
        return f"{show(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return _day(language(), value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


@lru_cache(maxsize=4096)
def _day(tongue: str, day: date) -> str:
    return format_date(day, "medium" if tongue == "en" else "long", locale=tongue)


def plain(value: object) -> str:
    """A stranger's word as it may stand in a line on a terminal, which would take some characters for commands, and an
    end of line for one of ours: what can't be printed is escaped.
    """
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii") for mark in str(value))


def tell(text: str, /, **facts: object) -> Markup:
    """A sentence of a template in the language of the request, its `%(name)s` filled with the facts, escaped."""
    return tell_in(language(), text, **facts)


def tell_in(tongue: str, text: str, /, **facts: object) -> Markup:
    """As `tell`, in a language."""
    return _sentence(tongue, text) % facts if facts else sentence(tongue, text)


# A page has some sixty: looked up once a language, not once a page.
@lru_cache(maxsize=4096)
def _sentence(tongue: str, text: str) -> Markup:
    return Markup(load(tongue).gettext(text))  # noqa: S704 - ours, as the templates are


@lru_cache(maxsize=4096)
def sentence(tongue: str, text: str) -> Markup:
    """A sentence of a template that has no facts in it."""
    return _sentence(tongue, text) % {}


def register_words(app: Flask) -> None:
    """Give templates `_`, `say`, `show` and the language; remember a language that was asked for."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: load(language()).gettext(text),
        lambda one, many, count: load(language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals.update(_=tell, say=say, show=show, language=language)

    @app.after_request
    def remember(response: Any) -> Any:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE, request.args["lang"], max_age=365 * 86400, samesite="Lax", httponly=True
            )
        if response.mimetype == "text/html" and "Content-Language" not in response.headers:
            response.headers["Content-Language"] = language()
            response.vary.update(["Accept-Language", "Cookie"])
        return response
