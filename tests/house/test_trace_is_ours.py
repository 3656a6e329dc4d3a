"""`trace` is ours and not the standard library's: under flask, gunicorn and pytest, from any folder, on a safe path."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

import trace
from tests.house.source import ROOT

OURS = str(ROOT / "trace" / "__init__.py")
ASK = "import trace; print(trace.__file__)"
DEADLINE_SECONDS = 90

safe_or_not = pytest.mark.parametrize("safe", [False, True], ids=["", "safe path"])
from_anywhere = pytest.mark.parametrize("is_elsewhere", [False, True], ids=["here", "elsewhere"])


@pytest.fixture
def environment(tmp_path, safe) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")}
    inherited |= {"VAR_DIR": str(tmp_path / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
    inherited.pop("PYTHONSAFEPATH", None)
    return inherited | ({"PYTHONSAFEPATH": "1"} if safe else {})


def ask(folder: Path, environment: dict[str, str], *arguments: object, say: str = "") -> str:
    """What a python process prints."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment,
        input=say,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_in_this_very_test():
    assert trace.__file__ == OURS


@safe_or_not
@from_anywhere
def test_under_flask(environment, tmp_path, is_elsewhere):
    app, folder = (ROOT / "wsgi.py", tmp_path) if is_elsewhere else ("wsgi", ROOT)
    assert OURS in ask(folder, environment, "-m", "flask", "--app", app, "shell", say=ASK + "\n")


@safe_or_not
@from_anywhere
def test_under_pytest(environment, tmp_path, is_elsewhere):
    test = tmp_path / "test_asked.py"
    test.write_text(f"def test_it():\n    import trace\n    assert trace.__file__ == {OURS!r}\n")
    options = ("-p", "no:cacheprovider", "-q", "-c", ROOT / "setup.cfg", "--rootdir", ROOT)
    told = ask(tmp_path if is_elsewhere else ROOT, environment, "-m", "pytest", *options, test)
    assert "1 passed" in told


@safe_or_not
@from_anywhere
def test_under_gunicorn(environment, tmp_path, is_elsewhere):
    told, port = tmp_path / "told", _free_port()
    settings = tmp_path / "gunicorn.conf.py"
    settings.write_text(
        f"__file__ = {str(ROOT / 'api' / 'gunicorn.conf.py')!r}\n"
        "exec(compile(open(__file__).read(), 'settings', 'exec'))\n"
        f"def post_worker_init(worker):\n    import trace\n    open({str(told)!r}, 'w').write(trace.__file__)\n"
    )
    environment |= {"HOST": "127.0.0.1", "PORT": str(port)}
    arguments = ["--chdir", str(ROOT), "--config", str(settings), "wsgi:app"]
    with _served(tmp_path if is_elsewhere else ROOT, environment, arguments, port):
        with urlopen(f"http://127.0.0.1:{port}/api/v1/openapi.json", timeout=DEADLINE_SECONDS) as reply:
            assert reply.status == 200
        assert told.read_text() == OURS


@pytest.mark.parametrize("safe", [True])
def test_one_that_was_loaded_wrongly_is_dropped(environment, tmp_path):
    loaded_first = (
        f"import sys, trace; assert trace.__file__ != {OURS!r}; sys.path.append({str(ROOT)!r}); import wsgi; {ASK}"
    )
    told = ask(tmp_path, environment, "-c", loaded_first.replace("; import trace", "; del trace; import trace"))
    assert told == OURS


@pytest.mark.parametrize("safe", [True])
def test_the_other_one_is_there_to_be_mistaken_for_it(environment, tmp_path):
    """The tests above can fail: without our care this is what one gets."""
    other = ask(tmp_path, environment, "-c", f"import sys; sys.path.append({str(ROOT)!r}); {ASK}")
    assert other != OURS
    assert other.endswith("trace.py")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def _served(folder: Path, environment: dict[str, str], arguments: list[str], port: int) -> Iterator[None]:
    """A gunicorn that answers, and has ended afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            deadline = time.monotonic() + DEADLINE_SECONDS
            while not _answers(port):
                assert server.poll() is None, server.stderr and server.stderr.read()
                assert time.monotonic() < deadline, "no answer"
                time.sleep(0.1)
            yield
        finally:
            server.terminate()
            server.wait(DEADLINE_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
