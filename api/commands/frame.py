"""What all commands share: one line for a refusal, the caller's language, and a bar for what takes long.

    $ flask statement submit late.cose
    head-stale: where follows, expected [...], got [...] (The heads have moved on)

Results go to stdout; refusals, prompts and progress go to stderr. Exit codes are those of `api/commands/__init__.py`.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from flask import g
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DatabaseError

from api.words import knows, language, plain, say
from keys.errors import RefusedError

# How SQLite and PostgreSQL say that a table or column is not there.
_WITHOUT_TABLES = re.compile(r"no such (?:table|column)|(?:relation|column) \S+ does not exist")
Progress = Callable[[int, int], None]
"""Told (done, in all)."""


class Command(click.Command):
    """A command that refuses in one line on stderr with exit code 1, whatever refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it inside the application, in the language of the caller's locale."""
        app = ctx.ensure_object(ScriptInfo).load_app()
        with app.app_context():
            g.language = read_language(os.environ)
            try:
                return super().invoke(ctx)
            except RefusedError as error:
                click.echo(tell_refusal(error), err=True)
            except BrokenPipeError:  # whoever was reading has seen enough; click ends quietly
                raise
            except OSError as error:
                click.echo(f"{error.filename or 'input'}: {error.strerror or error}", err=True)
            except DatabaseError as error:
                click.echo(_tell_database(error), err=True)
        raise click.exceptions.Exit(1)


class Group(AppGroup):
    """A group of such commands."""

    command_class = Command


def tell_refusal(error: RefusedError) -> str:
    """`code: expected …, got … (title)`, on one line and no longer than a few of a terminal's."""
    facts = ", ".join(f"{name} {plain(' '.join(str(value).split()))[:200]}" for name, value in error.facts.items())
    told = f"{error.code}: {facts}" if facts else error.code
    context = f"problem.{error.code}"
    return f"{told} ({say(context, 'title')})" if knows(language(), context, "title") else told


def read_language(environ: Mapping[str, str]) -> str:
    """The language of the caller's locale (POSIX: LC_ALL before LC_MESSAGES before LANG): zh, else en."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A bar on stderr, drawn where that is a terminal; elsewhere its label alone, once."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell


def _tell_database(error: DatabaseError) -> str:
    # The driver's first line; SQLAlchemy's own would print the query and its parameters.
    cause = str(error.orig).strip().partition("\n")[0]
    if _WITHOUT_TABLES.search(cause):
        return "the database has not the tables of this code: flask db upgrade makes them"
    return f"the database cannot be used: {cause}"
