"""What is to be seen on the pages of a PDF: their text, and the QR codes printed on them (ISO/IEC 18004)."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

from keys.errors import RefusedError

# Ours to choose: 200 rows of a report are some 20,000 characters.
MOST_CHARACTERS = 200_000
# Ours to choose. A report has a few pages; the code stands on the first or the last.
MOST_PAGES = 500
_TEXT_PAGES, _CODE_PAGES = 50, 4
# 144 dpi: a code of 15 mm has some 85 pixels, three a module in version 2. Larger pages are made smaller.
_SCALE, _LONGEST_SIDE = 2.0, 2400
_MOST_CODES, _LONGEST_CODE = 10, 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """The text of the pages, up to `MOST_CHARACTERS`; what the QR codes say; and how many pages were read for each."""

    pages: int
    text: str
    text_pages: int
    codes: tuple[str, ...]
    code_pages: int


def look_at_pages(document: bytes) -> Seen:
    """Read text and codes. Raises RefusedError `document-unreadable` where pages can't be shown or are too many."""
    try:
        with pypdfium2.PdfDocument(document) as pdf:
            count = len(pdf)
            if not 0 < count <= MOST_PAGES:
                raise RefusedError(
                    "document-unreadable", where="pdf", expected=f"1 to {MOST_PAGES} pages", got=str(count)
                )
            texts = [_read_text(pdf, number) for number in range(min(count, _TEXT_PAGES))]
            shown = sorted({*range(min(count, _CODE_PAGES - 1)), count - 1})
            codes = dict.fromkeys(code for number in shown for code in _read_codes(pdf, number))
    except pypdfium2.PdfiumError as error:
        raise RefusedError("document-unreadable", where="pdf", expected="pages", got=str(error)[:120]) from error
    return Seen(count, "\n".join(texts)[:MOST_CHARACTERS], len(texts), tuple(codes)[:_MOST_CODES], len(shown))


def _read_text(pdf: pypdfium2.PdfDocument, number: int) -> str:
    page = pdf[number].get_textpage()
    try:
        # Lines as they stand on the page; a NUL is nobody's text.
        return str(page.get_text_bounded())[:MOST_CHARACTERS].replace("\0", "")
    finally:
        page.close()


def _read_codes(pdf: pypdfium2.PdfDocument, number: int) -> list[str]:
    page = pdf[number]
    scale = min(_SCALE, _LONGEST_SIDE / max(*page.get_size(), 1.0))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        width, height, stride = bitmap.width, bitmap.height, bitmap.stride
        rows = bytes(bitmap.buffer)
        if stride != width:
            rows = b"".join(rows[row * stride : row * stride + width] for row in range(height))
        picture = memoryview(rows).cast("B", (height, width))
        found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        return [code.text[:_LONGEST_CODE] for code in found if code.text]
    finally:
        bitmap.close()
