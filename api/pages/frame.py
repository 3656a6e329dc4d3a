"""What every page has around it: the way about, the other language's address, the style sheet's, the registry's word
on itself.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, request

from api.shell import current_shell
from api.words import LANGUAGES, language
from keys.errors import RefusedError
from trace.parties.register import Registry

STATIC = Path(__file__).parent.parent / "static"
# A file with its hash in the address never changes; one year is what RFC 9111 clients take for "ever".
_FOREVER = "public, max-age=31536000, immutable"


def register_frame(app: Flask) -> None:
    """Hand templates what `base.html` asks for, and let versioned static files be kept."""
    app.jinja_env.globals.update(
        static=static_url,
        in_language=in_language,
        other_language=other_language,
        public_address=public_address,
        registry=find_own_registry,
    )

    @app.after_request
    def keep_versioned(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = _FOREVER
        return response


@cache
def static_url(name: str) -> str:
    """The address of a static file, with the beginning of its SHA-256 so that it can be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def in_language(tongue: str) -> str:
    """This very page, its query kept, in a language."""
    asked: list[tuple[str, Any]] = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    # One slash at the beginning: with two, a browser takes what follows for another machine.
    path = "/" + quote(request.path.lstrip("/"))
    return f"{path}?{urlencode([*asked, ('lang', tongue)])}"


def public_address() -> str:
    """Where this very page is asked for again, its query kept, as it is printed."""
    query = request.query_string.decode("ascii", "replace")
    return current_shell().settings.public_url + quote(request.path) + (f"?{query}" if query else "")


def other_language() -> str:
    """The language that the page is not in."""
    others: Mapping[str, str] = dict(zip(LANGUAGES, reversed(LANGUAGES), strict=True))
    return others[language()]


def find_own_registry() -> Registry | None:
    """What the registry says of itself; None before it was founded."""
    try:
        return current_shell().registry
    except RefusedError:
        return None
