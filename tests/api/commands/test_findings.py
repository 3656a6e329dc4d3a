"""`flask findings refresh` brings the list up to date, and says how much that was."""

from labs.casework.register import read_words
from tests.factories import BATCH, DRUM
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


def test_a_date_that_passed_is_seen_only_then(run, world, shell):
    world.tell(HONEST)
    world.say("regulator", "recall.ordered", ordered_on="2015-05-21", deadline_on="2015-06-21")
    run("findings refresh")
    with shell.database.reading() as session:
        before = read_words(session, [DRUM, BATCH])
    world.at = world.at.replace(year=2019)
    assert run("findings refresh").stdout == "0 lots judged\n"
    assert run("findings refresh --all").exit_code == 0
    assert before[DRUM] == "STOP"
