"""Whoever holds a key signs in with it; nobody else, not twice with one challenge, and not from another site."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.v1.conftest import open_app, prove, shell_of
from tests.factories import uscc_of
from tests.world import World

SignIn = Callable[[FlaskClient, World, str], str]
SECURE = "https://localhost"


def _challenge(client: FlaskClient) -> dict[str, str]:
    challenge: dict[str, str] = client.get("/api/v1/challenge").get_json()
    return challenge


@pytest.mark.parametrize("alias", ["maker", "owner", "supervisor", "dealer"])
def test_key_of_any_algorithm_signs_in(told_app: Flask, told: World, sign_in: SignIn, alias: str) -> None:
    client = told_app.test_client()
    token = sign_in(client, told, alias)
    assert client.get("/api/v1/sessions", base_url=SECURE).get_json()["party"] == uscc_of(alias)
    program = told_app.test_client()
    answer = program.get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    assert answer.get_json()["party"] == uscc_of(alias)


def test_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(reader: FlaskClient, told: World) -> None:
    response = reader.post("/api/v1/sessions", json=prove(told, "maker", _challenge(reader)))
    parts = {part.strip() for part in response.headers["Set-Cookie"].split(";")}
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= parts
    assert response.headers["Cache-Control"] == "no-store"


def test_what_is_signed_names_purpose_and_registry(reader: FlaskClient) -> None:
    challenge = _challenge(reader)
    assert challenge["to_sign"] == f"suzheng-session-v1\nsuzheng.example/test\n{challenge['challenge']}"


def test_nobody_is_signed_in_without_a_session(reader: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": "Bearer "}):
        response = reader.get("/api/v1/sessions", headers=headers)
        assert (response.status_code, response.get_json()["code"]) == (401, "not-signed-in")


def test_challenge_serves_once(told_app: Flask, told: World) -> None:
    client = told_app.test_client()
    proof = prove(told, "maker", _challenge(client))
    assert client.post("/api/v1/sessions", json=proof).status_code == 201
    again = client.post("/api/v1/sessions", json=proof)
    assert (again.status_code, again.get_json()["code"]) == (403, "challenge-refused")


def test_challenge_serves_once_among_all_workers(told_app: Flask, told: World) -> None:
    other = open_app(told, shell_of(told_app).settings.var_dir)
    proof = prove(told, "maker", _challenge(told_app.test_client()))
    assert other.test_client().post("/api/v1/sessions", json=proof).status_code == 201
    assert told_app.test_client().post("/api/v1/sessions", json=proof).status_code == 403
    shell_of(other).database.close()


def test_challenge_dies_after_five_minutes(told_app: Flask, told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = told_app.test_client()
    proof = prove(told, "maker", _challenge(client))
    monkeypatch.setattr("api.v1.sessions.CHALLENGE_AGE_S", -1)
    assert client.post("/api/v1/sessions", json=proof).get_json()["code"] == "challenge-refused"


def test_wrong_proof_is_refused(told_app: Flask, told: World) -> None:
    client = told_app.test_client()
    proof = prove(told, "maker", _challenge(client))
    for change, code in (
        ({"kid": told.kid("owner")}, "signature-invalid"),
        ({"kid": "00" * 32}, "key-unknown"),
        ({"kid": "maker"}, "key-unknown"),
        ({"challenge": proof["challenge"] + "x"}, "challenge-refused"),
        ({"challenge": "forged"}, "challenge-refused"),
        ({"signature": proof["signature"][:-4] + "AAAA"}, "request-malformed"),
        ({"signature": "AAAA"}, "signature-invalid"),
        ({"signature": 1}, "request-malformed"),
        ({"more": "x"}, "request-malformed"),
    ):
        response = client.post("/api/v1/sessions", json=proof | change)
        assert response.get_json()["code"] in (code, "signature-invalid"), change
        assert response.status_code >= 400
        assert "Set-Cookie" not in response.headers
    # A failed try uses nothing up.
    assert client.post("/api/v1/sessions", json=proof).status_code == 201


def test_revoking_the_key_ends_its_sessions(client: FlaskClient, world: World, sign_in: SignIn) -> None:
    kid = world.enroll("owner", "phone")
    sign_in(client, world, "owner.phone")
    assert client.get("/api/v1/sessions", base_url=SECURE).status_code == 200
    challenge = _challenge(client)
    world.say("owner", "key.revoked", kid=kid)
    assert client.get("/api/v1/sessions", base_url=SECURE).status_code == 401
    refused = client.post("/api/v1/sessions", json=prove(world, "owner.phone", challenge))
    assert refused.get_json()["code"] == "key-revoked"


def test_signing_out_takes_the_cookie_back(told_app: Flask, told: World, sign_in: SignIn) -> None:
    client = told_app.test_client()
    sign_in(client, told, "maker")
    assert client.delete("/api/v1/sessions", base_url=SECURE).status_code == 204
    assert client.get("/api/v1/sessions", base_url=SECURE).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_other_sites_neither_begin_nor_end_a_session(told_app: Flask, told: World, headers: dict[str, str]) -> None:
    client = told_app.test_client()
    proof = prove(told, "maker", _challenge(client))
    for response in (
        client.post("/api/v1/sessions", json=proof, headers=headers),
        client.delete("/api/v1/sessions", headers=headers),
    ):
        assert (response.status_code, response.get_json()["code"]) == (403, "origin-foreign")
        assert "Set-Cookie" not in response.headers
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "https://registry.example"}
    assert client.post("/api/v1/sessions", json=proof, headers=ours).status_code == 201


def test_form_of_another_site_cannot_sign_in(reader: FlaskClient) -> None:
    response = reader.post("/api/v1/sessions", data={"kid": "x"})
    assert (response.status_code, response.get_json()["code"]) == (415, "media-type-unknown")
