"""`flask registers rebuild`: the registers are the ledger's, and can be had as of an earlier day."""

from sqlalchemy import delete, select

from api.database import Database
from labs.casework.register import VerdictRow
from tests.api.commands.conftest import runner
from tests.factories import DRUM
from tests.world import HONEST
from trace.ledger.tables import register_tables


def read_registers(database) -> dict[str, list[str]]:
    with database.reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(*table.columns)))
            for table in register_tables()
        }


def test_deleted_registers_come_back_row_for_row_with_findings_and_verdicts(run, world, shell):
    world.tell(HONEST)
    world.say("regulator", "spotcheck.reported", is_passed=False)
    world.say("regulator", "anchor.trusted")
    world.say("regulator", "anchor.withdrawn")
    world.say("lab", "hosts.stated")
    world.say("contractor", "paper.examined", hosts=["rep0rt.lab.example"])
    world.index()
    run("findings refresh")
    run("labs screen")
    before = read_registers(shell.database)
    assert before["finding"]
    assert before["screen_tally"]
    assert before["verdict"]
    assert all(before[name] for name in ("anchor", "anchor_ending", "lab_host", "paper_examination"))
    with shell.database.writing() as session:
        for table in reversed(register_tables()):
            session.execute(delete(table))
    result = run("registers rebuild")
    assert result.exit_code == 0, result.stderr
    assert read_registers(shell.database) == before


def test_a_forged_row_is_gone_afterwards(run, world, shell):
    world.tell(HONEST)
    with shell.database.writing() as session:
        session.add(VerdictRow(lot="01/06901234567892/10/FORGED", word="USE", reason="forged"))
    run("registers rebuild")
    assert not any("FORGED" in row for row in read_registers(shell.database)["verdict"])


def test_what_could_be_known_on_a_day_is_known_there_and_no_more(run, world, shell, make_app, tmp_path):
    world.tell(HONEST)
    recall = {"ordered_on": "2015-06-20", "deadline_on": "2015-07-20"}
    world.tell([("2015-06-20", "regulator", "recall.ordered", recall)])
    result = run("registers rebuild --until 2015-05-30 --into sqlite:///then.sqlite3")
    assert result.exit_code == 0, result.stderr
    assert "as of 2015-05-30T15:59:59+00:00" in result.stdout
    then = make_app(database_url=f"sqlite:///{tmp_path / 'then.sqlite3'}")
    then.extensions["suzheng"].clock = lambda: world.at
    assert run("lot verdict", DRUM).stdout.startswith("STOP")
    assert runner(then)("lot verdict", DRUM).stdout.startswith("USE")
    assert runner(then)("ledger verify").exit_code == 0


def test_an_entry_bounds_it_too(run, world, tmp_path):
    told = world.tell(HONEST)
    result = run(
        "registers rebuild --until",
        told[3].position,
        ["--into", "sqlite:///then.sqlite3"][0],
        "sqlite:///then.sqlite3",
    )
    assert result.stdout.startswith(f"{told[3].position + 1} entries replayed, 0 lots judged")
    database = Database(f"sqlite:///{tmp_path / 'then.sqlite3'}")
    assert len(read_registers(database)["tender"]) == 1
    database.close()


def test_a_database_with_a_ledger_is_not_overwritten(run, world):
    line = "registers rebuild --into sqlite:///then.sqlite3"
    assert run(line).exit_code == 0
    again = run(line)
    assert again.exit_code == 1
    assert again.stderr.splitlines()[-1].startswith("founding-misplaced: where --into, expected an empty ledger")


def test_registers_may_not_lag_behind_their_own_ledger(run, world, settings):
    assert run("registers rebuild --until 3").exit_code == 2
    assert run("registers rebuild --into", settings.database_url).exit_code == 2


def test_what_is_neither_entry_nor_day_is_wrong_usage(run, world):
    assert run("registers rebuild --until then --into sqlite:///then.sqlite3").exit_code == 2


def test_before_the_first_entry_there_is_nothing(run, world):
    refused = run("registers rebuild --until 2001-01-01 --into sqlite:///then.sqlite3")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1].startswith("entry-unknown: where --until")
