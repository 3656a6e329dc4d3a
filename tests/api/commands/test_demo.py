"""`flask demo load` tells the whole story or nothing of it, into an empty ledger alone."""

import stat
from dataclasses import replace

import pytest

from api.demonstration.chapters import read_story
from api.demonstration.replay import StoryRefusedError
from trace.ledger.store import size_of

MODULE = "api.demonstration.loading"
SHORT = 130


@pytest.fixture
def short_story(monkeypatch):
    """The first months of the case: enough to have lots, and quick."""
    whole = read_story()
    story = replace(whole, steps=whole.steps[:SHORT])
    monkeypatch.setattr(f"{MODULE}.read_story", lambda: story)
    return story


def test_every_step_is_an_entry_at_the_time_of_the_case(run, shell, short_story):
    result = run("demo load")
    assert result.exit_code == 0, result.stderr
    with shell.database.reading() as session:
        assert size_of(session) == SHORT
    assert shell.registry.is_demonstration
    assert run("ledger verify").exit_code == 0
    assert run("findings refresh").stdout == "0 lots judged\n"


def test_everybodys_keys_are_left_for_the_reader_alone(run, settings, short_story):
    run("demo load")
    keys = list(settings.demo_dir.glob("*.pem"))
    assert len(keys) > 20
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert run("keys show", settings.demo_dir / "maker_b.pem").exit_code == 0


def test_a_reader_can_play_a_party(run, settings, short_story, tmp_path):
    run("demo load")
    party = short_story.names.parties["maker_b"]
    (tmp_path / "paper.json").write_text(
        '{"type":"ObjectEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE",'
        '"epcList":["urn:epc:id:sgtin:0614141.107346.2017"]}'
    )
    line = f"statement sign --kind epcis.recorded --issuer {party} --body paper.json --out paper.cose --key"
    assert run(line, settings.demo_dir / "maker_b.pem").exit_code == 0
    assert run("statement submit paper.cose").stdout.startswith(f"paper.cose: entry {SHORT} ")


def test_a_ledger_with_entries_is_left_alone(run, world, shell, settings):
    with shell.database.reading() as session:
        before = size_of(session)
    refused = run("demo load")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1].startswith("founding-misplaced: expected an empty ledger")
    with shell.database.reading() as session:
        assert size_of(session) == before
    assert not settings.demo_dir.exists()


def test_a_story_that_breaks_off_leaves_nothing(run, shell, settings, short_story, monkeypatch):
    steps = (*short_story.steps[:40], replace(short_story.steps[40], who="lab_a"))
    monkeypatch.setattr(f"{MODULE}.read_story", lambda: replace(short_story, steps=steps))
    result = run("demo load")
    assert isinstance(result.exception, StoryRefusedError)
    with shell.database.reading() as session:
        assert size_of(session) == 0
    assert not settings.ledger_key_path.exists()
    assert not settings.demo_dir.exists()
    monkeypatch.setattr(f"{MODULE}.read_story", lambda: short_story)
    assert run("demo load").exit_code == 0


def test_another_ledgers_key_is_never_replaced(run, settings, short_story):
    settings.ledger_key_path.parent.mkdir(parents=True)
    settings.ledger_key_path.write_text("another ledger's only key")
    refused = run("demo load")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == f"{settings.ledger_key_path}: File exists"
    assert settings.ledger_key_path.read_text() == "another ledger's only key"
    assert not settings.demo_dir.exists()


def test_the_pages_worth_opening_are_named_in_both_languages(run, short_story):
    run("demo load")
    told = run("demo addresses").stdout
    assert "http://127.0.0.1:8000/findings\n" in told
    assert "：可用 / " in told
    assert ": USE\n" in told
    assert "title" not in told


def test_another_registry_has_no_such_pages(run, world):
    refused = run("demo addresses")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("not-founded: ")
