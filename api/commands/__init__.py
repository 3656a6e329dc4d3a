"""The flask commands, a file a group. Long work shows its progress; every command has help, examples and an exit code.

Exit codes: 0 done, 1 refused or found wrong (the reason is on stderr), 2 wrong usage (click's own).
"""

from flask import Flask

from api.commands import db

GROUPS = (db.db,)


def register_commands(app: Flask) -> None:
    """Hang every command under `flask`."""
    for group in GROUPS:
        app.cli.add_command(group)
