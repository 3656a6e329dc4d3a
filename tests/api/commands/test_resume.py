"""A database that was put back to an earlier state is not appended to: the kept checkpoint contradicts it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from api.anchor import give_up, keep_anchor, read_anchor
from api.database import Database
from keys.errors import RefusedError
from tests import databases
from tests.conftest import ROOT
from trace.intake import Accepted
from trace.ledger.anchor import check_continues, check_newest
from trace.ledger.store import latest_checkpoint, size_of


def send(shell, world, alias="owner", tag="tender.published", **changes):
    (outcome,) = shell.accept([world.seal(alias, tag, **changes).to_bytes()], at=world.at)
    return outcome


def newest_note(shell) -> str:
    with shell.database.reading() as session:
        latest = latest_checkpoint(session)
    assert latest is not None
    return latest.note


class Backup:
    """A copy of a database as an operator makes it: SQLite's own backup, or pg_dump into a database that is dropped."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.path = make_url(url), folder, folder / "backup"
        if self.url.get_backend_name() == "sqlite":
            with sqlite3.connect(str(self.url.database)) as source, sqlite3.connect(self.path) as target:
                source.backup(target)
            source.close()
            target.close()
        else:
            self._call("pg_dump", "--format=custom", f"--file={self.path}")

    def restore(self, database: Database) -> None:
        database.close()
        if self.url.get_backend_name() == "sqlite":
            for suffix in ("-wal", "-shm"):
                Path(f"{self.url.database}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(self.path, str(self.url.database))
        else:
            self._call("pg_restore", "--clean", "--if-exists", str(self.path))

    def _call(self, program: str, *arguments: str) -> None:
        binaries = databases.find_binaries()
        assert binaries is not None
        where = [f"--host={self.url.query['host']}", "--username=postgres", f"--dbname={self.url.database}"]
        subprocess.run([binaries / program, *where, *arguments], env={"PATH": os.defpath}, check=True)


def test_a_restored_database_is_read_but_not_appended_to(run, shell, world, tmp_path):
    send(shell, world)
    backup = Backup(shell.settings.database_url, tmp_path)
    lost = send(shell, world, "regulator", "certificate.issued")
    backup.restore(shell.database)
    with pytest.raises(RefusedError) as refused:
        send(shell, world, "regulator", "certificate.issued")
    assert refused.value.code == "ledger-rolled-back"
    assert f"{lost.position + 1} entries or more" in str(refused.value)
    with shell.database.reading() as session:
        assert size_of(session) == lost.position
    assert run("ledger verify").exit_code == 0


def test_a_client_is_told_503(app, shell, world, tmp_path):
    backup = Backup(shell.settings.database_url, tmp_path)
    send(shell, world)
    backup.restore(shell.database)
    sealed = world.seal("owner", "tender.published").to_bytes()
    reply = app.test_client().post("/api/v1/statements", data=sealed, content_type="application/cose")
    assert (reply.status_code, reply.get_json()["code"]) == (503, "ledger-rolled-back")


def test_an_operator_may_give_the_lost_entries_up(run, shell, world, tmp_path):
    backup = Backup(shell.settings.database_url, tmp_path)
    lost = send(shell, world)
    size = lost.position + 1
    assert "Nothing to give up" in run(f"ledger resume --give-up {size}").stdout
    backup.restore(shell.database)
    kept = read_anchor(shell.settings)
    assert run(f"ledger resume --give-up {size + 1}").exit_code == 2
    result = run(f"ledger resume --give-up {size}")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("ledger-rolled-back: ")
    aside = shell.settings.anchor_path.with_name(f"checkpoint.given-up.{size}")
    assert aside.read_text() == kept
    assert isinstance(send(shell, world), Accepted)


def test_the_newest_committed_checkpoint_is_kept(shell, world):
    send(shell, world)
    assert read_anchor(shell.settings) == newest_note(shell)


def test_a_refused_statement_keeps_nothing(shell, world):
    (outcome,) = shell.accept([b"nonsense"], at=world.at)
    assert isinstance(outcome, RefusedError)
    assert read_anchor(shell.settings) == newest_note(shell)


def test_another_process_that_is_late_does_not_turn_it_back(shell, world):
    send(shell, world)
    earlier = read_anchor(shell.settings)
    send(shell, world, "regulator", "certificate.issued")
    later = read_anchor(shell.settings)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda note: keep_anchor(shell.settings, note), [earlier, later] * 20))
    assert read_anchor(shell.settings) == later
    assert [path.name for path in shell.settings.anchor_path.parent.iterdir()] in (
        ["checkpoint", "checkpoint.lock"],
        ["checkpoint.lock", "checkpoint"],
    )


def test_several_processes_end_with_the_largest(shell):
    """Gunicorn's workers and a command write the same file, in whatever order their commits come through."""
    program = (
        "import sys; from pathlib import Path; from api.anchor import keep_anchor, read_anchor\n"
        "from api.settings import read_settings\n"
        "settings = read_settings({'VAR_DIR': sys.argv[1]}); last = 0\n"
        "for size in range(int(sys.argv[2]), 90, 3):\n"
        "    keep_anchor(settings, f'o\\n{size}\\nr\\n')\n"
        "    kept = int(read_anchor(settings).split()[1]); assert kept >= max(size, last); last = kept\n"
    )
    var_dir = str(shell.settings.var_dir)
    writers = [subprocess.Popen([sys.executable, "-c", program, var_dir, str(at)], cwd=ROOT) for at in (1, 2, 3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert read_anchor(shell.settings) == "o\n89\nr\n"


def test_a_process_that_died_before_keeping_it_leaves_one_that_still_holds(shell, world):
    send(shell, world)
    world.say("regulator", "certificate.issued")  # committed, not kept
    assert isinstance(send(shell, world, "owner", "award.made"), Accepted)


def test_the_same_size_with_another_root_is_refused(shell, world, tmp_path):
    """Not even more entries help, where they are others."""
    backup = Backup(shell.settings.database_url, tmp_path)
    send(shell, world)
    backup.restore(shell.database)
    for _ in range(3):
        world.say("regulator", "certificate.issued", number=f"C-{_}")  # by somebody who does not ask the file
    with pytest.raises(RefusedError, match="ledger-rolled-back: where the first"):
        send(shell, world)


@pytest.mark.parametrize("note", ["", "nonsense\n", "suzheng.example/test\n2\nAAAA\n\n— x AAAA\n", "\ufffd"])
def test_a_kept_file_that_is_no_checkpoint_of_this_ledger_refuses_too(shell, world, note):
    send(shell, world)
    shell.settings.anchor_path.write_text(note)
    with pytest.raises(RefusedError, match="ledger-rolled-back"):
        send(shell, world, "regulator", "certificate.issued")
    assert shell.settings.anchor_path.read_text() == note


def test_a_full_disk_after_the_commit_does_not_take_the_answer_back(shell, world, monkeypatch, caplog):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.anchor.write_whole", refuse)
    assert isinstance(send(shell, world), Accepted)
    assert "checkpoint not kept" in caplog.text


def test_nothing_kept_is_nothing_to_give_up(run, world, settings):
    assert run("ledger resume --give-up 3").stderr.startswith("checkpoint-unknown: ")
    assert give_up(settings, None) is None


def test_the_newest_checkpoint_is_held_against_the_tree(shell, world, monkeypatch):
    key, origin = world.sealer.key.public, world.sealer.origin
    with shell.database.reading() as session:
        check_newest(session, origin, key)
        check_continues(session, newest_note(shell), origin, key)
        latest = latest_checkpoint(session)
        assert latest is not None
        forged = replace(latest, signature=bytes(64))
        monkeypatch.setattr("trace.ledger.anchor.latest_checkpoint", lambda session: forged)
        with pytest.raises(RefusedError, match="checkpoint-invalid"):
            check_newest(session, origin, key)


def test_a_start_says_so_and_goes_on(run, shell, world, tmp_path):
    backup = Backup(shell.settings.database_url, tmp_path)
    assert run("prepare").exit_code == 0
    kept = newest_note(shell)
    assert read_anchor(shell.settings) == kept
    send(shell, world)
    backup.restore(shell.database)
    result = run("prepare")
    assert result.exit_code == 0
    assert result.stderr.startswith("Nothing can be appended. ledger-rolled-back: ")
    assert read_anchor(shell.settings) != kept
