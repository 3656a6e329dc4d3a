"""What every test may ask for: a fresh database on each engine, a browser, the published vectors.

Nothing here reaches beyond this machine: an audit hook refuses every address but loopback.
Under `bin/test --all` (SUZHENG_TEST_ALL=1) a skipped test is a failed one.
"""

import contextlib
import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from flask import Flask
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from tests import databases, demonstration, softhsm

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A loaded machine is no failure: time is measured by benchmarks, not by tests.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT.parent / "shared" / "conformance"
FABRICATED = ROOT.parent / "shared" / "data" / "fabricated"

# Ours to choose; containers often have 64 MB there, and then it is the disk.
_ROOM = 2 << 30

NO_POSTGRESQL = "PostgreSQL's server programs are absent: apt-get install postgresql"
NO_CHROMIUM = "Chromium is absent: apt-get install chromium fonts-noto-cjk"
NO_OPENSSL = "the command openssl is absent: apt-get install openssl"
NO_SOFTHSM = "SoftHSM is absent: apt-get install softhsm2"
NO_CONFORMANCE = "the published test vectors are absent: put them in ../shared/conformance"
NO_FABRICATED = "the labelled data are absent: put them in ../shared/data/fabricated"


# --- no network ---


class NetworkForbiddenError(RuntimeError):
    """A test reached for another machine. No OSError: the code under test would take it for a broken line."""


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    match event, arguments:
        case (("socket.connect" | "socket.sendto" | "socket.sendmsg"), (_, (host, _, *_))) if not _is_here(host):
            raise NetworkForbiddenError(f"{event} to {host!r}: tests stay on this machine")
        case (("socket.getaddrinfo" | "socket.gethostbyname"), (host, *_)) if not _is_here(host):
            raise NetworkForbiddenError(f"{event} of {host!r}: tests stay on this machine")


# An audit hook and not a replaced socket.connect: it sees libraries that took the function before us.
sys.addaudithook(_refuse_network)


# --- one run, several processes ---


class _CompiledTemplates(FileSystemBytecodeCache):
    """What templates compile to, by language."""

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The compiled template, or an empty place for it."""
        tongue = getattr(environment, "tongue", None)
        return super().get_bucket(environment, name, f"{filename} in {tongue}", source)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        memory = _find_memory()
        # Inherited by xdist's workers. Short: a Unix socket's path has 107 bytes. The server's user may pass.
        folder = tempfile.mkdtemp(prefix="suzheng-", dir=memory)
        Path(folder).chmod(0o711)
        os.environ["SUZHENG_TEST_SHARED"] = folder
        # What processes leave behind, since not all of them are asked to end, goes with the folder.
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        # The folders of tests that failed stay, though: pytest has them beside it.
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(Path(folder).parent))
    # Each application reads its templates anew, which costs more than most pages. What they compile to is the same.
    Flask.jinja_options = {"bytecode_cache": _CompiledTemplates(os.environ["SUZHENG_TEST_SHARED"])}


def _find_memory() -> Path | None:
    """Where files are in memory, if there is room: a test commits some twenty times, and a disk takes milliseconds for
    each.
    """
    memory = Path("/dev/shm")
    with contextlib.suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= _ROOM:
            return memory
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ["SUZHENG_TEST_SHARED"])
        databases.stop_server(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, None, None]:
    """Collecting makes some million objects that stay for the whole run: nobody need look through them for rubbish."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def pytest_report_header() -> list[str]:
    absent = {
        NO_POSTGRESQL: databases.find_binaries(),
        NO_CHROMIUM: _find_chromium(),
        NO_OPENSSL: shutil.which("openssl"),
        NO_SOFTHSM: softhsm.find_module() and shutil.which("softhsm2-util"),
        NO_CONFORMANCE: CONFORMANCE.is_dir(),
        NO_FABRICATED: FABRICATED.is_dir(),
    }
    word = "WILL FAIL" if _nothing_may_be_skipped() else "will be skipped"
    return [f"{word}: {reason}" for reason, found in absent.items() if not found]


def _nothing_may_be_skipped() -> bool:
    return os.environ.get("SUZHENG_TEST_ALL") == "1"


def _fail_if_skipped(report: Any) -> None:
    # An expected failure is reported as skipped too, and is none.
    if report.outcome == "skipped" and not hasattr(report, "wasxfail") and _nothing_may_be_skipped():
        report.outcome = "failed"
        report.longrepr = f"skipped, though nothing may be: {report.longrepr[2]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


# --- databases ---


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """One folder for all processes of this run."""
    return Path(os.environ["SUZHENG_TEST_SHARED"])


@pytest.fixture(scope="session")
def postgresql_server(shared_folder: Path) -> databases.Server:
    binaries = databases.find_binaries()
    if binaries is None:
        pytest.skip(NO_POSTGRESQL)
    return databases.running_server(binaries, shared_folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Whoever asks for this, or for a database's URL, runs once on each."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy URL of a database of this test's own, without a table in it."""
    yield from _fresh(database_kind, request, is_migrated=False)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy URL of a database of this test's own, with the present schema and nothing in it."""
    yield from _fresh(database_kind, request, is_migrated=True)


def _fresh(kind: str, request: pytest.FixtureRequest, *, is_migrated: bool) -> Iterator[str]:
    # Asked for by name, so that a run on SQLite alone starts no server.
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        with databases.fresh_postgresql(server, is_migrated=is_migrated) as url:
            yield url
    else:
        folder, shared = request.getfixturevalue("tmp_path"), request.getfixturevalue("shared_folder")
        yield databases.fresh_sqlite(folder, shared, is_migrated=is_migrated)


# --- the demonstration ---


@pytest.fixture(scope="session")
def demo_app(shared_folder: Path) -> Iterator[Flask]:
    """An application on the loaded demonstration. All processes of the run share it, so nobody writes to it."""
    with databases.locked(shared_folder / "demonstration.lock"):
        app = demonstration.open_app(shared_folder / "demonstration")
        demonstration.load_once(app)
    yield app
    app.extensions["suzheng"].database.close()


# --- a browser ---


def _find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = _find_chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> "Iterator[Browser]":
    """A Chromium with an empty profile; each test opens a context of its own, which shares nothing."""
    # Half a second to import, which only those pay who open a page.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            # Every address but loopback goes to a proxy that is not there.
            proxy={"server": "http://127.0.0.1:9", "bypass": "127.0.0.1,localhost"},
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


# --- other people's programs ---


@pytest.fixture(scope="session")
def openssl() -> str:
    """The program `openssl`, which judges what our algorithms write."""
    path = shutil.which("openssl")
    if path is None:
        pytest.skip(NO_OPENSSL)
    return path


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[softhsm.Token]":
    """A PKCS#11 token of this test's own, in software."""
    if softhsm.find_module() is None or shutil.which("softhsm2-util") is None:
        pytest.skip(NO_SOFTHSM)
    import pkcs11

    token = softhsm.make_token(tmp_path, monkeypatch)
    yield token
    # The library has read where its tokens lie; the next test's lie elsewhere.
    pkcs11.unload(token.module)


# --- other people's vectors ---


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The published test vectors, which lie beside this checkout."""
    if not CONFORMANCE.is_dir():
        pytest.skip(NO_CONFORMANCE)
    return CONFORMANCE
