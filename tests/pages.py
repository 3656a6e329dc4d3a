"""Pages for tests: the application on a small world, and that application behind a port for a browser."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from typing import Any

import zxingcpp
from flask import Flask
from werkzeug.serving import make_server

from api.app import create_app
from api.database import Database
from api.settings import Settings
from tests import databases
from tests.world import Act, World

PUBLIC_URL = "https://registry.example"


@contextmanager
def opened(folder: Path, shared_folder: Path, acts: Iterable[Act]) -> Iterator[tuple[Flask, World]]:
    """An application on SQLite in which these acts were told and every lot was judged; its clock is the world's."""
    database = Database(databases.fresh_sqlite(folder, shared_folder, is_migrated=True))
    world = World.told(database, acts)
    settings = Settings(folder, database.url, PUBLIC_URL, "", is_secure=False)
    settings.ledger_key_path.parent.mkdir(parents=True, exist_ok=True)
    settings.ledger_key_path.write_bytes(world.ledger_pem)
    app = create_app(settings)
    shell = app.extensions["suzheng"]
    shell.clock = lambda: world.at
    shell.refresh(1000)
    yield app, world
    shell.database.close()
    database.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application behind a port of this machine; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(html: str) -> str:
    """What a page says, its white space evened out."""
    reader = _Text()
    reader.feed(html)
    return " ".join(" ".join(reader.parts).split())


def read_codes(picture: Any) -> list[Any]:
    """The QR codes in a picture. Of these alone: in lines of print a decoder sometimes sees a short linear code."""
    return list(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)))
