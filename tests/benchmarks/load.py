"""A load generator on one thread: many connections, requests prepared beforehand, a response awaited before the next.

    run_load(("127.0.0.1", 8000), [request, request, …], connections=32)

Its cost is some 40 µs a request, which it shares with the server on the same machine. HTTP/1.1 with Content-Length and
nothing else: it is for a server that we know.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HEAD_END = b"\r\n\r\n"
# A response that takes longer is the end of the run.
_PATIENCE_S = 60.0
_STAGGER_S = 0.002


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: seconds in all, each request's latency in seconds, and how often each status came."""

    seconds: float
    latencies: Sequence[float]
    statuses: dict[int, int]
    bodies: Sequence[bytes]

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def latency_ms(self, share: float) -> float:
        """The latency that `share` (0 to 1) of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class _Line:
    """One connection with the request that is on its way."""

    socket: socket.socket
    sent_at: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)


def run_load(
    address: tuple[str, int], requests: Sequence[bytes], *, connections: int, keep_bodies: bool = False
) -> Load:
    """Send every request once, over so many connections; returns when all are answered."""
    waiting = iter(requests)
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    bodies: list[bytes] = []
    lines: list[_Line] = []
    started = time.perf_counter()
    busy = 0
    for _ in range(connections):
        lines.append(_Line(socket.create_connection(address, timeout=_PATIENCE_S)))
        busy += _send_next(lines[-1], waiting, selector)
        # As clients come: not all in one moment, which the server's first process would take for itself.
        time.sleep(_STAGGER_S)
    while busy:
        for key, _ in selector.select(_PATIENCE_S):
            line: _Line = key.data
            response = _receive(line)
            if response is None:
                continue
            status, body = response
            latencies.append(time.perf_counter() - line.sent_at)
            statuses[status] = statuses.get(status, 0) + 1
            if keep_bodies:
                bodies.append(body)
            selector.unregister(line.socket)
            busy -= 1
            busy += _send_next(line, waiting, selector)
    seconds = time.perf_counter() - started
    for line in lines:
        line.socket.close()
    return Load(seconds, latencies, statuses, bodies)


def make_request(method: str, path: str, body: bytes = b"", media: str = "application/cose") -> bytes:
    """The bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
    if body:
        head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
    return head.encode("ascii") + b"\r\n" + body


def _send_next(line: _Line, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> int:
    request = next(waiting, None)
    if request is None:
        return 0
    line.sent_at = time.perf_counter()
    line.socket.sendall(request)
    selector.register(line.socket, selectors.EVENT_READ, line)
    return 1


def _receive(line: _Line) -> tuple[int, bytes] | None:
    """(status, body) of a response that is whole now."""
    data = line.socket.recv(1 << 18)
    if not data:
        raise ConnectionError("the server closed the connection")
    line.buffer += data
    end = line.buffer.find(_HEAD_END)
    if end < 0:
        return None
    head = bytes(line.buffer[:end]).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    if len(line.buffer) < end + len(_HEAD_END) + length:
        return None
    body = bytes(line.buffer[end + len(_HEAD_END) :])
    line.buffer.clear()
    return int(head.split(b" ", 2)[1]), body
