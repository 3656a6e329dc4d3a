"""The product as it is served: gunicorn with its own settings, two workers, on a database of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.database import Database
from api.settings import ROOT
from tests import databases
from tests.benchmarks.load import make_request, run_load

# As Debian's package has it, but for where it listens: what is committed is on the disk.
_POSTGRESQL = ("listen_addresses=''", "shared_buffers=256MB", "max_connections=100", "timezone=UTC")
_START_S = 60.0


@dataclass(frozen=True)
class Served:
    """A running server."""

    address: tuple[str, int]
    process: subprocess.Popen[bytes]
    var_dir: Path

    def memory_bytes(self) -> int:
        """Of the largest worker, what it holds for itself and its share of what it has in common (PSS)."""
        return max(_pss(worker) for worker in self.workers())

    def workers(self) -> list[int]:
        """Their process numbers."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(number) for number in listed.split()]


@contextlib.contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[Database]:
    """An empty, migrated database, `sqlite` or `postgresql`, that keeps what it commits."""
    with _place(kind, folder) as place:
        url = place.create("bench")
        databases.migrate(url)
        with _opened(url) as database:
            yield database


@contextlib.contextmanager
def kept_database(kind: str, folder: Path) -> Iterator[Database]:
    """The database that `fresh_database` made in this folder."""
    with _place(kind, folder) as place, _opened(place.url("bench")) as database:
        yield database


@contextlib.contextmanager
def copied_database(kind: str, folder: Path) -> Iterator[Database]:
    """A copy of the database that `fresh_database` made in this folder; dropped at the end."""
    with _place(kind, folder) as place:
        place.drop("copy")
        with _opened(place.create("copy", "bench")) as database:
            yield database
        place.drop("copy")


@dataclass(frozen=True, slots=True)
class _Files:
    """Databases of SQLite in a folder, with the calls of a PostgreSQL server."""

    folder: Path

    def create(self, name: str, template: str | None = None) -> str:
        path = self._path(name)
        if template is not None:
            shutil.copyfile(self._path(template), path)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    def drop(self, name: str) -> None:
        for left in self.folder.glob(f"{self._path(name).name}*"):
            left.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


@contextlib.contextmanager
def _place(kind: str, folder: Path) -> Iterator[_Files | databases.Server]:
    """Where databases of this kind are made, in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield _Files(folder)
        return
    binaries = databases.find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL's server programs are absent: apt-get install postgresql")
    # Its user has to pass.
    for each in (folder, *folder.parents[:2]):
        each.chmod(each.stat().st_mode | 0o111)
    server = databases.Server(binaries, folder / "pg", _POSTGRESQL)
    if server.folder.exists():
        server.resume()
    else:
        server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextlib.contextmanager
def serving(database: Database, folder: Path, ledger_pem: bytes) -> Iterator[Served]:
    """Serve a founded registry, whose ledger has this private key, as `bin/run` would; without a rate limit."""
    var_dir = folder / "var"
    (var_dir / "keys").mkdir(parents=True, exist_ok=True)
    (var_dir / "keys" / "ledger.pem").write_bytes(ledger_pem)
    address = ("127.0.0.1", _free_port())
    environment = os.environ | {
        "HOST": address[0],
        "PORT": str(address[1]),
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": database.url,
        "DEMO": "no",
        "RATE_LIMIT": "",
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "api/gunicorn.conf.py", "wsgi:app"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(address, process)
        yield Served(address, process, var_dir)
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(address: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            if run_load(address, [make_request("GET", "/healthz")], connections=1).statuses == {200: 1}:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _pss(process: int) -> int:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise LookupError("no Pss")
