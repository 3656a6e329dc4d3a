"""Targets of bulk: spreadsheets in both formats, down to the values of a template's columns."""

import io
import zipfile
from datetime import UTC, datetime

from api.bulk.csv_table import read_csv
from api.bulk.faults import Faults
from api.bulk.lines import read_lines, read_table
from api.bulk.templates import TEMPLATES
from api.bulk.vocabulary import vocabulary_of
from api.bulk.xlsx_table import read_xlsx
from tests.fuzz.target import Target

_NOW = datetime(2026, 1, 5, tzinfo=UTC)
_DRUMS = (
    "产品编码（GTIN）,批号,盘号,长度,单位,制造时间\r\n06901234567892,A1,D1,500.5,米,2015/5/5 14:00\r\n"
    '"06901234567892",A1,D2,500,kg,2015-05-05T14:00:00+08:00\r\n'
)
_LAID = "link\tstation\tfrom m\tto m\ttime\n01/06901234567892/10/A1/21/D1\tS3\t0\t2.5\t2015年5月20日\n"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>lot</t></is></c></row>'
    '<row r="3"><c r="A3" s="1"><v>46027.5</v></c><c><v>500.10000000000002</v></c><c t="e"><v>#REF!</v></c>'
    "<c><f>1+1</f><v>2</v></c></row>"
)


def _book(sheet: bytes) -> bytes:
    """A workbook without compression, so that what is changed of it is its XML."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = {"workbook": "sheet.main", "s": "worksheet", "styles": "styles", "strings": "sharedStrings"}
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{kind}.{one}+xml"/>' for name, one in kinds.items()
    )
    main = f'xmlns="{_MAIN}"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}">{sheets}</workbook>',
        "_rels/.rels": f'{links}<Relationship Id="a" Type="{office}/officeDocument" Target="/xl/workbook.xml"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f'{links}<Relationship Id="r1" Type="{office}/worksheet" Target="s.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{office}/sharedStrings" Target="strings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs><xf/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/strings.xml": f"<sst {main}><si><t>product</t></si></sst>",
        "xl/s.xml": sheet,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return file.getvalue()


_SHEET = f'<worksheet xmlns="{_MAIN}"><sheetData>{_ROWS}</sheetData></worksheet>'.encode()
_BOOK = _book(_SHEET)


def _read_xlsx(data: bytes) -> object:
    """A workbook, or the XML of its sheet, which no checksum keeps from being read."""
    return list(read_xlsx(data if data.startswith(b"PK") else _book(data)).rows)


def _read_lines(data: bytes) -> object:
    """A template's number, then the file."""
    template = list(TEMPLATES.values())[data[0] % len(TEMPLATES) if data else 0]
    faults = Faults()
    lines = read_lines(data[1:], template, vocabulary_of(template), _NOW, faults)
    assert len(lines.good) + len(faults.rows) == lines.count
    return lines, faults.shown


TARGETS = (
    Target(
        "csv",
        lambda data: list(read_csv(data).rows),
        (_DRUMS.encode(), _DRUMS.encode("gb18030"), _LAID.encode(), b"sep=;\r\na;b\r\n"),
        (b'"', b'""', b",", b";", b"\t", b"\r\n", b"\n", b"sep=", b"\xef\xbb\xbf", b"\x81\x30\x81\x30"),
        (read_csv,),
    ),
    Target(
        "xlsx",
        _read_xlsx,
        (_BOOK, _SHEET),
        (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"<row", b'r="A1"', b"<v>", b"<!DOCTYPE x>", b"<c t=", b"1e999"),
        (read_xlsx,),
    ),
    Target(
        "bulk-lines",
        _read_lines,
        (b"\0" + _DRUMS.encode(), b"\2" + _LAID.encode(), b"\1step,time,link\nshipped,2015-05-06,x\n", b"\0" + _BOOK),
        (b",", b"\n", b"2015-05-06", b"+08:00", b"MTR", b"01/06901234567892/10/A1", "米".encode(), b"9" * 40, b"lot"),
        (read_lines, read_table),
    ),
)
