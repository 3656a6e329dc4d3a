"""`flask epcis import` signs other people's events as they stand, and finds the kind that each one is."""

import json

import pytest

from api.commands.choosing import choose_kind
from api.wiring import build_house
from keys.envelope import parse_statement
from keys.errors import RefusedError
from tests.factories import BATCH, BODIES, DRUM, PALLET, ROD, uri_of, uscc_of
from trace.epcis.documents import cut_events
from trace.ledger.store import read_entry, size_of, stream_entries

OURS = [tag for tag, made in BODIES.items() if "eventTime" in made()]
# Published with two members "eventID" in one event, which RFC 8259 leaves to chance and the door refuses.
TWICE = "AssociationEvent-h.jsonld"


def write(tmp_path, *events: object, name: str = "events.jsonld"):
    (tmp_path / name).write_text(json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}}))
    return name


def kinds_from(shell, start: int) -> list[str]:
    with shell.database.reading() as session:
        return [entry.kind for entry in stream_entries(session, start)]


@pytest.fixture
def start(shell, world):
    with shell.database.reading() as session:
        return size_of(session)


def test_every_published_event_goes_in_and_comes_back_as_it_was(run, world, shell, start, pem_of, conformance):
    paths = sorted((conformance / "gs1-epcis" / "JSON").glob("**/*.jsonld"))
    assert len(paths) > 40
    good = [path for path in paths if path.name != TWICE]
    result = run("epcis import --key", pem_of("maker"), *good)
    assert result.exit_code == 0, result.stderr
    events = [event for path in good for event in cut_events(path.read_bytes())]
    with shell.database.reading() as session:
        payloads = [parse_statement(entry.statement).payload for entry in stream_entries(session, start)]
    assert payloads == events
    assert f"{len(events)} of {len(events)} events accepted" in result.stdout
    assert run("ledger verify").exit_code == 0


def test_the_one_published_event_with_a_name_twice_is_refused(run, world, start, pem_of, shell, conformance):
    (path,) = (conformance / "gs1-epcis" / "JSON").glob(f"**/{TWICE}")
    result = run("epcis import --key", pem_of("maker"), path)
    assert result.exit_code == 1
    assert f"{TWICE}#1: payload-malformed: where eventID, expected each name once" in result.stderr
    assert kinds_from(shell, start) == []


@pytest.mark.parametrize("tag", OURS)
def test_an_event_that_says_all_that_ours_does_is_ours(tag):
    assert choose_kind(json.dumps(BODIES[tag]()).encode(), build_house().catalogue) == tag


@pytest.mark.parametrize(
    ("tag", "change"),
    [
        ("lot.commissioned", {"ilmd": {"other:product": 1}}),
        ("lot.commissioned", {"bizStep": "encoding"}),
        ("lot.inspected", {"suzheng:passed": "yes"}),
        ("lot.installed", {"suzheng:place": None}),
        ("goods.shipped", {"epcList": ["urn:epc:id:sgtin:0614141.107346.2017"]}),
        ("goods.shipped", {"epcList": []}),
        ("goods.shipped", {"bizStep": "loading"}),
        ("goods.accepted", {"disposition": "in_progress"}),
        ("lot.split", {"outputEPCList": [uri_of(ROD)]}),
        ("lot.transformed", {"ilmd": {}}),
    ],
)
def test_an_event_that_says_less_is_recorded_and_no_more(tag, change):
    assert choose_kind(json.dumps(BODIES[tag]() | change).encode(), build_house().catalogue) == "epcis.recorded"


def test_an_event_with_an_error_declaration_takes_one_back():
    event = BODIES["goods.shipped"]() | {"errorDeclaration": {"declarationTime": "2015-05-06T09:00:00+08:00"}}
    assert choose_kind(json.dumps(event).encode(), build_house().catalogue) == "epcis.withdrawn"


@pytest.mark.parametrize(
    ("step", "disposition", "tag"),
    [
        ("receiving", "mismatch_quantity", "goods.received"),
        ("inspecting", "non_conformant", "goods.flagged"),
        ("holding", "recalled", "goods.flagged"),
        ("accepting", "non_conformant", "goods.rejected"),
        ("stocking", "in_progress", "goods.stored"),
        ("destroying", "destroyed", "lot.destroyed"),
        ("decommissioning", "inactive", "lot.destroyed"),
        ("decommissioning", "active", "epcis.recorded"),
        ("packing", "in_progress", "epcis.recorded"),
    ],
)
def test_steps_and_dispositions_have_their_kinds(step, disposition, tag):
    event = BODIES["goods.received"]() | {"bizStep": step, "disposition": disposition}
    assert choose_kind(json.dumps(event).encode(), build_house().catalogue) == tag


@pytest.mark.parametrize(
    ("kind", "changes", "tag"),
    [
        ("goods.packed", {}, "goods.packed"),
        ("goods.packed", {"bizStep": "loading"}, "goods.packed"),
        ("goods.unpacked", {}, "goods.unpacked"),
        ("goods.packed", {"action": "OBSERVE"}, "epcis.recorded"),
        ("goods.packed", {"bizStep": "assembling"}, "epcis.recorded"),
        ("goods.packed", {"childEPCs": ["https://id.gs1.org/01/06901234567892/21/7"]}, "epcis.recorded"),
        ("goods.packed", {"parentID": "urn:epc:id:grai:0614141.12345.400"}, "epcis.recorded"),
        ("goods.shipped", {"epcList": [uri_of(PALLET)], "suzheng:quantities": []}, "goods.shipped"),
        # A gate does not open on a closed box.
        ("goods.accepted", {"epcList": [uri_of(PALLET)], "suzheng:quantities": []}, "epcis.recorded"),
    ],
)
def test_packing_and_what_is_said_of_a_pallet_have_their_kinds(kind, changes, tag):
    event = BODIES[kind]() | changes
    assert choose_kind(json.dumps(event).encode(), build_house().catalogue) == tag


@pytest.mark.parametrize("payload", [b"{}", b"[]", b'{"type":"ObjectEvent"}'])
def test_what_is_no_event_has_no_kind(payload):
    with pytest.raises(RefusedError):
        choose_kind(payload, build_house().catalogue)


def test_a_lots_whole_way_in_one_document_follows_itself(run, world, shell, start, pem_of, tmp_path):
    product = BODIES["lot.transformed"]()["ilmd"]
    made = BODIES["lot.commissioned"](amounts={BATCH: 1000}, ilmd=product)
    name = write(tmp_path, made, BODIES["lot.inspected"](), BODIES["lot.split"](), BODIES["goods.shipped"]())
    result = run("epcis import --key", pem_of("maker"), name)
    assert result.exit_code == 0, result.stderr
    assert kinds_from(shell, start) == ["lot.commissioned", "lot.inspected", "lot.split", "goods.shipped"]
    assert world.judge(DRUM).word == "HOLD"
    assert run("ledger verify").exit_code == 0


def test_a_refused_event_is_named_and_does_not_stop_the_others(run, world, shell, start, pem_of, tmp_path):
    bad, good = BODIES["epcis.recorded"](eventTime="yesterday"), BODIES["epcis.recorded"]()
    result = run("epcis import --quiet --key", pem_of("maker"), write(tmp_path, good, bad, good))
    assert result.exit_code == 1
    assert result.stdout == "2 of 3 events accepted\n"
    assert "events.jsonld#2: schema-violated: where eventTime" in result.stderr
    assert kinds_from(shell, start) == ["epcis.recorded"] * 2


def test_what_the_signer_may_not_say_is_refused_by_the_door(run, world, pem_of, tmp_path):
    result = run("epcis import --key", pem_of("lab"), write(tmp_path, BODIES["goods.shipped"]()))
    assert result.exit_code == 1
    assert "events.jsonld#1: role-not-allowed: where goods.shipped" in result.stderr


def test_the_party_is_that_of_the_key_unless_it_is_named(run, world, shell, start, pem_of, tmp_path):
    name = write(tmp_path, BODIES["epcis.recorded"]())
    assert run("epcis import --key", pem_of("dealer"), name).exit_code == 0
    with shell.database.reading() as session:
        assert read_entry(session, start).issuer == uscc_of("dealer")
    other = run("epcis import --party", uscc_of("maker"), "--key", pem_of("dealer"), name)
    assert "issuer-mismatch" in other.stderr


def test_a_key_that_is_not_on_record_is_refused(run, world, tmp_path):
    run("keys new --no-passphrase --out stranger.pem")
    refused = run("epcis import --key stranger.pem", write(tmp_path, BODIES["epcis.recorded"]()))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("key-unknown: where --key")


def test_a_file_that_is_no_document_is_refused_before_anything_is_sent(run, world, shell, start, pem_of, tmp_path):
    (tmp_path / "x.json").write_text('{"type":"Invoice"}')
    refused = run("epcis import --key", pem_of("maker"), write(tmp_path, BODIES["epcis.recorded"]()), "x.json")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("payload-malformed: file x.json")
    assert kinds_from(shell, start) == []
