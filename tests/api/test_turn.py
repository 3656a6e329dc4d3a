"""Among processes everybody has a turn, and the dead hold nobody up."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Writes its name into a log as often as it gets the pen, for as long as the file `go` is there.
WRITER = """
import sys, time
from pathlib import Path
from api.turn import Turn
folder, name = Path(sys.argv[1]), sys.argv[2]
turn = Turn(folder / "turn")
(folder / f"{name}.ready").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
while (folder / "go").exists():
    with turn.taken():
        with (folder / "log").open("a") as log:
            log.write(name + "\\n")
        time.sleep(0.002)
"""
HOLDER = """
import sys, time
from pathlib import Path
from api.turn import Turn
with Turn(Path(sys.argv[1]) / "turn").taken():
    (Path(sys.argv[1]) / "held").touch()
    time.sleep(60)
"""


def start(program: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], cwd=ROOT)


def wait_for(*paths: Path) -> None:
    until = time.monotonic() + 30
    while not all(path.exists() for path in paths):
        assert time.monotonic() < until, f"no {paths}"
        time.sleep(0.01)


def test_nobody_writes_twice_while_another_waits(tmp_path):
    writers = [start(WRITER, tmp_path, name) for name in "abc"]
    wait_for(*(tmp_path / f"{name}.ready" for name in "abc"))
    (tmp_path / "go").touch()
    until = time.monotonic() + 30
    while not (tmp_path / "log").exists() or len((tmp_path / "log").read_text().split()) < 300:
        assert time.monotonic() < until
        time.sleep(0.01)
    (tmp_path / "go").unlink()
    for writer in writers:
        assert writer.wait(30) == 0
    written = (tmp_path / "log").read_text().split()
    shares = [written.count(name) / len(written) for name in "abc"]
    assert min(shares) > 0.15, shares


def test_a_killed_writer_lets_go(tmp_path):
    holder = start(HOLDER, tmp_path)
    wait_for(tmp_path / "held")
    waiting = start(WRITER, tmp_path, "b")
    (tmp_path / "go").touch()
    wait_for(tmp_path / "b.ready")
    assert not (tmp_path / "log").exists()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    wait_for(tmp_path / "log")
    (tmp_path / "go").unlink()
    assert waiting.wait(30) == 0
