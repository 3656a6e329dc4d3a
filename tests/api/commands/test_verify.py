"""`flask ledger verify` to its three depths, on all cores, since a kept checkpoint, and on what others hold."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import api.commands.verify as command
from api.auditing import looking_by_processes
from tests.api.commands.test_ledger import lift_guard
from tests.api.serving import serving
from tests.api.tlog.conftest import grow
from tests.conftest import ROOT
from tests.world import HONEST
from trace.ledger.checkpoint import verifier_key


@pytest.fixture
def told(world):
    world.tell(HONEST)
    return world


@pytest.fixture
def exported(run, told, tmp_path) -> Path:
    assert run("ledger export --out ledger.txt").exit_code == 0
    return tmp_path / "ledger.txt"


def change(shell, statement: str) -> None:
    with shell.database.engine.begin() as connection:
        lift_guard(connection)
        connection.execute(text(statement))


# --- depths ---


@pytest.mark.parametrize("depth", ["hashes", "signatures", "door"])
def test_each_depth_says_what_it_looked_at(run, told, depth):
    result = run(f"ledger verify --depth {depth}")
    assert result.exit_code == 0, result.stderr
    assert f"depth       {depth}: " in result.stdout
    assert result.stdout.endswith("sound\n")


def test_signatures_are_looked_at_unless_somebody_asks_for_less(run, told, shell):
    change(shell, "UPDATE entry SET kind = 'lot.split' WHERE position = 20")
    result = run("ledger verify")
    assert (result.exit_code, "depth       signatures" in result.stdout) == (1, True)
    assert "WRONG at entry 20: kind-differs" in result.stderr
    assert run("ledger verify --depth door").stderr == result.stderr
    assert run("ledger verify --depth hashes").exit_code == 0


def test_a_long_ledger_is_looked_through_by_several_processes(run, told, shell, monkeypatch):
    monkeypatch.setattr(command, "STRETCH", 8)
    asked: list[int] = []

    def note(url, processes):
        asked.append(processes)
        return looking_by_processes(url, processes)

    monkeypatch.setattr(command, "looking_by_processes", note)
    assert run("ledger verify --processes 2").exit_code == 0
    assert asked == [2]
    assert run("ledger verify --processes 1").exit_code == 0
    assert run("ledger verify --depth door --processes 2").exit_code == 0
    assert asked == [2]


# --- since ---


def test_what_came_after_a_kept_checkpoint_is_verified(run, told, tmp_path):
    (tmp_path / "kept.txt").write_text(run("ledger checkpoint").stdout)
    told.say("regulator", "spotcheck.reported")
    for since in ("kept.txt", (tmp_path / "kept.txt").read_text().split("\n")[1]):
        result = run(f"ledger verify --since {since}")
        assert result.exit_code == 0, result.stderr
        assert result.stdout.endswith("sound\n")


def test_a_kept_checkpoint_of_another_history_is_wrong(run, told, shell, tmp_path):
    (tmp_path / "kept.txt").write_text(run("ledger checkpoint").stdout)
    with shell.database.engine.begin() as connection:
        for table in ("entry", "node", "checkpoint"):
            lift_guard(connection, table)
        size = connection.scalar(text("SELECT max(size) FROM checkpoint"))
        connection.execute(text("DELETE FROM checkpoint WHERE size = :size"), {"size": size})
        connection.execute(text("DELETE FROM entry WHERE position = :last"), {"last": size - 1})
        connection.execute(text('DELETE FROM node WHERE ("index" + 1) * (1 << level) >= :size'), {"size": size})
        connection.execute(text("UPDATE head SET size = 0"))
    assert run("ledger verify").exit_code == 0, "sound in itself: only what was kept can tell"
    result = run("ledger verify --since kept.txt")
    assert (result.exit_code, f"checkpoint {size}: entries-cut-off" in result.stderr) == (1, True)


def test_what_was_allowed_depends_on_all_before(run, told):
    assert run("ledger verify --since 5 --depth door").exit_code == 2


# --- an export ---


@pytest.mark.parametrize("depth", ["hashes", "signatures", "door"])
def test_an_export_is_as_sound_as_its_ledger(run, exported, depth):
    result = run(f"ledger verify ledger.txt --depth {depth}")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == run(f"ledger verify --depth {depth}").stdout


def test_the_first_fault_of_an_export_is_named(run, exported, tmp_path):
    lines = exported.read_text().splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if line.startswith("append-entry\t20\t"))
    line, before = lines[number], next(line for line in lines if line.startswith("add-item"))
    at, leaf = line.split("\t")[2:]
    for place, changed, told in (
        (number, line.replace(leaf, f"sha-256:{'0' * 64}\n"), "entry 20: leaf-differs"),
        (number, line.replace(at, "2001-01-01T00:00:00Z"), "entry 20: recorded-at-differs"),
        (number - 1, before, "each statement once"),
        (number, line.replace("\t20\t", "\t21\t"), f"line {number + 1}, where position"),
        (0, lines[0].replace("suzheng.example", "another.example"), ": checkpoint-note-differs"),
        (number + 1, "", "entry 20: recorded-at-differs"),
        (len(lines) - 1, "", "the end"),
    ):
        (tmp_path / "changed.txt").write_text("".join([*lines[:place], changed, *lines[place + 1 :]]))
        result = run("ledger verify changed.txt")
        assert (result.exit_code, told in result.stderr) == (1, True), (told, result.stderr)


def test_a_file_that_is_no_export_is_refused(run, world, tmp_path):
    (tmp_path / "none.txt").write_text("nothing\n")
    result = run("ledger verify none.txt")
    assert (result.exit_code, "export-malformed: line 1" in result.stderr) == (1, True)
    assert run("ledger verify absent.txt").exit_code == 1


# --- a public log ---


@pytest.fixture
def url(app, world) -> Iterator[str]:
    grow(world, 300)
    with serving(app) as address:
        yield address


def test_a_public_log_is_verified_as_far_as_it_goes(run, world, url, tmp_path):
    (tmp_path / "key").write_text(verifier_key(world.sealer.origin, world.sealer.key.public))
    result = run(f"ledger verify {url} --key key")
    assert result.exit_code == 0, result.stderr
    assert "entries     300 in 5 tiles" in result.stdout
    assert "no statements" in result.stdout
    assert "compare it with one from elsewhere" not in result.stdout
    assert "compare it with one from elsewhere" in run(f"ledger verify {url}").stdout
    assert run(f"ledger verify {url} --depth signatures").exit_code == 2


def test_a_mirror_is_verified_without_its_ledger(run, world, url, tmp_path):
    assert run(f"ledger mirror {url} --into copy --trust-first-use").exit_code == 0
    assert run("ledger verify copy").exit_code == 0
    (tmp_path / "kept.txt").write_text((tmp_path / "copy" / "checkpoint").read_text())
    grow(world, 310)
    assert run(f"ledger mirror {url} --into copy").exit_code == 0
    assert "310 in 2 tiles" in run("ledger verify copy --since kept.txt").stdout
    path = tmp_path / "copy" / "tile" / "entries" / "000"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    result = run("ledger verify copy")
    assert (result.exit_code, "tile-differs: where entries/000" in result.stderr) == (1, True)
    path.unlink()
    assert "tile-unknown: where entries/000" in run("ledger verify copy").stderr


def test_a_public_log_shorter_than_the_kept_one_is_refused(run, world, url, tmp_path):
    assert run(f"ledger mirror {url} --into copy --trust-first-use").exit_code == 0
    old = (tmp_path / "copy" / "checkpoint").read_text()
    grow(world, 310)
    (tmp_path / "kept.txt").write_text(run("ledger checkpoint").stdout)
    (tmp_path / "copy" / "checkpoint").write_text(old)
    result = run("ledger verify copy --since kept.txt")
    assert (result.exit_code, "ledger-behind" in result.stderr) == (1, True)


# --- as people run it ---


@pytest.mark.slow
def test_the_program_itself_starts_its_processes(told, settings, tmp_path):
    """`flask`, as installed: each process has to find this `trace`, and not the standard library's."""
    grow(told, 2 * 4096 + 10)
    environment = os.environ | {"DATABASE_URL": settings.database_url, "VAR_DIR": str(settings.var_dir), "LC_ALL": "C"}
    program = [sys.executable, "-m", "flask", "--app", "wsgi", "ledger", "verify", "--processes", "2"]
    done = subprocess.run(
        [*program, "--depth", "hashes"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "sound"), done.stderr
