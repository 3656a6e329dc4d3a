"""A SCITT client that knows the draft and nothing of us registers, resolves and checks; scitt-cose judges."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import cbor2
import pytest
import scitt_cose
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask
from flask.testing import FlaskClient

from keys.envelope import Statement
from keys.keyring import generate_key
from tests.api.v1.conftest import count_rows, open_app, shell_of
from tests.world import ORIGIN, World
from trace.kinds import Duty

COSE, PROBLEM = "application/cose", "application/concise-problem-details+cbor"
PUBLIC_URL = "https://registry.example"


class ScittClient:
    """As the draft has it: posts, follows `Location`, finds the key by the receipt's kid, and checks offline."""

    def __init__(self, http: FlaskClient) -> None:
        self.http = http

    def register(self, statement: bytes) -> tuple[bytes, str]:
        """(receipt, where fresh ones are)."""
        response = self.http.post("/entries", data=statement, headers={"Content-Type": COSE, "Accept": COSE})
        assert response.status_code == 201, response.data
        assert response.mimetype == COSE
        return response.data, response.headers["Location"].removeprefix(PUBLIC_URL)

    def resolve(self, location: str) -> bytes:
        response = self.http.get(location, headers={"Accept": COSE})
        assert (response.status_code, response.mimetype) == (200, COSE)
        return response.data

    def find_key(self, receipt: bytes) -> str:
        """The PEM of the key that a receipt names."""
        kid = cbor2.loads(cbor2.loads(receipt).value[0])[4]
        name = base64.urlsafe_b64encode(kid).rstrip(b"=").decode()
        response = self.http.get(f"/.well-known/scitt-keys/{name}", headers={"Accept": "application/cbor"})
        assert (response.status_code, response.mimetype) == (200, "application/cbor")
        key = cbor2.loads(response.data)
        assert (key[1], key[-1], key[2]) == (1, 6, kid)
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return Ed25519PublicKey.from_public_bytes(key[-2]).public_bytes(encoding, form).decode()

    def check(self, receipt: bytes, statement: bytes) -> Any:
        leaf = hashlib.sha256(statement).hexdigest()
        found = scitt_cose.verify_receipt(receipt, leaf_entry_hex=leaf, log_public_key_pem=self.find_key(receipt))
        assert found.ok, found.errors
        return found


@pytest.fixture
def scitt(client: FlaskClient) -> ScittClient:
    return ScittClient(client)


def problem_of(response: Any) -> dict[Any, Any]:
    """A concise problem that has what the draft demands of it."""
    assert response.mimetype == PROBLEM
    problem: dict[Any, Any] = cbor2.loads(response.data)
    assert all(isinstance(problem[key], str) and problem[key] for key in (-1, -2))
    return problem


def code_of(problem: dict[Any, Any]) -> str:
    ((code,),) = [[value["code"]] for key, value in problem.items() if isinstance(key, str)]
    assert f"{PUBLIC_URL}/problems/{code}" in problem
    return str(code)


def refuse(client: FlaskClient, data: bytes, content_type: str = COSE, **headers: str) -> tuple[int, str, str]:
    response = client.post("/entries", data=data, content_type=content_type, headers=headers)
    problem = problem_of(response)
    return response.status_code, problem[-1], code_of(problem)


def remade(statement: Statement, **parts: Any) -> bytes:
    """The envelope with parts replaced, as other tools would write it."""
    given = {"protected": statement.protected, "unprotected": {}, "payload": statement.payload}
    given |= {"signature": statement.signature} | parts
    return cbor2.dumps(cbor2.CBORTag(18, list(given.values())), canonical=True)


# --- registering and resolving ---


def test_client_registers_a_statement_and_checks_its_receipt(scitt: ScittClient, world: World) -> None:
    statement = world.seal("owner", "tender.published").to_bytes()
    receipt, location = scitt.register(statement)
    assert location == f"/entries/{hashlib.sha256(statement).hexdigest()}"
    found = scitt.check(receipt, statement)
    assert found.issuer == ORIGIN
    assert scitt.check(scitt.resolve(location), statement).leaf_index == found.leaf_index


def test_resolved_receipt_is_against_the_newest_checkpoint(scitt: ScittClient, world: World) -> None:
    statement = world.seal("owner", "tender.published").to_bytes()
    receipt, location = scitt.register(statement)
    scitt.register(world.seal("owner", "tender.published", ocid="ocds-2").to_bytes())
    fresh = scitt.resolve(location)
    assert scitt.check(fresh, statement).tree_size == scitt.check(receipt, statement).tree_size + 1


def test_statement_brought_again_is_the_same_entry(scitt: ScittClient, world: World) -> None:
    statement = world.seal("owner", "tender.published").to_bytes()
    first = scitt.register(statement)
    rows = count_rows(world)
    assert scitt.register(statement) == first
    assert count_rows(world) == rows


def test_transparent_statement_carries_a_receipt_and_may_be_brought_as_it_is(scitt: ScittClient, world: World) -> None:
    statement = world.seal("owner", "tender.published").to_bytes()
    receipt, location = scitt.register(statement)
    transparent = scitt.resolve(f"{location}/statement")
    (carried,) = scitt_cose.extract_receipts(transparent)
    assert scitt.check(carried, statement).ok
    public = world.keys["owner"].public.to_pem()
    assert scitt_cose.parse_signed_statement(transparent, public_key_pem=public)["signature_verified"] is True
    assert scitt.register(transparent) == (receipt, location)


def test_withheld_statement_is_not_shown_but_its_receipt_is(scitt: ScittClient, world: World) -> None:
    statement = world.seal("contractor", "post.held", person="sampler-1", duty=Duty.SAMPLER).to_bytes()
    _, location = scitt.register(statement)
    assert scitt.check(scitt.resolve(location), statement).ok
    response = scitt.http.get(f"{location}/statement")
    assert (response.status_code, code_of(problem_of(response))) == (403, "body-withheld")


@pytest.mark.parametrize("name", ["a0" * 32, "A" * 64, "f" * 63, "x", "0x12"])
def test_entry_that_is_not_there_is_not_found(client: FlaskClient, name: str) -> None:
    for path in (f"/entries/{name}", f"/entries/{name}/statement"):
        response = client.get(path)
        problem = problem_of(response)
        assert (response.status_code, problem[-1], code_of(problem)) == (404, "Not Found", "entry-unknown")


def test_numbers_are_still_the_pages_of_people(client: FlaskClient) -> None:
    assert client.get("/entries/0").mimetype == "text/html"
    assert client.get("/entries/nothing", headers={"Accept": "text/html"}).mimetype == "text/html"


# --- refusing ---


def test_plain_scitt_statement_is_refused_by_policy_and_told_why(client: FlaskClient, world: World) -> None:
    rows = count_rows(world)
    key = generate_key("ES256")
    plain = scitt_cose.build_signed_statement(
        b"a bill of materials",
        alg="ES256",
        private_key_pem=key.to_pem().decode(),
        issuer="https://vendor.example",
        subject="vendor.product",
        content_type="application/spdx+json",
    )
    response = client.post("/entries", data=plain, content_type=COSE)
    problem = problem_of(response)
    assert (response.status_code, problem[-1]) == (400, "Rejected")
    assert "the protected header" in problem[-2]
    assert count_rows(world) == rows


def test_each_refusal_has_the_drafts_title(client: FlaskClient, world: World) -> None:
    said = world.seal("owner", "tender.published")
    stranger = World(world.database, world.sealer, {**world.keys, "owner": generate_key()}, world.at)
    header = cbor2.loads(said.protected)
    other_algorithm = cbor2.dumps(header | {1: -8}, canonical=True)
    for data, title, code in (
        (b"\xff", "Malformed request", "cbor-malformed"),
        (said.to_bytes() + b"\0", "Malformed request", "cbor-trailing-bytes"),
        (cbor2.dumps(cbor2.CBORTag(18, [1, 2, 3])), "Malformed request", "envelope-malformed"),
        (remade(said, payload=None), "Payload Missing", "payload-missing"),
        (remade(said, protected=other_algorithm), "Bad Signature Algorithm", "algorithm-mismatch"),
        (remade(said, signature=bytes(64)), "Rejected", "signature-invalid"),
        (remade(said, protected=cbor2.dumps({1: -7})), "Rejected", "envelope-malformed"),
        (stranger.seal("owner", "tender.published").to_bytes(), "Rejected", "key-unknown"),
        (world.seal("owner", "penalty.imposed", body=b"{}", header={"subject": "x", "follows": ()}).to_bytes(),
         "Rejected", "schema-violated"),
    ):  # fmt: skip
        assert refuse(client, data) == (400, title, code)


def test_what_is_no_matter_of_the_statement_keeps_its_status(client: FlaskClient) -> None:
    assert refuse(client, b"{}", "application/json")[::2] == (415, "media-type-unknown")
    assert refuse(client, bytes(70_000))[::2] == (413, "statement-too-large")
    response = client.get("/entries")
    assert (response.status_code, code_of(problem_of(response))) == (405, "method-not-allowed")
    assert "POST" in response.headers["Allow"]


def test_too_many_requests_are_told_when_to_come_again(world: World, tmp_path: Path) -> None:
    app = open_app(world, tmp_path / "limited", rate_limit="1 per minute")
    client = app.test_client()
    assert client.get("/.well-known/scitt-keys").status_code == 200
    response = client.get("/.well-known/scitt-keys")
    problem = problem_of(response)
    assert (response.status_code, problem[-1], code_of(problem)) == (429, "Too Many Requests", "too-many-requests")
    shell_of(app).database.close()


def test_problem_is_english_unless_chinese_is_asked_for(client: FlaskClient) -> None:
    plain = problem_of(client.get("/entries/x"))
    chinese = problem_of(client.get("/entries/x", headers={"Accept-Language": "zh"}))
    assert (plain[-1], plain[-6]) == ("Not Found", "en")
    assert (chinese[-1], chinese[-6]) == ("未找到", "zh")


def test_refusal_carries_our_code_and_facts(client: FlaskClient, world: World) -> None:
    said = world.seal("owner", "tender.published")
    problem = problem_of(client.post("/entries", data=remade(said, payload=None), content_type=COSE))
    facts = {"code": "payload-missing", "where": "the envelope", "expected": "the payload", "got": "nil"}
    assert problem[f"{PUBLIC_URL}/problems/payload-missing"] == facts


def test_registry_that_is_not_founded_says_so(empty_world: World, tmp_path: Path) -> None:
    app = open_app(empty_world, tmp_path / "var")
    client = app.test_client()
    for response in (client.get("/.well-known/scitt-keys"), client.post("/entries", data=b"", content_type=COSE)):
        assert (response.status_code, code_of(problem_of(response))) == (503, "not-founded")
    shell_of(app).database.close()


# --- keys and configuration ---


def test_key_set_holds_the_key_under_its_thumbprint(client: FlaskClient, world: World) -> None:
    (key,) = cbor2.loads(client.get("/.well-known/scitt-keys").data)
    # RFC 9679 §3: the thumbprint is the SHA-256 of the required parameters in deterministic CBOR.
    required = {label: key[label] for label in (1, -1, -2)}
    assert hashlib.sha256(cbor2.dumps(required, canonical=True)).digest() == key[2] == world.sealer.key.public.kid
    assert key[3] == -8


@pytest.mark.parametrize("name", ["00", "A" * 43, "%20", "é"])
def test_key_of_another_name_is_not_found(client: FlaskClient, name: str) -> None:
    response = client.get(f"/.well-known/scitt-keys/{name}")
    problem = problem_of(response)
    assert (response.status_code, problem[-1], code_of(problem)) == (404, "No such key", "ledger-key-unknown")


def test_configuration_names_what_is_there(app: Flask, client: FlaskClient) -> None:
    response = client.get("/.well-known/scitt-configuration", headers={"Accept": "application/cbor"})
    told = cbor2.loads(response.data)
    assert (response.mimetype, told["issuer"]) == ("application/cbor", ORIGIN)
    for name in ("registration_policy", "keys", "checkpoint"):
        assert client.get(told[name].removeprefix(PUBLIC_URL)).status_code == 200, name
    assert told["registration_endpoint"] == f"{PUBLIC_URL}/entries"
    assert -7 in told["signature_algorithms"]
