"""Judging many lots again, with the progress shown: each in a transaction of its own, so that the door stays open."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.commands.frame import progress
from api.database import Database
from api.wiring import House
from labs.casework.register import count_stale, mark_stale, read_kept, read_kept_lots, read_stale
from labs.refresh import judge_lot, refresh_lot
from labs.summary import read_summary, summarise
from trace.ledger.store import size_of
from trace.production.register import LotRow


def queue_all_lots(session: Session) -> None:
    """Queue every lot that is known, as touched by the newest entry."""
    mark_stale(session, session.scalars(select(LotRow.lot_id)), size_of(session) - 1)


def judge_waiting(database: Database, house: House, at: datetime) -> int:
    """Judge all lots that wait, as of `at` (UTC); returns how many."""
    with database.reading() as session:
        total = count_stale(session, at)
    done = 0
    with progress(f"Judging {total} lots") as tell:
        while waiting := _next(database, at):
            for lot in waiting:
                with database.writing() as session:
                    refresh_lot(session, lot, house.rules, house.pack, at)
                done += 1
                tell(done, max(done, total))
    return done


def find_differences(database: Database, house: House, at: datetime) -> Iterator[tuple[str, bool]]:
    """Judge every lot of which something is kept that would be told at `at` (UTC): each, and whether that differs."""
    with database.reading() as session:
        lots = read_kept_lots(session)
    with progress(f"Judging {len(lots)} lots") as tell:
        for done, lot in enumerate(lots, start=1):
            with database.reading() as session:
                kept = read_kept(session, lot, at)
                if kept is not None:
                    fresh = summarise(*judge_lot(session, lot, house.rules, house.pack, at))
                    told = read_summary(kept)
                    yield lot, told != replace(fresh, at=told.at)
            tell(done, len(lots))


def _next(database: Database, at: datetime) -> list[str]:
    with database.reading() as session:
        return read_stale(session, at, 100)
