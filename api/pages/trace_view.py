"""What a reader of the trace page asked for, as its address says it: which groups are opened, which way is followed,
what is looked for, and which rows of the table.

Everything is in the address, so that the page works without script and can be sent to somebody else as it is seen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from api.naming import lot_label, lot_path
from api.tracing import Row, Trace
from keys.errors import RefusedError
from labs.judge import Word

# Ours to choose: what is opened has to fit a picture, what is found has to be read.
MOST_OPENED = 12
MOST_FOUND, MOST_MARKED = 20, 12
"""So many of what was found are listed, and taken out of their groups in the picture."""
PAGE = 50
SORTS = ("stage", "lot", "holder", "verdict", "quantity")
_MOST_TEXT = 80
_OPENED = re.compile(r"(?P<key>.{1,200})@(?P<skip>[0-9]{1,6})\Z", re.DOTALL)
GRAVEST_FIRST = (Word.STOP, Word.HOLD, Word.UNKNOWN, Word.USE)


@dataclass(frozen=True, slots=True)
class View:
    """What was asked for. `opened` says for each opened group how many of its members are passed over; `page` counts
    from 1.
    """

    lot_id: str
    opened: Mapping[str, int] = field(default_factory=dict)
    path: str | None = None
    find: str = ""
    holder: str = ""
    verdict: str = ""
    sort: str = "stage"
    page: int = 1

    def address(self, anchor: str = "", **changes: Any) -> str:
        """This page with some of it changed; what is as at the beginning is left out."""
        asked = {name: getattr(self, name) for name in ("path", "find", "holder", "verdict", "sort", "page")} | changes
        first = {"sort": "stage", "page": 1}
        pairs = [
            (name, value) for name, value in asked.items() if value and value != first.get(name) and name != "opened"
        ]
        pairs += [("open", f"{key}@{skip}" if skip else key) for key, skip in asked.get("opened", self.opened).items()]
        query = f"?{urlencode(pairs)}" if pairs else ""
        return lot_path(self.lot_id, "/trace") + query + (f"#{anchor}" if anchor else "")

    def opening(self, key: str, skip: int = 0) -> str:
        """This page with a group opened, `skip` of its members passed over."""
        kept = [(other, passed) for other, passed in self.opened.items() if other != key]
        return self.address("graph", opened=dict([*kept[-MOST_OPENED + 1 :], (key, skip)]))

    def closing(self, key: str) -> str:
        """This page with a group closed again."""
        return self.address("graph", opened={other: skip for other, skip in self.opened.items() if other != key})


def read_view(told: Trace, asked: MultiDict[str, str]) -> View:
    """What an address asks for.

    Raises RefusedError `not-found` for a way to a lot that is not of this lineage, `request-malformed` for a verdict,
    an order or a page that there is not. A group that is no more (its lots have moved on) is opened for nobody.
    """
    path = asked.get("path") or None
    if path is not None and path not in {row.lot_id for row in told.rows}:
        raise RefusedError("not-found", where="path", expected="a lot of this lineage", got=path[:100])
    verdict, sort, page = asked.get("verdict") or "", asked.get("sort") or "stage", asked.get("page") or "1"
    if verdict and verdict not in set(Word):
        raise RefusedError("request-malformed", where="verdict", expected=" or ".join(Word), got=verdict[:40])
    if sort.removeprefix("-") not in SORTS:
        raise RefusedError("request-malformed", where="sort", expected=" or ".join(SORTS), got=sort[:40])
    if not re.fullmatch(r"[1-9][0-9]{0,4}", page):
        raise RefusedError("request-malformed", where="page", expected="a number from 1", got=page[:40])
    find, holder = ((asked.get(name) or "").strip()[:_MOST_TEXT] for name in ("find", "holder"))
    opened = dict(_opened(value) for value in asked.getlist("open")[:MOST_OPENED])
    return View(told.lot_id, opened, path, find, holder, verdict, sort, int(page))


def _opened(value: str) -> tuple[str, int]:
    found = _OPENED.match(value)
    return (found["key"], int(found["skip"])) if found else (value[:200], 0)


def find_rows(told: Trace, text: str) -> tuple[Row, ...]:
    """The lots of the lineage whose number has this text in it, whatever its case; none for no text."""
    wanted = text.casefold().replace(" ", "")
    if not wanted:
        return ()
    names = ((row, f"{row.lot_id} {lot_label(row.lot_id)}".casefold().replace(" ", "")) for row in told.rows)
    return tuple(row for row, name in names if wanted in name)


def choose_rows(told: Trace, view: View) -> tuple[Row, ...]:
    """The rows of the table, filtered and in the order asked for; all pages of it."""
    rows = [
        row
        for row in told.rows
        if (not view.verdict or row.word == view.verdict) and (not view.holder or holder_of(row) == view.holder)
    ]
    key = view.sort.removeprefix("-")
    rows.sort(key=lambda row: _order(told, row, key), reverse=view.sort.startswith("-"))
    return tuple(rows)


def holder_of(row: Row) -> str:
    """Who is known to have it: the last who took it over, else its maker; "" where neither is known."""
    return row.holder or (row.lot.maker if row.lot is not None else "")


def gravity(row: Row) -> tuple[int, int]:
    """The gravest first: by verdict, then by how much was found."""
    return GRAVEST_FIRST.index(Word(row.word)), -row.count


def list_holders(told: Trace) -> Iterator[tuple[str, str]]:
    """Code and name of everybody who is known to have something, by name."""
    codes = {holder_of(row) for row in told.rows} - {""}
    yield from sorted(((code, told.names.get(code, code)) for code in codes), key=lambda pair: pair[1])


def _order(told: Trace, row: Row, key: str) -> tuple[Any, ...]:
    amount = row.lot.quantity if row.lot is not None else None
    orders: dict[str, tuple[Any, ...]] = {
        "stage": (row.stage_order,),
        "lot": (),
        "holder": (told.names.get(holder_of(row), holder_of(row)),),
        "verdict": gravity(row),
        "quantity": (amount.unit if amount else "", amount.value if amount else 0),
    }
    return (*orders[key], row.lot_id)
