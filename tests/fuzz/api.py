"""Targets at the door: whole requests (`wire.py`) to the application, on a registry that has just been founded."""

import base64
import json
import logging
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from api.cursor import read_cursor, read_entry_number
from api.database import Database
from api.label_keys import read_label_document, write_label_document
from api.mismatch_number import make_number, read_number, show_number
from api.pages.scans import read_place
from api.photos import read_photo
from api.problems import PROBLEMS
from api.submission import read_envelopes
from api.v1.statements import decode_base64
from keys import cbor
from keys.keyring import generate_key
from keys.label import Standing, check_label, name_label_key, sign_label
from tests import databases
from tests.api.v1.conftest import open_app
from tests.factories import DRUM, uscc_of
from tests.fuzz.keys import STATEMENT, seal
from tests.fuzz.target import Target, as_text
from tests.fuzz.wire import send, write_request
from tests.photos import make_photo
from tests.world import World

_LABEL_KEY = generate_key()
_LABEL_MARK = sign_label(_LABEL_KEY, "registry.example", f"/{DRUM}")
_BOUNDARY = "----a-boundary"


@cache
def application() -> Flask:
    """One for the whole run, in a folder that goes with it."""
    folder = tempfile.TemporaryDirectory(prefix="suzheng-fuzz-")
    url = f"sqlite:///{folder.name}/registry.sqlite3"
    databases.migrate(url)
    app = open_app(World.found(Database(url)), Path(folder.name) / "var")
    app.test_client_class = FlaskClient
    app.extensions["fuzz-folder"] = folder
    app.logger.handlers[:] = [_Catcher()]
    app.logger.propagate = False
    return app


class _Catcher(logging.Handler):
    """Keeps what the application broke down with, which it answers with 500 and a line in the log."""

    caught: ClassVar[list[BaseException]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is not None and record.exc_info[1] is not None:
            self.caught.append(record.exc_info[1])


def _send(data: bytes) -> object:
    _Catcher.caught.clear()
    response = send(application(), data)
    if response is None:
        return None
    if response.status_code >= 500:
        if _Catcher.caught:
            raise _Catcher.caught[-1] from None
        raise AssertionError(f"{response.status_code}: {response.data[:300]!r}")
    if response.status_code >= 400:
        assert data.startswith(b"HEAD") or _code_of(response) in (None, *PROBLEMS)
    # Whoever sends a statement again is told 200 instead of 201.
    return min(response.status_code, 200), response.mimetype


def _code_of(response: Response) -> str | None:
    """The problem's code; None where the answer is a page."""
    if response.mimetype == "text/html":
        return None
    if response.mimetype == "application/concise-problem-details+cbor":
        problem = cbor.decode(response.data, where="the problem")
        return next(str(value["code"]) for name, value in problem.items() if isinstance(name, str))
    assert response.mimetype == "application/problem+json", response.mimetype
    return str(json.loads(response.data)["code"])


def _form(**files: bytes) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'.encode() + content
        for name, content in files.items()
    ]
    return b"\r\n".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def _posts() -> list[bytes]:
    """Statements of parties that nobody knows: what is accepted would leave less and less to refuse."""
    said = seal(subject="tender", kind="tender.published", payload=b"{}", follows=()).to_bytes()
    one = {"statement": base64.b64encode(said).decode()}
    many = {"statements": [base64.b64encode(each).decode() for each in (said, STATEMENT)]}
    form = f"multipart/form-data; boundary={_BOUNDARY}"
    json_type: dict[str, Any] = {
        "Content_Type": "application/json",
        "Accept": "application/cose, application/json;q=0.5",
    }
    return [
        write_request("POST /api/v1/statements", STATEMENT, Content_Type="application/cose", Accept="application/cose"),
        write_request("POST /api/v1/statements?lang=zh", said + STATEMENT, Content_Type="application/cbor-seq"),
        write_request("POST /api/v1/statements", body=json.dumps(one).encode(), **json_type),
        write_request("POST /api/v1/statements", body=json.dumps(many).encode(), **json_type),
        write_request("POST /entries", said, Content_Type="application/cose", Accept_Language="zh;q=0.8, en"),
        write_request("POST /api/v1/reports", _form(statement=said, pdf=b"%PDF-1.7\n"), Content_Type=form),
        write_request("POST /submit", _form(statement=said), Content_Type=form, Sec_Fetch_Site="same-origin"),
        write_request(
            "POST /api/v1/sessions",
            json.dumps({"kid": "9f" * 32, "challenge": "a.b.c", "signature": "AAAA"}).encode(),
            Content_Type="application/json",
            Origin="https://registry.example",
        ),
    ]


def _gets() -> list[bytes]:
    page = application().test_client().get("/api/v1/entries?limit=2").get_json()["next"]
    party, lot = uscc_of("maker"), f"/{DRUM}"
    addresses = [
        page,
        *(f"/api/v1/{name}" for name in ("entries?kind=party.admitted&lot=", "lots?limit=200", "findings", "parties")),
        *(f"/api/v1/{name}" for name in ("ledger/inclusion?entry=1&size=3", "ledger/consistency?first=1&second=3")),
        *(f"/api/v1/{name}" for name in (f"reports?lab={party}", f"heads?lot=https://id.gs1.org{lot}", "labs")),
        *(f"/api/v1/{name}" for name in ("entries/3/receipt?size=9", "entries/3/tlog-proof", f"keys/{'9f' * 32}")),
        *(f"/api/v1/lots{lot}{rest}" for rest in ("", "/trace", "/evidence.zip")),
        *(
            lot,
            f"/trace{lot}?format=csv",
            f"/mismatch{lot}",
            f"/labels{lot}.svg?size=100x150",
            f"{lot}?s={_LABEL_MARK}",
        ),
        *(
            f"/search?q={text}&lang=en"
            for text in ("15A0421%20D03", "(01)02990000010018(10)15A0421", "%E6%B8%AF", "%231")
        ),
        *(f"/parties/{party}?before=3", f"/labs/{party}?on=2015-02-28", f"/reports/{party}/A%2F1?version=2"),
        *("/findings?severity=S&rule=P01&after=x", "/tile/0/000.p/5", "/tile/entries/000.p/3", "/checkpoint"),
        *(
            f"/entries/{'9f' * 32}",
            "/entries/3",
            "/.well-known/scitt-keys/AAAA",
            "/rules/P01",
            "/problems/x",
            "/healthz",
        ),
    ]
    headers: dict[str, Any] = {
        "Accept": "text/html;q=0.9, */*;q=0.1",
        "Accept_Language": "en-GB, zh;q=0.3",
        "Cookie": "lang=en; session=a.b.c",
        "Authorization": "Bearer a.b.c",
        "If_None_Match": 'W/"x", "y"',
        "If_Modified_Since": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Range": "bytes=0-3",
    }
    return [write_request(f"GET {address}", **headers) for address in addresses]


_PARTS = (b"statements", b"application/", b"cbor-seq", b"json", b"; charset=x", b"q=1e9", b"=", b"AAAA", b'"', b"{")
_ADDRESSES = (
    b"%FF",
    b"/",
    b"?",
    b"&",
    b"=",
    b"..",
    b"limit=",
    b"cursor=",
    b"size=",
    b"lot=",
    b"q=",
    b"before=",
    b"9" * 20,
)
_LABEL_KEYS = {name_label_key(_LABEL_KEY.public): _LABEL_KEY.public}
_LABEL_DOCUMENT = json.dumps(write_label_document("registry.example", _LABEL_KEYS)).encode()


def _check_label(data: bytes) -> object:
    standing = check_label(as_text(data), "registry.example", f"/{DRUM}", _LABEL_KEYS)
    assert (standing is Standing.HOLDS) == (as_text(data) == _LABEL_MARK)
    return standing


def _read_number(data: bytes) -> object:
    number = read_number(as_text(data))
    assert read_number(show_number(number)) == number
    return number


def _read_place(data: bytes) -> object:
    latitude, _, longitude = as_text(data).partition(" ")
    return read_place(latitude, longitude)


TARGETS = (
    Target(
        "mismatch-number",
        _read_number,
        (make_number(b"12345678").encode(),),
        (b"-", b"O", b"U", b" "),
        (read_number,),
    ),
    Target(
        "photo",
        read_photo,
        tuple(make_photo(form, (40, 30)) for form in ("JPEG", "PNG", "WEBP")),
        (b"\xff\xd8\xff", b"\xff\xc0", b"\xff\xff", b"RIFF", b"WEBPVP8X", b"IHDR", b"\0\0", b"\xff\xda"),
        (read_photo,),
    ),
    Target(
        "place", _read_place, (b"34.26 108.94", b"-90 -180.0"), (b" ", b".", b"e", b"-", b"nan", b"9"), (read_place,)
    ),
    Target("label-mark", _check_label, (_LABEL_MARK.encode(),), (b"A", b"=", b"-", b"_"), (check_label,)),
    Target(
        "label-keys",
        read_label_document,
        (_LABEL_DOCUMENT,),
        (b'"', b"{", b"}", b"[]", b"null", b'"keys"', b'"jwk"', b"," * 50),
        (read_label_document,),
    ),
    Target("http-post", _send, tuple(_posts()), _PARTS, (decode_base64, read_envelopes), is_guided=False),
    Target("http-get", _send, tuple(_gets()), _ADDRESSES, (read_cursor, read_entry_number), is_guided=False),
)
