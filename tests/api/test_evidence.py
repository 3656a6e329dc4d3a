"""Whoever has nothing but the ZIP can check every statement and receipt in it, with other people's programs too."""

import hashlib
import html
import io
import json
import re
import subprocess
import zipfile

import pytest
import scitt_cose

from api import blobs
from api.database import Database
from keys.algorithms import ED25519, ES256, SM2
from keys.envelope import parse_statement, verify_statement
from keys.keyring import read_public_pem
from tests.api.v1.conftest import open_app, shell_of
from tests.factories import DRUM, ROD, uscc_of
from tests.world import HONEST, World
from trace.chains import read_mentions
from trace.ledger.checkpoint import read_note, read_verifier_key
from trace.ledger.receipt import verify_receipt

PDF = b"%PDF-1.7\nreport\n"


@pytest.fixture
def world(database):
    return World.told(database)


@pytest.fixture
def app(world, tmp_path):
    # One thing of another lot first, and one afterwards, so that the receipts are not those of the record.
    for day, alias, tag, changes in HONEST:
        named = {"pdf_sha256": hashlib.sha256(PDF).hexdigest()} if tag == "report.issued" else {}
        world.tell([(day, alias, tag, {**changes, **named})])
    world.enroll("owner", "second")
    app = open_app(world, tmp_path / "var")
    blobs.store(shell_of(app).settings, PDF)
    yield app
    shell_of(app).database.close()


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def fetch(app, lot=DRUM, client=None) -> bytes:
    reply = (client or app.test_client()).get(f"/api/v1/lots/{lot}/evidence.zip")
    assert (reply.status_code, reply.mimetype) == (200, "application/zip")
    assert reply.headers["Cache-Control"] == "no-store"
    return reply.data


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_checked_from_the_zip_alone(app):
    files = unpack(fetch(app))
    index = json.loads(files["index.json"])
    ledger = read_public_pem(files["keys/ledger.pem"])
    origin, same = read_verifier_key(files["keys/ledger.vkey"].decode())
    assert same.kid == ledger.kid
    size, root = read_note(files["checkpoint.txt"].decode(), origin, ledger)
    assert (size, root.hex()) == (index["checkpoint"]["size"], index["checkpoint"]["root"])
    assert len(index["entries"]) > 10
    algorithms = set()
    for entry in index["entries"]:
        receipt = files[entry["receipt"]]
        shown = verify_receipt(receipt, bytes.fromhex(entry["leaf"]), ledger)
        assert (shown.position, shown.size, shown.root, shown.origin) == (entry["position"], size, root, origin)
        others = scitt_cose.verify_receipt(
            receipt, leaf_entry_hex=entry["leaf"], log_public_key_pem=files["keys/ledger.pem"].decode()
        )
        assert others.ok, others.errors
        if entry["statement"] is not None:
            data = files[entry["statement"]]
            assert hashlib.sha256(data).hexdigest() == entry["leaf"]
            statement = parse_statement(data)
            key = read_public_pem(files[f"keys/{statement.kid.hex()}.pem"])
            verify_statement(statement, key)
            algorithms.add(key.algorithm)
            if key.algorithm in (ED25519, ES256):  # what that program knows
                scitt_cose.verify_sign1(data, public_key_pem=files[f"keys/{statement.kid.hex()}.pem"].decode())
    assert {ED25519, ES256, SM2} <= algorithms


def test_each_signers_key_is_put_on_record_by_an_entry_that_is_there(app):
    files = unpack(fetch(app))
    index = json.loads(files["index.json"])
    positions = {entry["position"] for entry in index["entries"]}
    assert {entry["kid"] for entry in index["entries"]} == {key["kid"] for key in index["keys"]}
    assert {key["entry"] for key in index["keys"]} | {0} <= positions
    assert all(key["file"] in files for key in index["keys"])


def test_a_document_that_a_statement_names_is_in_it(app):
    files = unpack(fetch(app))
    (name,) = [name for name in files if name.startswith("documents/")]
    assert files[name] == PDF
    assert name == f"documents/{hashlib.sha256(PDF).hexdigest()}.pdf"


def test_nothing_is_there_that_the_index_does_not_name(app):
    files = unpack(fetch(app))
    index = json.loads(files["index.json"])
    named = {"index.html", "index.json", "SHA256SUMS", "verify.html"}
    named |= {"checkpoint.txt", "keys/ledger.pem", "keys/ledger.vkey"}
    named |= {key["file"] for key in index["keys"]}
    for entry in index["entries"]:
        named |= {entry["receipt"], entry["recorded"], *entry["documents"]} | ({entry["statement"]} - {None})
    assert set(files) == named


def test_every_file_is_named_with_its_hash(app):
    files = unpack(fetch(app))
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    sums = dict(line.split("  ")[::-1] for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashes[name] for name in files}
    in_index = json.loads(files["index.json"])["sha256"]
    assert in_index == {name: digest for name, digest in sums.items() if not name.startswith("index.")}
    page = files["index.html"].decode()
    assert all(digest in page for digest in in_index.values())


def test_the_time_of_record_is_signed_and_the_indexs(app):
    files = unpack(fetch(app))
    ledger = read_public_pem(files["keys/ledger.pem"])
    times = set()
    for entry in json.loads(files["index.json"])["entries"]:
        shown = verify_receipt(files[entry["recorded"]], bytes.fromhex(entry["leaf"]), ledger)
        assert (shown.position, f"{shown.recorded_at:%Y-%m-%dT%H:%M:%SZ}") == (entry["position"], entry["recorded_at"])
        times.add(shown.recorded_at)
    assert len(times) > 5


def test_a_revocation_of_a_signers_key_is_in_it(app, world):
    before = {entry["position"] for entry in json.loads(unpack(fetch(app))["index.json"])["entries"]}
    revoked = world.say("regulator", "key.revoked", kid=world.kid("maker"), reason="stolen", compromised_since=None)
    after = {entry["position"] for entry in json.loads(unpack(fetch(app))["index.json"])["entries"]}
    assert after == before | {revoked.position}


def test_openssl_takes_the_checkpoint_as_the_index_tells(app, tmp_path):
    with zipfile.ZipFile(io.BytesIO(fetch(app))) as archive:
        archive.extractall(tmp_path)
    page = html.unescape((tmp_path / "index.html").read_text())
    commands = re.findall(r"<code>((?:sha256sum -c|head|sed|openssl) .*?)</code>", page)
    assert len(commands) == 2 * 4
    for command in commands:
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "body").write_bytes((tmp_path / "body").read_bytes() + b" ")
    assert subprocess.run(["bash", "-c", commands[3]], cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_the_same_ledger_gives_the_same_bytes(app):
    assert fetch(app) == fetch(app)


def test_withheld_bodies_stay_withheld(app, monkeypatch):
    lab = uscc_of("lab")
    monkeypatch.setattr("api.v1.lots.may_read", lambda readers, issuer: issuer != lab)
    files = unpack(fetch(app))
    withheld = [entry for entry in json.loads(files["index.json"])["entries"] if entry["statement"] is None]
    assert "report.issued" in {entry["kind"] for entry in withheld}
    assert {entry["issuer"] for entry in withheld} == {lab}
    assert all(entry["receipt"] in files and entry["documents"] == [] for entry in withheld)
    assert not any(entry["receipt"].replace("receipts", "statements") in files for entry in withheld)


def test_the_page_speaks_both_languages_and_loads_nothing(app):
    page = unpack(fetch(app))["index.html"].decode()
    assert "如何校验" in page
    assert "How to check it" in page
    assert not re.search(r"<script|https?://|src=|@import", page)
    files = unpack(fetch(app))
    links = set(re.findall(r'href="([^"]+)"', page))
    assert links
    assert links - {"#zh", "#en", "#sums"} <= set(files)


def test_a_lot_of_which_nobody_has_spoken_has_no_evidence(app):
    assert app.test_client().get("/api/v1/lots/01/06901234567892/10/NONE/evidence.zip").status_code == 404


def test_the_lineage_is_in_it(app):
    of_rod = {entry["position"] for entry in json.loads(unpack(fetch(app, ROD))["index.json"])["entries"]}
    of_drum = {entry["position"] for entry in json.loads(unpack(fetch(app))["index.json"])["entries"]}
    shell = shell_of(app)
    with shell.database.reading() as session:
        assert set(read_mentions(session, ROD)) | set(read_mentions(session, DRUM)) <= of_rod & of_drum
