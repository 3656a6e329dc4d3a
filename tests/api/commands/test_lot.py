"""`flask lot` answers about a lot in words, and as the API does."""

import csv
import json
import zipfile
from io import StringIO

import pytest

from tests.factories import BATCH, DRUM, ROD, SISTER, uri_of
from tests.world import HONEST


def test_the_verdict_comes_with_its_reasons_and_what_was_not_checked(run, world):
    world.tell(HONEST)
    told = run("lot verdict", DRUM).stdout
    assert told.startswith("USE ")
    for heading in ("Reasons", "Also found", "Not checked", "Gates", "Looked and found nothing"):
        assert f"\n{heading}" in told
    assert run("lot verdict", uri_of(DRUM)).stdout == told


def test_a_gate_that_is_not_passed_is_shown(run, world):
    world.tell(HONEST)
    told = run("lot verdict", SISTER)
    assert told.exit_code == 0
    assert told.stdout.startswith("HOLD ")
    assert "\n  - " in told.stdout


def test_the_words_are_in_the_language_of_the_caller(run, world):
    world.tell(HONEST)
    assert "停用" in run("lot verdict", _stopped(world), env={"LC_ALL": "zh_CN.UTF-8"}).stdout
    assert "停用" not in run("lot verdict", _stopped(world)).stdout


def test_nobody_has_spoken_of_an_unknown_lot(run, world):
    told = run("lot verdict 01/06901234567892/10/NONE")
    assert (told.exit_code, told.stdout[:7]) == (0, "UNKNOWN")


@pytest.mark.parametrize("command", ["verdict", "trace"])
@pytest.mark.parametrize("lot", ["nonsense", "01/06901234567891/10/A1", "https://x.example/01/06901234567892"])
def test_what_is_no_lot_is_refused(run, world, command, lot):
    refused = run(f"lot {command}", lot)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("digital-link-invalid: ")


def test_the_trace_goes_up_to_the_copper_and_down_to_the_drums(run, world):
    world.tell(HONEST)
    run("findings refresh")
    up, _, down = run("lot trace", BATCH).stdout.partition("To\n")
    assert f"    {ROD}  T1 8 mm  24\u00a0kg" in up
    assert "transformed [" in up
    assert f"    {DRUM}  BV 2.5  500\u00a0m  contractor  USE  split [" in down
    assert SISTER in down
    assert ROD not in down


def test_a_circle_that_somebody_stated_is_drawn_once(run, world):
    world.tell(HONEST)
    world.say("maker", "lot.joined", taken={DRUM: 500}, given={ROD: 24})
    result = run("lot trace", BATCH)
    assert result.exit_code == 0
    assert "= " in result.stdout
    assert len(result.stdout.splitlines()) < 20


@pytest.mark.parametrize("command", ["verdict", "trace"])
def test_json_is_the_apis(run, world, command):
    world.tell(HONEST)
    told = json.loads(run(f"lot {command} --json", DRUM).stdout)
    assert told["lot"] == DRUM


def _stopped(world) -> str:
    world.say("regulator", "recall.ordered", lots=[uri_of(DRUM)])
    return DRUM


def test_evidence_is_written_whole_and_the_same_each_time(run, world, tmp_path):
    world.tell(HONEST)
    told = run("lot evidence", DRUM, "--out", "one.zip")
    assert told.exit_code == 0, told.stderr
    run("lot evidence", DRUM, "--out", "two.zip", env={"LC_ALL": "zh_CN.UTF-8"})
    assert (tmp_path / "one.zip").read_bytes().startswith(b"PK")
    assert zipfile.is_zipfile(tmp_path / "one.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_without_evidence_there_is_no_file(run, world, tmp_path):
    refused = run("lot evidence 01/06901234567892/10/NONE --out none.zip")
    assert (refused.exit_code, refused.stderr.startswith("not-found: ")) == (1, True)
    assert not (tmp_path / "none.zip").exists()


@pytest.mark.parametrize(("way", "shown", "hidden"), [("--up", ROD, SISTER), ("--down", SISTER, ROD)])
def test_one_way_alone_is_traced(run, world, way, shown, hidden):
    world.tell(HONEST)
    told = run(f"lot trace {way}", BATCH).stdout
    assert shown in told
    assert hidden not in told


def test_the_steps_come_as_a_table(run, world):
    world.tell(HONEST)
    text = run("lot trace --csv", BATCH).stdout
    drawn, *rest = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    assert (drawn["kind"], drawn["side"], drawn["lot"], drawn["quantity"], drawn["unit_code"]) == (
        "transformed",
        "in",
        ROD,
        "24",
        "KGM",
    )
    assert {row["lot"]: row["left"] for row in rest} == {BATCH: "0", DRUM: "500", SISTER: "500"}


def test_every_metre_is_somewhere(run, world):
    world.tell(HONEST)
    told = run("lot where", BATCH).stdout.splitlines()
    assert told[0].startswith(f"installed  500\u00a0m  {DRUM}  contractor  station 3  0–500 m  [")
    assert told[1].startswith(f"held  500\u00a0m  {SISTER}  maker  [")
    assert told[2] == "= 1\u202f000\u00a0m, of which unknown: 0\u00a0m"


def test_whereabouts_come_as_a_table_and_as_json(run, world):
    world.tell(HONEST)
    rows = list(csv.DictReader(StringIO(run("lot where --csv", BATCH).stdout.removeprefix("\ufeff"))))
    assert [(row["state"], row["quantity"], row["to_m"]) for row in rows] == [
        ("installed", "500", "500"),
        ("held", "500", ""),
    ]
    assert json.loads(run("lot where --json", BATCH).stdout)["unaccounted"] == "0"


def test_a_lot_of_unknown_length_has_no_sum(run, world):
    assert run("lot where 01/06901234567892/10/NONE").stdout == "? nobody has said how much it is\n"
