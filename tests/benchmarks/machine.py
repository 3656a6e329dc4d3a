"""The machine that a benchmark runs on, and what it can do at most: measured in the same run, beside the figures."""

import hashlib
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.keyring import generate_key

_KIB = bytes(range(256)) * 4
_SECONDS = 0.7

ED25519, OPENSSL, ES256, SHA256, DURABLE = (
    "Ed25519 signatures of 1 KiB verified, one thread",
    "  the same by OpenSSL",
    "ES256 signatures of 1 KiB verified, one thread",
    "SHA-256 of 1 KiB, one thread",
    "4 KiB written and synced",
)


def describe_machine() -> dict[str, object]:
    """Processor, cores, memory, and the versions that matter."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory": f"{memory_bytes / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "load before the run (1 min)": os.getloadavg()[0],
    }


def measure_limits(folder: Path) -> dict[str, float]:
    """Operations a second; `folder` is on the disk that the databases are on."""
    limits = {ED25519: _rate(_checking("EdDSA")), OPENSSL: _rate(_by_openssl()), ES256: _rate(_checking("ES256"))}
    limits[SHA256] = _rate(lambda: hashlib.sha256(_KIB).digest())
    with tempfile.TemporaryFile(dir=folder) as file:
        limits[DURABLE] = _rate(lambda: _sync(file.fileno()))
    return limits


def _checking(algorithm: str) -> Callable[[], object]:
    key = generate_key(algorithm)
    public, signature = key.public, key.sign(_KIB)
    return lambda: public.verifies(signature, _KIB)


def _by_openssl() -> Callable[[], object]:
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key(), key.sign(_KIB)
    return lambda: public.verify(signature, _KIB)


def _sync(descriptor: int) -> None:
    os.pwrite(descriptor, _KIB * 4, 0)
    os.fsync(descriptor)


def _rate(once: Callable[[], object]) -> float:
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < _SECONDS:
        for _ in range(10):
            once()
        done += 10
    return done / passed
