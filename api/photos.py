"""Photos that people send: JPEG, PNG or WebP, known by their content, of a size that a camera makes.

They are kept as they came, byte for byte, with what the camera wrote into them: an edited photo proves less. So they
are shown to regulators alone, as files to save and never as part of a page.

    VAR_DIR/mismatches/3f9a…e1      named by their SHA-256
"""

import hashlib
import struct
from pathlib import Path

from api.files import make_folder, write_whole
from api.settings import Settings
from keys.errors import RefusedError

MAX_PHOTO_BYTES = 5 * 1024 * 1024
# Ours to choose: twice what phones take. What a viewer would need more than a gigabyte for is no photo.
_MOST_PIXELS = 250_000_000
_MOST_SIDE = 30_000
_PNG = b"\x89PNG\r\n\x1a\n"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
# ISO/IEC 10918-1 table B.1: frames, which say the size; 0xC4, 0xC8 and 0xCC among them are something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_photo(data: bytes) -> tuple[str, int, int]:
    """Media type, width and height in pixels. Raises RefusedError `too-large`, `photo-refused`."""
    if len(data) > MAX_PHOTO_BYTES:
        raise RefusedError("too-large", where="photo", expected=f"{MAX_PHOTO_BYTES} bytes", got=len(data))
    for magic, media, measure in (
        (b"\xff\xd8\xff", "image/jpeg", _measure_jpeg),
        (_PNG, "image/png", _measure_png),
        (b"RIFF", "image/webp", _measure_webp),
    ):
        if data.startswith(magic):
            try:
                width, height = measure(data)
            except (struct.error, IndexError) as error:
                raise _refuse("a whole picture", media) from error
            break
    else:
        raise _refuse("JPEG, PNG or WebP", data[:4].hex())
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE and width * height <= _MOST_PIXELS):
        raise _refuse(f"up to {_MOST_PIXELS} pixels", f"{width} × {height}")
    return media, width, height


def keep_photo(settings: Settings, data: bytes) -> str:
    """Keep a photo that `read_photo` took; returns its SHA-256 in hex. Raises OSError."""
    sha256 = hashlib.sha256(data).hexdigest()
    make_folder(settings.mismatch_dir)
    path = find_photo(settings, sha256)
    if not path.exists():
        write_whole(path, [data], mode=0o600)
    return sha256


def drop_photo(settings: Settings, sha256: str) -> None:
    """Delete a photo, where it is there. Raises OSError."""
    find_photo(settings, sha256).unlink(missing_ok=True)


def find_photo(settings: Settings, sha256: str) -> Path:
    """Where a photo lies."""
    return settings.mismatch_dir / sha256


def _measure_jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise _refuse("a JPEG marker", f"byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        # What comes before the frame has a length; without one it is a scan, and there was no frame.
        if marker in (0xD8, 0xD9, 0xDA) or length < 2:
            raise _refuse("a frame before the picture", f"marker {marker:02x}")
        at += 2 + length


def _measure_png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise _refuse("IHDR first", data[12:16].hex())
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _measure_webp(data: bytes) -> tuple[int, int]:
    if data[8:12] != b"WEBP":
        raise _refuse("WebP", data[8:12].hex())
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    raise _refuse("a WebP picture", data[12:16].hex())


def _refuse(expected: str, got: str) -> RefusedError:
    return RefusedError("photo-refused", where="photo", expected=expected, got=got)
