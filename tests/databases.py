"""Databases for tests: a private PostgreSQL server made from the machine's binaries, and SQLite files.

The server listens on a Unix socket in a folder that only its user and root may enter; so it trusts.
The first test that wants it starts it, and all processes of one run share it. It keeps nothing: fsync is off.
PostgreSQL 15 or newer. A fresh database costs about 0.15 s there, 1 ms on SQLite.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

from api.database import Database
from api.migrate import upgrade

TEMPLATE = "migrated"

# Nothing here outlives the run, so nothing waits for a disk. No replication, no autovacuum: fewer processes.
_SETTINGS = (
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=32MB",
    "max_connections=100",
    "timezone=UTC",
)


def migrate(url: str) -> None:
    """Bring the empty database at `url` to the present schema. Runs once a run and kind of database."""
    database = Database(url)
    upgrade(database)
    database.close()


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: the newest of Debian's, else the one that pg_config names."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return None
    folder = Path(subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    return folder if (folder / "initdb").exists() else None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep all other processes of the run out until the block ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server whose data, log and socket lie in `folder`."""

    binaries: Path
    folder: Path
    settings: tuple[str, ...] = _SETTINGS

    def start(self) -> None:
        self.folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            user = _unprivileged_user()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.resume()

    def resume(self) -> None:
        """Start it on the data that it has."""
        options = " ".join(f"-c {setting}" for setting in (*self.settings, f"unix_socket_directories='{self.folder}'"))
        # With a log file the server does not hold on to our pipes.
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def url(self, name: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database like `template`, to which nobody may be connected; returns its URL."""
        # Copying files is a third faster than the default, which writes all pages of the template to the log.
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database even if a test has left connections open."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as session:
            session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root, and no setting of the developer's own server may reach this one.
        user = _unprivileged_user() if os.geteuid() == 0 else None
        done = subprocess.run(
            [self.binaries / program, f"--pgdata={self.folder / 'data'}", *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {done.stdout}{done.stderr}")


def _unprivileged_user() -> pwd.struct_passwd:
    """Debian's package makes a user `postgres`; `nobody` is everywhere."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def running_server(binaries: Path, shared: Path) -> Server:
    """The run's server; whoever asks first starts it. `shared` is one folder for all processes of the run."""
    server = Server(binaries, shared / "postgresql")
    with locked(shared / "postgresql.lock"):
        if not server.folder.exists():
            try:
                server.start()
            except BaseException:
                shutil.rmtree(server.folder)
                raise
    return server


def stop_server(shared: Path) -> None:
    """End the run's server, if any test has wanted one."""
    binaries = find_binaries()
    server = binaries and Server(binaries, shared / "postgresql")
    if server and server.folder.exists():
        server.stop()


@contextlib.contextmanager
def fresh_postgresql(server: Server, *, is_migrated: bool) -> Iterator[str]:
    """The URL of a database that is dropped at the end."""
    if is_migrated:
        with locked(server.folder / "template.lock"):
            done = server.folder / "template.done"
            if not done.exists():
                server.drop(TEMPLATE)
                migrate(server.create(TEMPLATE))
                done.touch()
    name = f"test_{uuid4().hex}"
    yield server.create(name, TEMPLATE if is_migrated else "template1")
    server.drop(name)


def fresh_sqlite(folder: Path, shared: Path, *, is_migrated: bool) -> str:
    """The URL of a database file in `folder`, which the caller removes."""
    path = folder / "test.sqlite3"
    if is_migrated:
        template = shared / "migrated.sqlite3"
        with locked(shared / "sqlite.lock"):
            if not template.exists():
                # Under another name until it is whole: the next test tries a failed migration again.
                unfinished = shared / f"{uuid4().hex}.sqlite3"
                migrate(f"sqlite:///{unfinished}")
                unfinished.touch()
                unfinished.rename(template)
        shutil.copyfile(template, path)
    return f"sqlite:///{path}"
