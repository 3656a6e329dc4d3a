"""One question to a witness over HTTP, bounded in time and size. No redirects, no proxies: the policy says where."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from keys.errors import RefusedError
from trace.ledger.note import MAX_BYTES

# For the whole answer; a witness that needs longer is asked again later.
PATIENCE_SECONDS = 10.0
_CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `media` without its parameters."""

    status: int
    media: str
    body: bytes


def ask(method: str, prefix: str, path: str, data: bytes | None = None, patience_s: float = PATIENCE_SECONDS) -> Answer:
    """The answer of the witness at `prefix`. Raises RefusedError `witness-unreachable`."""
    at = urlsplit(prefix)
    deadline = time.monotonic() + patience_s
    try:
        with _connected(at, patience_s) as connection:
            headers = {"User-Agent": "suzheng", "Accept": "*/*"}
            connection.request(method, f"{at.path.rstrip('/')}/{path}", data, headers)
            # An answer that is not read to its end holds on to the socket.
            with connection.getresponse() as reply:
                media = (reply.getheader("Content-Type") or "").partition(";")[0].strip().lower()
                return Answer(reply.status, media, _read(reply, deadline))
    except (OSError, HTTPException, ValueError) as error:
        raise RefusedError("witness-unreachable", where=prefix, got=str(error)[:120] or type(error).__name__) from error


@contextmanager
def _connected(at: SplitResult, patience_s: float) -> Iterator[HTTPConnection]:
    kinds = {"http": HTTPConnection, "https": HTTPSConnection}
    if at.scheme not in kinds or not at.hostname:
        raise ValueError("expected an address with http:// or https://")
    connection = kinds[at.scheme](at.hostname, at.port, timeout=patience_s)
    try:
        connection.connect()
        # A socket's own timeout starts anew with every byte: one that drips, in its headers even, is cut off.
        guard = threading.Timer(patience_s, _cut, (connection.sock,))
        guard.daemon = True
        guard.start()
        try:
            yield connection
        finally:
            guard.cancel()
    finally:
        connection.close()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _read(reply: HTTPResponse, deadline: float) -> bytes:
    """All of it, unless it is too much, or was cut off."""
    data = b""
    while chunk := reply.read1(_CHUNK_BYTES):
        data += chunk
        if len(data) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
    if time.monotonic() >= deadline:
        raise TimeoutError("the answer took too long")
    return data
