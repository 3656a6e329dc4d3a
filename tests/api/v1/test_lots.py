"""A lot is answered as it stands now, whether anybody has spoken of it or not."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from api.v1.lot_schemas import TraceSchema, WhereaboutsSchema
from api.v1.lots import describe_lineage, locate
from api.v1.trace_json import lost_in
from labs.judge import Word
from tests.factories import BATCH, DRUM, ROD, SISTER, uri_of, uscc_of
from tests.world import HONEST, MADE, World

Counter = Callable[[], AbstractContextManager[list[str]]]


def test_lot_is_answered_with_product_holder_heads_and_verdict(reader: FlaskClient, told: World) -> None:
    state = reader.get(f"/api/v1/lots/{DRUM}").get_json()
    verdict = told.judge(DRUM)
    assert state["uri"] == uri_of(DRUM)
    assert state["product"]["type"] == "BV 2.5"
    assert state["product"]["quantity"] == {"value": "500", "unit": "MTR"}
    assert state["holder"]["party"] == uscc_of("contractor")
    assert state["heads"] == [leaf.hex() for leaf in told.heads([DRUM])]
    assert state["verdict"]["word"] == verdict.word
    assert [gate["name"] for gate in state["verdict"]["gates"]] == [gate.name for gate in verdict.gates]
    assert state["verdict"]["passed"] == list(verdict.passed)
    assert len(state["verdict"]["reasons"]) == len(verdict.reasons) > 0
    assert state["entries"] == sorted(state["entries"])


def test_short_gtin_names_the_same_lot(reader: FlaskClient) -> None:
    short = DRUM.replace("/06901234567892/", "/6901234567892/")
    assert reader.get(f"/api/v1/lots/{short}").get_json()["lot"] == DRUM


def test_percent_in_a_lot_number_is_read_once(reader: FlaskClient) -> None:
    assert reader.get("/api/v1/lots/01/06901234567892/10/A%2541").get_json()["lot"] == "01/06901234567892/10/A%41"


def test_lot_of_which_nobody_has_spoken_is_unknown_and_no_error(reader: FlaskClient) -> None:
    response = reader.get("/api/v1/lots/01/06901234567892/10/NOBODY")
    state = response.get_json()
    assert response.status_code == 200
    assert (state["verdict"]["word"], state["product"], state["entries"]) == ("UNKNOWN", None, [])


@pytest.mark.parametrize("path", ["01/06901234567893/10/A1", "01/123/10/A1", "01/06901234567892/10/" + "A" * 21])
@pytest.mark.parametrize("more", ["", "/trace"])
def test_path_that_is_no_digital_link_is_refused(reader: FlaskClient, path: str, more: str) -> None:
    response = reader.get(f"/api/v1/lots/{path}{more}")
    assert (response.status_code, response.get_json()["code"]) == (422, "digital-link-invalid")


def test_trace_leads_up_to_the_copper_and_down_to_the_drums(reader: FlaskClient) -> None:
    trace = reader.get(f"/api/v1/lots/{BATCH}/trace").get_json()
    assert {node["lot"]: node["direction"] for node in trace["nodes"]} == {
        BATCH: "here",
        ROD: "up",
        DRUM: "down",
        SISTER: "down",
    }
    assert {node["lot"] for node in trace["nodes"] if node["is_same_material"]} == {BATCH, DRUM, SISTER}
    drawn, cut = trace["edges"]
    assert (drawn["kind"], cut["kind"]) == ("transformed", "split")
    assert drawn["inputs"] == [{"lot": ROD, "quantity": {"value": "24", "unit": "KGM"}}]
    assert [portion["quantity"]["value"] for portion in cut["outputs"]] == ["500", "500"]
    assert trace["is_cut"] is False


@pytest.mark.parametrize(
    ("direction", "lots", "edges"),
    [("up", {BATCH, ROD}, ["transformed"]), ("down", {BATCH, DRUM, SISTER}, ["split"])],
)
def test_trace_in_one_direction_shows_that_alone(
    reader: FlaskClient, direction: str, lots: set[str], edges: list[str]
) -> None:
    trace = reader.get(f"/api/v1/lots/{BATCH}/trace?direction={direction}").get_json()
    assert {node["lot"] for node in trace["nodes"]} == lots
    assert [edge["kind"] for edge in trace["edges"]] == edges


def test_direction_that_is_none_is_refused(reader: FlaskClient) -> None:
    assert reader.get(f"/api/v1/lots/{BATCH}/trace?direction=left").get_json()["code"] == "request-malformed"


def test_lots_are_listed_by_page_with_their_verdicts(client: FlaskClient, world: World) -> None:
    world.tell(MADE)
    first = client.get("/api/v1/lots?limit=3").get_json()
    second = client.get(first["next"]).get_json()
    lots = [item["lot"] for item in first["items"] + second["items"]]
    assert lots == sorted([ROD, BATCH, DRUM, SISTER])
    assert second["next"] is None
    assert [item["verdict"] for item in first["items"]] == [None] * 3
    assert client.get(first["items"][0]["url"]).get_json()["lot"] == lots[0]


def test_lots_are_filtered_by_maker_type_and_verdict(reader: FlaskClient, told: World) -> None:
    def found(**query: str) -> set[str]:
        return {item["lot"] for item in reader.get("/api/v1/lots", query_string=query).get_json()["items"]}

    assert found(maker=uscc_of("smelter")) == {ROD}
    assert found(type="BV 2.5") == {BATCH, DRUM, SISTER}
    assert found(maker=uscc_of("smelter"), type="BV 2.5") == set()
    for word in Word:
        assert found(verdict=word) == {lot for lot in (ROD, BATCH, DRUM, SISTER) if told.judge(lot).word is word}


@pytest.mark.parametrize("query", ["verdict=GOOD", "maker=123", "limit=many"])
def test_filter_that_means_nothing_is_refused(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/api/v1/lots?{query}").get_json()["code"] == "request-malformed"


def test_page_of_lots_takes_one_query(reader: FlaskClient, count_queries: Counter) -> None:
    with count_queries() as sent:
        reader.get("/api/v1/lots")
    assert len([query for query in sent if query.startswith("SELECT")]) == 1


def test_heads_are_what_the_next_statement_follows(reader: FlaskClient, told: World) -> None:
    answer = reader.get("/api/v1/heads", query_string={"lot": [uri_of(DRUM), SISTER]}).get_json()
    assert answer["lots"] == sorted([DRUM, SISTER])
    assert answer["heads"] == [leaf.hex() for leaf in told.heads([DRUM, SISTER])]
    assert reader.get("/api/v1/heads?lot=01/06901234567892/10/NOBODY").get_json()["heads"] == []


@pytest.mark.parametrize("query", ["", "lot=A1", "lot="])
def test_heads_of_nothing_are_refused(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/api/v1/heads?{query}").get_json()["code"] == "request-malformed"


def test_steps_are_counted_and_lead_back(reader: FlaskClient) -> None:
    trace = reader.get(f"/api/v1/lots/{DRUM}/trace").get_json()
    nodes = {node["lot"]: node for node in trace["nodes"]}
    assert {lot: node["steps"] for lot, node in nodes.items()} == {DRUM: None, BATCH: 1, ROD: 2}
    assert nodes[ROD]["by"] == trace["edges"][0]["entry"]
    assert nodes[BATCH]["left"] == {"value": "0", "unit": "MTR"}
    assert (trace["hands"], trace["acts"]) == (None, None)


def test_hands_and_acts_come_when_asked_for(reader: FlaskClient) -> None:
    trace = reader.get(f"/api/v1/lots/{DRUM}/trace?hands=true").get_json()
    assert [(hand["kind"], hand["party"]) for hand in trace["hands"]] == [
        ("shipped", uscc_of("maker")),
        ("received", uscc_of("contractor")),
    ]
    assert [act["act"] for act in trace["acts"]] == ["delivered", "accepted", "installed"]
    assert (trace["acts"][-1]["station"], trace["acts"][-1]["to_m"]) == ("station 3", "500")


def test_whereabouts_sum_to_the_whole(reader: FlaskClient) -> None:
    told = reader.get(f"/api/v1/lots/{BATCH}/whereabouts").get_json()
    assert told["whole"] == {"value": "1000", "unit": "MTR"}
    assert (told["over"], told["unaccounted"]) == ("0", "0")
    assert {(part["lot"], part["state"], part["quantity"]["value"]) for part in told["parts"]} == {
        (DRUM, "installed", "500"),
        (SISTER, "held", "500"),
    }
    assert told["totals"]["installed"] == "500"
    assert told["parts"][0]["entries"]


def test_whereabouts_of_a_lot_of_which_nobody_has_spoken_are_none(reader: FlaskClient) -> None:
    told = reader.get("/api/v1/lots/01/06901234567892/10/NOBODY/whereabouts").get_json()
    assert (told["whole"], told["parts"]) == (None, [])


@pytest.mark.parametrize("lot", [ROD, DRUM, BATCH])
def test_what_is_written_by_hand_is_what_the_schemas_would_write(told_app: Flask, lot: str) -> None:
    with told_app.test_request_context():
        lineage, whereabouts = describe_lineage(lot, "both", with_hands=True), locate(lot)
        assert TraceSchema().dump(lineage) == Schema.dump(TraceSchema(), _as_declared(lineage))
        written = WhereaboutsSchema().dump(whereabouts)
        flat = [{**_members(part.spot), **_members(part)} for part in whereabouts.parts]
        told = {**_members(whereabouts), "parts": flat, "totals": written["totals"]}
        told |= {"unaccounted": whereabouts.unknown, "unit": written["unit"]}
        assert written == json.loads(json.dumps(Schema.dump(WhereaboutsSchema(), told)))


def _members(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _as_declared(lineage: dict[str, Any]) -> dict[str, Any]:
    """With what is computed for an edge when it is written."""
    return lineage | {"edges": [_members(flow) | {"lost": lost_in(flow)} for flow in lineage["edges"]]}


def test_a_trace_takes_as_many_questions_however_many_lots_there_are(
    reader: FlaskClient, count_queries: Counter
) -> None:
    with count_queries() as few:
        reader.get(f"/api/v1/lots/{DRUM}/trace")
    with count_queries() as more:
        reader.get(f"/api/v1/lots/{ROD}/trace")
    assert len(few) == len(more) <= 9


def test_recall_tells_who_holds_it_and_what_they_answered(client: FlaskClient, world: World) -> None:
    world.tell(HONEST)
    (nobody,) = client.get(f"/api/v1/lots/{BATCH}/recall").get_json()["recalls"]
    assert (nobody["number"], nobody["progress"]) == (None, "open")
    world.say("regulator", "recall.ordered", lots=[uri_of(BATCH)])
    world.say("contractor", "recall.answered", lot=uri_of(BATCH), action="quarantined", quantity="500")
    (told,) = client.get(f"/api/v1/lots/{DRUM}/recall").get_json()["recalls"]
    assert (told["recalled_lot"], told["holders_pct"], told["progress"]) == (BATCH, 100, "answered")
    (told,) = client.get(f"/api/v1/lots/{BATCH}/recall").get_json()["recalls"]
    keepers = {keeper["party"]: keeper for keeper in told["keepers"]}
    assert (keepers[uscc_of("contractor")]["answered"], keepers[uscc_of("maker")]["has_answered"]) == ("500", False)
    assert keepers[uscc_of("contractor")]["name_en"] == "contractor"
    assert (told["quantity_pct"], told["missing"]) == (50, ["silent"])
    world.say("regulator", "recall.closed", lots=[uri_of(BATCH)])
    (told,) = client.get(f"/api/v1/lots/{BATCH}/recall").get_json()["recalls"]
    assert (told["progress"], told["closed_on"]) == ("closed", "2017-06-30")
