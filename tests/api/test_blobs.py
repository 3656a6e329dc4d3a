"""Documents are kept whole, under their own hash, or not at all."""

import hashlib
import io
from pathlib import Path

import pytest

from api import blobs
from api.settings import Settings
from keys.errors import RefusedError

PDF = b"%PDF-1.7\n% a report\n%%EOF\n"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, f"sqlite:///{tmp_path}/db", "http://localhost", "", is_secure=False)


def _files(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.blob_dir.rglob("*") if path.is_file())


@pytest.mark.parametrize("document", [PDF, io.BytesIO(PDF)])
def test_document_comes_back_byte_for_byte_under_its_hash(settings: Settings, document: bytes | io.BytesIO) -> None:
    assert blobs.store(settings, document, SHA256) == SHA256
    with blobs.open_blob(settings, SHA256) as file:
        assert file.read() == PDF
    assert (settings.blob_dir / SHA256[:2] / SHA256[2:4] / SHA256).is_file()


def test_same_document_twice_is_one_file(settings: Settings) -> None:
    assert blobs.store(settings, PDF) == blobs.store(settings, PDF)
    assert _files(settings) == [SHA256]


@pytest.mark.parametrize("document", [b"", b"%PD", b"<html>", b" %PDF-1.7", b"PK\x03\x04"])
def test_what_is_no_pdf_is_refused_and_leaves_no_file(settings: Settings, document: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        blobs.store(settings, document)
    assert refused.value.code == "document-refused"
    assert _files(settings) == []


def test_document_other_than_the_one_announced_is_refused_and_leaves_no_file(settings: Settings) -> None:
    with pytest.raises(RefusedError) as refused:
        blobs.store(settings, PDF + b"x", SHA256)
    assert refused.value.code == "document-refused"
    assert refused.value.facts["expected"] == SHA256
    assert _files(settings) == []


def test_document_one_byte_over_the_bound_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MAX_DOCUMENT_BYTES", len(PDF))
    assert blobs.store(settings, PDF) == SHA256
    with pytest.raises(RefusedError) as refused:
        blobs.store(settings, PDF + b"x")
    assert refused.value.code == "document-refused"
    assert _files(settings) == [SHA256]


def test_measuring_keeps_nothing_and_rewinds(settings: Settings) -> None:
    stream = io.BytesIO(PDF)
    assert blobs.measure(stream) == SHA256
    assert stream.read() == PDF
    assert not settings.blob_dir.exists()


@pytest.mark.parametrize("name", ["0" * 64, "", "../../secret_key", SHA256.upper(), SHA256 + "\n"])
def test_name_that_no_document_bears_is_not_found(settings: Settings, name: str) -> None:
    blobs.store(settings, PDF)
    with pytest.raises(RefusedError) as refused:
        blobs.open_blob(settings, name)
    assert refused.value.code == "not-found"
