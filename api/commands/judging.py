"""Judging many lots again, with the progress shown: each in a transaction of its own, so that the door stays open."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.commands.frame import progress
from api.database import Database
from api.wiring import House
from labs.casework.register import count_stale, mark_stale, read_stale
from labs.refresh import refresh_lot
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


def _next(database: Database, at: datetime) -> list[str]:
    with database.reading() as session:
        return read_stale(session, at, 100)
