"""The bench: what other reports have on the same instrument, by the same person, or from the same raw file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from api.database import Database
from labs.bench.register import LONGEST, is_at_bench, read_others_at_bench, read_same_raw_files
from labs.dossier import gather
from labs.reports.register import raw_files_of, read_reports, read_retested, works_of
from labs.reports.retests import compare
from tests.factories import DRUM, SISTER, TimedRowBody, uri_of, uscc_of
from tests.facts import cst
from tests.world import MADE, PREPARED, SOLD, World
from trace.findings import Finding

OTHER: dict[str, Any] = {"number": "R-2", "lots": [uri_of(SISTER)], "sample": "S-2"}
ELSEWHERE: dict[str, Any] = {"raw_sha256": ["f" * 64], "analyst": "analyst-2"}
LATER: dict[str, Any] = {
    "started_at": "2015-05-10T10:00:00+08:00",
    "ended_at": "2015-05-10T11:00:00+08:00",
    "started_on": "2015-05-10",
}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    told = World.told(database, PREPARED + MADE + SOLD)
    told.say("lab", "report.issued", rows=[TimedRowBody()])
    yield told
    database.close()


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The questions that are put meanwhile."""
    asked: list[str] = []

    def listen(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(database.readers, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(database.readers, "before_cursor_execute", listen)


def codes(world: World, lot: str) -> set[tuple[str, str]]:
    return {(one.code, one.case) for one in world.judge(lot).findings if one.code in {"L15", "L18", "L22"}}


def test_a_row_is_read_as_it_was_said(world: World) -> None:
    with world.database.reading() as session:
        (report,) = read_reports(session, [DRUM])
    (row,) = report.rows
    assert (row.instrument, row.analyst, row.site, row.provider) == ("bridge-1", "analyst-1", "A", None)
    assert (row.started_at, row.ended_at) == (cst(5, 9, 14), cst(5, 10, 10))
    assert [str(value) for value in (row.ambient_c, row.humidity_pct)] == ["23.1", "48"]
    assert [str(value) for value in row.replicates] == ["7.288", "7.292"]
    assert row.raw_sha256 == ("e" * 64,)
    (work,), (raw,) = works_of(report), raw_files_of(report)
    assert (work.line, work.location, raw.number, raw.sample) == (0, "hall 2", "R-2015-001", "S-1")


def test_an_instrument_at_two_reports_is_found_from_either(world: World) -> None:
    world.say("lab", "report.issued", **OTHER, rows=[TimedRowBody(**ELSEWHERE)])
    assert codes(world, DRUM) == codes(world, SISTER) == {("L15", "instrument")}


def test_one_test_after_the_other_is_none(world: World) -> None:
    world.say("lab", "report.issued", **OTHER, rows=[TimedRowBody(**ELSEWHERE, **LATER)])
    assert codes(world, DRUM) == codes(world, SISTER) == set()


def test_a_person_at_two_places_is_found(world: World) -> None:
    row = TimedRowBody(raw_sha256=["f" * 64], instrument="bridge-2", site="B")
    world.say("lab", "report.issued", **OTHER, rows=[row])
    assert codes(world, DRUM) == codes(world, SISTER) == {("L15", "analyst")}


def test_one_raw_file_behind_two_reports_is_found(world: World) -> None:
    row = TimedRowBody(instrument="bridge-2", analyst="analyst-2")
    world.say("lab", "report.issued", **OTHER, rows=[row])
    assert codes(world, DRUM) == codes(world, SISTER) == {("L18", "reused")}


@pytest.mark.parametrize("tag", ["report.amended", "report.withdrawn"])
def test_a_report_that_was_put_right_contradicts_nothing(world: World, tag: str) -> None:
    world.say("lab", "report.issued", **OTHER, rows=[TimedRowBody()])
    assert codes(world, DRUM) == {("L15", "instrument"), ("L18", "reused")}
    rows: dict[str, Any] = (
        {"sample": "S-2", "rows": [TimedRowBody(**ELSEWHERE, **LATER)]} if tag == "report.amended" else {}
    )
    world.say("lab", tag, number="R-2", lots=OTHER["lots"], **rows)
    assert codes(world, DRUM) == set()


def test_a_version_is_not_held_against_its_own_next(world: World) -> None:
    world.say("lab", "report.amended", rows=[TimedRowBody()])
    assert codes(world, DRUM) == set()


def test_a_report_that_is_not_believed_contradicts_nothing(world: World) -> None:
    world.enroll("lab", "second")
    kid = world.kid("lab.second")
    world.say("lab.second", "report.issued", **OTHER, rows=[TimedRowBody()])
    assert codes(world, DRUM) != set()
    world.say("regulator", "key.revoked", kid=kid, reason="stolen", compromised_since="2015-05-01T00:00:00Z")
    assert codes(world, DRUM) == set()


def test_nothing_is_asked_where_no_row_says_when(world: World) -> None:
    with world.database.reading() as session:
        (report,) = read_reports(session, [DRUM])
        bare = replace(report, rows=(replace(report.rows[0], started_at=None, raw_sha256=()),))
        with counted(world.database) as asked:
            assert read_others_at_bench(session, works_of(bare)) == ()
            assert read_same_raw_files(session, raw_files_of(bare)) == ()
        assert asked == []


def test_a_question_is_asked_whatever_the_number_of_rows(world: World) -> None:
    hours = {"started_at": "2015-05-{}T09:00:00+08:00", "ended_at": "2015-05-{}T10:00:00+08:00"}
    days = [{name: hour.format(day) for name, hour in hours.items()} for day in range(10, 30)]
    rows = [TimedRowBody(**ELSEWHERE, **day) for day in days]
    world.say("lab", "report.issued", **OTHER, rows=rows)
    with world.database.reading() as session:
        (report,) = read_reports(session, [SISTER])
        with counted(world.database) as asked:
            read_others_at_bench(session, works_of(report))
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("hours", "is_one"), [(timedelta(), False), (timedelta(minutes=1), True), (LONGEST, True), (LONGEST * 1.01, False)]
)
def test_a_day_is_the_longest_that_anybody_is_at_the_bench(hours: timedelta, is_one: bool) -> None:
    assert is_at_bench(cst(5, 9), cst(5, 9) + hours) is is_one


def test_a_labs_retested_reports_are_found_in_pairs(world: World) -> None:
    again: dict[str, Any] = {"number": "X-1", "sample": "S-9", "issued_on": "2015-05-20"}
    row = TimedRowBody(value="7.9", verdict="fail", raw_sha256=["f" * 64])
    world.say("other_lab", "report.issued", **again, conclusion="fail", rows=[row])
    with world.database.reading() as session:
        pairs = read_retested(session, uscc_of("lab"))
        assert [(one.number, other.number) for one, other in pairs] == [("R-2015-001", "X-1")]
        assert [item.kind for one, other in pairs for item in compare(one, other)] == ["reversed"]
        assert read_retested(session, uscc_of("maker")) == ()
        found = gather(session, DRUM, world.at, world.house.pack)
    assert {one.number for one in found.reports} == {"R-2015-001", "X-1"}
    assert ("L22", "reversed") in codes(world, DRUM)
    assert all(isinstance(one, Finding) for one in world.judge(DRUM).findings)
