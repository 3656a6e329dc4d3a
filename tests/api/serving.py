"""An application, or a folder, served on this machine for as long as a block runs."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a WSGI application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _running(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    """The address of a folder's files: any file server will do."""
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, _running(server):
        yield f"http://127.0.0.1:{server.server_port}"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
