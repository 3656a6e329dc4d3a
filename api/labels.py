"""Labels for drums: a QR code with the signed Digital Link of this registry, and what people compare by eye.

    print_labels(labels, "a4", "pdf")            one PDF: sheets of 21 labels of 63.5 × 38.1 mm, as sold ready cut
    print_labels(labels, "100x150", "svg-zip")   one ZIP: a picture a label, for a label printer

One Typst template (`templates/labels.typ`) sets all sizes; glyphs are embedded or drawn as outlines, so that a label
looks the same everywhere. Many labels are set in parts, each in one go: setting a label by itself costs as much as
setting twenty.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pylopdf_fonts_zh_cn as fonts
import typst

from api.label_code import draw_code

Form = Literal["svg", "png", "pdf"]
Progress = Callable[[int, int], None]

_TEMPLATE = Path(__file__).parent / "templates" / "labels.typ"
_FONTS = fonts.sans_path().parent
# A label printer's 203 dpi, and half of that again.
_PPI = 300
SHEET = 21
"""Labels on a sheet of A4: 3 × 7 of 63.5 × 38.1 mm, the size that is sold ready cut."""
# What is set in one go takes some 0.3 MB of memory a label.
PART = 50 * SHEET


@dataclass(frozen=True, slots=True)
class Size:
    """A size of paper: how many labels a page has, and how wide the code is, in mm."""

    on_a_page: int
    code_mm: float


SIZES: Mapping[str, Size] = {"a4": Size(SHEET, 31), "38x64": Size(1, 31), "100x150": Size(1, 66)}
FORMS = ("pdf", "svg-zip", "png-zip")


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says. `unit` is "" for a batch; all texts are as people read them.

    `uri` is what the code leads to; `printed` is that without its signature, for people.
    """

    uri: str
    printed: str
    unit: str
    batch: str
    product: str
    name: str
    amount: str
    maker: str


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on every label beside its own facts, in one language."""

    batch: str
    unit: str
    amount: str
    maker: str
    compare: str


def print_label(label: Label, words: Words, size: str, form: Form) -> bytes:
    """A single label as `svg`, `png` or `pdf`; not on A4."""
    return _typeset([label], words, size, form)[0]


def print_labels(
    labels: Sequence[Label], words: Words, size: str, form: str, tell: Progress = lambda done, total: None
) -> Iterator[bytes]:
    """These labels in their order, as one of FORMS: files of up to `PART` labels each. `tell` hears of each part."""
    for start in range(0, len(labels), PART):
        part = labels[start : start + PART]
        picture = form.removesuffix("-zip")
        if form == "pdf":
            yield _typeset(part, words, size, "pdf")[0]
        else:
            pages = _typeset(part, words, size, "svg" if picture == "svg" else "png")
            yield _zip(_names(part, size, picture), pages)
        tell(start + len(part), len(labels))


def _typeset(labels: Sequence[Label], words: Words, size: str, form: Form) -> list[bytes]:
    """The file, or of pictures one a page."""
    room = SIZES[size].code_mm
    drawn = [asdict(label) | {"code": draw_code(label.uri, room)} for label in labels]
    made = typst.compile(
        str(_TEMPLATE),
        format=form,
        ppi=_PPI,
        sys_inputs={"told": json.dumps({"size": size, "labels": drawn, "words": asdict(words)})},
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        # The same label is the same bytes, whenever it is printed.
        timestamp=datetime(2000, 1, 1, tzinfo=UTC),
    )
    # A list where pictures have several pages, which the library's types don't say.
    pages: Any = made
    return [bytes(page) for page in pages] if isinstance(pages, list) else [bytes(pages)]


def _names(labels: Sequence[Label], size: str, picture: str) -> list[str]:
    """A file name a page, in order: by number first, since two lots' names may differ in what no file may be called."""
    per_page = SIZES[size].on_a_page
    names = []
    for number, start in enumerate(range(0, len(labels), per_page), 1):
        label = labels[start]
        text = re.sub(r"[^A-Za-z0-9._-]", "_", f"{label.batch}-{label.unit}" if label.unit else label.batch)
        names.append(f"{number:05}{f'-{text}' if per_page == 1 else ''}.{picture}")
    return names


def _zip(names: Sequence[str], pages: Sequence[bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in zip(names, pages, strict=True):
            # One day for all: the same labels are the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), page, zipfile.ZIP_DEFLATED)
    return made.getvalue()
