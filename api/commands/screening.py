"""Screening many reports, with the progress shown: a step is a transaction, so that the door stays open."""

from api.commands.frame import progress
from api.database import Database
from labs.screens.register import count_to_screen, is_screened, screen_on


def screen_waiting(database: Database) -> int:
    """Take all reports into the counts that are not in them yet; returns how many entries they reach."""
    with database.reading() as session:
        total = count_to_screen(session)
    done = 0
    with progress(f"Screening {total} entries") as tell:
        while not _is_done(database):
            with database.writing() as session:
                done = screen_on(session)
            tell(done, max(done, total))
    return total


def _is_done(database: Database) -> bool:
    with database.reading() as session:
        return is_screened(session)
