"""The ZIP archive that an .xlsx workbook is (ECMA-376 part 2): looked at whole before the library sees a byte of it.

1. It MUST hold at most MAX_PARTS parts of at most MAX_TOTAL_BYTES, as they say. No more is inflated than they say: what
   is read on is a copy, with only the XML in it that was inflated and looked at here.
2. It MUST hold no macros, no links to other workbooks and nothing that is encrypted.
3. Its XML MUST be within the bounds of `xlsx_bounds`.
"""

import io
import zipfile
import zlib

from api.bulk.table import MAX_FILE_BYTES
from api.bulk.xlsx_bounds import check_work, look_at, malformed
from keys.errors import RefusedError

# Ours to choose: 100,000 rows of a dozen columns take some 60 MiB of XML.
MAX_PARTS = 200
MAX_TOTAL_BYTES = 96 * 1024 * 1024
# Compound File Binary (MS-CFB): what .xls files are, and .xlsx files with a password.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = ("vbaproject", "/macrosheets/", "externallinks/")
# Other methods may inflate a piece to any size at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Who wrote it, how it is drawn, in which order it is computed: nobody asks, and much of it is not read well.
_NEEDLESS = ("docprops/", "xl/theme/", "xl/drawings/", "xl/charts", "xl/calcchain", "xl/pivot", "customxml/")
# The names that the Strict edition (ISO/IEC 29500) has for what the Transitional one, which everybody writes, has too.
_STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
}


def copy_archive(data: bytes) -> io.BytesIO:
    """A workbook with nothing in it but what was looked at. Raises RefusedError `too-large`, `table-malformed`."""
    if len(data) > MAX_FILE_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_FILE_BYTES} bytes", got=len(data))
    if data.startswith(_OLE):
        raise malformed(expected="an .xlsx workbook without a password", got="an .xls file, or a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive.infolist())
            return _copy(archive)
    # All that zipfile raises over an archive, a field of it, or what is packed in it.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OverflowError, ValueError, OSError, EOFError) as bad:
        raise malformed(expected="an .xlsx workbook", got=str(bad)[:80]) from bad


def _check(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS or len({part.filename for part in parts}) < len(parts):
        raise malformed(expected=f"at most {MAX_PARTS} parts, each once", got=len(parts))
    if (size := sum(part.file_size for part in parts)) > MAX_TOTAL_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_TOTAL_BYTES} bytes inflated", got=size)
    for part in parts:
        where = part.filename[:80]
        if part.flag_bits & 0x1:
            raise malformed(where=where, expected="a workbook without a password", got="an encrypted part")
        if part.compress_type not in _METHODS:
            raise malformed(where=where, expected="deflate (RFC 1951)", got=part.compress_type)
        if any(sign in part.filename.lower() for sign in _FOREIGN):
            raise malformed(where=where, expected="a workbook without macros or links to others", got="them")


def _copy(archive: zipfile.ZipFile) -> io.BytesIO:
    file, looks = io.BytesIO(), []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for part in archive.infolist():
            name = part.filename.lower()
            if not name.endswith((".xml", ".rels")) or name.startswith(_NEEDLESS):
                continue
            with archive.open(part) as inflated:
                # Told how much: without, zipfile inflates all there is before it cuts it to the size that is stated.
                content = inflated.read(part.file_size)
            looks.append(look_at(content, part.filename))
            for strict, usual in _STRICT.items():
                content = content.replace(strict, usual)
            copy.writestr(part.filename, content)
    check_work(looks)
    return file
