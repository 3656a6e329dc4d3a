"""Another ledger's log over HTTP, by its C2SP tlog-tiles addresses: bounded, patient, and believed by nobody here."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

from keys.errors import RefusedError
from trace.ledger.tiles import WIDTH, Tile, cut

_TIMEOUT_SECONDS = 30
_MOST_NOTE_BYTES = 64 * 1024
# A server that is busy, or counts our requests, says when to come again; for so long, and so often, it is believed.
_BUSY = (429, 503)
_MOST_WAIT_SECONDS = 60
_MOST_TRIES = 10


@dataclass(frozen=True)
class RemoteLog:
    """The log under an address such as https://registry.example."""

    url: str
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        """No file:, no ftp:. Raises click.BadParameter."""
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise click.BadParameter(f"expected an address with http:// or https://, got {self.url}")

    def read_checkpoint(self) -> str:
        """The present checkpoint. Raises ClickException."""
        note = self._get("checkpoint", _MOST_NOTE_BYTES)
        if note is None:
            raise click.ClickException(f"{self.url} has no /checkpoint")
        try:
            return note.decode("utf-8")
        except UnicodeDecodeError as error:
            raise click.ClickException(f"{self.url}/checkpoint is no text") from error

    def fetch(self, tile: Tile) -> bytes:
        """A tile's content, out of the full one where the partial one is gone (tlog-tiles, "Partial Tiles").

        Raises RefusedError `tile-unknown` or `tile-differs`, and ClickException where nobody answers.
        """
        for there in (tile, replace(tile, width=WIDTH)):
            content = self._get(f"tile/{there.path}", there.size_bytes)
            if content is not None:
                if len(content) != there.size_bytes:
                    expected = f"{there.size_bytes} bytes"
                    raise RefusedError("tile-differs", where=there.path, expected=expected, got=len(content))
                return cut(content, tile)
        raise RefusedError("tile-unknown", where=tile.path, expected="a tile that the log's own checkpoint counts")

    def _get(self, path: str, most: int) -> bytes | None:
        """Up to one byte more than `most`; None where there is no such thing."""
        request = Request(f"{self.url.rstrip('/')}/{path}", headers={"User-Agent": "suzheng"})  # noqa: S310 - see above
        for attempt in range(_MOST_TRIES):
            try:
                with urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:  # noqa: S310
                    content: bytes = reply.read(most + 1)
                    return content
            except HTTPError as error:
                with error:
                    if error.code in (404, 410):
                        return None
                    if error.code not in _BUSY or attempt == _MOST_TRIES - 1:
                        raise click.ClickException(f"{self.url}/{path} answers {error.code}") from error
                    self.sleep(_read_wait(error.headers.get("Retry-After")))
            except (OSError, HTTPException) as error:
                raise click.ClickException(f"{self.url} does not answer: {getattr(error, 'reason', error)}") from error
        raise AssertionError("unreachable")


def _read_wait(said: str | None) -> float:
    seconds = int(said) if said is not None and said.isdecimal() and len(said) < 6 else 1
    return min(max(seconds, 1), _MOST_WAIT_SECONDS)
