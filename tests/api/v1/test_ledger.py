"""The ledger's public face, checked with its own keys; and the manners of the whole API."""

import pytest
from flask.testing import FlaskClient

from keys.keyring import read_jwk
from tests.api.v1.conftest import open_app, shell_of
from tests.world import ORIGIN, World
from trace.ledger.checkpoint import read_note, verifier_key


def test_ledger_shows_a_checkpoint_that_its_key_has_signed(reader: FlaskClient, told: World) -> None:
    ledger = reader.get("/api/v1/ledger").get_json()
    key = read_jwk(ledger["ledger_key"]["jwk"])
    size, root = read_note(ledger["checkpoint"], ORIGIN, key)
    assert (size, root.hex()) == (ledger["size"], ledger["root"])
    assert key.kid.hex() == ledger["ledger_key"]["kid"] == told.sealer.key.public.kid.hex()
    assert ledger["ledger_key"]["verifier_key"] == verifier_key(ORIGIN, key)
    assert ledger["root_key"]["kid"] == told.kid("regulator")
    assert ledger["is_demonstration"] is True


def test_checkpoint_is_the_signed_note_as_text(reader: FlaskClient) -> None:
    response = reader.get("/api/v1/checkpoint")
    assert response.mimetype == "text/plain"
    assert response.text == reader.get("/api/v1/ledger").get_json()["checkpoint"]


def test_kinds_are_listed_with_who_may_sign_and_read_them(reader: FlaskClient, told: World) -> None:
    kinds = {kind["tag"]: kind for kind in reader.get("/api/v1/kinds").get_json()["items"]}
    assert list(kinds) == [kind.tag for kind in told.house.catalogue]
    assert kinds["report.issued"]["signers"] == ["lab"]
    assert kinds["post.held"]["readers"] == "parties"


def test_registry_that_is_not_founded_says_so(empty_world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    app = open_app(empty_world, tmp_path_factory.mktemp("var"))
    client = app.test_client()
    for path in ("ledger", "checkpoint", "challenge"):
        response = client.get(f"/api/v1/{path}")
        assert (response.status_code, response.get_json()["code"]) == (503, "not-founded")
    assert client.get("/api/v1/entries").get_json() == {"items": [], "next": None}
    shell_of(app).database.close()


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing", "/api/v2/entries", "/api/v1/entries/"])
def test_path_that_leads_nowhere_is_a_problem_even_for_browsers(reader: FlaskClient, path: str) -> None:
    response = reader.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json()["code"] == "not-found"


def test_method_that_is_not_served_names_those_that_are(reader: FlaskClient) -> None:
    response = reader.put("/api/v1/statements")
    assert (response.status_code, response.get_json()["code"]) == (405, "method-not-allowed")
    assert {method.strip() for method in response.headers["Allow"].split(",")} == {"POST", "OPTIONS"}
    assert "GET" in reader.options("/api/v1/entries").headers["Allow"]


def test_head_answers_as_get_without_the_body(reader: FlaskClient) -> None:
    got, head = reader.get("/api/v1/entries/7"), reader.head("/api/v1/entries/7")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_problem_is_told_in_the_language_that_was_asked_for(reader: FlaskClient) -> None:
    chinese = reader.get("/api/v1/entries/99999?lang=zh").get_json()
    english = reader.get("/api/v1/entries/99999?lang=en").get_json()
    assert chinese["title"] != english["title"]
    assert chinese["code"] == english["code"] == "entry-unknown"
