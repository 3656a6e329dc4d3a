"""A registry in which the cast's batch A1 lies uncut at its maker's, and dry runs of files on it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from api.bulk.plan import Plan, plan_file
from api.bulk.templates import TEMPLATES
from api.database import Database
from tests.api.bulk.files import dicts_to_csv
from tests.factories import uscc_of
from tests.world import MADE, PREPARED, World

Check = Callable[..., Plan]


@pytest.fixture
def world(database_url) -> Iterable[World]:
    """All that is on record before a batch of 1,000 m is cut: to be cut here."""
    database = Database(database_url)
    world = World.told(database, PREPARED + MADE[:3])
    yield world
    database.close()


@pytest.fixture
def check(world) -> Check:
    """A dry run of rows, as one of the cast would sign them a year later."""

    def run(name: str, rows: Iterable[Mapping[str, Any]] | bytes, alias: str = "maker") -> Plan:
        data = rows if isinstance(rows, bytes) else dicts_to_csv(rows)
        now = world.at.replace(year=world.at.year + 1)
        with world.database.reading() as session:
            return plan_file(session, world.house.catalogue, TEMPLATES[name], data, uscc_of(alias), now)

    return run


def told(plan: Plan) -> list[tuple[int, str | None, str]]:
    """The faults of a plan, each as its row, column and code."""
    return [(fault.row, fault.column, str(fault.wrong)) for fault in plan.faults]


def say(world: World, plan: Plan, alias: str = "maker") -> None:
    """All that a plan would have signed, said one by one."""
    for draft in plan.drafts:
        world.say(alias, draft.tag, draft.payload)
