"""Labels for drums: a QR code with the Digital Link URI of this registry, and what people compare by eye.

One Typst template (`templates/labels.typ`) makes the single label as SVG, PNG or PDF and the A4 sheet; glyphs are
embedded or drawn as outlines, so that a label looks the same everywhere.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pylopdf_fonts_zh_cn as fonts
import qrcode
import typst

Form = Literal["svg", "png", "pdf"]

_TEMPLATE = Path(__file__).parent / "templates" / "labels.typ"
_FONTS = fonts.sans_path().parent
# A label printer's 203 dpi, and half of that again.
_PPI = 300
SHEET = 21
"""Labels on a sheet of A4: 3 × 7 of 63.5 × 38.1 mm, the size that is sold ready cut."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says. `unit` is "" for a batch; all texts are as people read them."""

    uri: str
    unit: str
    batch: str
    product: str
    amount: str
    maker: str


def draw_code(uri: str) -> str:
    """A QR code as an SVG document, with the quiet zone that ISO/IEC 18004 asks for (4 modules).

    Error correction Q: a quarter of it may be scratched or dirty, as things are on a site.
    """
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(uri, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def print_label(label: Label, form: Form) -> bytes:
    """A single label as `svg`, `png` or `pdf`."""
    return _typeset([label], form, is_sheet=False)


def print_sheet(labels: Sequence[Label]) -> bytes:
    """Sheets of A4 with these labels, as PDF."""
    return _typeset(labels, "pdf", is_sheet=True)


def _typeset(labels: Sequence[Label], form: Form, *, is_sheet: bool) -> bytes:
    told = {"is_sheet": is_sheet, "labels": [asdict(label) | {"code": draw_code(label.uri)} for label in labels]}
    made = typst.compile(
        str(_TEMPLATE),
        format=form,
        ppi=_PPI,
        sys_inputs={"told": json.dumps(told)},
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        # The same label is the same bytes, whenever it is printed.
        timestamp=datetime(2000, 1, 1, tzinfo=UTC),
    )
    return bytes(made)
