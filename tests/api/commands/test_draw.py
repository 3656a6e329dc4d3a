"""`flask draw verify`: from the database, a saved answer and an export; and what does not hold."""

import json

import pytest

from keys.keyring import generate_key
from tests.draws import DELIVERED, announce, read_draw, say_more
from tests.verifying import vkey_of
from tests.world import MADE, PREPARED


@pytest.fixture
def told(world):
    world.tell(PREPARED + MADE + DELIVERED)
    announce(world)
    say_more(world, 5)
    return world


@pytest.fixture
def key(told, tmp_path):
    path = tmp_path / "ledger.vkey"
    path.write_text(vkey_of(told.sealer))
    return path


@pytest.fixture
def answer(told, app, tmp_path):
    path = tmp_path / "draw.json"
    path.write_bytes(app.test_client().get(f"/api/v1/draws/{read_draw(told).entry}").data)
    return path


def picks(result):
    return [line.split()[-1] for line in result.stdout.splitlines() if line.startswith("  ")]


def test_from_the_database(told, run):
    draw = read_draw(told)
    result = run("draw verify", draw.entry)
    assert result.exit_code == 0, result.output
    assert picks(result) == [pick.lot for pick in draw.picks]
    assert draw.seed is not None
    assert draw.seed.hex() in result.stdout
    assert "signed by the key of" in result.stdout


def test_offline_from_a_saved_answer(told, run, answer, key):
    result = run("draw verify", answer, "--key", key)
    assert result.exit_code == 0, result.output
    assert picks(result) == [pick.lot for pick in read_draw(told).picks]
    without = run("draw verify", answer)
    assert without.exit_code == 0
    assert "was not looked at" in without.stdout


def test_from_an_export_alone(told, run, key, tmp_path):
    exported = run("ledger export --out", tmp_path / "ledger.txt")
    assert exported.exit_code == 0
    draw = read_draw(told)
    result = run("draw verify", draw.entry, "--export", tmp_path / "ledger.txt", "--key", key)
    assert result.exit_code == 0, result.output
    assert picks(result) == [pick.lot for pick in draw.picks]
    assert draw.root is not None
    assert draw.root.hex() in result.stdout
    wrong = run("draw verify", draw.entry + 1, "--export", tmp_path / "ledger.txt")
    assert (wrong.exit_code, wrong.stderr.startswith("kind-unknown")) == (1, True)
    absent = run("draw verify", 10_000, "--export", tmp_path / "ledger.txt")
    assert (absent.exit_code, absent.stderr.startswith("entry-unknown")) == (1, True)


def test_an_answer_that_was_changed_or_signed_by_another(told, run, answer, key, tmp_path):
    changed = json.loads(answer.read_bytes())
    changed["picks"][0]["metre"] += 1
    (tmp_path / "changed.json").write_text(json.dumps(changed))
    result = run("draw verify", tmp_path / "changed.json", "--key", key)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "draw-invalid")
    other = tmp_path / "other.pem"
    other.write_text(generate_key().public.to_pem())
    result = run("draw verify", answer, "--key", other)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "checkpoint-invalid")


def test_too_early_and_too_late(told, run):
    early = told.say("owner", "draw.announced", delivery="9" * 64)
    assert run("draw verify", early.position).stderr.startswith("draw-not-yet")
    late = told.say("owner", "draw.announced", delivery="9" * 64, ledger_size=5)
    result = run("draw verify", late.position)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "draw-invalid")


@pytest.mark.parametrize(("words", "code"), [("none.json", 1), ("7 --url http://a --export .", 2), ("0", 1)])
def test_what_is_no_draw(told, run, words, code):
    assert run(f"draw verify {words}").exit_code == code
