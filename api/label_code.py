"""The QR code of a label: ISO/IEC 18004, as an SVG document of one stroke a run of dark modules.

A signed address of an ordinary drum has some 160 to 190 bytes; with lot and serial of 20 characters each, 210; at the
worst, every one of them percent-encoded, 290. Error correction is the strongest of Q (a quarter may be scratched or
dirty, as things are on a site), M and L whose modules are no smaller than 0.40 mm as printed: that is what phones read
at arm's length, and what GS1 asks of a Digital Link at the least (0.396 mm). On the label of 38 mm a code with its
quiet zone has 31 mm, so 77 modules: Q up to 244 bytes, M beyond. On 100 × 150 mm it has 66 mm, and modules of 0.8 mm
and more.
"""

import qrcode
from qrcode import constants

from keys.label import PARAMETER

MODULE_MM = 0.40
# The quiet zone that the standard asks for, in modules.
_QUIET = 4
_LEVELS = (constants.ERROR_CORRECT_Q, constants.ERROR_CORRECT_M, constants.ERROR_CORRECT_L)
# A signature is as random as any mask would make it, so weighing eight of them, nine tenths of the work, gains nothing.
_ANY_MASK = 3


def draw_code(uri: str, room_mm: float) -> str:
    """The code as SVG, its quiet zone included, one unit a module, for a square of `room_mm`."""
    rows = _encode(uri, room_mm)
    size = len(rows)
    path = "".join(f"M{start} {y}.5h{length}" for y, row in enumerate(rows) for start, length in _runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" stroke="#000" fill="none"/></svg>'
    )


def _encode(uri: str, room_mm: float) -> tuple[tuple[bool, ...], ...]:
    mask = _ANY_MASK if f"?{PARAMETER}=" in uri else None
    for level in _LEVELS:
        code = qrcode.QRCode(error_correction=level, border=_QUIET, mask_pattern=mask)
        code.add_data(uri, optimize=0)
        version = code.best_fit(start=1)
        if room_mm / (17 + 4 * version + 2 * _QUIET) >= MODULE_MM:
            break
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """(start, length) of each run of dark modules."""
    edges = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
