"""What stands around the cells of a workbook and is needed to read them: which sheet, which strings, which styles are
dates.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from posixpath import join, normpath

from api.bulk.table import MAX_ROWS
from api.bulk.xlsx_archive import Archive, malformed
from api.bulk.xlsx_xml import Start, Tell, Text, feed
from keys.errors import RefusedError

# ECMA-376 part 1 §18.8.30: number formats that are dates without a code of their own; 27-36 and 50-58 in East Asia.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_IN_QUOTES = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
# Ours to choose: every cell of the largest table a string of its own.
_MAX_STRINGS = MAX_ROWS * 16
_MAX_STYLES = 65_000


@dataclass(frozen=True, slots=True)
class Book:
    """The first sheet that is not hidden, by name and by its part's name, and what its cells refer to."""

    sheet: str
    part: str
    strings: list[str]
    dates: frozenset[int]
    """The cell styles that show a number as a date."""
    days_from: datetime
    """The day 0 of such numbers, by the wall's clock."""


def open_book(archive: Archive) -> Book:
    """Read all but the cells. Raises RefusedError `table-malformed`, `too-large`."""
    path = _read_links(archive, "").get("officeDocument", "xl/workbook.xml")
    workbook = _Workbook()
    _parse(archive, path, workbook.start)
    links = _read_links(archive, path)
    if workbook.link not in links:
        raise malformed(where=path[:80], expected="a sheet", got="none")
    return Book(
        workbook.sheet,
        links[workbook.link],
        _read_strings(archive, links.get("sharedStrings", "")),
        _read_dates(archive, links.get("styles", "")),
        datetime(1904, 1, 1) if workbook.is_from_1904 else datetime(1899, 12, 30),  # noqa: DTZ001 - the wall's
    )


@dataclass
class _Workbook:
    sheet: str = ""
    link: str = ""
    is_from_1904: bool = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self.is_from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and not self.link and attributes.get("state", "visible") == "visible":
            self.sheet, self.link = attributes.get("name", "")[:31], attributes.get("id", "")


def _read_links(archive: Archive, path: str) -> dict[str, str]:
    """Where the relationships of a part lead, by id, and by the last word of their type (the first of each)."""
    folder, _, name = path.rpartition("/")
    links: dict[str, str] = {}

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
        links[attributes.get("Id", "")] = whole
        links.setdefault(attributes.get("Type", "").rpartition("/")[2], whole)

    _parse(archive, f"{folder}/_rels/{name}.rels".lstrip("/"), start)
    return links


def _read_dates(archive: Archive, path: str) -> frozenset[int]:
    """The numbers of the cell styles that show a number as a date."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    within: list[str] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        within.append(tag)
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "xf" and within[-2:-1] == ["cellXfs"] and len(styles) < _MAX_STYLES:
            styles.append(attributes.get("numFmtId", "0"))

    if path in archive:
        _parse(archive, path, start, lambda tag: within.pop())
    return frozenset(number for number, style in enumerate(styles) if _is_date(style, codes.get(style)))


def _is_date(style: str, code: str | None) -> bool:
    if code is None:
        return style.isascii() and style.isdigit() and len(style) < 4 and int(style) in _DATES
    return re.search(r"[ymdhs]", _IN_QUOTES.sub("", code[:200]), re.IGNORECASE) is not None


def _read_strings(archive: Archive, path: str) -> list[str]:
    strings: list[str] = []
    if path in archive:
        text = Text()

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            text.start(tag)
            if tag == "si":
                text.clear()

        def end(tag: str) -> None:
            text.end(tag)
            if tag == "si":
                if len(strings) >= _MAX_STRINGS:
                    raise RefusedError("too-large", where=path[:80], expected=f"at most {_MAX_STRINGS} strings")
                strings.append(text.take())

        for _ in feed(archive.read(path), path, start, end, text.add):
            pass
    return strings


def _parse(archive: Archive, path: str, start: Start, end: Tell | None = None) -> None:
    for _ in feed([archive.read_whole(path)], path, start, end):
        pass
