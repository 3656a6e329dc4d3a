"""The evidence bundle of a lot: a ZIP that holds all that is needed to check its story without us.

    index.html, index.json          what is in it, for people and for programs, and how to check it
    verify.html                     a page that checks all of it in a browser, without a network (api/verifier.py)
    checkpoint.txt                  the checkpoint that all receipts are against (C2SP signed note, cosigned)
    keys/ledger.pem, ledger.vkey    the ledger's public key; keys/<kid>.pem those of the signers
    statements/00000017.cose        the signed statements of the lot and of its lineage that the caller may read, and
                                    those that put the signers' keys on record
    receipts/00000017.cose          the receipt of each entry (RFC 9942), of those too whose body is withheld, all
                                    against the one checkpoint
    recorded/00000017.cose          its receipt against the checkpoint that recorded it, which signs the time of record
    documents/<sha256>.pdf          the PDFs that these statements name, as far as they are stored
    SHA256SUMS                      of every other file, as sha256sum reads it

Statements that put the signers' keys on record are in it, and those that revoked them since.
The same ledger, lot and reader give the same bytes: members in a fixed order, stored, dated 1980-01-01.
Of a lineage of more than MAX_ENTRIES entries the lot's own and then the oldest are taken, and the index says so.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session

from api import blobs
from api.shell import Shell
from api.verifier import build_page
from api.words import LANGUAGES, language
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey
from keys.payload import read_json
from trace.chains import read_all_mentions, read_mentions
from trace.kinds import Readers
from trace.ledger.checkpoint import verifier_key
from trace.ledger.cosigned import cosigned_note
from trace.ledger.issuing import issue_receipts, stream_receipts
from trace.ledger.store import latest_checkpoint, read_entries
from trace.lineage import trace_lot
from trace.parties.register import Registry, find_key

MAX_ENTRIES = 5000
_CHUNK = 100
_PIECE_BYTES = 64 * 1024
MayRead = Callable[[Readers, str], bool]
"""(readers of the kind, issuer) → may the caller read such a body?"""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the bundle; `documents` are the SHA-256 of PDFs that it names and that are stored."""

    position: int
    leaf: bytes
    kind: str
    issuer: str
    subject: str
    kid: bytes
    issued_at: datetime
    recorded_at: datetime
    is_open: bool
    documents: tuple[str, ...]
    receipt: bytes
    """Against the bundle's checkpoint."""
    recorded: bytes
    """Against the checkpoint that recorded it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into the ZIP, statements and documents apart, which are read when they are written.

    Receipts are held: MAX_ENTRIES of them are a few MB, and the index has to name their hashes before they are written.
    """

    lot: str
    registry: Registry
    size: int
    root: bytes
    recorded_at: datetime
    note: str
    pieces: tuple[Piece, ...]
    keys: dict[bytes, tuple[str, PublicKey, int]]
    """By kid: the party, the key, and the entry that put it on record."""
    is_cut: bool


def gather_bundle(shell: Shell, lot: str, may_read: MayRead) -> Bundle:
    """Everything but the bytes. Raises RefusedError `not-found` for a lot that nobody has spoken of."""
    with shell.database.reading() as session:
        own = read_mentions(session, lot)
        latest = latest_checkpoint(session)
        if not own or latest is None:
            raise RefusedError("not-found", expected="a lot on record", got=lot)
        around = read_all_mentions(session, trace_lot(session, lot).lots)
        taken = list(dict.fromkeys([*own, *around]))
        pieces, keys = _with_keys(shell, session, taken[:MAX_ENTRIES], may_read, latest.size)
        facts = (latest.size, latest.root, latest.recorded_at, cosigned_note(session, latest))
    return Bundle(lot, shell.registry, *facts, pieces, keys, len(taken) > MAX_ENTRIES)


def write_bundle(shell: Shell, bundle: Bundle) -> Iterator[bytes]:
    """The ZIP piece by piece; a piece of a document at most is held. Has to be begun inside the application."""
    named = _name_files(bundle)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in named}
    sums |= {statement_path(piece.position): piece.leaf.hex() for piece in bundle.pieces if piece.is_open}
    sums |= {document_path(sha256): sha256 for piece in bundle.pieces for sha256 in piece.documents}
    index = {"index.html": _write_page(bundle, sums).encode(), "index.json": _write_index(bundle, sums).encode()}
    sums |= {name: hashlib.sha256(content).hexdigest() for name, content in index.items()}
    listed = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    return _pack(shell, bundle, [*index.items(), ("SHA256SUMS", listed.encode()), *named])


def _name_files(bundle: Bundle) -> list[tuple[str, bytes]]:
    """The files that are there before anything is read again: the page, the checkpoint, keys, receipts."""
    ledger_key = bundle.registry.ledger_key
    texts = {"checkpoint.txt": bundle.note, "keys/ledger.pem": ledger_key.to_pem()}
    texts["keys/ledger.vkey"] = verifier_key(bundle.registry.origin, ledger_key) + "\n"
    texts |= {key_path(kid): key.to_pem() for kid, (_, key, _) in bundle.keys.items()}
    files = [("verify.html", build_page().html), *((name, text.encode()) for name, text in texts.items())]
    files += [(receipt_path(piece.position), piece.receipt) for piece in bundle.pieces]
    return files + [(recorded_path(piece.position), piece.recorded) for piece in bundle.pieces]


def _with_keys(
    shell: Shell, session: Session, positions: list[int], may_read: MayRead, size: int
) -> tuple[tuple[Piece, ...], dict[bytes, tuple[str, PublicKey, int]]]:
    """The pieces at these positions, those that the signers' keys rest on, back to entry 0, and what revoked them."""
    pieces: dict[int, Piece] = {}
    keys: dict[bytes, tuple[str, PublicKey, int]] = {}
    wanted = {0, *positions}
    while wanted:
        for chunk in _chunks(sorted(wanted)):
            pieces |= {piece.position: piece for piece in _describe(shell, session, chunk, may_read, size)}
        wanted = set()
        for kid in {piece.kid for piece in pieces.values()} - keys.keys():
            key = find_key(session, kid)
            if key is not None:
                keys[kid] = (key.party, key.public, key.entry)
                wanted |= {at for at in (key.entry, key.revocation_entry) if at is not None}
        wanted -= pieces.keys()
    return tuple(pieces[position] for position in sorted(pieces)), dict(sorted(keys.items()))


def _describe(shell: Shell, session: Session, positions: list[int], may_read: MayRead, size: int) -> Iterator[Piece]:
    recorded = issue_receipts(session, positions)
    receipts = stream_receipts(session, positions, size)
    for entry, receipt in zip(read_entries(session, positions), receipts, strict=True):
        said = parse_statement(entry.statement)
        is_open = may_read(shell.house.catalogue.find(entry.kind).readers, entry.issuer)
        named = read_json(said.payload).get("pdf_sha256") if is_open else None
        documents = (named,) if isinstance(named, str) and blobs.has_blob(shell.settings, named) else ()
        yield Piece(
            position=entry.position,
            leaf=entry.leaf,
            kind=entry.kind,
            issuer=entry.issuer,
            subject=entry.subject,
            kid=said.kid,
            issued_at=said.issued_at,
            recorded_at=entry.recorded_at,
            is_open=is_open,
            documents=documents,
            receipt=receipt,
            recorded=recorded[entry.position],
        )


def _pack(shell: Shell, bundle: Bundle, files: list[tuple[str, bytes]]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive, shell.database.reading() as session:
        for name, content in files:
            archive.writestr(_member(name), content)
            yield sink.take()
        for chunk in _chunks(piece.position for piece in bundle.pieces if piece.is_open):
            for entry in read_entries(session, chunk):
                archive.writestr(_member(statement_path(entry.position)), entry.statement)
            yield sink.take()
        for sha256 in sorted({name for piece in bundle.pieces for name in piece.documents}):
            with (
                blobs.open_blob(shell.settings, sha256) as file,
                archive.open(_member(document_path(sha256)), "w") as to,
            ):
                while data := file.read(_PIECE_BYTES):
                    to.write(data)
                    yield sink.take()
    yield sink.take()


def key_path(kid: bytes) -> str:
    """Where a signer's key lies in the ZIP."""
    return f"keys/{kid.hex()}.pem"


def recorded_path(position: int) -> str:
    """Where the receipt of record lies in the ZIP."""
    return f"recorded/{position:08}.cose"


def statement_path(position: int) -> str:
    """Where a statement lies in the ZIP."""
    return f"statements/{position:08}.cose"


def receipt_path(position: int) -> str:
    """Where a receipt lies in the ZIP."""
    return f"receipts/{position:08}.cose"


def document_path(sha256: str) -> str:
    """Where a PDF lies in the ZIP."""
    return f"documents/{sha256}.pdf"


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    # Unix, a regular file that everybody may read: else it would be that of the machine.
    member.create_system, member.external_attr = 3, 0o100644 << 16
    return member


def _chunks(positions: Iterable[int]) -> Iterator[list[int]]:
    left = iter(positions)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


class _Sink:
    """A file that is only written, and emptied as it goes: the ZIP never lies in memory whole."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """What was written is taken; there is nothing to push on."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def _write_index(bundle: Bundle, sums: dict[str, str]) -> str:
    described: dict[str, Any] = {
        "format": "suzheng-evidence-1",
        "lot": bundle.lot,
        "is_cut": bundle.is_cut,
        "ledger": {"origin": bundle.registry.origin, "kid": bundle.registry.ledger_key.kid.hex()},
        "checkpoint": {"size": bundle.size, "root": bundle.root.hex(), "recorded_at": _write_time(bundle.recorded_at)},
        "entries": [_write_piece(piece) for piece in bundle.pieces],
        "keys": [
            {"kid": kid.hex(), "party": party, "entry": entry, "file": key_path(kid)}
            for kid, (party, _, entry) in bundle.keys.items()
        ],
        "sha256": dict(sorted(sums.items())),
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def _write_piece(piece: Piece) -> dict[str, Any]:
    return {
        "position": piece.position,
        "leaf": piece.leaf.hex(),
        "kind": piece.kind,
        "issuer": piece.issuer,
        "subject": piece.subject,
        "kid": piece.kid.hex(),
        "issued_at": _write_time(piece.issued_at),
        "recorded_at": _write_time(piece.recorded_at),
        "statement": statement_path(piece.position) if piece.is_open else None,
        "receipt": receipt_path(piece.position),
        "recorded": recorded_path(piece.position),
        "documents": [document_path(sha256) for sha256 in piece.documents],
    }


def _write_time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _write_page(bundle: Bundle, sums: dict[str, str]) -> str:
    """index.html, in both languages one below the other."""
    kept, parts = language(), []
    paths = {
        "statement_path": statement_path,
        "receipt_path": receipt_path,
        "recorded_path": recorded_path,
        "document_path": document_path,
        "key_path": key_path,
    }
    # The first that has everything: the examples of how to check are about a file that is there.
    shown = next((piece for piece in bundle.pieces if piece.is_open), None)
    try:
        for tongue in LANGUAGES:
            g.language = tongue
            part = render_template("evidence_part.html", bundle=bundle, sums=sums, shown=shown, **paths)
            parts.append((tongue, part))
    finally:
        g.language = kept
    return render_template("evidence.html", bundle=bundle, parts=parts, sums=sums)
