"""The tiles' files: whole or made again, no more of them than needed, and enough for a plain file server."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.tlog.files import TileFiles, files_of
from tests.api.tlog.client import TileClient
from tests.api.tlog.conftest import grow, read_log
from tests.api.v1.conftest import open_app, shell_of
from tests.world import World
from trace.ledger.tiles import ENTRIES, Tile, read_path

FULL, PARTIAL = Tile(0, 1), Tile(0, 1, 3)


@pytest.fixture
def files(tmp_path: Path) -> TileFiles:
    return TileFiles(tmp_path / "tiles")


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def kept_by(app: Flask) -> TileFiles:
    shell = shell_of(app)
    return files_of(shell.settings, shell.registry.ledger_key.kid)


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(change(content))


def shorten(whole: bytes) -> bytes:
    return whole[:-1]


def empty(_whole: bytes) -> bytes:
    return b""


def lengthen(whole: bytes) -> bytes:
    return whole + b"\0"


def test_kept_tile_is_read_back_and_anyone_may_read_the_file(files: TileFiles) -> None:
    files.keep(FULL, bytes(8192))
    assert files.read(FULL) == bytes(8192)
    assert names(files.root) == ["tile/0/001"]
    assert files.path(FULL).stat().st_mode & 0o777 == 0o444


def test_full_tile_takes_the_place_of_its_partial_ones_and_answers_for_them(files: TileFiles) -> None:
    content = os.urandom(8192)
    for width in (1, 3, 200):
        files.keep(Tile(0, 1, width), content[: 32 * width])
    assert names(files.root) == ["tile/0/001.p/1", "tile/0/001.p/200", "tile/0/001.p/3"]
    files.keep(FULL, content)
    assert names(files.root) == ["tile/0/001"]
    assert files.read(PARTIAL) == content[:96]


@pytest.mark.parametrize("tile", [FULL, PARTIAL, Tile(ENTRIES, 1), Tile(ENTRIES, 1, 3)], ids=lambda tile: tile.path)
@pytest.mark.parametrize("change", [shorten, empty, lengthen])
def test_file_of_another_length_is_no_tile(files: TileFiles, tile: Tile, change: Callable[[bytes], bytes]) -> None:
    files.keep(tile, bytes(tile.size_bytes))
    damage(files.path(tile), change)
    assert files.read(tile) is None


def test_content_of_another_length_is_never_written(files: TileFiles) -> None:
    with pytest.raises(ValueError, match="expected 8192 bytes"):
        files.keep(FULL, bytes(8191))
    assert names(files.root) == []


def test_interrupted_write_leaves_neither_tile_nor_rubbish(files: TileFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        files.keep(FULL, bytes(8192))
    assert names(files.root) == []
    assert files.read(FULL) is None


def test_two_ledgers_share_no_file(app: Flask) -> None:
    settings = shell_of(app).settings
    assert files_of(settings, b"\1" * 32).path(FULL) != files_of(settings, b"\2" * 32).path(FULL)


# --- in the application ---


@pytest.mark.parametrize("path", ["0/000", "entries/000", "0/001.p/44", "entries/001.p/44", "1/000.p/1"])
def test_torn_file_is_noticed_and_made_again(app: Flask, client: FlaskClient, world: World, path: str) -> None:
    grow(world, 300)
    whole = client.get(f"/tile/{path}").data
    tile = read_path(path)
    assert tile is not None
    file = kept_by(app).path(tile)
    assert file.read_bytes() == whole
    damage(file, lambda content: content[: len(content) // 2])
    assert client.get(f"/tile/{path}").data == whole
    assert file.read_bytes() == whole


def test_folder_alone_serves_the_log(app: Flask, client: FlaskClient, world: World) -> None:
    grow(world, 530)
    by_http = read_log(client)
    assert by_http.hash_of(0, 530) == by_http.root
    by_http.entry(529)
    root = kept_by(app).root

    def fetch(path: str) -> bytes:
        return client.get("/checkpoint").data if path == "checkpoint" else (root / path).read_bytes()

    by_file = TileClient(fetch, by_http.vkey)
    assert by_file.hash_of(0, 530) == by_file.root
    assert by_file.entry(529) == by_http.entry(529)


def test_only_the_newest_partial_tile_becomes_a_file(app: Flask, client: FlaskClient, world: World) -> None:
    grow(world, 40)
    for width in (3, 39, 40):
        assert len(client.get(f"/tile/0/000.p/{width}").data) == 32 * width
    assert names(kept_by(app).root) == ["tile/0/000.p/40"]


def test_statement_that_completes_a_tile_puts_it_on_the_disk(app: Flask, client: FlaskClient, world: World) -> None:
    grow(world, 255)
    body = world.seal("owner", "tender.published", ocid="ocds-1").to_bytes()
    assert client.post("/api/v1/statements", data=body, content_type="application/cose").status_code == 201
    kept = kept_by(app)
    assert names(kept.root) == ["tile/0/000", "tile/entries/000"]
    assert kept.path(Tile(0, 0)).read_bytes() == client.get("/tile/0/000").data
    # And before any tile, the checkpoint that needs it.
    assert read_log(client).size == 256


def test_disk_that_takes_no_tile_refuses_no_statement(
    app: Flask, client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    grow(world, 255)
    shell_of(app).settings.tiles_dir.write_bytes(b"in the way")
    body = world.seal("owner", "tender.published", ocid="ocds-1").to_bytes()
    assert client.post("/api/v1/statements", data=body, content_type="application/cose").status_code == 201
    assert "tile 0/000 not written" in caplog.text
    log = read_log(client)
    assert log.hash_of(0, 256) == log.root


def test_registry_that_is_not_founded_has_no_tiles(empty_world: World, tmp_path: Path) -> None:
    app = open_app(empty_world, tmp_path / "var")
    for path in ("/checkpoint", "/tile/0/000.p/1"):
        response = app.test_client().get(path)
        assert (response.status_code, response.get_json()["code"]) == (503, "not-founded")
    shell_of(app).database.close()
