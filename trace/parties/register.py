"""What is known of parties: who is admitted in which roles, with which keys, and who holds which post, each with its
dates.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from trace.kinds import Duty, Role, Said
from trace.ledger.asking import any_of, ask, find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze
from trace.parties.belief import Doubt, Ending, Standing, Voucher, weigh_keys

_ANYBODY = "anybody"


class PartyRow(Base):
    """An admitted organisation."""

    __tablename__ = "party"
    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(120), index=True)
    name_en: Mapped[str | None] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(200))
    founded_on: Mapped[date | None] = mapped_column(Date)
    producing_since: Mapped[date | None] = mapped_column(Date)
    entry: Mapped[int] = mapped_column(BigInteger)


class RoleRow(Base):
    """A role that a party holds, from the day of its admission to it. `signer` is the key that said so."""

    __tablename__ = "party_role"
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger)
    signer: Mapped[bytes]
    recorded_at: Mapped[datetime]


class KeyRow(Base):
    """A public key on record. The two doubts are worked out anew whenever a key's standing changes (`belief.py`)."""

    __tablename__ = "party_key"
    kid: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), index=True)
    jwk: Mapped[dict[str, Any]]
    enrolled_at: Mapped[datetime]
    entry: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    voucher: Mapped[bytes | None]
    """The key that signed `entry`; None for the root key."""
    vouched_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revocation_entry: Mapped[int | None] = mapped_column(BigInteger)
    replaced_by: Mapped[bytes | None]
    compromised_since: Mapped[datetime | None]
    doubted_since: Mapped[datetime | None]
    doubt_entry: Mapped[int | None] = mapped_column(BigInteger)


class KeyEndingRow(Base):
    """An entry that ends a key. A key may be ended more than once: a later entry can say that it was stolen."""

    __tablename__ = "party_key_ending"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kid: Mapped[bytes] = mapped_column(LargeBinary, ForeignKey("party_key.kid"), index=True)
    signer: Mapped[bytes]
    at: Mapped[datetime]
    since: Mapped[datetime | None]


class PostRow(Base):
    """A duty that a person, named by an opaque reference, holds at a party."""

    __tablename__ = "party_post"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), index=True)
    person: Mapped[str] = mapped_column(String(60))
    duty: Mapped[str] = mapped_column(String(30))
    kid: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    held_from: Mapped[date] = mapped_column(Date)
    held_to: Mapped[date | None] = mapped_column(Date)
    signer: Mapped[bytes]
    recorded_at: Mapped[datetime]


class PostEndingRow(Base):
    """A party's word that a person's posts in a duty end; for those that were on record before it."""

    __tablename__ = "party_post_ending"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), index=True)
    person: Mapped[str] = mapped_column(String(60))
    duty: Mapped[str] = mapped_column(String(30))
    held_to: Mapped[date] = mapped_column(Date)
    signer: Mapped[bytes]
    recorded_at: Mapped[datetime]


class RegistryRow(Base):
    """What the founding statement said of this registry: a single row."""

    __tablename__ = "registry"
    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    is_demonstration: Mapped[bool]
    ledger_jwk: Mapped[dict[str, Any]]
    regulator: Mapped[str] = mapped_column(String(18))
    title: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Party:
    """An admitted organisation as facts. `entry` admitted it."""

    uscc: str
    name_zh: str
    name_en: str | None
    address: str | None
    founded_on: date | None
    producing_since: date | None
    roles: frozenset[Role]
    entry: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key on record. From `revoked_at` on, the time of record of entry `revocation_entry`, it signs no more; what was
    recorded before stays as it was. From `doubted_since` on nothing recorded under it is believed.
    """

    kid: bytes
    party: str
    public: PublicKey
    enrolled_at: datetime
    entry: int
    """The entry that vouches for it: enrolled it, or confirmed it since."""
    valid_to: date | None
    revoked_at: datetime | None
    compromised_since: datetime | None
    """What a revocation that is believed says of this very key."""
    revocation_entry: int | None
    valid_from: date | None = None
    replaced_by: bytes | None = None
    """The key that followed it, where it was rotated."""
    doubted_since: datetime | None = None
    """Its own `compromised_since`, or `enrolled_at` where whoever vouches for it was a thief."""
    doubt_entry: int | None = None

    @property
    def doubt(self) -> Doubt | None:
        """Why it is not believed, if so."""
        if self.doubted_since is None or self.doubt_entry is None:
            return None
        return Doubt(self.doubted_since, self.doubt_entry)

    @property
    def standing(self) -> Standing:
        """What `weigh_keys` has last found of it."""
        return Standing(self.compromised_since, self.revocation_entry, self.doubted_since, self.doubt_entry)

    @property
    def is_inherited(self) -> bool:
        """Is it in doubt for another key's sake alone?"""
        return self.doubt_entry is not None and self.doubt_entry != self.revocation_entry


@dataclass(frozen=True, slots=True)
class Post:
    """A duty held by a person of a party between two days, both included."""

    party: str
    person: str
    duty: Duty
    kid: bytes | None
    held_from: date
    held_to: date | None
    entry: int

    def is_held_on(self, day: date) -> bool:
        """Was it held on that day?"""
        return self.held_from <= day and (self.held_to is None or day <= self.held_to)


@dataclass(frozen=True, slots=True)
class Registry:
    """This registry's own facts, as its founding statement gives them."""

    origin: str
    title: str
    is_demonstration: bool
    ledger_key: PublicKey
    regulator: str


def found_registry(session: Session, said: Said) -> None:
    """Effect of `party.founded`: the registry's facts, its regulator and the root key."""
    body = said.body
    session.add(
        RegistryRow(
            origin=body["origin"],
            title=body["title"],
            is_demonstration=body["is_demonstration"],
            ledger_jwk=body["ledger_key"].to_jwk(),
            regulator=body["party"]["uscc"],
        )
    )
    admit_party(session, said)


def admit_party(session: Session, said: Said) -> None:
    """Effect of `party.admitted`: the party, or more roles of one known already, and its first key."""
    body = said.body["party"]
    if session.get(PartyRow, body["uscc"]) is None:
        session.add(
            PartyRow(
                uscc=body["uscc"],
                name_zh=body["name"]["zh"],
                name_en=body["name"]["en"],
                address=body["address"],
                founded_on=body["founded_on"],
                producing_since=body["producing_since"],
                entry=said.position,
            )
        )
        session.flush()
    for role in sorted(set(body["roles"]) - _believed_roles(session, body["uscc"])):
        # One that a thief had granted is there already and becomes this entry's.
        row = session.get(RoleRow, (body["uscc"], role)) or RoleRow(party=body["uscc"], role=role)
        row.entry, row.signer, row.recorded_at = said.position, said.kid, said.recorded_at
        session.add(row)
    _enroll(session, said, body["uscc"], said.body["key"], None, None)


def enroll_key(session: Session, said: Said) -> None:
    """Effect of `key.enrolled`: one more key of a party, said by itself or by a regulator."""
    check_own_party(said.issuer, _believed_roles(session, said.issuer), said.body["party"], where="party")
    _enroll(session, said, said.body["party"], said.body["key"], said.body["valid_from"], said.body["valid_to"])


def rotate_key(session: Session, said: Said) -> None:
    """Effect of `key.rotated`: the signing key is followed by a new one and signs no more; its posts pass on."""
    _enroll(session, said, said.issuer, said.body["key"], None, said.body["valid_to"])
    row = _key_row(session, said.kid)
    row.replaced_by = said.body["key"].kid
    _end(session, said, row, None)
    for post in session.scalars(select(PostRow).where(PostRow.kid == said.kid)):
        post.kid = said.body["key"].kid


def revoke_key(session: Session, said: Said) -> None:
    """Effect of `key.revoked`: the key signs no more, whoever of those who may has said so, and for good. What it
    signed before is another question, which `belief.py` answers.
    """
    row = _key_row(session, bytes.fromhex(said.body["kid"]))
    check_own_party(said.issuer, _believed_roles(session, said.issuer), row.party, where="kid")
    _end(session, said, row, said.body["compromised_since"])


def hold_post(session: Session, said: Said) -> None:
    """Effect of `post.held`: a party says who holds a duty, with which key."""
    body = said.body
    kid = bytes.fromhex(body["kid"]) if body["kid"] else None
    if kid is not None and _key_row(session, kid).party != said.issuer:
        raise RefusedError("not-your-party", where="kid", expected=f"a key of {said.issuer}", got=body["kid"])
    session.add(
        PostRow(
            entry=said.position,
            party=said.issuer,
            person=body["person"],
            duty=body["duty"],
            kid=kid,
            held_from=body["held_from"],
            held_to=body["held_to"],
            signer=said.kid,
            recorded_at=said.recorded_at,
        )
    )


def end_post(session: Session, said: Said) -> None:
    """Effect of `post.ended`: the posts that this person holds in this duty end on that day, or earlier as they would.

    Never before the day of record: what was said under a post stays said under it.
    """
    body = said.body
    session.add(
        PostEndingRow(
            entry=said.position,
            party=said.issuer,
            person=body["person"],
            duty=body["duty"],
            held_to=max(body["held_to"], said.recorded_at.date()),
            signer=said.kid,
            recorded_at=said.recorded_at,
        )
    )


def find_key(session: Session, kid: bytes) -> Key | None:
    """The key on record with this thumbprint."""
    row = session.get(KeyRow, kid)
    return _key(row) if row is not None else None


def find_keys(session: Session, kids: Collection[bytes]) -> dict[bytes, Key]:
    """The keys on record among these thumbprints."""
    return {row.kid: _key(row) for row in ask(session, _KEYS_OF, kids=list(kids))}


def read_roles(session: Session, usccs: Collection[str] | None = None) -> dict[str, frozenset[Role]]:
    """The roles of each of these parties, or of all, that are believed; one that has none is left out."""
    held: dict[str, frozenset[Role]] = {}
    rows = ask(session, _ROLES) if usccs is None else ask(session, _ROLES_OF, usccs=list(usccs))
    for party, role in rows:
        held[party] = held.get(party, frozenset()) | {Role(role)}
    return held


def read_keys(session: Session, *parties: str) -> tuple[Key, ...]:
    """All keys that each of these parties has or had, by party, oldest first."""
    return _read_keys(session, parties)


def read_doubted_keys(session: Session) -> tuple[Key, ...]:
    """The keys of which something is not believed, of all parties; there are few."""
    return _read_doubted(session, (_ANYBODY,))


def reach_keys(session: Session, kids: set[bytes]) -> set[bytes]:
    """These keys, those that they vouch for, and those that they ended, and so on: whose belief hangs on theirs."""
    reached, fresh = set(kids), set(kids)
    while fresh:
        vouched = session.scalars(select(KeyRow.kid).where(KeyRow.voucher.in_(fresh)))
        ended = session.scalars(select(KeyEndingRow.kid).where(KeyEndingRow.signer.in_(fresh)))
        fresh = {*vouched, *ended} - reached
        reached |= fresh
    return reached


def read_parties_of_keys(session: Session, kids: set[bytes]) -> tuple[str, ...]:
    """Whose keys these are, by code."""
    return tuple(session.scalars(select(KeyRow.party).where(KeyRow.kid.in_(kids)).distinct().order_by(KeyRow.party)))


def check_key_usable(key: Key, at: datetime) -> None:
    """May this key speak at `at` (UTC, time of record)? Raises RefusedError `key-revoked`, `key-not-yet-valid`,
    `key-doubted` or `key-expired`.
    """
    if key.revoked_at is not None and key.revoked_at <= at:
        raise RefusedError("key-revoked", where="kid", got=key.kid.hex(), since=key.revoked_at.isoformat())
    if key.valid_from is not None and at.date() < key.valid_from:
        got = at.date().isoformat()
        raise RefusedError("key-not-yet-valid", where="kid", expected=f"use from {key.valid_from} on", got=got)
    if key.doubt is not None and key.doubt.reaches(at):
        raise RefusedError("key-doubted", where="kid", got=key.kid.hex(), entry=key.doubt.entry)
    if key.valid_to is not None and at >= datetime.combine(key.valid_to, time.max, UTC):
        raise RefusedError("key-expired", where="kid", expected=f"use up to {key.valid_to}", got=at.date().isoformat())


def check_own_party(issuer: str, roles: Collection[str], party: str, where: str) -> None:
    """May `issuer`, in these roles, speak of a key of `party`? Raises RefusedError `not-your-party`."""
    if issuer != party and Role.REGULATOR not in roles:
        raise RefusedError("not-your-party", where=where, expected=party, got=issuer)


def check_enrollable(known: Key, party: str) -> None:
    """May a key that is on record be enrolled again? Where only a thief vouched for it, for the same party: that
    confirms it. Raises RefusedError `key-known`.
    """
    if known.party != party or not known.is_inherited:
        raise RefusedError("key-known", where="key", expected="a key that was never enrolled", got=known.kid.hex())


def find_party(session: Session, uscc: str) -> Party | None:
    """The party with this code."""
    return read_parties(session, {uscc}).get(uscc)


def read_parties(session: Session, usccs: set[str] | None = None) -> dict[str, Party]:
    """Parties by code: these, or all."""
    if usccs is not None and not usccs:
        return {}
    return {party.uscc: party for party in (_read_all(session) if usccs is None else _read_some(session, usccs))}


def find_parties(session: Session, name: str, most: int) -> tuple[Party, ...]:
    """Up to `most` parties whose Chinese or English name contains `name`, whatever the case of its letters."""
    wanted = name.lower()
    query = select(PartyRow.uscc).where(
        func.lower(PartyRow.name_zh).contains(wanted, autoescape=True)
        | func.lower(PartyRow.name_en).contains(wanted, autoescape=True)
    )
    found = set(session.scalars(query.order_by(PartyRow.uscc).limit(most)))
    return tuple(read_parties(session, found).values())


def read_parties_in(session: Session, role: Role) -> tuple[Party, ...]:
    """All parties in a role, by code."""
    held = set(session.scalars(select(RoleRow.party).where(RoleRow.role == role, _is_believed(RoleRow))))
    return tuple(read_parties(session, held).values())


@kept_by(lambda post: post.party, lambda post: post.entry)
def read_posts(session: Session, parties: Collection[str]) -> tuple[Post, ...]:
    """The posts at these parties, in the order in which they were said, to the day on which a believed word ends them.

    A post itself is told whether it is believed or not; `trace/doubts.py` says which are.
    """
    return tuple(_post(row) for row in ask(session, _POSTS_OF, parties=list(parties))) if parties else ()


def holds_duty(session: Session, kid: bytes, duty: Duty, day: date) -> bool:
    """Does the key hold the duty on that day?"""
    posts = ask(session, _POSTS_OF_KEY, kid=kid, duty=duty)
    return any(_post(row).is_held_on(day) for row in posts)


def find_registry(session: Session) -> Registry | None:
    """This registry's facts, or None before it was founded."""
    row = session.scalar(select(RegistryRow))
    if row is None:
        return None
    return Registry(row.origin, row.title, row.is_demonstration, read_jwk(row.ledger_jwk), row.regulator)


def _read_all(session: Session) -> Iterable[Party]:
    held = read_roles(session)
    return (_party(row, held) for row in session.scalars(select(PartyRow).order_by(PartyRow.uscc)))


@kept_by(lambda party: party.uscc, lambda party: party.uscc)
def _read_some(session: Session, usccs: Collection[str]) -> Iterable[Party]:
    held = read_roles(session, usccs)
    return (_party(row, held) for row in find_rows(session, PartyRow, {"uscc": usccs}))


@kept_by(lambda key: key.party, lambda key: (key.party, key.entry, key.kid))
def _read_keys(session: Session, parties: Collection[str]) -> Iterable[Key]:
    return (_key(row) for row in find_rows(session, KeyRow, {"party": parties}))


# A verdict weighs some ten registers' rows by them.
@kept_by(lambda key: _ANYBODY, lambda key: key.kid)
def _read_doubted(session: Session, _: Collection[str]) -> Iterable[Key]:
    return (_key(row) for row in ask(session, _DOUBTED_KEYS))


def _enroll(
    session: Session, said: Said, party: str, key: PublicKey, valid_from: date | None, valid_to: date | None
) -> None:
    """A key comes on record; or one that only a thief has vouched for is vouched for by somebody who may."""
    if session.get(PartyRow, party) is None:
        raise RefusedError("party-unknown", where="party", got=party)
    row = session.get(KeyRow, key.kid)
    if row is not None:
        check_enrollable(_key(row), party)
    else:
        window = {"valid_from": valid_from, "valid_to": valid_to}
        row = KeyRow(kid=key.kid, party=party, jwk=key.to_jwk(), enrolled_at=said.recorded_at, **window)
    row.voucher = said.kid if said.kid != key.kid else None
    row.entry, row.vouched_at = said.position, said.recorded_at
    session.add(row)
    session.flush()
    if row.doubted_since is not None:
        _weigh_keys(session)


def _end(session: Session, said: Said, row: KeyRow, since: datetime | None) -> None:
    session.add(KeyEndingRow(entry=said.position, kid=row.kid, signer=said.kid, at=said.recorded_at, since=since))
    if row.revoked_at is None:
        row.revoked_at, row.revocation_entry = said.recorded_at, said.position
    session.flush()
    if since is not None:
        _weigh_keys(session)


def _weigh_keys(session: Session) -> None:
    """Work out anew which keys are believed. Seldom: when one is said to be compromised, or confirmed."""
    rows = {row.kid: row for row in session.scalars(select(KeyRow))}
    vouchers = {kid: Voucher(row.voucher, row.vouched_at, row.enrolled_at) for kid, row in rows.items()}
    endings = [freeze(Ending, row) for row in session.scalars(select(KeyEndingRow))]
    for kid, standing in weigh_keys(vouchers, endings).items():
        for name, value in asdict(standing).items():
            setattr(rows[kid], name, value)
    session.flush()


def _believed_roles(session: Session, uscc: str) -> set[str]:
    return set(session.scalars(select(RoleRow.role).where(RoleRow.party == uscc, _is_believed(RoleRow))))


def _select_posts(*within: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Posts, each with the day on which a believed word ends it (`ended_on`): one query, however many there are."""
    later = (
        PostEndingRow.party == PostRow.party,
        PostEndingRow.person == PostRow.person,
        PostEndingRow.duty == PostRow.duty,
        PostEndingRow.entry > PostRow.entry,
    )
    ending = select(func.min(PostEndingRow.held_to)).where(*later, _is_believed(PostEndingRow))
    ended_on = ending.correlate(PostRow).scalar_subquery().label("ended_on")
    return select(PostRow.__table__, ended_on).where(*within).order_by(PostRow.entry)


def _is_believed(table: type[RoleRow | PostRow | PostEndingRow]) -> ColumnElement[bool]:
    """Was the row said with a key that is believed for its time of record? What founded the registry is, always."""
    doubted = select(KeyRow.kid).where(KeyRow.kid == table.signer, KeyRow.doubted_since <= table.recorded_at)
    return (table.entry == 0) | ~doubted.exists()


def _key_row(session: Session, kid: bytes) -> KeyRow:
    row = session.get(KeyRow, kid)
    if row is None:
        raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid.hex())
    return row


def _key(row: Any) -> Key:
    return freeze(Key, row, public=read_jwk(row.jwk))


def _party(row: Any, roles: Mapping[str, frozenset[Role]]) -> Party:
    return freeze(Party, row, roles=roles.get(row.uscc, frozenset()))


def _post(row: Any) -> Post:
    days = [day for day in (row.held_to, row.ended_on) if day is not None]
    return freeze(Post, row, duty=Duty(row.duty), held_to=min(days, default=None))


# Asked for with every batch, and made once.
_KEYS_OF = select(KeyRow.__table__).where(KeyRow.__table__.c.kid.in_(any_of("kids")))
_POSTS_OF = _select_posts(PostRow.party.in_(any_of("parties")))
_POSTS_OF_KEY = _select_posts(PostRow.kid == bindparam("kid"), PostRow.duty == bindparam("duty"), _is_believed(PostRow))
_DOUBTED_KEYS = (
    select(KeyRow.__table__).where(KeyRow.__table__.c.doubted_since.is_not(None)).order_by(KeyRow.__table__.c.kid)
)
_ROLE = RoleRow.__table__.c
_ROLES = select(_ROLE.party, _ROLE.role).where(_is_believed(RoleRow))
_ROLES_OF = _ROLES.where(_ROLE.party.in_(any_of("usccs")))
