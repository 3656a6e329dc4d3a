"""Requests as inputs: a line of method and address, headers, an empty line, and the body.

    POST /api/v1/statements?lang=en
    Content-Type: application/cose

    …body

What no client can send (a header with a line's end in it) is left out, as is a request whose first line is none.
"""

from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"})


def write_request(first: str, /, body: bytes = b"", **headers: Any) -> bytes:
    """A request; the names of headers are written with _ for -."""
    lines = [first, *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\n".join(lines).encode() + b"\n\n" + body


def send(app: Flask, data: bytes) -> Response | None:
    """What the application answers; None where these bytes are no request."""
    environ = _read_request(data)
    # Not by the test client: it would write the address anew.
    return None if environ is None else Response.from_app(app.wsgi_app, environ, buffered=True)


def _read_request(data: bytes) -> dict[str, Any] | None:
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    method, _, address = first.partition(" ")
    if method not in _METHODS or not address.startswith("/") or any(mark in address for mark in "\r\0"):
        return None
    headers = [tuple(line.split(": ", 1)) for line in lines if ": " in line and "\r" not in line and "\0" not in line]
    try:
        return EnvironBuilder(address, method=method, headers=headers, data=body).get_environ()  # type: ignore[arg-type]
    except ValueError:
        return None
