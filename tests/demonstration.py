"""The demonstration as an installation has it: loaded by the same command, in a folder of the tests'."""

from pathlib import Path

from flask import Flask

from api import migrate
from api.app import create_app
from api.commands.demo import fill
from api.settings import Settings
from api.shell import Shell
from trace.ledger.store import size_of

PUBLIC_URL = "http://registry.test"


def open_app(folder: Path) -> Flask:
    """An application whose data lie in `folder`."""
    return create_app(
        Settings(
            var_dir=folder,
            database_url=f"sqlite:///{folder / 'suzheng.sqlite3'}",
            public_url=PUBLIC_URL,
            rate_limit="",
            is_secure=False,
        )
    )


def load_once(app: Flask) -> None:
    """Load the case where the folder has none yet."""
    shell: Shell = app.extensions["suzheng"]
    migrate.upgrade(shell.database)
    with shell.database.reading() as session:
        is_loaded = size_of(session) > 0
    if not is_loaded:
        with app.app_context():
            fill(shell)
