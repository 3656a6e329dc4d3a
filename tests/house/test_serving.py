"""gunicorn with our settings: it makes ready before it serves, and what can't be made ready ends in one line."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PATIENCE_SECONDS = 120


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A start that has to end by itself."""
    settings = {"VAR_DIR": str(tmp_path / "var"), "HOST": "127.0.0.1", "PORT": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "api/gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_unreachable_database_ends_the_start_in_one_line(tmp_path: Path) -> None:
    done = start(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/registry.sqlite3")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_newer_database_ends_the_start_in_one_line(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "newer.sqlite3") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    done = start(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/newer.sqlite3")
    assert done.returncode == 1
    assert "newer than this code" in done.stderr
    assert "Traceback" not in done.stderr
