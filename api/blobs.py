"""Documents outside the ledger: PDF files named by their SHA-256, of which statements carry that name.

    blobs/3f/9a/3f9a…e1     two levels of folders, so that no folder grows beyond what tools can list

1. A file is complete and on the disk before it bears its name: written beside it, synced, renamed.
2. The name is the hash of the content; the same document twice is one file.
3. Only PDF is kept, known by its magic (ISO 32000-2 §7.5.2): what is served here must not be able to run as a page.
"""

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from api.files import make_folder, sync_folder
from api.settings import Settings
from keys.errors import RefusedError

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
_MAGIC = b"%PDF-"
_CHUNK_BYTES = 64 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")


def store(settings: Settings, document: BinaryIO | bytes, expected_sha256: str | None = None) -> str:
    """Keep a PDF and return its SHA-256 in hex; a document that is there already stays as it is.

    Raises RefusedError `document-refused` where it is no PDF, larger than MAX_DOCUMENT_BYTES, or not the document
    that `expected_sha256` names. A refused document leaves no file.
    """
    stream = io.BytesIO(document) if isinstance(document, bytes) else document
    settings.blob_dir.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=settings.blob_dir)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            sha256 = _copy(stream, file)
            if expected_sha256 is not None and sha256 != expected_sha256:
                raise RefusedError("document-refused", where="pdf", expected=expected_sha256, got=sha256)
            file.flush()
            os.fsync(file.fileno())
        _give_name(temporary, _path(settings, sha256))
    finally:
        temporary.unlink(missing_ok=True)
    return sha256


def measure(document: BinaryIO) -> str:
    """The SHA-256 of a PDF that is not to be kept yet; the stream is rewound. Raises RefusedError as `store` does."""
    sha256 = _copy(document, None)
    document.seek(0)
    return sha256


def has_blob(settings: Settings, sha256: str) -> bool:
    """Is the document here?"""
    return _NAME.fullmatch(sha256) is not None and _path(settings, sha256).is_file()


def open_blob(settings: Settings, sha256: str) -> BinaryIO:
    """A kept document, for reading. Raises RefusedError `not-found`."""
    if not has_blob(settings, sha256):
        raise RefusedError("not-found", where="document", got=sha256[:64])
    return _path(settings, sha256).open("rb")


def _copy(stream: BinaryIO, file: BinaryIO | None) -> str:
    """Copy in bounded pieces, hashing; judges the magic on the first bytes and the size on the way."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK_BYTES):
        if not size and not chunk.startswith(_MAGIC):
            raise RefusedError("document-refused", where="pdf", expected="%PDF-", got=repr(chunk[:5])[2:-1])
        size += len(chunk)
        if size > MAX_DOCUMENT_BYTES:
            raise RefusedError("document-refused", where="pdf", expected=f"at most {MAX_DOCUMENT_BYTES} bytes")
        digest.update(chunk)
        if file is not None:
            file.write(chunk)
    if not size:
        raise RefusedError("document-refused", where="pdf", expected="%PDF-", got="nothing")
    return digest.hexdigest()


def _give_name(temporary: Path, path: Path) -> None:
    make_folder(path.parent)
    temporary.chmod(0o440)
    temporary.replace(path)
    sync_folder(path.parent)


def _path(settings: Settings, sha256: str) -> Path:
    return settings.blob_dir / sha256[:2] / sha256[2:4] / sha256
