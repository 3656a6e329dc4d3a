"""Empty templates to fill in: as CSV, which any program opens, and as a workbook whose second sheet explains columns.

The workbook's columns are formatted by what goes into them: identifiers as text, so that no zero and no digit is lost;
times as times. Units and steps are offered as lists. The same template is the same bytes.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from api.bulk.templates import Column, Template
from api.bulk.vocabulary import UNITS, heading_of, sheet_name, word_of
from api.words import say

CSV, XLSX = "csv", "xlsx"
MEDIA = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The cell styles of `_STYLES`, by number.
_PLAIN, _HEADING, _TEXT, _TIME, _NEEDED = range(5)
_STYLE_OF_KIND = {"time": _TIME, "amount": _PLAIN, "metre": _PLAIN}
_CHOICES: Mapping[str, tuple[str, ...]] = {"unit": UNITS, "step": ("shipped", "received", "delivered")}
_LAST_ROW = 100_001


def write_template(template: Template, form: str) -> bytes:
    """The template as `form`, csv or xlsx, in the language of the request."""
    return _WRITERS[form](template)


def _write_csv(template: Template) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerow([heading_of(column.code) for column in template.columns])
    # With a byte order mark: Excel takes a file without one for the machine's own encoding.
    return lines.getvalue().encode("utf-8-sig")


def _write_xlsx(template: Template) -> bytes:
    sheets = {sheet_name(template): _data_sheet(template), say("template.columns", "title"): _notes_sheet(template)}
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _links({"officeDocument": "xl/workbook.xml"}),
        "xl/workbook.xml": _workbook(list(sheets)),
        "xl/_rels/workbook.xml.rels": _workbook_links(len(sheets)),
        "xl/styles.xml": _STYLES,
    }
    parts |= {f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets.values(), start=1)}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, xml in parts.items():
            file.writestr(zipfile.ZipInfo(name), _HEAD + xml, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


_WRITERS: Mapping[str, Callable[[Template], bytes]] = {CSV: _write_csv, XLSX: _write_xlsx}


def _data_sheet(template: Template) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{_width(column)}" style="{_STYLE_OF_KIND.get(column.kind, _TEXT)}"'
        ' customWidth="1"/>'
        for at, column in enumerate(template.columns, start=1)
    )
    headings = "".join(
        _cell(at, 1, heading_of(column.code), _NEEDED if column.is_required else _HEADING)
        for at, column in enumerate(template.columns, start=1)
    )
    view = '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews>{view}</sheetView></sheetViews><cols>{widths}</cols>'
        f'<sheetData><row r="1">{headings}</row></sheetData>{_choices(template)}</worksheet>'
    )


def _choices(template: Template) -> str:
    offered = [
        f'<dataValidation type="list" allowBlank="1" sqref="{_letter(at)}2:{_letter(at)}{_LAST_ROW}"><formula1>'
        + escape('"' + ",".join(word_of(column.kind, code) for code in _CHOICES[column.kind]) + '"')
        + "</formula1></dataValidation>"
        for at, column in enumerate(template.columns, start=1)
        if column.kind in _CHOICES
    ]
    return f'<dataValidations count="{len(offered)}">{"".join(offered)}</dataValidations>' if offered else ""


def _notes_sheet(template: Template) -> str:
    rows = [[say("template.columns", key) for key in ("column", "needed", "kind", "example")]]
    rows += [
        [
            heading_of(column.code),
            say("template.columns", template.needed(column)),
            say(f"cell.{column.kind}", "title"),
            word_of(column.kind, column.example) if column.example else "",
        ]
        for column in template.columns
    ]
    cells = "".join(
        f'<row r="{number}">'
        + "".join(_cell(at, number, text, _HEADING if number == 1 else _TEXT) for at, text in enumerate(row, start=1))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{w}" customWidth="1"/>' for at, w in enumerate((26, 10, 70, 30), 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><cols>{widths}</cols><sheetData>{cells}</sheetData></worksheet>'


def _cell(at: int, row: int, text: str, style: int) -> str:
    reference = f"{_letter(at)}{row}"
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letter(at: int) -> str:
    return chr(64 + at)


def _width(column: Column) -> int:
    return 28 if column.kind in ("link", "text", "uscc") else 18


def _workbook(names: list[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _workbook_links(sheets: int) -> str:
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, sheets + 1)]
    return _link_parts([*targets, ("styles", "styles.xml")])


def _links(targets: Mapping[str, str]) -> str:
    return _link_parts(list(targets.items()))


def _link_parts(targets: list[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _content_types(sheets: int) -> str:
    media = MEDIA[XLSX].rpartition(".")[0]
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{number}.xml": "worksheet" for number in range(1, sheets + 1)}
    overrides = "".join(f'<Override PartName="{p}" ContentType="{media}.{kind}+xml"/>' for p, kind in parts.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


# Number format 49 is text. Headings are bold on grey; those of columns that must be filled in are in dark red.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/></font><font><b/><sz val="11"/></font>'
    '<font><b/><sz val="11"/><color rgb="FF8A1C1C"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFEDEFF2"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
