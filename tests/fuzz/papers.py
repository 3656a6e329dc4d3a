"""Targets in papers: the PDF before anything else looks at it, and the address in its code. pdfium has fuzzers of its
own, and is thrown at by nobody here: it runs in a process that may crash.
"""

from labs.papers.hosts import check_host, is_lookalike, read_host, show_host
from labs.papers.opening import open_document
from tests.fuzz.target import Target, as_text
from tests.sealing import LINES, print_paper


def _open(data: bytes) -> object:
    return open_document(data).total_revisions


def _read_host(data: bytes) -> object:
    host = read_host(as_text(data))
    if host is not None:
        assert host.isascii()
        assert not is_lookalike(host, host)
        show_host(host)
    return host


def _check_host(data: bytes) -> object:
    host = check_host(as_text(data))
    assert read_host(f"https://{host}/") == host
    return host


TARGETS = (
    Target(
        "pdf",
        _open,
        (print_paper(), print_paper(LINES, "", b"/Names << >>", b"[ << /A (b) >> ]")),
        (b"<<", b">>", b"[", b"]", b"obj", b"endobj", b"stream", b"xref", b"trailer", b"/Prev 9", b"/JS", b"startxref"),
        # Its libraries' lines are not ours to be guided by.
        is_guided=False,
    ),
    Target("host", _read_host, (b"https://report.lab.example/q?n=1",), (b"@", b":", b"[", b"xn--"), (read_host,)),
    Target("host-on-record", _check_host, (b"report.lab.example",), (b".", b"-", b"xn--", b":"), (check_host,)),
)
