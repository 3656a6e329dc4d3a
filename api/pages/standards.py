"""The standards pack, for people: which standards it has, of each its tables, and how sure anybody is of each row."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from api.access import Callers, open_to
from api.shell import current_shell
from labs.standards.pack import Duration, Limit, StandardsPack, choose

blueprint = Blueprint("standards", __name__)
SIZES = ("nominal_area_mm2", "nominal_diameter_mm", "grade", "strength_class")
"""The conditions by which the rows of a standard's table differ."""
STATES = ("confirmed", "recalled")


class _Wanted(NamedTuple):
    """What the form asks for."""

    family: str | None
    standard: str | None
    parameter: str | None
    status: str | None


@blueprint.get("/standards")
@open_to(Callers.ANYONE)
def list_standards() -> str:
    """All standards of the pack, by family; the rows of those that are asked for, which may be all."""
    pack = current_shell().house.pack
    wanted = _Wanted(*map(_read, _Wanted._fields))
    is_asked = any(wanted)
    limits, durations = choose(pack, **wanted._asdict()), choose(pack.durations, **wanted._asdict())
    return render_template(
        "standards.html",
        wanted=wanted._asdict(),
        is_asked=is_asked,
        standards=_standards(pack),
        choices=_choices(pack, wanted.family),
        tables=_tables(limits) if is_asked else [],
        durations=durations,
        count=len(limits) + len(durations),
    )


def _read(name: str) -> str | None:
    return (request.args.get(name) or "").strip()[:80] or None


def _choices(pack: StandardsPack, family: str | None) -> dict[str, list[str]]:
    """What the form offers; of a family, where one is chosen."""
    rows: list[Limit | Duration] = [*choose(pack, family=family), *choose(pack.durations, family=family)]
    return {
        "family": sorted(pack.families),
        "standard": sorted({row.designation for row in rows}),
        "parameter": list(dict.fromkeys(row.parameter for row in rows)),
        "status": list(STATES),
    }


def _standards(pack: StandardsPack) -> list[dict[str, Any]]:
    """One line a family and standard: since when, until when, how many rows, how many of them confirmed."""
    rows: list[Limit | Duration] = [*pack, *pack.durations]
    rows.sort(key=lambda row: (row.family, row.standard, row.edition))
    lines = []
    for (family, designation), found in groupby(rows, key=lambda row: (row.family, row.designation)):
        some = list(found)
        lines.append(
            {
                "family": family,
                "designation": designation,
                "parameters": list(dict.fromkeys(row.parameter for row in some)),
                "valid_from": min(row.valid_from for row in some),
                "valid_to": None if any(row.valid_to is None for row in some) else some[-1].valid_to,
                "count": len(some),
                "confirmed": sum(row.is_confirmed for row in some),
            }
        )
    return lines


def _tables(limits: Iterable[Limit]) -> list[dict[str, Any]]:
    tables: dict[tuple[object, ...], list[Limit]] = {}
    for limit in limits:
        tables.setdefault(_table_key(limit), []).append(limit)
    return [_table(found) for found in tables.values()]


def _table_key(limit: Limit) -> tuple[object, ...]:
    """What the rows of one table share: all but the size, by which tables in standards are ruled."""
    shared = tuple(pair for pair in limit.conditions.items() if pair[0] not in SIZES)
    return (limit.family, limit.parameter, limit.citation, limit.valid_from, limit.valid_to, shared)


def _table(limits: list[Limit]) -> dict[str, Any]:
    """One table: its rows, each with the limits of one size; the conditions that all share, the one that varies, and
    the sources.
    """
    first = limits[0]
    varies = next((name for name in first.conditions if name in SIZES), None)
    rows: dict[str, list[Limit]] = {}
    for limit in limits:
        rows.setdefault(limit.conditions.get(varies, "") if varies else "", []).append(limit)
    return {
        "first": first,
        "rows": rows,
        "same": [pair for pair in first.conditions.items() if pair[0] not in SIZES],
        "varies": varies,
        "sources": list(dict.fromkeys(limit.source for limit in limits)),
    }
