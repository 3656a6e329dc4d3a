"""The ZIP archive that an .xlsx workbook is (ECMA-376 part 2): looked at whole before a byte of it is parsed.

1. It MUST hold at most MAX_PARTS parts, of at most MAX_PART_BYTES each and MAX_TOTAL_BYTES in all, as they say and as
   they are: each part that is read is counted as it is inflated.
2. It MUST hold no macros, no links to other workbooks and nothing that is encrypted.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from api.bulk.table import MAX_FILE_BYTES
from keys.errors import RefusedError

# Ours to choose: 100,000 rows of a dozen columns take some 60 MiB of XML; all that is no cell, a few hundred KiB.
MAX_PARTS = 200
MAX_PART_BYTES = 96 * 1024 * 1024
MAX_TOTAL_BYTES = 128 * 1024 * 1024
MAX_SMALL_PART_BYTES = 4 * 1024 * 1024
_CHUNK = 64 * 1024
# Compound File Binary (MS-CFB): what .xls files are, and .xlsx files with a password.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = ("vbaproject", "/macrosheets/", "externallinks/")


class Archive:
    """The parts of a workbook by name. Raises RefusedError `too-large`, `table-malformed`."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_FILE_BYTES:
            raise RefusedError("too-large", expected=f"at most {MAX_FILE_BYTES} bytes", got=len(data))
        if data.startswith(_OLE):
            raise malformed(expected="an .xlsx workbook without a password", got="an .xls file, or a password")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        # The last two: fields that no number, or no name, can be made of.
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise malformed(expected="an .xlsx workbook", got=str(error)[:80]) from error
        self._parts = {part.filename: part for part in self._zip.infolist()}
        self._check()

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def read_whole(self, name: str) -> bytes:
        """A part that is small in any honest workbook."""
        return b"".join(self.read(name, MAX_SMALL_PART_BYTES))

    def read(self, name: str, most: int = MAX_PART_BYTES) -> Iterator[bytes]:
        """A part, inflated piece by piece and counted. Raises RefusedError `table-malformed`, `too-large`."""
        part = self._parts.get(name)
        if part is None:
            raise malformed(where=name[:80], expected="a part of the workbook", got="none")
        size = 0
        try:
            with self._zip.open(part) as file:
                while piece := file.read(_CHUNK):
                    size += len(piece)
                    if size > most:
                        raise RefusedError("too-large", where=name[:80], expected=f"at most {most} bytes inflated")
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
            ValueError,
        ) as bad:
            raise malformed(where=name[:80], expected="a part that can be inflated", got=str(bad)[:80]) from bad

    def _check(self) -> None:
        sizes = [part.file_size for part in self._zip.infolist()]
        if len(sizes) > MAX_PARTS or len(self._parts) < len(sizes):
            raise malformed(expected=f"at most {MAX_PARTS} parts, each once", got=len(sizes))
        if max(sizes, default=0) > MAX_PART_BYTES or sum(sizes) > MAX_TOTAL_BYTES:
            raise RefusedError("too-large", expected=f"at most {MAX_TOTAL_BYTES} bytes inflated", got=sum(sizes))
        for name, part in self._parts.items():
            if part.flag_bits & 0x1:
                raise malformed(where=name[:80], expected="a workbook without a password", got="an encrypted part")
            if any(sign in name.lower() for sign in _FOREIGN):
                raise malformed(where=name[:80], expected="a workbook without macros or links to others", got="them")


def malformed(**facts: object) -> RefusedError:
    """What is refused as no workbook of ours."""
    return RefusedError("table-malformed", **facts)
