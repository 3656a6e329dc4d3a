"""Forms at the desk: what is typed becomes bodies that the door takes, and faults are told at their fields."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.desk.acts import ACTS
from api.words import load
from keys.envelope import parse_statement, seal_statement
from keys.errors import RefusedError
from tests.api.desk.conftest import Registry
from tests.api.desk.forms import AT, FORMS, NOBODY, REGISTER, SHIP
from tests.factories import BATCH, DRUM, PALLET, ROD, ROD_GTIN, SISTER, jwk_of_stranger, lot_at, uri_of, uscc_of
from tests.pages import text_of
from tests.world import SOLD, World
from trace.ledger.store import read_entry, size_of

Seat = Callable[[str], FlaskClient]
OTHER_ROD = f"01/{ROD_GTIN}/10/R2"


def draft(client: FlaskClient, act: str, form: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(f"/desk/{act}", data=form)
    assert answer.status_code == 200, answer.get_json()
    drafts: list[dict[str, Any]] = answer.get_json()["drafts"]
    return drafts


def body_of(one: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(base64.b64decode(one["payload"]))
    return body


def faults(client: FlaskClient, act: str, form: dict[str, Any]) -> dict[str, str]:
    answer = client.post(f"/desk/{act}?lang=en", data=form)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "form-refused"), answer.get_json()
    return {field["name"]: field["message"] for field in answer.get_json()["fields"]}


def say_all(world: World, alias: str, drafts: list[dict[str, Any]]) -> None:
    """Sign drafts with the party's key, one after the other, and have them let in."""
    envelopes: list[bytes] = []
    for one in drafts:
        leaves = [parse_statement(envelopes[place]).leaf for place in one["after"]]
        statement = seal_statement(
            world.keys[alias],
            kind=one["kind"],
            issuer=one["issuer"],
            subject=one["subject"],
            issued_at=world.at,
            payload=base64.b64decode(one["payload"]),
            nonce=bytes.fromhex(one["nonce"]),
            follows=(*map(bytes.fromhex, one["follows"]), *leaves),
            content_type=one["content_type"],
        )
        envelopes.append(statement.to_bytes())
    outcomes = world.try_sending(*map(parse_statement, envelopes))
    assert [one for one in outcomes if isinstance(one, RefusedError)] == []


def test_every_act_has_a_form_here() -> None:
    # What is taken out has first to be built in; its own test does that.
    assert FORMS.keys() == ACTS.keys() - {"remove"}


@pytest.mark.parametrize("act", FORMS)
def test_what_a_form_comes_to_is_let_in(registry: Registry, seat: Seat, act: str) -> None:
    _, world = registry
    alias, form = FORMS[act]
    before = {
        "receive": ("maker", "ship", SHIP),
        "unpack": ("maker", "pack", FORMS["pack"][1]),
        "draw": ("contractor", "deliver", FORMS["deliver"][1]),
    }.get(act)
    if before is not None:
        say_all(world, before[0], draft(seat(before[0]), *before[1:]))
    drafts = draft(seat(alias), act, form)
    assert {one["kind"] for one in drafts} <= {*ACTS[act].kinds}
    say_all(world, alias, drafts)


def test_a_batch_with_its_drums_hangs_together(registry: Registry, seat: Seat) -> None:
    made, inspected, cut = draft(seat("maker"), "register", REGISTER)
    assert [made["after"], inspected["after"], cut["after"]] == [[], [0], [1]]
    whole = {"epcClass": uri_of(lot_at("B7")), "quantity": 1441.5, "uom": "MTR"}
    assert body_of(made)["quantityList"] == [whole]
    assert body_of(made)["ilmd"]["suzheng:product"]["attributes"]["nominal_area_mm2"] == "2.5"
    assert body_of(cut)["inputQuantityList"] == [whole]
    assert body_of(cut)["outputEPCList"] == [uri_of(lot_at("B7", serial)) for serial in ("D008", "D009", "D010")]


def test_drums_of_different_lengths_come_from_a_table(seat: Seat) -> None:
    lines = "D1\t500\r\nD2, 480.5\n\nＤ３ ４９０"
    *_, cut = draft(seat("maker"), "register", {**REGISTER, "lines": lines})
    assert [item["quantity"] for item in body_of(cut)["suzheng:quantities"]] == [500, 480.5, 490]


def test_an_inspection_that_failed_says_so(seat: Seat) -> None:
    (one,) = draft(seat("maker"), "inspect", FORMS["inspect"][1])
    assert (body_of(one)["suzheng:passed"], body_of(one)["disposition"]) == (False, "non_conformant")


def test_what_arrived_names_sender_contract_and_what_was_found(registry: Registry, seat: Seat) -> None:
    say_all(registry[1], "maker", draft(seat("maker"), "ship", SHIP))
    (one,) = draft(seat("contractor"), "receive", FORMS["receive"][1])
    body = body_of(one)
    assert [item["quantity"] for item in body["suzheng:quantities"]] == [499.5, 500]
    assert body["sourceList"][0]["source"].endswith(uscc_of("maker"))
    assert body["bizTransactionList"][0]["bizTransaction"].endswith("HT-01")


def test_a_batch_is_made_of_as_much_as_is_said(registry: Registry, seat: Seat) -> None:
    _, world = registry
    world.say("smelter", "lot.commissioned", amounts={OTHER_ROD: 24})
    made, inspected, cut = draft(seat("maker"), "make", {**FORMS["make"][1], "lot": [ROD, OTHER_ROD]})
    assert [one["kind"] for one in (made, inspected, cut)] == ["lot.transformed", "lot.inspected", "lot.split"]
    # Of one what was typed, of the other all that is left of it.
    taken = [(item["epcClass"], item["quantity"]) for item in body_of(made)["inputQuantityList"]]
    assert taken == [(uri_of(ROD), 0.5), (uri_of(OTHER_ROD), 24)]
    assert body_of(made)["outputQuantityList"] == [{"epcClass": uri_of(lot_at("B8")), "quantity": 1441.5, "uom": "MTR"}]


def test_drums_are_joined_into_one_of_their_batch(registry: Registry, seat: Seat) -> None:
    (one,) = draft(seat("maker"), "join", FORMS["join"][1])
    body = body_of(one)
    assert body["outputEPCList"] == [uri_of(lot_at("A1", "D900"))]
    assert [item["quantity"] for item in body["suzheng:quantities"]] == [120.5, 500, 620.5]


def test_a_sample_says_where_and_how_long(registry: Registry, seat: Seat) -> None:
    (one,) = draft(seat("contractor"), "sample", FORMS["sample"][1])
    body = body_of(one)
    assert (body["position_m"], body["length_m"], body["drum_length_m"]) == ("230", "1.5", "500")
    assert body["witness"] == {"party": uscc_of("supervisor"), "person": "witness-1"}
    form = {name: value for name, value in FORMS["sample"][1].items() if name not in ("position_m", "length_m")}
    (one,) = draft(seat("contractor"), "sample", form)
    assert not {"position_m", "length_m"} & body_of(one).keys()


def test_what_is_destroyed_is_a_stretch_an_amount_or_all(registry: Registry, seat: Seat) -> None:
    def metres(**form: Any) -> list[Any]:
        (one,) = draft(seat("maker"), "destroy", {"at": AT, **form})
        body = body_of(one)
        return [body.get("suzheng:place"), *(item["quantity"] for item in body["suzheng:quantities"])]

    assert metres(lot=DRUM, from_m="480", to_m="500") == [{"from_m": "480", "to_m": "500"}, 20]
    assert metres(lot=DRUM, metres="7.5") == [None, 7.5]
    assert metres(lot=[DRUM, SISTER]) == [None, 500, 500]


@pytest.mark.parametrize(
    ("act", "changes", "name"),
    [
        ("install", {"from_m": "50", "to_m": "100"}, "from_m"),
        ("install", {"from_m": "231", "to_m": "240"}, "from_m"),
        ("install", {"from_m": "490", "to_m": "500"}, "from_m"),
        ("install", {"from_m": "500", "to_m": "501"}, "to_m"),
        ("sample", {"position_m": "229"}, "position_m"),
        ("destroy", {"from_m": "400", "to_m": "481"}, "from_m"),
    ],
)
def test_metres_that_others_speak_of_are_told_before_anybody_signs(
    registry: Registry, seat: Seat, act: str, changes: dict[str, str], name: str
) -> None:
    _, world = registry
    world.tell(SOLD)
    say_all(world, "contractor", draft(seat("contractor"), "install", FORMS["install"][1]))
    say_all(world, "contractor", draft(seat("contractor"), "sample", FORMS["sample"][1]))
    say_all(world, "contractor", draft(seat("contractor"), "destroy", FORMS["destroy"][1]))
    form = {**FORMS[act][1], "sample": "S-2", "at": "2015-05-07T09:00", **changes}
    assert faults(seat("contractor"), act, form).keys() == {name}
    # Evidence is not refused: who insists has it recorded, and it is found.
    assert draft(seat("contractor"), act, {**form, "despite": "1"})
    page = seat("contractor").get(f"/desk/install?lang=en&lot={DRUM}").get_data(as_text=True)
    assert "0–100.5 m built in, 230–231.5 m taken as samples, 480–500 m destroyed" in page


def test_what_is_taken_out_is_what_was_built_in(registry: Registry, seat: Seat) -> None:
    registry[1].tell(SOLD)
    say_all(registry[1], "contractor", draft(seat("contractor"), "install", FORMS["install"][1]))
    form = {"lot": DRUM, "station": "S 3", "at": AT}
    (one,) = draft(seat("contractor"), "remove", form)
    assert body_of(one)["suzheng:place"] == {"station": "S 3", "from_m": "0", "to_m": "100.5"}
    assert "station" in faults(seat("contractor"), "remove", {**form, "station": "S 4"})


def test_a_draw_is_over_the_delivery_by_the_plan_and_far_enough_ahead(registry: Registry, seat: Seat) -> None:
    _, world = registry
    both = [DRUM, SISTER]
    say_all(world, "contractor", draft(seat("contractor"), "deliver", {**FORMS["deliver"][1], "lot": both}))
    (one,) = draft(seat("supervisor"), "draw", {**FORMS["draw"][1], "lot": both})
    body = body_of(one)
    with world.database.reading() as session:
        size = size_of(session)
        assert body["delivery"] == read_entry(session, size - 1).leaf.hex()
    assert (body["n"], body["c"], body["margin_pct"], body["ledger_size"]) == (2, 0, "5", size + 51)
    assert [unit["length_m"] for unit in body["units"]] == ["500", "500"]


def test_drums_of_two_deliveries_have_no_draw_together(registry: Registry, seat: Seat) -> None:
    _, world = registry
    for lot in (DRUM, SISTER):
        say_all(world, "contractor", draft(seat("contractor"), "deliver", {**FORMS["deliver"][1], "lot": lot}))
    assert faults(seat("supervisor"), "draw", {**FORMS["draw"][1], "lot": [DRUM, SISTER]}).keys() == {"lot"}


def test_a_broken_seal_is_handed_on_as_such(seat: Seat) -> None:
    assert body_of(*draft(seat("contractor"), "hand", FORMS["hand"][1]))["is_seal_intact"] is True
    broken = {**FORMS["hand"][1], "broken": "1"}
    assert body_of(*draft(seat("contractor"), "hand", broken))["is_seal_intact"] is False


@pytest.mark.parametrize(
    ("act", "changes", "names"),
    [
        ("register", {"gtin": "06901234567893"}, {"gtin"}),
        ("register", {"batch": "A1"}, {"batch"}),
        ("register", {"batch": "B/7"}, {"batch"}),
        ("register", {"first": "DRUM"}, {"first"}),
        ("register", {"count": "201"}, {"count"}),
        ("register", {"metres": "0"}, {"metres"}),
        ("register", {"metres": "1e3"}, {"metres"}),
        ("register", {"lines": "D1 500\nD1 500"}, {"lines"}),
        ("register", {"lines": "D1"}, {"lines"}),
        ("register", {"attribute.nominal_area_mm2": "3"}, {"attribute.nominal_area_mm2"}),
        ("register", {"inspected": ""}, {"inspected"}),
        ("register", dict.fromkeys(("type", "name_zh", "at", "gtin"), ""), {"type", "name_zh", "at", "gtin"}),
        ("ship", {"lot": []}, {"lot"}),
        ("ship", {"lot": "01/1/10/x"}, {"lot"}),
        ("ship", {"lot": lot_at("Z9", "D1")}, {"lot"}),
        ("ship", {"to": uscc_of("maker")}, {"to"}),
        ("ship", {"to": NOBODY}, {"to"}),
        ("ship", {"at": "yesterday"}, {"at"}),
        ("split", {"length_1": "500.5"}, {"length_1"}),
        ("split", {"serial_1": "D002"}, {"serial_1"}),
        ("split", {"serial_1": ""}, {"serial_1"}),
        ("split", {"lot": [DRUM, SISTER]}, {"lot"}),
        ("join", {"lot": DRUM}, {"lot"}),
        ("join", {"lot": [DRUM, lot_at("A1", "D777")]}, {"lot"}),
        ("join", {f"taken:{DRUM}": "501"}, {f"taken:{DRUM}"}),
        ("join", {"serial": "D001"}, {"serial"}),
        ("join", {"serial": ""}, {"serial"}),
        ("join", {"lot": [DRUM, ROD]}, {"lot", "batch"}),
        ("make", {"lot": []}, {"lot"}),
        ("make", {"batch": "A1"}, {"batch"}),
        ("sample", {"length_m": "0"}, {"length_m"}),
        ("sample", {"position_m": "499"}, {"length_m"}),
        ("sample", {"witness_person": ""}, {"witness_person"}),
        ("sample", {"witness": ""}, {"witness"}),
        ("sample", {"lot": [DRUM, SISTER]}, {"lot"}),
        ("draw", {}, {"lot"}),  # nobody has delivered it
        ("draw", {"lot": BATCH}, {"lot"}),
        ("draw", {"plan": "mine"}, {"lot", "plan"}),
        ("draw", {"ahead": "0"}, {"lot", "ahead"}),
        ("draw", {"lot": []}, {"lot"}),
        ("hand", {"to": uscc_of("contractor")}, {"to"}),
        ("hand", {"sample": "", "to": ""}, {"sample", "to"}),
        ("hand", {"lot": [DRUM, SISTER]}, {"lot"}),
        ("destroy", {"from_m": ""}, {"from_m"}),
        ("destroy", {"to_m": "480"}, {"to_m"}),
        ("destroy", {"lot": [DRUM, SISTER]}, {"lot"}),
        ("destroy", {"from_m": "", "to_m": "", "metres": "501"}, {"metres"}),
        ("destroy", {"lot": BATCH, "from_m": "", "to_m": ""}, {"metres"}),
        ("install", {"to_m": "0"}, {"to_m"}),
        ("install", {"to_m": "501"}, {"to_m"}),
        ("recall", {"deadline_on": "2015-05-31"}, {"deadline_on"}),
        ("recall", {"reason": ""}, {"reason"}),
        ("answer", {"action": "eaten"}, {"action"}),
        ("admit", {"uscc": NOBODY[:-1] + "?"}, {"uscc"}),
        ("admit", {"key": "{}"}, {"key"}),
        ("admit", {"role": "king"}, {"role"}),
        ("enrol", {"valid_from": "2021-01-01"}, {"valid_to"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(seat: Seat, act: str, changes: dict[str, Any], names: set[str]) -> None:
    alias, form = FORMS[act]
    assert faults(seat(alias), act, {**form, **changes}).keys() == names


def test_a_key_on_record_is_not_enrolled_again(registry: Registry, seat: Seat) -> None:
    assert faults(seat("maker"), "enrol", {"key": json.dumps(registry[1].jwk("dealer"))}).keys() == {"key"}


def test_who_may_not_sign_gets_no_form_and_no_draft(seat: Seat) -> None:
    lab = seat("lab")
    assert lab.get("/desk/ship").status_code == 403
    assert lab.post("/desk/ship", data=SHIP).get_json()["code"] == "role-not-allowed"
    assert seat("maker").post("/desk/recall", data=FORMS["recall"][1]).status_code == 403
    assert lab.get("/desk/nonsense").status_code == 404


def test_strangers_are_led_to_the_keys(registry: Registry) -> None:
    client = registry[0].test_client()
    assert client.get("/desk/ship").headers["Location"] == "/desk/keys?next=ship"
    assert client.post("/desk/ship", data=SHIP).status_code == 401
    assert 'data-onwards="/desk"' in client.get("/desk/keys?next=//evil.example").get_data(as_text=True)


def test_no_other_site_has_a_form_drafted(seat: Seat) -> None:
    answer = seat("maker").post("/desk/ship", data=SHIP, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.get_json()["code"] == "origin-foreign"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("act", ACTS)
def test_every_form_is_a_page_in_both_languages(seat: Seat, act: str, language: str) -> None:
    alias = FORMS.get(act, ("contractor", {}))[0]
    page = seat(alias).get(f"/desk/{act}?lang={language}&lot={DRUM}&find=A1")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "<script>" not in text
    assert "style=" not in text
    assert str(load(language).pgettext(f"desk_act.{act}", "title")) in text_of(text)


def test_what_strangers_wrote_stays_text(registry: Registry, seat: Seat) -> None:
    hostile = "\"><script>alert(1)</script>'"
    _, world = registry
    party = {"uscc": NOBODY, "name": {"zh": hostile, "en": hostile}, "roles": ["dealer"]}
    world.say("regulator", "party.admitted", party=party, key=jwk_of_stranger())
    for path in ("/desk/ship", f"/desk/ship?find={hostile}", f"/desk/enrol?key={hostile}"):
        text = seat("maker").get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert text.count("<script") == text.count("</script>")


def test_a_packed_pallet_is_shipped_and_received_as_one(registry: Registry, seat: Seat) -> None:
    world = registry[1]
    (packed,) = draft(seat("maker"), "pack", FORMS["pack"][1])
    assert (body_of(packed)["parentID"], len(body_of(packed)["childEPCs"])) == (uri_of(PALLET), 2)
    say_all(world, "maker", [packed])
    offered = seat("maker").get("/desk/ship").get_data(as_text=True)
    assert (f'value="{PALLET}"' in offered, f'value="{DRUM}"' in offered) == (True, False)
    assert f'value="{DRUM}"' in seat("maker").get("/desk/split").get_data(as_text=True)
    (shipped,) = draft(seat("maker"), "ship", {**SHIP, "lot": PALLET})
    assert body_of(shipped)["epcList"] == [uri_of(PALLET)]
    say_all(world, "maker", [shipped])
    coming = seat("contractor").get("/desk/receive").get_data(as_text=True)
    assert (f'value="{PALLET}"' in coming, f'value="{DRUM}"' in coming) == (True, False)
    say_all(world, "contractor", draft(seat("contractor"), "receive", {"lot": PALLET, "at": AT}))
    say_all(world, "contractor", draft(seat("contractor"), "unpack", {"lot": PALLET, "at": AT}))
    assert f'value="{DRUM}"' in seat("contractor").get("/desk/ship").get_data(as_text=True)
    home = text_of(seat("contractor").get("/desk?lang=en").get_data(as_text=True))
    assert f"(00){PALLET[3:]}" in home


@pytest.mark.parametrize(
    ("act", "changes", "name", "message"),
    [
        ("pack", {"unit": "1"}, "unit", "18 digits"),
        ("pack", {"unit": "106901234567890120"}, "unit", "check digit"),
        ("pack", {"unit": ""}, "unit", "Fill this in"),
        ("pack", {"lot": PALLET, "unit": PALLET[3:]}, "unit", "can't be in itself"),
        ("unpack", {"lot": DRUM}, "lot", "Choose"),
        ("split", {"lot": PALLET}, "lot", PALLET),
    ],
)
def test_what_is_wrong_with_a_packing(seat: Seat, act: str, changes: dict[str, Any], name: str, message: str) -> None:
    assert message in faults(seat("maker"), act, {**FORMS[act][1], **changes})[name]
