"""gunicorn with our settings: it makes ready before it serves, and what can't be made ready ends in one line."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from socket import socket
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

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


def _free_port() -> int:
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _status(url: str) -> int:
    try:
        with urlopen(url, timeout=PATIENCE_SECONDS) as reply:
            status: int = reply.status
            return status
    except HTTPError as error:
        error.close()
        return error.code


def _wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            _status(url)
            return
        except URLError:
            time.sleep(0.2)
    raise AssertionError("expected gunicorn to answer")


def test_workers_have_a_cpu_each_and_their_metrics_are_told_on_a_listener_of_their_own(tmp_path: Path) -> None:
    port, metrics = _free_port(), _free_port()
    (tmp_path / "var" / "metrics").mkdir(parents=True)
    (tmp_path / "var" / "metrics" / "counter_1.db").write_bytes(b"of a process that is no more")
    settings = {"VAR_DIR": str(tmp_path / "var"), "HOST": "127.0.0.1", "PORT": str(port), "DEMO": "no"}
    settings |= {"METRICS": f"127.0.0.1:{metrics}", "LOG_FORMAT": "json", "LOG_LEVEL": "info"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "api/gunicorn.conf.py", "--workers", "2", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        public, scraped = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}"
        _wait_for(f"{public}/healthz")
        asked = sum(_status(f"{public}/healthz") == 200 for _ in range(8)) + 1
        allowed, children = os.sched_getaffinity(0), Path(f"/proc/{process.pid}/task/{process.pid}/children")
        cpus = [os.sched_getaffinity(int(pid)) for pid in children.read_text(encoding="ascii").split()]
        # Each on one of its own, where there are as many as workers.
        assert [len(one) for one in cpus] == [1, 1]
        assert len(set.union(*cpus)) == min(len(allowed), 2)
        assert (_status(f"{public}/metrics"), _status(f"{scraped}/healthz")) == (404, 404)
        with urlopen(f"{scraped}/metrics", timeout=PATIENCE_SECONDS) as reply:
            told = reply.read().decode()
        assert f'suzheng_http_requests_total{{endpoint="health.show_health",status="200"}} {asked}.0' in told
        assert "suzheng_ledger_size 0.0" in told
    finally:
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"time", "level", "logger", "event"} <= lines[0].keys()
    assert any(line["event"].startswith("Listening at") for line in lines)
