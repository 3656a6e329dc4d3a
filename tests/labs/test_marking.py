"""Whatever is said, by whomever, and however time passes: what is kept of a lot is what would be judged now, or the lot
waits to be judged.

A mark that is missing would tell purchasers yesterday's verdict, so acts of every kind are told at random, under few
numbers, of few samples, lots and parties, so that they meet.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.database import Database
from labs.casework.register import read_kept, read_stale
from labs.refresh import judge_lot, refresh_lot, tell_lot
from labs.summary import read_summary, summarise
from tests.databases import fresh_sqlite
from tests.factories import (
    BATCH,
    BODIES,
    CAST,
    DRUM,
    PALLET,
    ROD,
    SISTER,
    RowBody,
    TimedRowBody,
    lot_at,
    uri_of,
    uscc_of,
)
from tests.world import HONEST, World
from trace.chains import MentionRow
from trace.epcis.identifiers import is_logistic
from trace.kinds import Duty

PART, JOINED, STRANGE = lot_at("A1", "D001-1"), lot_at("J1"), lot_at("A2", "D009")
# Eight values, as two reports would never have in common by chance.
MANY = tuple(RowBody(parameter=f"p{number}", value=f"7.{29013 + 617 * number}") for number in range(8))
LOTS = (DRUM, SISTER, BATCH, ROD, PART, STRANGE)
PARTIES = tuple(uscc_of(alias) for alias in CAST)
UNHURRIED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]

_lot, _party = st.sampled_from(LOTS), st.sampled_from(PARTIES)
_lots = st.lists(_lot.map(uri_of), min_size=1, max_size=2, unique=True)
_number = st.sampled_from(("R-2015-001", "R-2015-666", "R-3"))
_sample, _recall = st.sampled_from(("S-1", "S-2")), st.sampled_from(("K-2017-1", "K-2"))
_certificate, _contract = st.sampled_from(("CCC-0001", "CCC-2")), st.sampled_from(("HT-01", "HT-02"))
_day = st.sampled_from(("2015-01-01", "2015-05-07", "2015-06-01", "2016-11-09"))
_moved = st.fixed_dictionaries(
    {
        "amounts": st.one_of(_lot.map(lambda lot: {lot: 500}), st.just({PALLET: None})),
        "sender": st.one_of(st.none(), _party),
        "receiver": st.one_of(st.none(), _party),
        "contract": st.one_of(st.none(), _contract),
    }
)
_on_lot = _lot.map(lambda lot: {"amounts": {lot: 500}})
_flow = st.sampled_from(
    (
        {"taken": {DRUM: 100}, "given": {PART: 100}},
        {"taken": {BATCH: 500}, "given": {STRANGE: 500}},
        {"taken": {DRUM: 300, STRANGE: 200}, "given": {JOINED: 500}},
    )
)
_post = st.fixed_dictionaries(
    {"person": st.sampled_from(("sampler-1", "witness-1")), "duty": st.sampled_from((Duty.SAMPLER, Duty.WITNESS))}
)
_report = st.fixed_dictionaries(
    {
        "number": _number,
        "lots": _lots,
        "sample": st.one_of(st.none(), _sample),
        "client": _party,
        "conclusion": st.sampled_from(("pass", "fail")),
        "rows": st.sampled_from(((RowBody(),), (TimedRowBody(instrument="B-7"),), tuple(MANY))).map(list),
    }
)
_ruling = st.fixed_dictionaries({"lot": _lot.map(uri_of), "code": st.sampled_from(("B04", "L03", "S01"))})
_step = st.fixed_dictionaries({"sample": _sample, "lot": _lot.map(uri_of)})
# What each kind's body says in its own way; of kinds that are not here nothing is told.
CHANGES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "party.admitted": st.just({}),
    # What was signed with the key from that day on is not believed.
    "key.revoked": st.fixed_dictionaries(
        {
            "kid": st.sampled_from(sorted(CAST.keys() - {"regulator"})),
            "compromised_since": st.sampled_from(
                ("2015-01-01T00:00:00Z", "2015-05-08T00:00:00Z", "2016-01-01T00:00:00Z")
            ),
        }
    ),
    "post.held": _post,
    "post.ended": _post,
    "lot.commissioned": _on_lot,
    "lot.inspected": _on_lot,
    "lot.split": _flow,
    "lot.joined": _flow,
    "goods.packed": st.just({}),
    "goods.unpacked": st.just({}),
    "goods.shipped": _moved,
    "goods.received": _moved,
    "goods.delivered": st.fixed_dictionaries(
        {"amounts": _lot.map(lambda lot: {lot: 500}), "contract": _contract, "invoicer": _party}
    ),
    "goods.accepted": _on_lot,
    "goods.rejected": _on_lot,
    "lot.installed": _on_lot,
    "lot.removed": _on_lot,
    "goods.stored": _on_lot,
    "lot.destroyed": _on_lot,
    "goods.flagged": _on_lot,
    "certificate.issued": st.fixed_dictionaries({"number": _certificate, "holder": _party, "maker": _party}),
    "certificate.withdrawn": st.fixed_dictionaries({"number": _certificate}),
    "tender.published": st.just({}),
    "suppliers.qualified": st.fixed_dictionaries(
        {"suppliers": _party.map(lambda party: [{"party": party, "listed_on": "2015-04-13"}])}
    ),
    "award.made": st.fixed_dictionaries({"winner": _party}),
    "contract.signed": st.fixed_dictionaries({"number": _contract, "supplier": _party, "maker": _party}),
    "lab.accredited": st.fixed_dictionaries({"lab": _party}),
    "accreditation.suspended": st.fixed_dictionaries({"lab": _party, "suspended_from": _day}),
    "signatory.authorised": st.just({}),
    "sample.drawn": st.fixed_dictionaries({"sample": _sample, "lot": _lot.map(uri_of), "courier": _party}),
    "sample.witnessed": st.fixed_dictionaries({"sample": _sample, "lot": _lot.map(uri_of)}),
    "sample.handed": _step,
    "sample.retained": _step,
    "sample.sought": _step,
    "sample.destroyed": _step,
    "draw.announced": st.just({}),
    "site.bounded": st.just({}),
    "accreditation.reinstated": st.just({}),
    "analyst.authorised": st.just({}),
    "authorisation.ended": st.just({}),
    "instrument.calibrated": st.just({}),
    "instrument.retired": st.just({}),
    "relation.stated": st.fixed_dictionaries({"party": _party}),
    "hosts.stated": st.just({}),
    "paper.examined": st.fixed_dictionaries({"number": _number, "lots": _lots, "lab": _party}),
    "anchor.trusted": st.just({}),
    "sample.received": st.fixed_dictionaries({"sample": _sample, "lot": _lot.map(uri_of), "brought_by": _party}),
    "drum.measured": st.fixed_dictionaries({"lot": _lot.map(uri_of)}),
    "report.issued": _report,
    "report.amended": _report,
    "report.withdrawn": st.fixed_dictionaries({"number": _number, "lots": _lots}),
    "report.denied": st.fixed_dictionaries({"number": _number, "lots": _lots}),
    "paper.presented": st.one_of(
        st.fixed_dictionaries({"number": _number, "lots": _lots, "claimed_body": _party}),
        st.fixed_dictionaries(
            {
                "type": st.just("certificate"),
                "number": _certificate,
                "lots": _lots,
                "claimed_body": _party,
                "certified": st.fixed_dictionaries({"holder": _party, "maker": _party, "types": st.just(["BV 2.5"])}),
                "rows": st.just([]),
                "conclusion": st.none(),
            }
        ),
    ),
    "penalty.imposed": st.fixed_dictionaries({"party": _party, "decided_on": _day}),
    "ban.imposed": st.fixed_dictionaries({"party": _party, "banned_from": _day}),
    "spotcheck.reported": st.fixed_dictionaries({"lots": _lots, "is_passed": st.booleans()}),
    "recall.ordered": st.fixed_dictionaries({"number": _recall, "lots": _lots}),
    "recall.answered": st.fixed_dictionaries({"number": _recall, "lot": _lot.map(uri_of)}),
    "recall.closed": st.fixed_dictionaries({"number": _recall, "lots": _lots}),
    "finding.confirmed": st.fixed_dictionaries(
        {"lot": _lot.map(uri_of), "code": st.sampled_from(("B04", "L03", "S01"))}
    ),
    "finding.dismissed": st.fixed_dictionaries(
        {"lot": _lot.map(uri_of), "code": st.sampled_from(("B04", "L03", "S01"))}
    ),
}
# Kinds that take a key or an event which only another act makes; stories of their own are in `test_refresh.py`,
# `test_key_stories.py` and `tests/histories.py`.
ELSEWHERE = {"party.founded", "key.enrolled", "key.rotated"}
ELSEWHERE |= {"epcis.recorded", "epcis.withdrawn", "lot.transformed", "anchor.withdrawn"}
ACTS = st.lists(
    st.sampled_from(sorted(CHANGES)).flatmap(
        lambda tag: st.tuples(
            st.just(tag), st.sampled_from(sorted(CAST)), CHANGES[tag], st.sampled_from((0, 0, 0, 1, 3, 40, 900))
        )
    ),
    min_size=1,
    max_size=8,
)
# Who holds the posts that these ask for.
POSTED = {"sample.drawn": "contractor", "sample.witnessed": "supervisor"}
NUMBERS = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each example has a database of its own."""
    return tmp_path_factory.mktemp("marking")


def test_every_kind_is_told_here_or_elsewhere() -> None:
    assert CHANGES.keys() | ELSEWHERE == BODIES.keys()


@settings(max_examples=25, suppress_health_check=UNHURRIED)
@given(acts=ACTS)
def test_what_is_kept_is_what_would_be_judged_now(folder: Path, shared_folder: Path, acts: list[Any]) -> None:
    place = folder / str(next(NUMBERS))
    place.mkdir()
    database = Database(fresh_sqlite(place, shared_folder, is_migrated=True))
    world = World.told(database, HONEST)
    judge_waiting(world)
    for tag, alias, changes, days in acts:
        world.at += timedelta(days=days)
        if tag == "key.revoked":
            changes, alias = changes | {"kid": world.kid(changes["kid"])}, "regulator"
        world.try_saying(_speaker(world, tag, alias), tag, **changes)
        compare(world, f"{tag} {changes}")
        judge_waiting(world)
    database.close()


def compare(world: World, why: str) -> None:
    """Each lot waits, or what is kept of it is what would be judged now."""
    with world.database.reading() as session:
        for lot in lots_of(world):
            kept = read_kept(session, lot, world.at)
            if kept is not None:
                fresh = summarise(*judge_lot(session, lot, world.house.rules, world.house.pack, world.at))
                assert read_summary(kept) == replace(fresh, at=read_summary(kept).at), (why, lot)
                assert tell_lot(session, lot, world.house.rules, world.house.pack, world.at) == read_summary(kept)


def judge_waiting(world: World) -> None:
    """Judge all that waits, as of the world's present."""
    with world.database.reading() as session:
        waiting = read_stale(session, world.at, 1000)
    for lot in waiting:
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)


def lots_of(world: World) -> list[str]:
    """Every lot that anybody spoke of."""
    with world.database.reading() as session:
        lots = session.scalars(select(MentionRow.lot).distinct().order_by(MentionRow.lot))
        return [lot for lot in lots if not is_logistic(lot)]


def _speaker(world: World, tag: str, alias: str) -> str:
    """Whoever was drawn, or one who may say such a thing at all."""
    if tag in POSTED:
        return POSTED[tag]
    may = world.house.catalogue.find(tag).signers
    return alias if CAST[alias][1] in may else next(one for one in CAST if CAST[one][1] in may)
