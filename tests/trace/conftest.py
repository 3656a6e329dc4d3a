"""A database for the tests of one file, which only read it or roll back what they write."""

from collections.abc import Iterator

import pytest

from api.database import Database
from tests import databases
from trace.ledger.tables import Base


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared_database(request, tmp_path_factory, shared_folder) -> Iterator[Database]:
    """All tables, without the triggers of the migrations: whoever tampers with a ledger drops those first."""
    if request.param == "postgresql":
        with databases.fresh_postgresql(request.getfixturevalue("postgresql_server"), is_migrated=False) as url:
            yield from _with_tables(url)
    else:
        folder = tmp_path_factory.mktemp("shared")
        yield from _with_tables(databases.fresh_sqlite(folder, shared_folder, is_migrated=False))


def _with_tables(url: str) -> Iterator[Database]:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.close()
