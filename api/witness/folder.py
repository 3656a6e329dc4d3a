"""What a witness keeps.

    witness/name                              its name, as its cosignatures bear it
    witness/ed25519.pem, ml-dsa-44.pem        its private keys, readable by their owner alone
    witness/logs/5f16…/log                    a folder a log, named by the SHA-256 of its origin: origin, then the keys
                                              that are trusted for it, a line each
    witness/logs/5f16…/checkpoint             the latest checkpoint that was cosigned; empty before the first
    witness/logs/5f16…/forks/1387-9a0b…       checkpoints of one size and several roots, all signed by the log

1. `checkpoint` is the state: written beside, synced and renamed before the answer leaves, under the log's lock.
2. One that is missing, or without a signature of this witness, stops the log: never is it taken for a fresh start.
3. Files that a kill left half-written bear other names and are never read.

Two processes may serve one folder; two folders with the same keys would be two witnesses that can be played off against
each other. For the same reason a backup of `logs` is not to be restored over a newer one.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from api.files import make_folder, sync_folder, write_whole
from keys.errors import RefusedError
from trace.ledger.note import Note, is_key_name
from trace.ledger.signature import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, Signer, VerifierKey, read_vkey
from trace.ledger.tree_head import read_head
from trace.ledger.witness import NEVER, State, read_state

# The names are in the ML-DSA-44 message with one byte for their length.
MOST_NAME_BYTES = 255
# Each is a proof by itself; more of the same say nothing new and only fill the disk.
_MOST_FORKS = 32
_KEYS = (
    ("ed25519.pem", Ed25519PrivateKey, ED25519_COSIGNATURE),
    ("ml-dsa-44.pem", MLDSA44PrivateKey, ML_DSA_44_COSIGNATURE),
)


@dataclass(frozen=True, slots=True)
class LogFolder:
    """What is kept of one log."""

    path: Path
    origin: str
    keys: tuple[VerifierKey, ...]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else, in this process or another, judges or signs for this log meanwhile."""
        descriptor = os.open(self.path / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            # By open file, so that it keeps threads of one process apart too.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def read_checkpoint(self) -> bytes:
        """The latest that was cosigned; empty before the first. Raises RefusedError `witness-state-lost`."""
        try:
            return (self.path / "checkpoint").read_bytes()
        except FileNotFoundError as error:
            raise RefusedError(
                "witness-state-lost", where=self.origin, expected="the file of the last checkpoint", got="none"
            ) from error

    def read_state(self, own: tuple[VerifierKey, ...]) -> State:
        """The state that it stands for. Raises RefusedError as `trace.ledger.witness.read_state`."""
        kept = self.read_checkpoint()
        state = read_state(kept, own) if kept else NEVER
        if kept and read_head(kept.decode().rpartition("\n\n")[0]).origin != self.origin:
            raise RefusedError("witness-state-lost", where=self.origin, expected="a checkpoint of this log")
        return state

    def keep(self, checkpoint: Note) -> None:
        """Make it the latest. Durable when this returns. Raises OSError."""
        write_whole(self.path / "checkpoint", [str(checkpoint).encode()])

    def keep_fork(self, checkpoint: Note) -> None:
        """Keep a checkpoint that contradicts the latest, and that one beside it. Raises OSError."""
        folder = self.path / "forks"
        make_folder(folder)
        for data in (self.read_checkpoint(), str(checkpoint).encode()):
            head = read_head(data.decode().rpartition("\n\n")[0])
            path = folder / f"{head.size}-{head.root.hex()[:16]}"
            if not path.exists() and len(self.forks()) < _MOST_FORKS:
                write_whole(path, [data])

    def forks(self) -> list[Path]:
        """The checkpoints that contradict each other, by size."""
        found = (self.path / "forks").glob("*-*") if (self.path / "forks").is_dir() else ()
        return sorted(found, key=lambda path: (int(path.name.partition("-")[0]), path.name))


@dataclass(frozen=True, slots=True)
class WitnessFolder:
    """All that a witness keeps. `path` is its folder."""

    path: Path

    def create(self, name: str) -> None:
        """Make a witness of this name, with fresh keys. Raises FileExistsError where there is one."""
        if not is_key_name(name) or len(name.encode()) > MOST_NAME_BYTES:
            raise RefusedError("key-unreadable", where="the name", expected="no spaces, no plus sign", got=name[:80])
        if self.path.exists():
            raise FileExistsError(None, "there is a witness already", str(self.path))
        make_folder(self.path.parent)
        # Whole before it bears its name: no crash leaves a witness with half its keys.
        fresh = Path(tempfile.mkdtemp(prefix=f".{self.path.name}-", dir=self.path.parent))
        (fresh / "logs").mkdir()
        for file, kind, _ in _KEYS:
            write_whole(fresh / file, [_write_pem(kind.generate())], mode=0o600)
        write_whole(fresh / "name", [f"{name}\n".encode()])
        fresh.rename(self.path)
        sync_folder(self.path.parent)

    def read_signers(self) -> tuple[Signer, ...]:
        """Its keys, Ed25519 first. Raises FileNotFoundError where there is none, RefusedError `key-unreadable`."""
        name = (self.path / "name").read_bytes().decode().removesuffix("\n")
        signers = []
        for file, kind, row in _KEYS:
            private = _read_pem(self.path / file)
            if not isinstance(private, kind):
                raise RefusedError("key-unreadable", where=file, expected=row.title, got=type(private).__name__)
            signers.append(Signer(VerifierKey(name, row, private.public_key().public_bytes_raw()), private.sign))
        return tuple(signers)

    def add_log(self, key: VerifierKey, origin: str) -> LogFolder:
        """Trust a key for an origin, beside those that are trusted already.

        What was signed of the origin stands: another key of it continues the same history.
        """
        if not origin or "\n" in origin or len(origin.encode()) > MOST_NAME_BYTES:
            raise RefusedError("key-unreadable", where="the origin", expected=f"a line of {MOST_NAME_BYTES} bytes")
        path = self._path_of(origin)
        make_folder(path)
        known = self.find_log(origin)
        # Never over one that is there, nor for a log that is known: that would be to forget what was signed.
        if known is None and not (path / "checkpoint").exists():
            write_whole(path / "checkpoint", [])
        keys = known.keys if known is not None else ()
        log = LogFolder(path, origin, keys if key in keys else (*keys, key))
        # Last, since this is the file that makes the log known.
        write_whole(path / "log", [f"{line}\n".encode() for line in (origin, *log.keys)])
        return log

    def find_log(self, origin: str) -> LogFolder | None:
        """The log of this origin, if it is trusted."""
        return self._read_log(self._path_of(origin))

    def find_hash(self, digits: str) -> LogFolder | None:
        """The log whose origin has this SHA-256, in lowercase hex, if it is trusted."""
        if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
            return None
        return self._read_log(self.path / "logs" / digits)

    def logs(self) -> list[LogFolder]:
        """All that are trusted, by origin."""
        found = filter(None, map(self._read_log, (self.path / "logs").iterdir()))
        return sorted(found, key=lambda log: log.origin)

    def _path_of(self, origin: str) -> Path:
        return self.path / "logs" / hashlib.sha256(origin.encode()).hexdigest()

    def _read_log(self, path: Path) -> LogFolder | None:
        try:
            origin, *keys = (path / "log").read_bytes().decode().removesuffix("\n").split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        return LogFolder(path, origin, tuple(map(read_vkey, keys)))


def _write_pem(private: Any) -> bytes:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return bytes(private.private_bytes(*form))


def _read_pem(path: Path) -> Any:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise RefusedError("key-unreadable", where=path.name, expected="a PKCS#8 PEM private key") from error
