"""The book of keys says at every entry what the registers said then: of each key, of each role, and to whoever wants to
speak.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from api.database import Database
from keys.envelope import Statement, parse_statement
from keys.errors import RefusedError
from keys.keyring import generate_key
from tests.databases import fresh_sqlite
from tests.factories import CAST, PartyBody, uscc_of
from tests.facts import uscc
from tests.world import World
from trace.audit import read_keys
from trace.intake import apply, check, read_body
from trace.kinds import Role
from trace.ledger.store import size_of, stream_entries
from trace.ledger.tables import Base
from trace.parties.keybook import KINDS, KeyBook
from trace.parties.register import Key, find_key, read_roles

NEWCOMER = uscc(777)
Story = Callable[[World], None]


def enroll(world: World, by: str, alias: str, **changes: Any) -> None:
    """A key, fresh unless the world has it, of the party before the dot, enrolled by the key `by`."""
    world.keys.setdefault(alias, generate_key())
    party = uscc_of(alias.partition(".")[0])
    world.say(by, "key.enrolled", party=party, key=world.jwk(alias), **changes)


def rotate(world: World, old: str, new: str) -> None:
    world.keys.setdefault(new, generate_key())
    world.say(old, "key.rotated", key=world.jwk(new))


def revoke(world: World, by: str, alias: str, since: datetime | None = None) -> None:
    """A day later."""
    world.at += timedelta(days=1)
    when = since.isoformat() if since is not None else None
    world.say(by, "key.revoked", kid=world.kid(alias), compromised_since=when)


def told_of_keys_that_come_and_go(world: World) -> None:
    """Enrolled, rotated, revoked, by their owners and by the regulator; a role added."""
    world.enroll("owner", "second")
    world.enroll("maker", "second")
    world.say("owner.second", "tender.published")
    revoke(world, "owner", "owner.second")
    revoke(world, "regulator", "maker.second", datetime.fromisoformat("2014-07-02T00:00:00Z"))
    revoke(world, "maker", "maker.second")
    more = PartyBody(uscc=uscc_of("maker"), roles=[Role.PRODUCER.value, Role.DEALER.value])
    world.keys["maker.third"] = generate_key()
    world.say("regulator", "party.admitted", party=more, key=world.jwk("maker.third"))
    rotate(world, "maker.third", "maker.fourth")


def told_of_keys_with_days(world: World) -> None:
    """One that may speak from next week on, and until the end of the year."""
    first, last = world.at + timedelta(days=7), world.at + timedelta(days=30)
    days = {"valid_from": str(first.date()), "valid_to": str(last.date())}
    enroll(world, "owner", "owner.second", **days)
    world.say("owner", "tender.published", ocid="ocds-suzheng-1")
    world.at = first
    world.say("owner.second", "tender.published")
    world.at = last + timedelta(days=1)
    world.say("owner", "tender.published", ocid="ocds-suzheng-2")


def told_of_a_thief_who_enrols(world: World) -> None:
    """He enrols a key, rotates to another, which enrols a third; then the owner misses his key."""
    world.enroll("contractor", "spare")
    world.at += timedelta(days=3)
    stolen_at = world.at
    enroll(world, "contractor.spare", "contractor.second")
    rotate(world, "contractor.second", "contractor.third")
    enroll(world, "contractor.third", "contractor.fourth")
    revoke(world, "contractor", "contractor.spare", stolen_at)
    revoke(world, "contractor", "contractor.spare", stolen_at - timedelta(days=1))
    # A key that the owner had in use himself is confirmed, with what it enrolled; another by a rotation to it.
    enroll(world, "contractor", "contractor.third")
    enroll(world, "contractor.fourth", "contractor.safe")
    rotate(world, "contractor.safe", "contractor.second")


def told_of_a_thief_who_accuses(world: World) -> None:
    """He shuts the owner's own keys as compromised since ever, and is exposed: believed again, and shut for good."""
    for name in ("spare", "safe"):
        world.enroll("contractor", name)
    world.at += timedelta(days=3)
    stolen_at = world.at
    for own in ("contractor.safe", "contractor"):
        revoke(world, "contractor.spare", own, stolen_at - timedelta(days=99))
    revoke(world, "regulator", "contractor.spare", stolen_at)
    enroll(world, "regulator", "contractor.new")


def told_of_a_stolen_regulator(world: World) -> None:
    """He admits a company of his own and gives the dealer a role; what is honest among that is confirmed."""
    world.enroll("regulator", "spare")
    world.at += timedelta(days=3)
    stolen_at = world.at
    dealer, own = uscc_of("dealer"), PartyBody(uscc=NEWCOMER, roles=[Role.LAB.value, Role.REGULATOR.value])
    world.keys |= {name: generate_key() for name in ("regulator.newcomer", "dealer.second", "dealer.third")}
    world.say("regulator.spare", "party.admitted", party=own, key=world.jwk("regulator.newcomer"))
    more = PartyBody(uscc=dealer, roles=[Role.DEALER.value, Role.REGULATOR.value])
    world.say("regulator.spare", "party.admitted", party=more, key=world.jwk("dealer.second"))
    enroll(world, "dealer", "maker.thiefs")
    revoke(world, "dealer", "maker.thiefs")
    revoke(world, "regulator", "regulator.spare", stolen_at)
    confirmed = PartyBody(uscc=NEWCOMER, roles=[Role.LAB.value])
    world.say("regulator", "party.admitted", party=confirmed, key=world.jwk("regulator.newcomer"))
    world.say("regulator", "party.admitted", party=more, key=world.jwk("dealer.third"))


def told_of_a_stolen_root(world: World) -> None:
    """The founding stands; a rotated key that is found stolen later takes its follower with it."""
    world.enroll("regulator", "spare")
    rotate(world, "maker", "maker.next")
    revoke(world, "maker.next", "maker", world.at - timedelta(hours=1))
    revoke(world, "regulator.spare", "regulator", datetime.fromisoformat("2000-01-01T00:00:00Z"))


STORIES: dict[Story, set[str | None]] = {
    told_of_keys_that_come_and_go: {"key-unknown", "key-revoked"},
    told_of_keys_with_days: {"key-unknown", "key-not-yet-valid", "key-expired"},
    told_of_a_thief_who_enrols: {"key-unknown", "key-revoked", "key-doubted"},
    told_of_a_thief_who_accuses: {"key-unknown", "key-revoked", "key-doubted"},
    told_of_a_stolen_regulator: {"key-unknown", "key-revoked", "key-doubted"},
    told_of_a_stolen_root: {"key-unknown", "key-revoked", "key-doubted"},
}
"""Each story, and what some key is refused with in it."""


@pytest.fixture(params=STORIES, ids=lambda story: story.__name__)
def story(request: Any) -> Story:
    told: Story = request.param
    return told


@pytest.fixture
def world(story: Story, tmp_path: Path, shared_folder: Path) -> Iterator[World]:
    yield from _tell(story, fresh_sqlite(tmp_path, shared_folder, is_migrated=True))


@pytest.fixture
def world_on_both(story: Story, database_url: str) -> Iterator[World]:
    yield from _tell(story, database_url)


def _tell(story: Story, url: str) -> Iterator[World]:
    database = Database(url)
    world = World.found(database)
    story(world)
    yield world
    database.close()


def replayed(world: World) -> Iterator[tuple[KeyBook, Session, int, datetime]]:
    """Each entry in turn: the book of the whole ledger, and the registers as all entries before have left them."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with world.database.reading() as session, Session(engine) as scratch:
        size = size_of(session)
        # As another process has it.
        book: KeyBook = pickle.loads(pickle.dumps(read_keys(session, size, None)))
        assert book.refused is None
        for entry in list(stream_entries(session)):
            yield book, scratch, entry.position, entry.recorded_at
            statement = parse_statement(entry.statement)
            book.admit(entry.position, statement, entry.recorded_at)
            checked = check(
                scratch,
                statement,
                position=entry.position,
                catalogue=world.house.catalogue,
                at=entry.recorded_at,
            )
            apply(scratch, checked, entry.position, entry.recorded_at)
            scratch.flush()
        yield book, scratch, size, world.at
    engine.dispose()


def test_at_every_entry_each_key_is_as_the_registers_had_it(world_on_both):
    for book, scratch, position, _ in replayed(world_on_both):
        for kid in book.lives:
            there, here = find_key(scratch, kid), book.find_key(kid, position)
            assert _plain(here) == _plain(there), (position, kid.hex())
    assert len(book.lives) > len(CAST)


def test_at_every_entry_each_party_has_the_roles_that_the_registers_believed(world):
    book = KeyBook()
    for _, scratch, position, at in replayed(world):
        for party in book.grants:
            assert book.believed_roles(party) == read_roles(scratch, {party}).get(party, set()), (position, party)
        statement = _statement_at(world, position)
        if statement is not None and statement.kind in KINDS:
            book.enter(position, statement, read_body(statement, KINDS[statement.kind]), at)
    assert book.refused is None
    assert len(book.grants) >= len(CAST)


def test_whoever_may_not_speak_is_told_the_same_by_both(world, story):
    """Every key that the story is about tries at every entry."""
    codes: set[str | None] = set()
    aliases = [alias for alias in world.keys if "." in alias or alias in ("regulator", "contractor", "maker")]
    for book, scratch, position, at in replayed(world):
        for alias in aliases if position else ():
            party = book.lives[world.keys[alias].public.kid].states[-1].party
            header = {"issuer": party, "issued_at": at}
            attempt = world.seal(alias, "key.revoked", kid=world.kid(alias), header=header)
            here = _refusal(book.admit, position, attempt, at)
            door = partial(check, scratch, attempt, position=position, catalogue=world.house.catalogue, at=at)
            there = _refusal(door)
            assert here == there or (here, there) == (None, "role-not-allowed"), (position, alias)
            codes.add(here)
    assert codes == {None, *STORIES[story]}


@pytest.mark.parametrize("story", [told_of_keys_that_come_and_go])
def test_what_may_not_be_said_ends_the_book(world):
    """A key that is known already is not enrolled again, and nothing after that is read."""
    with world.database.reading() as session:
        book = read_keys(session, size_of(session), None)
        size = size_of(session)
    body = {"party": uscc_of("owner"), "key": world.jwk("owner")}
    again = world.seal("regulator", "key.enrolled", body)
    book.enter(size, again, read_body(again, KINDS["key.enrolled"]), world.at)
    assert book.refused is not None
    assert (book.refused[0], book.refused[1]) == (size, "key-known")


@pytest.mark.parametrize("story", [told_of_keys_that_come_and_go])
def test_a_statement_by_a_key_that_nobody_knows_breaks_nothing(world):
    """The book is made before signatures are looked at."""
    with world.database.reading() as session:
        book, size = read_keys(session, size_of(session), None), size_of(session)
    world.keys |= {"regulator.stranger": generate_key(), "sham": generate_key()}
    party = PartyBody(uscc=NEWCOMER, roles=[Role.REGULATOR.value])
    forged = world.seal("regulator.stranger", "party.admitted", party=party, key=world.jwk("sham"))
    book.enter(size, forged, read_body(forged, KINDS["party.admitted"]), world.at)
    assert _refusal(book.admit, size, forged, world.at) == "key-unknown"


def _refusal(ask: Callable[..., object], *arguments: object) -> str | None:
    try:
        ask(*arguments)
    except RefusedError as error:
        return error.code
    return None


def _statement_at(world: World, position: int) -> Statement | None:
    with world.database.reading() as session:
        found = list(stream_entries(session, position, position + 1))
    return parse_statement(found[0].statement) if found else None


def _plain(key: Key | None) -> Any:
    """The key itself by its thumbprint."""
    return None if key is None else replace(key, public=key.public.kid)  # type: ignore[arg-type]
