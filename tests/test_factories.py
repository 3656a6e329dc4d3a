"""The factories hold: every kind of the catalogue can be said with one, and what they say by default is honest."""

from typing import Any

import pytest

from api.database import Database
from api.wiring import build_house
from keys.errors import RefusedError
from labs.judge import Word
from tests.databases import fresh_sqlite
from tests.factories import BODIES, DRUM, OCID, SISTER
from tests.world import FOUNDED_AT, HONEST, PREPARED, World
from trace.kinds import Role
from trace.uscc import check_uscc

# Who may say each kind, where the cast's first party of an entitled role is not the one to.
SPEAKERS = {Role.REGULATOR: "regulator", Role.PRODUCER: "maker", Role.PURCHASER: "owner", Role.LAB: "lab"}
SPEAKERS |= {Role.CONTRACTOR: "contractor", Role.SUPERVISOR: "supervisor", Role.DEALER: "dealer"}


@pytest.fixture
def world(database_url):
    database = Database(database_url)
    yield World.told(database)
    database.close()


def test_every_kind_has_a_factory_and_no_factory_is_left_over():
    assert set(BODIES) == {kind.tag for kind in build_house().catalogue}


@pytest.mark.parametrize("kind", list(build_house().catalogue), ids=lambda kind: kind.tag)
def test_what_the_factory_makes_is_accepted_by_the_door(kind, tmp_path, shared_folder):
    database = Database(fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    world = World.told(database, PREPARED)
    if kind.tag == "party.founded":  # said by World.found, and never again
        with pytest.raises(RefusedError, match="founding-misplaced"):
            world.say("regulator", "party.founded")
    else:
        speaker = _speaker(kind)
        changes: dict[str, Any] = {"kid": world.kid("dealer")} if kind.tag == "key.revoked" else {}
        assert world.say(speaker, kind.tag, **changes).is_new
    database.close()


def test_the_honest_drum_may_be_used(world):
    world.tell(HONEST)
    verdict = world.judge(DRUM)
    assert verdict.word is Word.USE, verdict.reasons


def test_a_drum_that_nobody_tested_may_not(world):
    world.tell(HONEST)
    assert world.judge(SISTER).word is Word.HOLD


def test_a_changed_value_reaches_the_ledger(world):
    world.say("owner", "tender.published", title="another title")
    with pytest.raises(RefusedError, match="schema-violated"):
        world.say("owner", "tender.published", buyer="nobody")


def test_a_refused_statement_is_raised_and_leaves_the_world_usable(world):
    with pytest.raises(RefusedError, match="role-not-allowed"):
        world.say("maker", "tender.published")
    assert world.say("owner", "tender.published", ocid=OCID).is_new


def test_the_clock_moves_forward(world):
    assert world.at > FOUNDED_AT
    before = world.at
    world.say("owner", "tender.published")
    assert world.at > before


def test_a_second_key_speaks_for_its_party(world):
    kid = world.enroll("lab", "signatory", "ES256")
    assert kid == world.kid("lab.signatory") != world.kid("lab")
    assert world.say("lab.signatory", "report.denied").is_new


def test_factories_never_give_two_parties_one_code():
    codes = {BODIES["party.admitted"]()["party"]["uscc"] for _ in range(20)}
    assert len(codes) == 20
    assert all(check_uscc(code) for code in codes)


def _speaker(kind) -> str:
    if kind.tag == "lot.commissioned":
        return "smelter"
    if kind.tag == "sample.drawn":
        return "contractor"
    if kind.tag == "sample.witnessed":
        return "supervisor"
    return next(alias for role, alias in SPEAKERS.items() if role in kind.signers)
