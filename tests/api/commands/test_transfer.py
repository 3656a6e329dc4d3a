"""`flask ledger export` and `import`: the ledger goes through a text file and comes out the same, or not at all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from api.database import Database
from keys.errors import RefusedError
from tests import databases
from tests.api.commands.conftest import runner
from tests.api.commands.test_registers import read_registers
from tests.factories import DRUM
from tests.world import HONEST, World
from trace.audit import import_ledger
from trace.ledger.export import write_ledger
from trace.ledger.issuing import issue_receipt
from trace.ledger.store import size_of
from trace.ledger.tables import HEAD_TABLE, Base


def read_all(database) -> dict[str, list[str]]:
    """Every row of the ledger and of the registers, of ledgers whose lots were judged."""
    with database.reading() as session:
        ledger = {
            name: sorted(repr(tuple(row)) for row in session.execute(select(*Base.metadata.tables[name].columns)))
            for name in ("entry", "node", "checkpoint")
        }
    registers = read_registers(database)
    assert registers.pop("summary")  # when a lot was judged is nothing that the ledger says
    return ledger | registers


@pytest.fixture
def fresh(database_kind, make_app, tmp_path, shared_folder, request, world) -> Iterator:
    """A second registry without a ledger or a key, on the other kind of database."""
    if database_kind == "postgresql":
        folder = tmp_path / "fresh"
        folder.mkdir()
        url = databases.fresh_sqlite(folder, shared_folder, is_migrated=True)
        yield _open(make_app, world, tmp_path, url)
    else:
        server = request.getfixturevalue("postgresql_server")
        with databases.fresh_postgresql(server, is_migrated=True) as url:
            yield _open(make_app, world, tmp_path, url)


def _open(make_app, world, tmp_path, url):
    app = make_app(database_url=url, var_dir=tmp_path / "other-var")
    app.extensions["suzheng"].clock = lambda: world.at
    return app


def test_what_is_imported_is_the_ledger_that_was_exported(run, world, shell, fresh, tmp_path):
    world.tell(HONEST)
    world.say("regulator", "spotcheck.reported", is_passed=False)
    world.index()
    run("findings refresh")
    run("labs screen")
    assert run("ledger export --out ledger.txt").exit_code == 0
    result = runner(fresh)("ledger import ledger.txt")
    assert result.exit_code == 0, result.stderr
    there = fresh.extensions["suzheng"].database
    assert read_all(there) == read_all(shell.database)
    with shell.database.reading() as session, there.reading() as other:
        for position in range(size_of(session)):
            assert issue_receipt(other, position) == issue_receipt(session, position)
        assert issue_receipt(other, 0, size_of(session)) == issue_receipt(session, 0, size_of(session))
    assert runner(fresh)("ledger verify").stdout == run("ledger verify").stdout
    assert runner(fresh)("ledger export").stdout == (tmp_path / "ledger.txt").read_text()


def test_import_needs_no_key_but_appending_does(run, world, fresh, settings, pem_of):
    run("ledger export --out ledger.txt")
    result = runner(fresh)("ledger import ledger.txt")
    assert "ledger.pem is missing" in result.stderr
    sealed = world.seal("owner", "tender.published")
    other = fresh.extensions["suzheng"]
    (world.database, mine) = (other.database, world.database)
    with pytest.raises(RefusedError, match="key-unreadable"):
        other.accept([sealed.to_bytes()])
    other.settings.ledger_key_path.parent.mkdir(parents=True)
    other.settings.ledger_key_path.write_bytes(settings.ledger_key_path.read_bytes())
    (accepted,) = other.accept([sealed.to_bytes()], at=world.at)
    assert accepted.is_new
    world.database = mine


def test_until_ends_with_the_last_whole_batch(run, world, fresh):
    size = len(world.keys)
    told = world.send(world.seal("owner", "tender.published"), world.seal("regulator", "certificate.issued"))
    assert run(f"ledger export --until {told[0].position} --out early.txt").exit_code == 0
    assert f"{size} entries imported" in runner(fresh)("ledger import early.txt").stdout


def test_a_ledger_is_imported_into_none_but_an_empty_one(run, world):
    run("ledger export --out ledger.txt")
    result = run("ledger import ledger.txt")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("founding-misplaced: ")


def test_an_empty_ledger_has_nothing_to_export(run):
    assert run("ledger export").stderr.splitlines()[-1].startswith("not-founded: ")


def test_a_file_that_was_cut_off_is_refused(run, world, fresh, tmp_path):
    world.tell(HONEST)
    run("ledger export --out ledger.txt")
    lines = (tmp_path / "ledger.txt").read_text().splitlines(keepends=True)
    for cut in (0, 1, 3, len(lines) - 3, len(lines) - 1):
        (tmp_path / "cut.txt").write_text("".join(lines[:cut]))
        result = runner(fresh)("ledger import cut.txt")
        assert (result.exit_code, f"line {cut + 1}" in result.stderr) == (1, True)
    assert is_empty(fresh.extensions["suzheng"].database)


# --- one changed byte ---


@pytest.fixture(scope="module")
def exported(tmp_path_factory, shared_folder) -> tuple[bytes, World]:
    """A small ledger's text: the founding batch and one statement more."""
    database = Database(
        databases.fresh_sqlite(tmp_path_factory.mktemp("exported"), shared_folder, is_migrated=True),
    )
    world = World.found(database, cast=("regulator", "owner"))
    world.say("owner", "tender.published")
    with database.reading() as session:
        text = "".join(write_ledger(session, world.sealer.origin, size_of(session))).encode()
    database.close()
    return text, world


def is_empty(database) -> bool:
    with database.reading() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != HEAD_TABLE]
        return all(not session.scalar(select(func.count()).select_from(table)) for table in tables)


def test_a_changed_byte_anywhere_is_refused_and_leaves_nothing_behind(exported, database_url, make_app, tmp_path):
    text, _ = exported
    app = make_app()
    call = runner(app)
    for place in range(0, len(text), max(1, len(text) // 40)):
        changed = bytearray(text)
        changed[place] ^= 1
        (tmp_path / "changed.txt").write_bytes(changed)
        result = call("ledger import", tmp_path / "changed.txt")
        assert result.exit_code == 1, f"byte {place}"
        assert ": line " in result.stderr, result.stderr
        assert is_empty(app.extensions["suzheng"].database)


def test_each_byte_of_the_short_lines_counts(exported, tmp_path, shared_folder):
    """Every byte but those inside statements, of which the test above takes some: there are too many."""
    text, world = exported
    database = Database(databases.fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    place, held = 0, []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        for offset in range(len(line)):
            if line.startswith(b"add-item") and offset > 20:
                break
            changed = bytearray(text)
            changed[place + offset] ^= 2
            told = _refused_line(database, bytes(changed), world)
            if told is None:
                held.append((number, offset))
            elif number > 1:  # a wrong number of entries in line 1 is met later
                assert number <= told <= number + 2, (number, offset)
        place += len(line)
    database.close()
    assert held == []


def _refused_line(database, text: bytes, world: World) -> int | None:
    lines = text.splitlines(keepends=True)
    with database.reading() as session:
        try:
            import_ledger(session, lines, catalogue=world.house.catalogue, progress=lambda *_: None)
        except RefusedError as error:
            line = error.facts["line"]
            assert isinstance(line, int)
            return line
    return None


def test_a_drum_is_judged_as_before(run, world, fresh):
    world.tell(HONEST)
    run("ledger export --out ledger.txt")
    runner(fresh)("ledger import ledger.txt")
    assert runner(fresh)("lot verdict", DRUM).stdout == run("lot verdict", DRUM).stdout
