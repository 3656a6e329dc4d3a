"""Three stories of keys: one stolen, one rotated, and a lab's that was a thief's "since last March".

Each is told through the one door and judged afterwards: what was recorded stays recorded, and only what is believed
counts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from api.database import Database
from keys.errors import RefusedError
from keys.keyring import generate_key
from labs.casework.register import read_rulings, read_stale, read_words
from labs.dossier import Dossier
from labs.judge import Verdict
from labs.refresh import judge_lot, refresh_lot
from tests.factories import DRUM, SISTER, PartyBody, lot_at, uri_of, uscc_of
from tests.facts import uscc
from tests.world import HONEST, MADE, PREPARED, SOLD, TESTED, World
from trace.audit import Depth, audit
from trace.findings import Severity
from trace.kinds import Duty, Role, Said
from trace.ledger.store import read_entry, size_of
from trace.ledger.tables import Base
from trace.parties.register import (
    RegistryRow,
    find_key,
    find_party,
    holds_duty,
    read_doubted_keys,
    read_keys,
    read_posts,
    revoke_key,
)
from trace.replay import replay

NEWCOMER = uscc(777)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def world(database: Database) -> World:
    return World.told(database)


def dossier_of(world: World, lot: str = DRUM) -> Dossier:
    with world.database.reading() as session:
        return judge_lot(session, lot, world.house.rules, world.house.pack, world.at)[0]


def found(verdict: Verdict, code: str) -> list[tuple[str, Severity, tuple[int, ...]]]:
    return [(one.case, one.severity, one.entries) for one in verdict.findings if one.code == code]


def missing(verdict: Verdict) -> list[str]:
    """The gates that are not passed."""
    return [gate.name for gate in verdict.gates if not gate.is_passed]


def refused(world: World, alias: str, tag: str, **changes: Any) -> str:
    outcome = world.try_saying(alias, tag, **changes)
    assert isinstance(outcome, RefusedError), "expected a refusal"
    return outcome.code


def revoke(world: World, by: str, key: str, since: datetime | None) -> int:
    """Recorded a day later, as such things are noticed."""
    world.at += timedelta(days=1)
    when = since.isoformat() if since is not None else None
    return world.say(by, "key.revoked", kid=world.kid(key), reason="stolen", compromised_since=when).position


def judge_waiting(world: World) -> None:
    with world.database.reading() as session:
        waiting = read_stale(session, world.at, 1000)
    for lot in waiting:
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)


def listed(world: World, lot: str) -> str:
    """The word on the list, which is judged by itself."""
    judge_waiting(world)
    with world.database.reading() as session:
        return read_words(session, [lot])[lot]


# --- the stolen key ---


@pytest.fixture
def robbed(database: Database) -> World:
    """The contractor has two more keys; one is stolen, before the drum is accepted."""
    return World.told(database, PREPARED + MADE + SOLD + TESTED, _give_two_keys)


def _give_two_keys(world: World) -> None:
    world.enroll("contractor", "spare")
    world.enroll("contractor", "safe")
    world.at += timedelta(days=3)


def steal(world: World) -> datetime:
    """The moment of the theft: the thief's first statement is recorded then."""
    return world.at


def test_what_a_thief_accepted_is_accepted_by_nobody(robbed: World) -> None:
    stolen_at = steal(robbed)
    accepted = robbed.say("contractor.spare", "goods.accepted").position
    assert listed(robbed, DRUM) == "USE"

    revocation = revoke(robbed, "contractor.safe", "contractor.spare", stolen_at)

    verdict = robbed.judge(DRUM)
    assert verdict.word == "HOLD"
    assert missing(verdict) == ["accepted"]
    assert found(verdict, "C01") == [("unbelieved", Severity.MAJOR, (accepted, revocation))]
    assert listed(robbed, DRUM) == "HOLD"


def test_it_stays_recorded_and_says_why_it_is_not_believed(robbed: World) -> None:
    stolen_at = steal(robbed)
    accepted = robbed.say("contractor.spare", "goods.accepted").position
    revocation = revoke(robbed, "contractor", "contractor.spare", stolen_at)
    dossier = dossier_of(robbed)
    assert accepted in {link.position for link in dossier.history.chain}
    assert accepted not in {act.entry for act in dossier.history.site_acts}
    assert (dossier.doubts[accepted].since, dossier.doubts[accepted].entry) == (stolen_at, revocation)
    with robbed.database.reading() as session:
        assert read_entry(session, accepted).kind == "goods.accepted"


def test_what_was_said_before_the_theft_is_believed_for_ever(robbed: World) -> None:
    robbed.say("contractor.spare", "goods.accepted")
    robbed.at += timedelta(days=5)
    revoke(robbed, "contractor", "contractor.spare", steal(robbed))
    assert robbed.judge(DRUM).word == "USE"


def test_after_the_revocation_the_thief_is_refused_whatever_he_tries(robbed: World) -> None:
    revoke(robbed, "contractor", "contractor.spare", steal(robbed))
    assert refused(robbed, "contractor.spare", "goods.accepted") == "key-revoked"
    assert refused(robbed, "contractor.spare", "key.rotated") == "key-revoked"
    assert refused(robbed, "contractor.spare", "key.enrolled", party=uscc_of("contractor")) == "key-revoked"
    assert refused(robbed, "contractor.spare", "key.revoked", kid=robbed.kid("contractor")) == "key-revoked"


def test_accepting_again_with_a_believed_key_heals_it(robbed: World) -> None:
    stolen_at = steal(robbed)
    robbed.say("contractor.spare", "goods.accepted")
    revoke(robbed, "contractor", "contractor.spare", stolen_at)
    again = robbed.say("contractor", "goods.accepted").position
    verdict = robbed.judge(DRUM)
    assert verdict.word == "USE"
    ((case, severity, entries),) = found(verdict, "C01")
    assert (case, severity, entries[-1]) == ("said_again", Severity.MINOR, again)


def test_a_key_that_the_thief_enrolled_never_was_the_partys(robbed: World) -> None:
    stolen_at = steal(robbed)
    robbed.keys["contractor.thiefs"] = generate_key()
    robbed.say("contractor.spare", "key.enrolled", party=uscc_of("contractor"), key=robbed.jwk("contractor.thiefs"))
    accepted = robbed.say("contractor.thiefs", "goods.accepted").position
    revocation = revoke(robbed, "contractor", "contractor.spare", stolen_at)
    verdict = robbed.judge(DRUM)
    assert (verdict.word, missing(verdict)) == ("HOLD", ["accepted"])
    assert found(verdict, "C01") == [("unbelieved", Severity.MAJOR, (accepted, revocation))]
    assert refused(robbed, "contractor.thiefs", "goods.accepted") == "key-doubted"


def test_nor_was_one_that_he_rotated_to_nor_the_next(robbed: World) -> None:
    stolen_at = steal(robbed)
    for old, new in (("spare", "second"), ("second", "third")):
        robbed.keys[f"contractor.{new}"] = generate_key()
        robbed.say(f"contractor.{old}", "key.rotated", key=robbed.jwk(f"contractor.{new}"))
    robbed.say("contractor.third", "goods.accepted")
    revoke(robbed, "contractor", "contractor.spare", stolen_at)
    assert missing(robbed.judge(DRUM)) == ["accepted"]
    assert refused(robbed, "contractor.third", "goods.accepted") == "key-doubted"


def test_a_post_that_the_thief_gave_himself_is_not_held(robbed: World) -> None:
    stolen_at = steal(robbed)
    robbed.say("contractor.spare", "post.held", person="sampler-9", duty=Duty.SAMPLER, kid=robbed.kid("contractor"))
    spare, day = bytes.fromhex(robbed.kid("contractor")), robbed.at.date()
    revoke(robbed, "contractor.safe", "contractor.spare", stolen_at)
    with robbed.database.reading() as session:
        persons = {post.person for post in dossier_of(robbed).posts if post.party == uscc_of("contractor")}
        assert persons == {"sampler-1"}
        assert {post.person for post in read_posts(session, {uscc_of("contractor")})} == {"sampler-1", "sampler-9"}
        assert holds_duty(session, spare, Duty.SAMPLER, day)  # by its own, older post
    revoke(robbed, "regulator", "contractor", datetime(2014, 7, 1, tzinfo=UTC))
    with robbed.database.reading() as session:
        assert not holds_duty(session, spare, Duty.SAMPLER, day)


def test_a_post_that_the_thief_ended_is_held_on(robbed: World) -> None:
    """The sampler's, which the drum rests on; and an ending by the party itself, before or after his, counts."""
    world, kid = robbed, bytes.fromhex(robbed.kid("contractor"))
    person: dict[str, Any] = {"person": "sampler-1", "duty": Duty.SAMPLER}

    def last_day() -> date | None:
        with world.database.reading() as session:
            (post,) = (one for one in read_posts(session, {uscc_of("contractor")}) if one.person == "sampler-1")
            days = [world.at.date() + timedelta(days=ahead) for ahead in range(20)]
            held = [day for day in days if holds_duty(session, kid, Duty.SAMPLER, day)]
            assert held == [day for day in days if post.is_held_on(day)]
        return post.held_to

    assert last_day() is None
    own = world.at.date() + timedelta(days=9)
    stolen_at = steal(world)
    world.say("contractor.spare", "post.ended", **person, held_to=str(stolen_at.date()))
    world.say("contractor.safe", "post.ended", **person, held_to=str(own))
    assert last_day() == stolen_at.date()
    world.at += timedelta(days=1)
    assert refused(world, "contractor", "sample.drawn", sample="S-8", lot=uri_of(SISTER)) == "post-not-held"

    revoke(world, "contractor.safe", "contractor.spare", stolen_at)

    assert last_day() == own
    assert world.say("contractor", "sample.drawn", sample="S-8", lot=uri_of(SISTER)).is_new
    with world.database.writing() as session:
        replay(session, session, catalogue=world.house.catalogue, progress=lambda *_: None)
    assert last_day() == own


def test_a_post_that_is_given_again_is_held_again(robbed: World) -> None:
    """An ending ends what was on record, and nothing that is said afterwards."""
    world = robbed
    person: dict[str, Any] = {"person": "sampler-1", "duty": Duty.SAMPLER}
    world.say("contractor", "post.ended", **person, held_to=str(world.at.date()))
    world.at += timedelta(days=2)
    assert refused(world, "contractor", "sample.drawn", sample="S-8", lot=uri_of(SISTER)) == "post-not-held"
    world.say("contractor", "post.held", **person, held_from=str(world.at.date()))
    assert world.say("contractor", "sample.drawn", sample="S-8", lot=uri_of(SISTER)).is_new


def test_a_thief_who_shuts_the_owner_out_costs_him_a_key_and_not_his_word(robbed: World) -> None:
    """He revokes the owner's true keys as compromised since ever. What they said is believed again with his exposure;
    the keys stay shut, and the regulator enrols another.
    """
    robbed.say("contractor", "goods.accepted")
    robbed.at += timedelta(days=2)
    stolen_at = steal(robbed)
    for own in ("contractor.safe", "contractor"):
        robbed.say("contractor.spare", "key.revoked", kid=robbed.kid(own), compromised_since="2014-07-01T00:00:00Z")
    assert robbed.judge(DRUM).word == "STOP"  # the sampler's word is gone, and the acceptance
    revoke(robbed, "regulator", "contractor.spare", stolen_at)
    assert robbed.judge(DRUM).word == "USE"
    assert listed(robbed, DRUM) == "USE"
    assert refused(robbed, "contractor.safe", "lot.installed") == "key-revoked"
    robbed.keys["contractor.new"] = generate_key()
    robbed.say("regulator", "key.enrolled", party=uscc_of("contractor"), key=robbed.jwk("contractor.new"))
    assert robbed.say("contractor.new", "lot.installed").is_new


def test_the_thiefs_shipment_does_not_say_where_the_goods_are(robbed: World) -> None:
    stolen_at = steal(robbed)
    before = dossier_of(robbed).history.holders[DRUM]
    robbed.say("contractor.spare", "goods.shipped")
    assert dossier_of(robbed).history.holders[DRUM] != before
    revoke(robbed, "contractor", "contractor.spare", stolen_at)
    assert dossier_of(robbed).history.holders[DRUM] == before


def test_a_theft_and_its_discovery_in_one_batch_are_told_apart(robbed: World) -> None:
    """Two statements of one second: the door knows their order by the entries, belief only by the time of record."""
    stolen_at = steal(robbed)
    theft = robbed.seal("contractor.spare", "goods.accepted")
    revoked = robbed.seal(
        "contractor", "key.revoked", kid=robbed.kid("contractor.spare"), compromised_since=stolen_at.isoformat()
    )
    robbed.send(theft, revoked)
    assert missing(robbed.judge(DRUM)) == ["accepted"]


# --- the regulator's key, stolen ---


def test_what_a_stolen_regulators_key_decided_is_undone(world: World) -> None:
    """The worst key to lose: with it the thief dismisses a finding, ends a certificate, admits a company of his own and
    gives it a lab's role.
    """
    world.tell(HONEST)
    world.enroll("regulator", "spare")
    world.say("supervisor", "drum.measured", resistance_ohm="4.400")
    assert world.judge(DRUM).word == "STOP"
    ruled = [one.code for one in world.judge(DRUM).findings]
    world.at += timedelta(days=1)
    stolen_at = steal(world)
    for code in ruled:
        world.say("regulator.spare", "finding.dismissed", lot=uri_of(DRUM), code=code)
    world.say("regulator.spare", "certificate.withdrawn", withdrawn_on="2015-01-03")
    world.keys["sham"] = generate_key()
    sham = PartyBody(uscc=NEWCOMER, roles=[Role.LAB.value])
    world.say("regulator.spare", "party.admitted", party=sham, key=world.jwk("sham"))
    assert not {one.code for one in world.judge(DRUM).findings} >= set(ruled)

    revoke(world, "regulator", "regulator.spare", stolen_at)

    verdict = world.judge(DRUM)
    assert verdict.word == "STOP"
    assert {one.code for one in verdict.findings} >= set(ruled)
    assert all(one.withdrawn_on is None for one in dossier_of(world).history.certificates)
    with world.database.reading() as session:
        assert read_rulings(session, DRUM) == ()
        known = find_party(session, NEWCOMER)
        assert known is not None
        assert known.roles == frozenset()
        assert [key.is_inherited for key in read_keys(session, NEWCOMER)] == [True]


def test_an_honest_party_that_the_thief_admitted_is_confirmed_and_believed(world: World) -> None:
    """Somebody has to vouch for it who may. With that also what it said in between is believed."""
    world.enroll("regulator", "spare")
    stolen_at = steal(world)
    world.keys["regulator.newcomer"] = generate_key()
    newcomer = PartyBody(uscc=NEWCOMER, roles=[Role.PRODUCER.value])
    world.say("regulator.spare", "party.admitted", party=newcomer, key=world.jwk("regulator.newcomer"))
    lot = lot_at("N1")
    header = {"issuer": NEWCOMER}
    world.say("regulator.newcomer", "lot.commissioned", header=header, amounts={lot: 10})
    revoke(world, "regulator", "regulator.spare", stolen_at)
    assert refused(world, "regulator.newcomer", "lot.inspected", header=header, amounts={lot: 10}) == "key-doubted"
    assert "made" in missing(world.judge(lot))

    world.say("regulator", "party.admitted", party=newcomer, key=world.jwk("regulator.newcomer"))

    assert "made" not in missing(world.judge(lot))
    assert world.say("regulator.newcomer", "lot.inspected", header=header, amounts={lot: 10}).is_new
    with world.database.reading() as session:
        known = find_party(session, NEWCOMER)
        assert known is not None
        assert known.roles == {Role.PRODUCER}


def test_nobody_vouches_for_a_key_of_another_party(world: World) -> None:
    world.enroll("regulator", "spare")
    stolen_at = steal(world)
    world.keys["dealer.thiefs"] = generate_key()
    world.say("regulator.spare", "key.enrolled", party=uscc_of("dealer"), key=world.jwk("dealer.thiefs"))
    revoke(world, "regulator", "regulator.spare", stolen_at)
    other = {"party": uscc_of("maker"), "key": world.jwk("dealer.thiefs")}
    assert refused(world, "regulator", "key.enrolled", **other) == "key-known"


def test_the_founding_is_not_undone_by_any_later_word(world: World) -> None:
    world.enroll("regulator", "spare")
    revoke(world, "regulator.spare", "regulator", datetime(2000, 1, 1, tzinfo=UTC))
    with world.database.reading() as session:
        assert session.scalar(select(RegistryRow.regulator)) == uscc_of("regulator")
        known = find_party(session, uscc_of("regulator"))
        assert known is not None
        assert known.roles == {Role.REGULATOR}


# --- the rotated key ---


@pytest.fixture
def rotated(database: Database) -> World:
    """The lab issues its report with one key and rotates to another afterwards; so does the contractor's sampler."""
    return World.told(database, HONEST, _rotate)


def _rotate(world: World) -> None:
    world.at += timedelta(days=3)
    for alias in ("lab", "contractor"):
        world.keys[f"{alias}.next"] = generate_key()
        world.say(alias, "key.rotated", key=world.jwk(f"{alias}.next"))


def test_after_a_rotation_everything_old_stands(rotated: World) -> None:
    verdict = rotated.judge(DRUM)
    assert (verdict.word, verdict.findings) == ("USE", ())
    assert dossier_of(rotated).doubts == {}


def test_the_old_key_signs_no_more_and_says_who_followed_it(rotated: World) -> None:
    assert refused(rotated, "lab", "report.issued", number="R-2") == "key-revoked"
    with rotated.database.reading() as session:
        old = find_key(session, bytes.fromhex(rotated.kid("lab")))
        new = find_key(session, bytes.fromhex(rotated.kid("lab.next")))
    assert old is not None
    assert new is not None
    assert (old.replaced_by, old.compromised_since, old.doubt) == (new.kid, None, None)
    assert old.revoked_at == new.enrolled_at


def test_posts_and_authorisations_pass_on_to_the_new_key(rotated: World) -> None:
    assert rotated.say("contractor.next", "sample.drawn", sample="S-9", lot=uri_of(SISTER)).is_new
    issued = rotated.say("lab.next", "report.issued", number="R-2", sample="S-9", lots=[uri_of(SISTER)])
    dossier = dossier_of(rotated, SISTER)
    assert issued.position in {report.entry for report in dossier.reports}
    assert found(rotated.judge(SISTER), "L07") == []


def test_a_key_found_stolen_after_its_rotation_takes_its_follower_with_it(rotated: World) -> None:
    """The new key itself says so. Whoever held the old one had enrolled it, so it falls; the accusation stands."""
    before = rotated.at - timedelta(days=2)
    revoke(rotated, "lab.next", "lab", before)
    assert rotated.judge(DRUM).word == "USE"  # the report is older than that
    assert refused(rotated, "lab.next", "report.issued", number="R-2") == "key-doubted"


# --- the lab's key, "since last March" ---

MARCH = datetime(2016, 2, 29, 16, tzinfo=UTC)
"""The first of March 2016 in China, which is UTC's last of February."""
BEFORE, AFTER = "R-2015-001", "R-2016-007"


@pytest.fixture
def tested(database: Database) -> World:
    """Drum D001 is reported on in May 2015, its sister in April 2016; in June the lab misses its key."""
    return World.told(database, HONEST, _test_the_sister)


def _test_the_sister(world: World) -> None:
    world.enroll("lab", "second")
    sister = uri_of(SISTER)
    goods = {"amounts": {SISTER: 500}}
    world.tell(
        (
            ("2016-04-04", "maker", "goods.shipped", goods),
            ("2016-04-05", "contractor", "goods.received", goods),
            ("2016-04-05", "contractor", "goods.delivered", goods),
            ("2016-04-06", "contractor", "sample.drawn", {"lot": sister, "sample": "S-2"}),
            ("2016-04-12", "lab", "report.issued", {"number": AFTER, "lots": [sister], "sample": "S-2"}),
            ("2016-04-13", "contractor", "goods.accepted", goods),
        )
    )
    world.at = datetime(2016, 6, 1, 1, tzinfo=UTC)
    judge_waiting(world)


def test_reports_from_before_march_stand_and_those_from_after_do_not(tested: World) -> None:
    issued = next(report.entry for report in dossier_of(tested, SISTER).reports if report.number == AFTER)
    revocation = revoke(tested, "lab.second", "lab", MARCH)

    before = tested.judge(DRUM)
    assert (before.word, found(before, "L01")) == ("USE", [])

    after = tested.judge(SISTER)
    assert after.word == "STOP"
    assert found(after, "L01") == [("revoked", Severity.CRITICAL, (issued, revocation))]
    assert "reported" in missing(after)
    (finding,) = [one for one in after.findings if one.code == "L01"]
    assert finding.facts["since"] == MARCH
    assert (listed(tested, DRUM), listed(tested, SISTER)) == ("USE", "STOP")


def test_a_report_that_is_not_believed_proves_nothing_either_way(tested: World) -> None:
    revoke(tested, "lab.second", "lab", MARCH)
    dossier = dossier_of(tested, SISTER)
    assert AFTER not in {report.number for report in dossier.reports}
    assert [report.number for report in dossier.doubted_reports] == [AFTER]


def test_a_forged_paper_is_not_vouched_for_by_what_a_thief_put_on_record(tested: World) -> None:
    """The paper was shown first. Then the thief registers its number in the lab's name, for goods of somebody else."""
    tested.say("dealer", "paper.presented", number="R-FORGED", lots=[uri_of(DRUM)], pdf_sha256=None)
    elsewhere = tested.say("lab", "report.issued", number="R-FORGED", lots=[uri_of(lot_at("Z9"))]).position
    revocation = revoke(tested, "lab.second", "lab", MARCH)
    assert ("revoked", Severity.CRITICAL, (elsewhere, revocation)) in found(tested.judge(DRUM), "L01")
    assert tested.judge(DRUM).word == "STOP"


def test_a_withdrawal_by_the_thief_withdraws_nothing(tested: World) -> None:
    tested.say("lab", "report.withdrawn", number=BEFORE, lots=[uri_of(DRUM)])
    assert missing(tested.judge(DRUM)) == ["reported"]
    revoke(tested, "lab.second", "lab", MARCH)
    assert "reported" not in missing(tested.judge(DRUM))


def test_an_amendment_by_the_thief_leaves_the_report_that_was_there(tested: World) -> None:
    tested.say("lab", "report.amended", number=BEFORE, lots=[uri_of(DRUM)], reason="a slip of pen")
    revoke(tested, "lab.second", "lab", MARCH)
    (report,) = [one for one in dossier_of(tested).reports if one.number == BEFORE]
    assert report.is_current
    # Somebody did forge a version of it, and that is said.
    assert [case for case, _, _ in found(tested.judge(DRUM), "L01")] == ["revoked"]


def test_the_lab_issues_again_and_the_drum_may_be_used(tested: World) -> None:
    revoke(tested, "lab.second", "lab", MARCH)
    tested.say("lab.second", "signatory.authorised", kid=tested.kid("lab.second"))
    tested.say("lab.second", "report.amended", number=AFTER, lots=[uri_of(SISTER)], sample="S-2", reason="signed again")
    verdict = tested.judge(SISTER)
    assert found(verdict, "L01") == []
    assert "reported" not in missing(verdict)


def test_entries_are_all_there_whatever_is_believed(tested: World) -> None:
    with tested.database.reading() as session:
        size = size_of(session)
    revoke(tested, "lab.second", "lab", MARCH)
    with tested.database.reading() as session:
        assert size_of(session) == size + 1


def test_registers_built_again_and_the_audit_say_the_same(tested: World) -> None:
    """Doubt is a projection like all else: what is replayed from the ledger alone believes and doubts the same."""
    tested.say("dealer", "paper.presented", number="R-FORGED", lots=[uri_of(DRUM)], pdf_sha256=None)
    revoke(tested, "lab.second", "lab", MARCH)
    before = dossier_of(tested), dossier_of(tested, SISTER), tested.judge(SISTER)
    with tested.database.writing() as session:
        replay(session, session, catalogue=tested.house.catalogue, progress=lambda *_: None)
    assert (dossier_of(tested), dossier_of(tested, SISTER), tested.judge(SISTER)) == before
    scratch = create_engine("sqlite://")
    Base.metadata.create_all(scratch)
    with tested.database.reading() as session, Session(scratch) as empty:
        result = audit(
            session, depth=Depth.DOOR, scratch=empty, catalogue=tested.house.catalogue, progress=lambda *_: None
        )
    scratch.dispose()
    assert result.is_sound


# --- how often is asked ---


def test_a_verdict_asks_once_which_keys_are_in_doubt(robbed: World) -> None:
    stolen_at = steal(robbed)
    robbed.say("contractor.spare", "goods.accepted")
    revoke(robbed, "contractor.safe", "contractor.spare", stolen_at)
    asked: list[str] = []
    listener = (robbed.database.readers, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    event.listen(*listener)
    try:
        dossier = dossier_of(robbed)
    finally:
        event.remove(*listener)
    assert dossier.doubts
    assert sum("doubted_since IS NOT NULL" in question for question in asked) == 1


def test_whoever_changes_what_is_believed_sees_it_at_once(world: World) -> None:
    world.tell(PREPARED)
    kid = bytes.fromhex(world.enroll("maker", "second"))
    with world.database.writing() as session:
        assert read_doubted_keys(session) == ()
        said = Said(99, b"", "key.revoked", uscc_of("maker"), kid, world.at, world.at, _revoking(world, kid))
        revoke_key(session, said)
        assert {key.kid for key in read_doubted_keys(session)} == {kid}
        session.rollback()


def _revoking(world: World, kid: bytes) -> dict[str, Any]:
    return {"kid": kid.hex(), "compromised_since": world.at - timedelta(days=1), "reason": "stolen"}
