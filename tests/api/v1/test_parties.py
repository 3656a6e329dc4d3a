"""Parties, their keys and labs: public, but for who holds which post."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from keys.keyring import read_jwk
from tests.factories import CAST, uscc_of
from tests.world import HONEST, World
from trace.kinds import Role

MAKER = uscc_of("maker")
Counter = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[FlaskClient, World, str], str]


def test_parties_are_listed_by_page_and_role(reader: FlaskClient) -> None:
    first = reader.get("/api/v1/parties?limit=5").get_json()
    second = reader.get(first["next"]).get_json()
    codes = [party["uscc"] for party in first["items"] + second["items"]]
    assert codes == sorted(uscc for uscc, _ in CAST.values())
    labs = reader.get("/api/v1/parties?role=lab").get_json()["items"]
    assert [party["uscc"] for party in labs] == sorted(uscc for uscc, role in CAST.values() if role is Role.LAB)


def test_party_is_shown_with_keys_and_record_but_no_posts(reader: FlaskClient, told: World) -> None:
    party = reader.get(f"/api/v1/parties/{uscc_of('contractor')}").get_json()
    assert party["roles"] == ["contractor"]
    assert [key["kid"] for key in party["keys"]] == [told.kid("contractor")]
    assert party["posts"] is None
    assert (party["penalties"], party["bans"]) == ([], [])


def test_posts_are_shown_to_who_is_signed_in(told_app: Flask, told: World, sign_in: SignIn) -> None:
    client = told_app.test_client()
    token = sign_in(client, told, "owner")
    program = told_app.test_client()
    response = program.get(f"/api/v1/parties/{uscc_of('contractor')}", headers={"Authorization": f"Bearer {token}"})
    assert [post["person"] for post in response.get_json()["posts"]] == ["sampler-1"]
    assert response.headers["Cache-Control"] == "no-store"


def test_key_is_shown_by_its_thumbprint(reader: FlaskClient, told: World) -> None:
    key = reader.get(f"/api/v1/keys/{told.kid('owner')}").get_json()
    assert (key["party"], key["algorithm"]) == (uscc_of("owner"), "ES256")
    assert read_jwk(key["jwk"]).kid.hex() == told.kid("owner") == key["kid"]
    assert key["revoked_at"] is None


def test_revoked_key_says_since_when(client: FlaskClient, world: World) -> None:
    kid = world.enroll("owner", "old")
    entry = world.say("owner", "key.revoked", kid=kid, compromised_since="2014-06-01T00:00:00Z").position
    key = client.get(f"/api/v1/keys/{kid}").get_json()
    assert key["revocation_entry"] == entry
    assert key["compromised_since"] == "2014-06-01T00:00:00Z"


def test_lab_is_shown_with_scope_and_signatories(reader: FlaskClient, told: World) -> None:
    lab = reader.get(f"/api/v1/labs/{uscc_of('lab')}").get_json()
    (accreditation,) = lab["accreditations"]
    assert accreditation["scope"][0]["method"] == "GB/T 3048.4-2007"
    assert accreditation["valid_to"] == "2019-12-31"
    assert [signatory["kid"] for signatory in lab["signatories"]] == [told.kid("lab")]
    labs = reader.get("/api/v1/labs").get_json()["items"]
    assert {party["uscc"] for party in labs} == {uscc_of("lab"), uscc_of("other_lab")}


def test_penalty_and_ban_stand_on_the_record(client: FlaskClient, world: World) -> None:
    world.say("regulator", "penalty.imposed")
    world.say("regulator", "ban.imposed")
    party = client.get(f"/api/v1/parties/{uscc_of('maker')}").get_json()
    assert [penalty["number"] for penalty in party["penalties"]] == ["P-2015-1"]
    (ban,) = party["bans"]
    assert (ban["banned_from"], ban["banned_to"]) == ("2017-06-01", None)
    assert ban["doubt_entry"] is ban["doubted_since"] is None


def test_what_a_stolen_key_said_is_marked_and_the_rest_is_not(
    client: FlaskClient, world: World, sign_in: SignIn
) -> None:
    kid = world.enroll("regulator", "desk")
    world.say("regulator", "penalty.imposed", number="P-1")
    for tag in ("penalty.imposed", "ban.imposed", "lab.accredited", "accreditation.suspended"):
        world.say("regulator.desk", tag)
    post = world.say("maker", "post.held").position
    doubt = world.say("regulator", "key.revoked", kid=kid, compromised_since="2014-06-01T00:00:00Z").position
    sign_in(client, world, "maker")
    party = client.get(f"/api/v1/parties/{uscc_of('maker')}").get_json()
    told = {one["number"]: (one["doubt_entry"], one["doubted_since"]) for one in party["penalties"]}
    assert told == {"P-1": (None, None), "P-2015-1": (doubt, "2014-06-01T00:00:00Z")}
    assert [one["doubt_entry"] for one in party["bans"]] == [doubt]
    assert [(one["entry"], one["doubt_entry"]) for one in party["posts"]] == [(post, None)]
    lab = client.get(f"/api/v1/labs/{uscc_of('lab')}").get_json()
    assert [one["doubt_entry"] for one in lab["accreditations"] + lab["suspensions"]] == [doubt, doubt]


@pytest.mark.parametrize(
    "path",
    ["parties/91110000000000000X", "parties/x", "keys/00", "keys/zz", f"keys/{'A' * 64}", "labs/x", f"labs/{MAKER}"],
)
def test_who_is_not_on_record_is_not_found(reader: FlaskClient, path: str) -> None:
    response = reader.get(f"/api/v1/{path}")
    assert (response.status_code, response.get_json()["code"]) == (404, "not-found")


def test_page_of_parties_takes_two_queries(reader: FlaskClient, count_queries: Counter) -> None:
    with count_queries() as sent:
        reader.get("/api/v1/parties")
    assert len([query for query in sent if query.startswith("SELECT")]) == 2


def test_a_makers_copper_is_told_by_month_to_regulators_alone(told_app: Flask, told: World, sign_in: SignIn) -> None:
    client = told_app.test_client()
    path = f"/api/v1/parties/{uscc_of('maker')}/copper?since=2015-04-01&until=2015-12-31"
    assert client.get(path).status_code == 401
    sign_in(client, told, "maker")
    assert client.get(path).status_code == 403
    client = told_app.test_client()
    sign_in(client, told, "regulator")
    told_of = client.get(path).get_json()
    assert (told_of["since"], told_of["until"]) == ("2015-04-01", "2015-12-31")
    # The factory's cable does not say how many cores it has, so its copper can't be told.
    (month,) = told_of["months"]
    assert (month["month"], month["entries"], len(month["untold"])) == ("2015-05-01", [], 1)
    assert client.get(path.replace("2015-04-01", "2012-01-01")).get_json()["code"] == "request-malformed"
    assert client.get(path.replace(uscc_of("maker"), "X")).get_json()["code"] == "not-found"


def test_a_lab_stood_differently_on_each_day(client: FlaskClient, world: World) -> None:
    world.tell(HONEST)
    world.say("regulator", "accreditation.suspended", suspended_from="2015-03-03", scope=[{"object": "cable"}])
    world.say("lab", "instrument.calibrated")
    world.say("lab", "analyst.authorised")
    path = f"/api/v1/labs/{uscc_of('lab')}"
    states = {}
    for day in ("2013-03-03", "2015-03-02", "2015-03-03", "2020-03-03"):
        reply = client.get(path, query_string={"on": day})
        standing = reply.get_json()["standing"]
        assert standing["day"] == day
        states[day] = (standing["state"], [permit["state"] for permit in standing["permits"]])
    assert states == {
        "2013-03-03": ("future", ["future"]),
        "2015-03-02": ("valid", ["open"]),
        "2015-03-03": ("suspended", ["suspended"]),
        "2020-03-03": ("lapsed", ["lapsed"]),
    }
    lab = client.get(path, query_string={"on": "2015-03-02"}).get_json()
    assert [one["state"] for one in lab["standing"]["instruments"]] == ["calibrated"]
    assert (lab["analysts"], lab["endings"], len(lab["standing"]["analysts"])) == (None, None, 1)
    assert lab["accreditations"][0]["number_faults"] == []
    assert lab["performance"]["reports"] == 1
    assert client.get(path, query_string={"on": "soon"}).status_code == 400


def test_labs_are_searched_and_turned_page_by_page(reader: FlaskClient):
    found = reader.get("/api/v1/labs", query_string={"q": "3048.4", "on": "2015-03-02"}).get_json()
    assert [(one["uscc"], one["state"], one["cnas"]) for one in found["items"]] == [(uscc_of("lab"), "valid", "L1234")]
    assert (found["day"], found["next"]) == ("2015-03-02", None)
    first = reader.get("/api/v1/labs", query_string={"limit": 1}).get_json()
    second = reader.get(first["next"]).get_json()
    codes = [one["uscc"] for page in (first, second) for one in page["items"]]
    assert codes == sorted({uscc_of("lab"), uscc_of("other_lab")})
    assert second["next"] is None
