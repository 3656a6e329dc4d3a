"""What is known of parties: who is admitted in which roles, with which keys, and who holds which post, each with its
dates.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, LargeBinary, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from trace.kinds import Duty, Role, Said
from trace.ledger.tables import Base, freeze


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
    """A role that a party holds, from the day of its admission to it."""

    __tablename__ = "party_role"
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger)


class KeyRow(Base):
    """A public key on record."""

    __tablename__ = "party_key"
    kid: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    party: Mapped[str] = mapped_column(ForeignKey("party.uscc"), index=True)
    jwk: Mapped[dict[str, Any]]
    enrolled_at: Mapped[datetime]
    entry: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None]
    compromised_since: Mapped[datetime | None]
    revocation_entry: Mapped[int | None] = mapped_column(BigInteger)


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
    """A key on record. `revoked_at` is the time of record of its revocation; from `compromised_since` on nothing it
    signed is believed.
    """

    kid: bytes
    party: str
    public: PublicKey
    enrolled_at: datetime
    entry: int
    valid_to: date | None
    revoked_at: datetime | None
    compromised_since: datetime | None
    revocation_entry: int | None
    valid_from: date | None = None


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
    held = set(session.scalars(select(RoleRow.role).where(RoleRow.party == body["uscc"])))
    session.add_all(
        RoleRow(party=body["uscc"], role=role, entry=said.position) for role in sorted(set(body["roles"]) - held)
    )
    _enroll(session, said, body["uscc"], said.body["key"], None, None)


def enroll_key(session: Session, said: Said) -> None:
    """Effect of `key.enrolled`: one more key of a party, said by itself or by a regulator."""
    if said.issuer != said.body["party"] and not is_regulator(session, said.issuer):
        raise RefusedError("not-your-party", where="party", expected=said.issuer, got=said.body["party"])
    _enroll(session, said, said.body["party"], said.body["key"], said.body["valid_from"], said.body["valid_to"])


def rotate_key(session: Session, said: Said) -> None:
    """Effect of `key.rotated`: the signing key is followed by a new one and signs no more; its posts pass on."""
    _enroll(session, said, said.issuer, said.body["key"], None, said.body["valid_to"])
    row = _key_row(session, said.kid)
    row.revoked_at, row.revocation_entry = said.recorded_at, said.position
    for post in session.scalars(select(PostRow).where(PostRow.kid == said.kid)):
        post.kid = said.body["key"].kid


def revoke_key(session: Session, said: Said) -> None:
    """Effect of `key.revoked`."""
    row = _key_row(session, bytes.fromhex(said.body["kid"]))
    if said.issuer != row.party and not is_regulator(session, said.issuer):
        raise RefusedError("not-your-party", where="kid", expected=row.party, got=said.issuer)
    if row.revoked_at is None:
        row.revoked_at, row.revocation_entry = said.recorded_at, said.position
    since: datetime | None = said.body["compromised_since"]
    if since is not None and (row.compromised_since is None or since < row.compromised_since):
        row.compromised_since, row.revocation_entry = since, said.position


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
        )
    )


def end_post(session: Session, said: Said) -> None:
    """Effect of `post.ended`: the posts that this person holds in this duty end on that day, or earlier as they would.

    Never before the day of record: what was said under a post stays said under it.
    """
    body = said.body
    last = max(body["held_to"], said.recorded_at.date())
    held = select(PostRow).where(
        PostRow.party == said.issuer, PostRow.person == body["person"], PostRow.duty == body["duty"]
    )
    for post in session.scalars(held):
        post.held_to = last if post.held_to is None else min(post.held_to, last)


def is_regulator(session: Session, uscc: str) -> bool:
    """Does the party hold the regulator's role?"""
    return session.get(RoleRow, (uscc, Role.REGULATOR)) is not None


def find_key(session: Session, kid: bytes) -> Key | None:
    """The key on record with this thumbprint."""
    row = session.get(KeyRow, kid)
    return _key(row) if row is not None else None


def find_keys(session: Session, kids: Collection[bytes]) -> dict[bytes, Key]:
    """The keys on record among these thumbprints."""
    return {row.kid: _key(row) for row in session.scalars(select(KeyRow).where(KeyRow.kid.in_(kids)))}


def read_roles(session: Session, usccs: Collection[str]) -> dict[str, frozenset[Role]]:
    """The roles of each of these parties; one that is not admitted is left out."""
    held: dict[str, frozenset[Role]] = {}
    for party, role in session.execute(select(RoleRow.party, RoleRow.role).where(RoleRow.party.in_(usccs))):
        held[party] = held.get(party, frozenset()) | {Role(role)}
    return held


def read_keys(session: Session, party: str) -> tuple[Key, ...]:
    """All keys that a party has or had, oldest first."""
    rows = session.scalars(select(KeyRow).where(KeyRow.party == party).order_by(KeyRow.entry, KeyRow.kid))
    return tuple(_key(row) for row in rows)


def check_key_usable(key: Key, at: datetime) -> None:
    """May this key speak at `at` (UTC, time of record)? Raises RefusedError `key-revoked`, `key-not-yet-valid` or
    `key-expired`.
    """
    if key.revoked_at is not None and key.revoked_at <= at:
        raise RefusedError("key-revoked", where="kid", got=key.kid.hex(), since=key.revoked_at.isoformat())
    if key.valid_from is not None and at.date() < key.valid_from:
        got = at.date().isoformat()
        raise RefusedError("key-not-yet-valid", where="kid", expected=f"use from {key.valid_from} on", got=got)
    if key.valid_to is not None and at >= datetime.combine(key.valid_to, time.max, UTC):
        raise RefusedError("key-expired", where="kid", expected=f"use up to {key.valid_to}", got=at.date().isoformat())


def find_party(session: Session, uscc: str) -> Party | None:
    """The party with this code."""
    return read_parties(session, {uscc}).get(uscc)


def read_parties(session: Session, usccs: set[str] | None = None) -> dict[str, Party]:
    """Parties by code: these, or all."""
    query, roles = select(PartyRow).order_by(PartyRow.uscc), select(RoleRow)
    if usccs is not None:
        query, roles = query.where(PartyRow.uscc.in_(usccs)), roles.where(RoleRow.party.in_(usccs))
    held: dict[str, set[Role]] = {}
    for role in session.scalars(roles):
        held.setdefault(role.party, set()).add(Role(role.role))
    return {row.uscc: _party(row, frozenset(held.get(row.uscc, ()))) for row in session.scalars(query)}


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
    held = set(session.scalars(select(RoleRow.party).where(RoleRow.role == role)))
    return tuple(read_parties(session, held).values())


def read_posts(session: Session, parties: set[str]) -> tuple[Post, ...]:
    """The posts at these parties, in the order in which they were said."""
    rows = session.scalars(select(PostRow).where(PostRow.party.in_(parties)).order_by(PostRow.entry))
    return tuple(_post(row) for row in rows)


def holds_duty(session: Session, kid: bytes, duty: Duty, day: date) -> bool:
    """Does the key hold the duty on that day?"""
    rows = session.scalars(select(PostRow).where(PostRow.kid == kid, PostRow.duty == duty))
    return any(_post(row).is_held_on(day) for row in rows)


def find_registry(session: Session) -> Registry | None:
    """This registry's facts, or None before it was founded."""
    row = session.scalar(select(RegistryRow))
    if row is None:
        return None
    return Registry(row.origin, row.title, row.is_demonstration, read_jwk(row.ledger_jwk), row.regulator)


def _enroll(
    session: Session, said: Said, party: str, key: PublicKey, valid_from: date | None, valid_to: date | None
) -> None:
    if session.get(PartyRow, party) is None:
        raise RefusedError("party-unknown", where="party", got=party)
    if session.get(KeyRow, key.kid) is not None:
        raise RefusedError("key-known", where="key", expected="a key that was never enrolled", got=key.kid.hex())
    session.add(
        KeyRow(
            kid=key.kid,
            party=party,
            jwk=key.to_jwk(),
            enrolled_at=said.recorded_at,
            entry=said.position,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )
    session.flush()


def _key_row(session: Session, kid: bytes) -> KeyRow:
    row = session.get(KeyRow, kid)
    if row is None:
        raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid.hex())
    return row


def _key(row: KeyRow) -> Key:
    return freeze(Key, row, public=read_jwk(row.jwk))


def _party(row: PartyRow, roles: frozenset[Role]) -> Party:
    return freeze(Party, row, roles=roles)


def _post(row: PostRow) -> Post:
    return freeze(Post, row, duty=Duty(row.duty))
