"""The application: settings in, a Flask app out. Everything it serves and every command is registered here."""

import os
import secrets
import tempfile
from pathlib import Path

from flask import Flask
from flask.sessions import SessionInterface
from sqlalchemy.exc import ArgumentError

from api.access import check_declared, guard
from api.commands import register_commands
from api.database import Database
from api.epcis import register_epcis
from api.logs import set_up_logs
from api.pages import register_pages
from api.pages.scrape import register_scrape
from api.problems import register_problems
from api.scrapi import routes as scrapi
from api.security import limit_views, secure
from api.settings import Settings, read_settings
from api.shell import Shell
from api.templating import Templates
from api.tlog import routes as tlog
from api.v1 import register_v1
from api.words import register_words


def create_app(settings: Settings | None = None) -> Flask:
    """An application on the settings given, or on those of the environment."""
    settings = settings or read_settings(os.environ)
    set_up_logs(settings.log_format, settings.log_level)
    app = Flask("api", root_path=str(Path(__file__).parent))
    app.config["SECRET_KEY"] = _read_secret(settings.var_dir / "secret_key")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_environment = Templates  # type: ignore[assignment]  # Flask's stubs take it for a class of its own
    app.session_interface = _NoSession()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["suzheng"] = Shell(settings, _open_database(settings.database_url))
    register_scrape(app, settings.metrics)
    secure(app, settings)
    register_words(app)
    register_problems(app)
    guard(app)
    register_v1(app)
    register_epcis(app)
    # Where the specifications have them: directly under the log's prefix.
    app.register_blueprint(tlog.blueprint)
    app.register_blueprint(scrapi.blueprint)
    register_pages(app)
    limit_views(app, settings)
    register_commands(app)
    check_declared(app)
    return app


class _NoSession(SessionInterface):
    """Flask's own sessions are not used, and our token, in a cookie of that name, is none (`api/access.py`)."""

    def open_session(self, app: Flask, request: object) -> None:
        """None at all."""


def _open_database(url: str) -> Database:
    """Ends the process with one line where the setting is no database's address: nothing here could do without."""
    try:
        return Database(url)
    except (ArgumentError, ImportError) as error:
        raise SystemExit(
            f"DATABASE_URL: expected sqlite:///… or postgresql://…, got something else ({error})"
        ) from error


def _read_secret(path: Path) -> str:
    """The secret that signs session tokens: made at the first start, readable by its owner alone.

    Ends the process with one line where the file is empty: anybody could sign with no secret at all.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole before it bears its name: nobody, and no crash, meets half a secret. mkstemp's files are 0600.
        descriptor, unnamed = tempfile.mkstemp(prefix="secret-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unnamed, path)
        except FileExistsError:  # another worker was first
            pass
        except OSError:  # a file system without hard links
            Path(unnamed).replace(path)
        finally:
            Path(unnamed).unlink(missing_ok=True)
    secret = path.read_text(encoding="ascii")
    if not secret:
        raise SystemExit(f"{path.name}: expected a secret, got an empty file; remove it to have one made")
    return secret
