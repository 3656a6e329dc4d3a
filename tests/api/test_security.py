"""No address breaks a page, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.database import Database
from tests.api.v1.conftest import open_app, shell_of
from tests.world import World


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """Somebody at a registry that has just been founded."""
    database = Database(database_url)
    app = open_app(World.told(database), tmp_path / "var")
    yield app.test_client()
    shell_of(app).database.close()
    database.close()


@pytest.mark.parametrize("path", ["/epcis/epcs/a%0Ab/events", "/parties/%0A", "/api/v1/parties/a%0A", "/no%0Asuch"])
def test_address_of_two_lines_is_refused(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (400, "request-malformed")


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=a%00b",
        "/parties/%00",
        "/labs/%00",
        "/reports/%00/%00",
        "/findings?text=%00",
        "/findings?maker=%00",
        "/api/v1/entries?kind=%00",
        "/api/v1/lots?type=%00",
        "/api/v1/parties/%00",
        "/api/v1/reports?number=%00",
        "/api/v1/reports/%00/%00",
    ],
)
def test_address_with_a_nul_is_refused(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (400, "request-malformed")
