"""Targets in the ledger: receipts, notes, keys, tiles, exported ledgers."""

import hashlib
import io
from dataclasses import replace
from functools import cache

from keys.envelope import sig_structure
from keys.errors import RefusedError
from tests.fuzz.keys import AT, HEADS, KEY, STATEMENT
from tests.fuzz.target import Target, as_text
from tests.trace.ledger import model
from tests.trace.ledger.plain_log import PlainLog
from trace.ledger.checkpoint import (
    Sealer,
    SignedRoot,
    claims_of,
    read_note,
    read_verifier_key,
    sign_root,
    verifier_key,
    write_note,
    write_receipt,
)
from trace.ledger.export import MAX_LINE_BYTES, read_commands
from trace.ledger.following import Fetch, Head, check_growth, nodes_of, read_tiles
from trace.ledger.receipt import read_receipt, verify_receipt
from trace.ledger.scitt import verify_consistency_receipt, write_consistency_receipt
from trace.ledger.tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    cut,
    read_bundle,
    read_path,
    read_tile_hashes,
    write_bundle,
)
from trace.ledger.tree import MAX_SIZE, prove_consistency, prove_inclusion, root_of

SEALER = Sealer("suzheng.example/test", KEY)
LEAVES = tuple(hashlib.sha256(bytes([number])).digest() for number in range(40))


def nodes(level: int, index: int) -> bytes:
    """The tree over the leaves."""
    return model.perfect(level, index, LEAVES)


def receipt_of(position: int, size: int) -> bytes:
    """A receipt that holds."""
    signed = sign_root(SEALER, size, root_of(size, nodes), AT)
    return write_receipt(signed, size, position, prove_inclusion(position, size, nodes))


def growth(first: int, second: int) -> bytes:
    """A receipt of consistency that holds."""
    root = root_of(second, nodes)
    path = prove_consistency(first, second, nodes)
    return write_consistency_receipt(sign_root(SEALER, second, root, AT), root, first, second, path)


_RECEIPTS = (receipt_of(5, 11), receipt_of(0, 1), receipt_of(39, 40))
_GROWTHS = (growth(5, 11), growth(1, 2), growth(8, 40))
_NOTES = tuple(write_note(SEALER, size, root_of(size, nodes)) for size in (0, 1, 40))
_VKEY = verifier_key(SEALER.origin, KEY.public)
_TILES = PlainLog(260)
_HEADERS = tuple(sign_root(SEALER, size, root_of(size, nodes), AT).protected for size in (11, 5))
_HEX = hashlib.sha256(STATEMENT).hexdigest()
_LINES = (
    f"suzheng-ledger\t1\t{SEALER.origin}\t1\n",
    "add-item\t0oRYt6YBJwN1\n",
    f"append-entry\t0\t2015-05-06T17:00:00Z\tsha-256:{_HEX}\n",
    f"assert-root-hash\t1\t2015-05-06T17:00:00Z\tsha-256:{_HEX}\tpAEn\tAS8k\tAz3g\n",
)


def _read_receipt(data: bytes) -> object:
    shown = verify_receipt(data, LEAVES[5], KEY.public)
    assert (shown.origin, shown.position) == (SEALER.origin, 5), "a forged receipt holds"
    assert shown.root == root_of(shown.size, nodes)
    return shown


def _read_growth(data: bytes) -> object:
    shown = verify_consistency_receipt(data, root_of(5, nodes), KEY.public)
    assert shown.second_root == root_of(shown.second, nodes), "a forged receipt holds"
    assert shown.first == 5 or shown.second == shown.first
    return shown


def _sign_claims(data: bytes) -> object:
    """Whoever has the ledger's key may be a liar: any header, truly signed, over a tree that is right."""
    root = root_of(11, nodes)
    signed = SignedRoot(data, KEY.sign(sig_structure(data, root)))
    receipt = write_receipt(signed, 11, 5, prove_inclusion(5, 11, nodes))
    shown = verify_receipt(receipt, LEAVES[5], KEY.public)
    grown = write_consistency_receipt(signed, root, 5, 11, prove_consistency(5, 11, nodes))
    assert verify_consistency_receipt(grown, root_of(5, nodes), KEY.public).origin == shown.origin
    assert shown.recorded_at is not None
    return shown, shown.recorded_at.isoformat()


def _mirror(data: bytes) -> object:
    """A log of 260 entries or, behind a size of its own, of what its tiles make; a tile is what comes next in the
    input.
    """
    at = 8

    @cache
    def fetch(tile: Tile) -> bytes:
        nonlocal at
        if at > len(data):
            raise RefusedError("tile-unknown")
        # Out of the full one, as where a partial one is gone.
        full = data[at:].ljust(replace(tile, width=WIDTH).size_bytes, b"\0")
        at += tile.size_bytes
        return cut(full, tile)

    return _follow(int.from_bytes(data[:8]) & MAX_SIZE, fetch)


def _follow(size: int, fetch: Fetch) -> object:
    if size != _TILES.size:
        return [tile for tile, _ in read_tiles(0, Head(size, root_of(size, nodes_of(size, fetch))), fetch)]
    # For tiles that are wrong a log is never accused of two histories.
    check_growth(_TILES.head(250), _TILES.head(), fetch)
    read = []
    # What comes before a refusal is believed too.
    for tile, content in read_tiles(0, _TILES.head(), fetch):
        assert content == _TILES.fetch(tile), "a wrong tile is believed"
        read.append(tile)
    return read


def _tile_seed() -> bytes:
    """What the true log is asked for, in order."""
    asked: dict[Tile, bytes] = {}

    def fetch(tile: Tile) -> bytes:
        return asked.setdefault(tile, _TILES.fetch(tile))

    _follow(_TILES.size, fetch)
    return _TILES.size.to_bytes(8) + b"".join(asked.values())


def _read_bundle(data: bytes) -> object:
    try:
        entries = read_bundle(data)
    except ValueError as error:
        raise RefusedError("tile-differs") from error
    assert write_bundle(entries) == data
    assert b"".join(read_tile_hashes(data)) == data
    return entries


def _read_note(data: bytes) -> object:
    size, root = read_note(as_text(data), SEALER.origin, KEY.public)
    # Its text is what was signed, letter by letter.
    assert as_text(data).startswith(_NOTES[[0, 1, 40].index(size)].partition("\n\n")[0] + "\n\n")
    assert root == root_of(size, nodes)
    return size


def _read_verifier_key(data: bytes) -> object:
    name, key = read_verifier_key(as_text(data))
    assert verifier_key(name, key) == as_text(data).strip()
    assert name
    assert not set(name) & set("+ \t\n\u00a0\u2028")
    return name, key.kid


def _read_path(data: bytes) -> object:
    tile = read_path(as_text(data))
    if tile is None:
        raise RefusedError("tile-unknown")
    assert tile.path == as_text(data)
    return tile


def _read_export(data: bytes) -> object:
    file = io.BytesIO(data)
    return list(read_commands(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")))


_TILE_SEED = _tile_seed()
_TILE_SEEDS = (_TILE_SEED, *(size.to_bytes(8) + _TILE_SEED[8:] for size in (3, 299, 256, 70_000, 2**62 + 257)))
TARGETS = (
    Target(
        "receipt",
        _read_receipt,
        _RECEIPTS,
        (b"\x19\x01\x8c", b"\x20\x81", b"\x58\x20"),
        (verify_receipt, read_receipt),
    ),
    Target("lying-ledger", _sign_claims, _HEADERS, (*HEADS, b"\x0f\xa3", b"\x06\x1a", b"\x06\x1b"), (claims_of,)),
    Target("mirror", _mirror, _TILE_SEEDS, (bytes(32), (260).to_bytes(8), b"\0 "), (read_tile_hashes, cut)),
    Target("bundle", _read_bundle, (_TILES.fetch(Tile(ENTRIES, 1, 4)), b"\0\1a\0\2bc"), (b"\0\1",), (read_bundle,)),
    Target(
        "consistency-receipt",
        _read_growth,
        _GROWTHS,
        (b"\x19\x01\x8c", b"\x21\x81", b"\x58\x20", b"\xf6"),
        (verify_consistency_receipt,),
    ),
    Target(
        "signed-note",
        _read_note,
        tuple(note.encode() for note in _NOTES),
        ("— ".encode(), b"\n\n", SEALER.origin.encode(), b" ", b"=", b"01", b"\x0b", "\u2028".encode()),
        (read_note,),
    ),
    Target("verifier-key", _read_verifier_key, (_VKEY.encode(),), (b"+", b"=", b"\n", b" "), (read_verifier_key,)),
    Target(
        "tile-path",
        _read_path,
        (b"0/x001/x234/067.p/8", b"entries/000", b"63/999", b"entries/x001/000.p/255"),
        (b"x", b"/", b".p/", b"000", b"256", b"entries", b".."),
        (read_path,),
    ),
    Target(
        "export",
        _read_export,
        ("".join(_LINES).encode(), "".join(_LINES[:1]).encode()),
        (b"\t", b"\n", b"\r\n", b"sha-256:", *(line.encode() for line in _LINES)),
        (read_commands,),
    ),
)  # fmt: skip
