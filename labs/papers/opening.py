"""Opening a stranger's PDF: whole, without a password, and with nothing in it that acts or hides (ISO 32000-2).

A lab's report is text and pictures. What runs (JavaScript, Launch), fetches or sends (SubmitForm, ImportData, GoToR),
carries other files (EmbeddedFiles) or shows something else than its pages do (XFA, RichMedia, 3D) is refused by name,
also where it lies in an earlier revision or nothing refers to it. Names are compared without their #xx escapes.

This bounds what is looked at, not time and memory: whoever calls does it in a process with limits
(`api/papers/child.py`).
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from keys.errors import RefusedError

# ISO 32000-2 table 201: action types. Those that stay within the document's own pages are no danger.
_ACTIONS = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/RichMediaExecute")
)
# Entries that carry a script, another file, another form or a player wherever they stand.
_ENTRIES = ("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent")
_SUBTYPES = frozenset(("/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"))
# Ours to choose: a report of 200 rows has some hundred objects.
MOST_OBJECTS = 50_000
_DEEPEST = 60


def open_document(document: bytes) -> PdfFileReader:
    """A PDF that may be looked at further.

    Raises RefusedError `document-unreadable` (not a PDF, truncated, malformed, too many objects) or `document-unsafe`
    (`got` names what was found: password, or the PDF name of what acts).
    """
    if not document.startswith(b"%PDF-"):
        raise RefusedError("document-unreadable", where="pdf", expected="%PDF-", got=repr(document[:5])[2:-1])
    # ISO 32000-2 §7.5.5: the last line is %%EOF. Readers look for it in the last 1,024 bytes.
    if b"%%EOF" not in document[-1024:]:
        raise RefusedError("document-unreadable", where="pdf", expected="%%EOF at the end", got="a truncated file")
    try:
        reader = PdfFileReader(BytesIO(document), strict=False)
        # What is encrypted is not read at all, whatever the password: an empty one would let half the readers in.
        if "/Encrypt" in reader.trailer:
            raise RefusedError("document-unsafe", where="pdf", expected="no password", got="password")
        for found in _walk(reader):
            raise RefusedError("document-unsafe", where="pdf", expected="pages alone", got=found)
        if not isinstance(reader.root["/Pages"], generic.DictionaryObject):
            raise RefusedError("document-unreadable", where="pdf", expected="pages", got="none")
    except RefusedError:
        raise
    except RecursionError as error:
        raise RefusedError("document-unreadable", where="pdf", expected="fewer levels", got="nested") from error
    # Whatever a reader of PDF raises on a stranger's file is that file's fault.
    except Exception as error:
        raise RefusedError(
            "document-unreadable", where="pdf", expected="a whole PDF", got=f"{type(error).__name__}: {error}"[:120]
        ) from error
    return reader


def _walk(reader: PdfFileReader) -> Iterator[str]:
    """The names of what must not be there, over all objects of all revisions."""
    count = 0
    for revision in range(reader.total_revisions):
        resolver = reader.get_historical_resolver(revision)
        for ref in resolver.explicit_refs_in_revision():  # type: ignore[no-untyped-call]
            count += 1
            if count > MOST_OBJECTS:
                raise RefusedError(
                    "document-unreadable", where="pdf", expected=f"at most {MOST_OBJECTS} objects", got="more"
                )
            yield from _look(resolver.get_object(ref), 0)


def _look(node: Any, depth: int) -> Iterator[str]:
    """Direct content alone: what is referred to is an object of its own."""
    if depth > _DEEPEST:
        raise RefusedError("document-unreadable", where="pdf", expected=f"at most {_DEEPEST} levels", got="more")
    if isinstance(node, generic.DictionaryObject):
        yield from (name[1:] for name in _ENTRIES if name in node)
        for entry, unwanted in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES)):
            value = node.get(entry)
            if isinstance(value, generic.NameObject) and value in unwanted:
                yield value[1:]
        for value in map(node.raw_get, node):
            yield from _look(value, depth + 1)
    elif isinstance(node, generic.ArrayObject):
        for value in map(node.raw_get, range(len(node))):
            yield from _look(value, depth + 1)
