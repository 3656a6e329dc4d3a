"""Speaking with a registry elsewhere, over its public API."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

_TIMEOUT_SECONDS = 30
_MOST_BYTES = 1024 * 1024


def post_statement(url: str, envelope: bytes) -> tuple[bool, str]:
    """Send one statement to POST /api/v1/statements; (was it refused?, what the registry says in one line).

    Raises ClickException where there is no registry to be heard.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise click.BadParameter(f"expected an address with http:// or https://, got {url}", param_hint="--url")
    headers = {"Content-Type": "application/cose", "Accept": "application/json"}
    request = Request(f"{url.rstrip('/')}/api/v1/statements", data=envelope, headers=headers, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:  # noqa: S310
            accepted = _read(url, reply.read(_MOST_BYTES))
            known = "" if reply.status == 201 else " (known already)"
            return False, f"entry {accepted['entry']}{known}  {accepted['leaf']}"
    except HTTPError as error:
        problem = _read(url, error.read(_MOST_BYTES))
        return True, f"{problem.get('detail', error.reason)} ({problem.get('title', error.code)})"
    except (OSError, HTTPException) as error:
        raise click.ClickException(f"{url} does not answer: {getattr(error, 'reason', error)}") from error
    except KeyError as error:
        raise _stranger(url) from error


def fetch(url: str, path: str) -> dict[str, Any]:
    """What the registry at `url` answers to GET `path`. Raises ClickException where there is none to be heard."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise click.BadParameter(f"expected an address with http:// or https://, got {url}")
    request = Request(f"{url.rstrip('/')}{path}", headers={"Accept": "application/json"})  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:  # noqa: S310
            return _read(url, reply.read(_MOST_BYTES))
    except (OSError, HTTPException) as error:
        raise click.ClickException(f"{url} does not answer: {getattr(error, 'reason', error)}") from error


def _read(url: str, data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise _stranger(url) from error
    if not isinstance(body, dict):
        raise _stranger(url)
    return body


def _stranger(url: str) -> click.ClickException:
    return click.ClickException(f"{url} does not answer like a registry")
