"""A monitor that knows the C2SP specifications and nothing of us reads the log and is convinced; or is told no."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.tlog.client import climb, grow, open_checkpoint, sha256
from tests.api.tlog.conftest import read_log
from tests.api.v1.conftest import open_app, shell_of
from tests.world import ORIGIN, World
from trace.ledger.store import stream_entries

LongLog = tuple[World, Flask]


def test_monitor_finds_every_entry_in_the_root_by_tiles_alone(long_log: LongLog, visitor: FlaskClient) -> None:
    log = read_log(visitor)
    assert (log.origin, log.size) == (ORIGIN, 600)
    assert log.hash_of(0, log.size) == log.root
    for position in range(log.size):
        path = log.path_of(position, 0, log.size)
        assert climb(position, log.size, sha256(b"\x00" + log.entry(position)), path) == log.root
    # Three rows of three, and the one above.
    assert len(log.kept) == 3 + 3 + 1


def test_entries_are_the_hashes_of_the_statements(long_log: LongLog, visitor: FlaskClient) -> None:
    log = read_log(visitor)
    with long_log[0].database.reading() as session:
        for entry in stream_entries(session):
            assert log.entry(entry.position) == sha256(entry.statement)


def test_monitor_sees_each_checkpoint_grow_out_of_those_before(visitor: FlaskClient) -> None:
    log = read_log(visitor)
    for first in (1, 255, 256, 300, 511, 512, 599, 600):
        told = visitor.get(f"/api/v1/ledger/consistency?first={first}").get_json()
        assert told["path"] == [one.hex() for one in log.proof_of_growth(first, 0, log.size)]
        old = bytes.fromhex(told["first_root"])
        assert grow(first, log.size, old, [bytes.fromhex(one) for one in told["path"]]) == (old, log.root)
        assert old == log.hash_of(0, first)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 300, 511, 512, 599])
def test_tiles_of_an_older_checkpoint_are_still_there(visitor: FlaskClient, size: int) -> None:
    log = read_log(visitor)
    told = visitor.get(f"/api/v1/ledger/consistency?first={size}").get_json()
    log.size = size
    assert log.hash_of(0, size).hex() == told["first_root"]
    if told["first_checkpoint"] is not None:
        assert open_checkpoint(told["first_checkpoint"], log.vkey)[1:] == (size, log.hash_of(0, size))
    assert (told["first_checkpoint"] is not None) == (size in (300, 511))


def test_checkpoint_is_a_signed_note_that_nobody_keeps_for_long(visitor: FlaskClient) -> None:
    response = visitor.get("/checkpoint")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=1"
    vkey = visitor.get("/api/v1/ledger").get_json()["ledger_key"]["verifier_key"]
    assert open_checkpoint(response.text, vkey)[:2] == (ORIGIN, 600)


@pytest.mark.parametrize("path", ["0/000", "0/002.p/88", "0/001.p/3", "1/000.p/2", "entries/001", "entries/002.p/88"])
def test_tile_is_bytes_that_may_be_kept_for_ever(visitor: FlaskClient, path: str) -> None:
    response = visitor.get(f"/tile/{path}")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = visitor.get(f"/tile/{path}", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "0/002",
        "0/002.p/89",
        "0/003.p/1",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "entries/002",
        "0/2",
        "data/000",
        "0/000.p/256",
    ],
)
def test_tile_that_is_not_there_is_not_found_and_not_kept(visitor: FlaskClient, path: str) -> None:
    response = visitor.get(f"/tile/{path}")
    assert (response.status_code, response.get_json()["code"]) == (404, "tile-unknown")
    assert "max-age" not in response.headers.get("Cache-Control", "")


def test_files_of_the_log_do_not_count_against_the_limit_of_pages(world: World, tmp_path: Path) -> None:
    app = open_app(world, tmp_path / "limited", rate_limit="1 per minute")
    client = app.test_client()
    for path in ("/checkpoint", "/tile/0/000.p/1"):
        assert [client.get(path).status_code for _ in range(3)] == [200] * 3
    assert [client.get("/api/v1/ledger").status_code for _ in range(2)] == [200, 429]
    shell_of(app).database.close()
