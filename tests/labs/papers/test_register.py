"""Seal authorities, hosts and examinations as the ledger has them."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import date

import pytest

from api.database import Database
from keys.errors import RefusedError
from labs.papers.register import read_all_hosts, read_anchors, read_authorities, read_examinations, read_hosts
from labs.papers.seals import Authority
from tests.factories import DRUM, uscc_of
from tests.sealing import SealOffice
from tests.world import HONEST, World

OFFICE = SealOffice()
TRUSTED = base64.b64encode(OFFICE.certificate).decode()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    yield World.told(database, HONEST)
    database.close()


def test_an_authority_is_trusted_between_its_days_until_it_is_withdrawn(world: World) -> None:
    world.say("regulator", "anchor.trusted", certificate=TRUSTED, trusted_to="2016-12-31")
    with world.database.reading() as session:
        assert read_authorities(session, date(2009, 12, 31)) == read_authorities(session, date(2017, 1, 1)) == ()
        assert read_authorities(session, date(2016, 12, 31)) == (Authority("lab_seal", OFFICE.certificate),)
    sha256 = hashlib.sha256(OFFICE.certificate).hexdigest()
    ending = world.say("regulator", "anchor.withdrawn", certificate_sha256=sha256, withdrawn_from="2015-06-01")
    with world.database.reading() as session:
        assert read_anchors(session)[0].withdrawn_by == ending.position
        assert len(read_authorities(session, date(2015, 5, 31))) == 1
        assert read_authorities(session, date(2015, 6, 1)) == ()


@pytest.mark.parametrize("certificate", ["", "AAAA", "not base64", "A" * 9000])
def test_what_is_no_certificate_of_an_authority_is_refused(world: World, certificate: str) -> None:
    with pytest.raises(RefusedError) as refused:
        world.say("regulator", "anchor.trusted", certificate=certificate)
    assert refused.value.code == "schema-violated"


def test_only_the_regulator_says_whose_seals_count(world: World) -> None:
    with pytest.raises(RefusedError) as refused:
        world.say("lab", "anchor.trusted", certificate=TRUSTED)
    assert refused.value.code == "role-not-allowed"


def test_what_a_lab_said_last_of_its_hosts_stands_last(world: World) -> None:
    world.say("lab", "hosts.stated")
    world.say("lab", "hosts.stated", hosts=["q.lab.example", "xn--bcher-kva.example"])
    with world.database.reading() as session:
        stated = read_hosts(session, {uscc_of("lab")})
        assert [one.hosts[0] for one in stated] == ["report.lab.example", "q.lab.example"]
        assert read_all_hosts(session) == stated


def test_an_examination_is_read_back_by_the_papers_number(world: World) -> None:
    difference = {"field": "conductor_resistance", "registered": "7.290 ohm/km", "printed": "7.190"}
    said = world.say("contractor", "paper.examined", seal_state="broken", differences=[difference])
    with world.database.reading() as session:
        (paper,) = read_examinations(session, {"R-2015-001"})
    assert (paper.entry, paper.examiner, paper.seal_state) == (said.position, uscc_of("contractor"), "broken")
    assert (paper.lots, paper.differences[0].printed) == ((DRUM,), "7.190")


def test_an_examination_and_a_labs_hosts_change_the_verdict_and_touch_the_drum(world: World) -> None:
    assert world.judge(DRUM).word == "USE"
    world.say("lab", "hosts.stated")
    world.say("contractor", "paper.examined", hosts=["rep0rt.lab.example"])
    verdict = world.judge(DRUM)
    assert verdict.word == "STOP"
    assert [finding.case for finding in verdict.findings if finding.code == "L19"] == ["lookalike"]
