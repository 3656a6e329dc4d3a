"""The application starts with a secret of its own, or not at all."""

from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, f"sqlite:///{tmp_path}/db", "http://localhost", "", is_secure=False)


def test_the_secret_is_made_once_and_is_its_owners_alone(settings: Settings) -> None:
    first, second = create_app(settings), create_app(settings)
    path = settings.var_dir / "secret_key"
    assert first.config["SECRET_KEY"] == second.config["SECRET_KEY"] == path.read_text()
    assert len(path.read_text()) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in settings.var_dir.iterdir() if "secret" in one.name] == ["secret_key"]


def test_an_empty_secret_signs_nothing(settings: Settings) -> None:
    (settings.var_dir / "secret_key").touch()
    with pytest.raises(SystemExit, match="expected a secret"):
        create_app(settings)
