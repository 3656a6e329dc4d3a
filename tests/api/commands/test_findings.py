"""`flask findings refresh` brings the list up to date, and says how much that was."""

from sqlalchemy import delete, select

from labs.casework.register import FindingRow, StaleRow, read_words
from tests.factories import DRUM
from tests.world import HONEST


def test_lots_that_were_touched_are_judged_once(run, world, shell):
    world.tell(HONEST)
    assert run("findings refresh").stdout == "4 lots judged\n"
    assert run("findings refresh").stdout == "0 lots judged\n"
    with shell.database.reading() as session:
        assert read_words(session, [DRUM])[DRUM] == "USE"


def test_all_lots_are_judged_where_that_is_asked(run, world):
    world.tell(HONEST)
    run("findings refresh")
    assert run("findings refresh --all").stdout == "4 lots judged\n"


def test_a_deadline_that_passed_is_seen_without_a_word(run, world, shell):
    world.tell(HONEST)
    recall = {"number": "K-2015-1", "ordered_on": "2015-05-21", "deadline_on": "2015-06-21"}
    world.tell([("2015-05-21", "regulator", "recall.ordered", recall)])
    run("findings refresh")
    assert run("findings refresh").stdout == "0 lots judged\n"
    before = _codes_found(shell)
    world.at = world.at.replace(month=7)
    assert run("findings refresh").stdout != "0 lots judged\n"
    assert _codes_found(shell) - before == {"C07"}
    assert run("findings refresh").stdout == "0 lots judged\n"


def test_what_is_kept_is_compared_with_what_would_be_judged(run, world, shell):
    world.tell(HONEST)
    run("findings refresh")
    assert run("findings check").stdout == "4 lots judged again, 0 differ\n"
    world.say("regulator", "spotcheck.reported", is_passed=False)
    with shell.database.writing() as session:
        session.execute(delete(StaleRow))
    result = run("findings check")
    assert result.exit_code == 1
    assert f"differs  {DRUM}\n" in result.stdout
    assert result.stdout.endswith("4 lots judged again, 4 differ\n")


def _codes_found(shell) -> set[str]:
    with shell.database.reading() as session:
        return set(session.scalars(select(FindingRow.code)))
