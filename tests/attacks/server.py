"""The product as a process of its own, to be killed and started again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.material import Registry

ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_S = 60.0


@dataclass
class Service:
    """gunicorn with the product's own settings on a founded registry; `start` after `kill` begins where it left off."""

    registry: Registry
    var_dir: Path
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        key = self.var_dir / "keys" / "ledger.pem"
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_bytes(self.registry.ledger_pem)
        environment = os.environ | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "VAR_DIR": str(self.var_dir),
            "DATABASE_URL": self.registry.database.url,
            "DEMO": "no",
            "RATE_LIMIT": "",
        }
        with (self.var_dir / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "api/gunicorn.conf.py", "wsgi:app"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.var_dir / "log").read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL to all of its processes at once: nothing is told, nothing is finished."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of one request on a connection of its own. Raises OSError or HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/cose"} if body else {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
