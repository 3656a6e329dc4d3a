"""bin/run refuses what cannot work in one line and before any installation, and removes only what is ours.

It runs as a copy in a checkout with a space in its path. There, a stub that says what it was asked stands in for
gunicorn.
"""

import os
import runpy
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT

SETTINGS = ("HOST", "PORT", "VAR_DIR", "DATABASE_URL")
STUB = "import os, sys\nprint(__spec__.name, *sys.argv[1:], os.environ['VAR_DIR'], flush=True)\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    shutil.copytree(ROOT / "bin", folder / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "gunicorn.py").write_text(STUB)
    (folder / "requirements.txt").write_text("# nothing\n")
    return folder


@pytest.fixture
def installed(checkout: Path) -> Path:
    """A checkout that has been started before: its .venv is the interpreter that runs this test."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pip = checkout / ".venv" / "lib" / version / "site-packages" / "pip"
    pip.mkdir(parents=True)
    (pip / "__main__.py").touch()
    shutil.copy(checkout / "requirements.txt", checkout / ".venv")
    program(checkout / ".venv" / "bin" / "python", f'exec "{sys.executable}" "$@"')
    return checkout


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def run(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """bin/run, called from another directory."""
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [checkout / "bin" / "run", *arguments],
        cwd=checkout.parent,
        env=inherited | {"PORT": free_port()} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], because: str) -> None:
    assert because in done.stderr
    assert done.stderr.startswith("run: ")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 1


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


# --- refusals ---


def test_taken_port_is_refused_before_anything_is_installed(checkout: Path, taken_port: str) -> None:
    assert_refused(run(checkout, PORT=taken_port), f"port {taken_port} on 127.0.0.1 is taken")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "８０００", "9" * 5000])
def test_port_outside_its_range_is_refused(installed: Path, port: str) -> None:
    assert_refused(run(installed, PORT=port), "expected PORT between 1 and 65535")


def test_address_of_another_machine_is_refused(installed: Path) -> None:
    assert_refused(run(installed, HOST="192.0.2.1"), "cannot listen on HOST=192.0.2.1")


# Not by permissions: those do not bind root, as whom builds run.
def test_folder_that_cannot_be_written_is_refused(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_refused(run(installed, VAR_DIR=str(tmp_path / "file" / "var")), "cannot write to VAR_DIR=")


def test_unknown_argument_is_refused(installed: Path) -> None:
    assert_refused(run(installed, "--rest"), "expected --reset or --help, got --rest")


@pytest.mark.parametrize(
    ("finding", "because"),
    [
        ("lacks 3.11 ensurepip", "apt-get install python3-venv"),
        ("old 3.9", "expected Python 3.11 or newer, got 3.9"),
    ],
)
def test_unfit_python_is_refused(checkout: Path, tmp_path: Path, finding: str, because: str) -> None:
    path = tmp_path / "programs"
    program(path / "python3", f"echo '{finding}'")
    for name in ("bash", "readlink", "grep", "sort"):
        (path / name).symlink_to(shutil.which(name) or name)
    assert_refused(run(checkout, PATH=str(path)), because)


def test_newer_python_is_found_behind_an_old_one(checkout: Path, tmp_path: Path) -> None:
    path = tmp_path / "programs"
    program(path / "python3", "echo old 3.9")
    program(path / "python3.99", 'case "$1" in -c) echo good ;; *) echo chosen >&2; exit 1 ;; esac')
    done = run(checkout, PATH=f"{path}:{os.defpath}:{os.environ['PATH']}")
    assert done.stderr == "chosen\n"


def test_unreachable_package_index_is_said_in_one_line(installed: Path) -> None:
    (installed / "requirements.txt").write_text(f"nothing-there==1.0 --hash=sha256:{'0' * 64}\n")
    done = run(installed, PIP_CONFIG_FILE="/dev/null", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_FIND_LINKS="")
    assert_refused(done, "no network: the package index cannot be reached")
    assert "gunicorn" not in done.stdout


# --- what it does ---


def test_help_names_every_setting(checkout: Path) -> None:
    done = run(checkout, "--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in (*SETTINGS, "--reset"))


def test_serves(installed: Path) -> None:
    done = run(installed)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"gunicorn --config api/gunicorn.conf.py wsgi:app {installed}/var"]


def test_relative_folder_is_the_callers(installed: Path) -> None:
    assert run(installed, VAR_DIR="data").stdout.endswith(f"wsgi:app {installed.parent}/data\n")


# --- reset ---


def test_reset_removes_our_data_and_nothing_else(installed: Path) -> None:
    run(installed)
    var = installed / "var"
    (var / "suzheng.sqlite3").touch()
    (var / "blobs" / "ab").mkdir(parents=True)
    (var / "notes").touch()
    done = run(installed, "--reset")
    assert done.returncode == 0
    assert sorted(path.name for path in var.iterdir()) == [".suzheng", "notes"]
    assert "Left alone, not made by Suzheng: notes" in done.stdout


def test_reset_lets_a_witness_remember_what_it_signed(installed: Path) -> None:
    run(installed)
    (installed / "var" / "witness" / "logs").mkdir(parents=True)
    done = run(installed, "--reset")
    assert (installed / "var" / "witness" / "logs").is_dir()
    assert "Left alone" not in done.stdout


def test_reset_is_refused_in_a_folder_that_held_other_things_first(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "keys").mkdir(parents=True)
    assert run(installed, VAR_DIR=str(tmp_path / "mine")).returncode == 0
    assert_refused(run(installed, "--reset", VAR_DIR=str(tmp_path / "mine")), "held other things")
    assert (tmp_path / "mine" / "keys").exists()


def test_reset_is_refused_for_another_database(installed: Path) -> None:
    assert_refused(run(installed, "--reset", DATABASE_URL="postgresql://localhost/registry"), "DATABASE_URL")


def test_reset_is_refused_while_a_server_runs(installed: Path) -> None:
    (installed / "gunicorn.py").write_text("import sys\nprint('serving', flush=True)\nsys.stdin.read()\n")
    server = subprocess.Popen(
        [installed / "bin" / "run"],
        env=os.environ | {"PORT": free_port(), "VAR_DIR": str(installed / "var")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server:
        assert server.stdout is not None
        assert any(line == b"serving\n" for line in server.stdout)
        assert_refused(run(installed, "--reset"), "is in use by a running server")


# --- gunicorn's settings ---


@pytest.mark.parametrize(
    ("host", "bind"),
    [("127.0.0.1", "127.0.0.1:8001"), ("::1", "[::1]:8001")],
)
def test_server_listens_where_it_is_told(monkeypatch: pytest.MonkeyPatch, host: str, bind: str) -> None:
    for name, value in {"HOST": host, "PORT": "8001"}.items():
        monkeypatch.setenv(name, value)
    settings = runpy.run_path(str(ROOT / "api" / "gunicorn.conf.py"))
    assert settings["bind"] == bind


@pytest.mark.parametrize(
    ("allowed", "stay", "is_bound"),
    [({2, 5}, "yes", True), ({0, 1, 2, 3}, "yes", True), ({3}, "yes", False), ({0, 1}, "no", False)],
)
def test_each_worker_has_a_cpu_of_its_own(
    monkeypatch: pytest.MonkeyPatch, allowed: set[int], stay: str, is_bound: bool
) -> None:
    monkeypatch.setenv("WORKERS_STAY", stay)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: allowed)
    settings = runpy.run_path(str(ROOT / "api" / "gunicorn.conf.py"))
    server, chosen = SimpleNamespace(WORKERS={}), []
    for pid in range(2):
        worker = SimpleNamespace()
        settings["pre_fork"](server, worker)
        server.WORKERS[pid] = worker
        chosen.append(worker.cpu)
    if not is_bound:
        assert chosen == [None, None]
        return
    assert set(chosen) <= allowed
    assert len(set(chosen)) == 2
    # The one that dies leaves its CPU to the one that takes its place, however often.
    for pid in range(2, 5):
        del server.WORKERS[pid - 2]
        worker = SimpleNamespace()
        settings["pre_fork"](server, worker)
        assert worker.cpu not in {other.cpu for other in server.WORKERS.values()}
        server.WORKERS[pid] = worker
    # A reload begins the new ones before the old ones end.
    old = list(server.WORKERS)
    for pid in range(5, 7):
        worker = SimpleNamespace()
        settings["pre_fork"](server, worker)
        server.WORKERS[pid] = worker
    assert len({server.WORKERS[pid].cpu for pid in server.WORKERS if pid not in old}) == 2
