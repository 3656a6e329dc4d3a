"""A small registry for tests: parties with keys, a clock that a test holds, and one way of saying things — the door.

    world = World.found(database)
    world.tell(HONEST)                                       # D001 from copper to the station
    world.say("maker", "goods.shipped", amounts={DRUM: 500}) # body: the factory's, with changes
    world.judge(DRUM).word

    world = World.told(database, HONEST)                     # the same, quickly, where many tests begin so

`database` has the present schema and nothing in it. What the door refuses is raised.
"""

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self

from marshmallow import ValidationError

from api.database import Database
from api.wiring import House, build_house
from keys.envelope import Statement, seal_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, generate_key
from keys.payload import read_json
from labs.judge import Verdict
from labs.refresh import judge_lot, mark_touched, mark_withdrawn
from tests.copying import Rows, read_rows, write_rows
from tests.factories import BODIES, CAST, PartyBody, uscc_of
from trace.chains import read_heads
from trace.epcis.register import index_events
from trace.intake import Accepted, Outcome, accept
from trace.kinds import Duty
from trace.ledger.checkpoint import Sealer

ORIGIN = "suzheng.example/test"
FOUNDED_AT = datetime(2014, 7, 1, 1, tzinfo=UTC)

# When, who, what, and what of the factory's body is different.
Act = tuple[str, str, str, Mapping[str, Any]]

PREPARED: tuple[Act, ...] = (
    ("2014-08-01", "owner", "tender.published", {}),
    ("2015-01-02", "contractor", "post.held", {"person": "sampler-1", "duty": Duty.SAMPLER}),
    ("2015-01-02", "supervisor", "post.held", {"person": "witness-1", "duty": Duty.WITNESS}),
    ("2015-01-02", "regulator", "lab.accredited", {}),
    ("2015-01-02", "lab", "signatory.authorised", {}),
    ("2015-01-02", "regulator", "certificate.issued", {}),
    ("2015-04-13", "owner", "suppliers.qualified", {}),
    ("2015-04-20", "owner", "award.made", {}),
    ("2015-04-28", "owner", "contract.signed", {}),
)
"""What has to be on record before a drum is sold."""
MADE: tuple[Act, ...] = (
    ("2015-04-29", "smelter", "lot.commissioned", {}),
    ("2015-05-04", "maker", "lot.transformed", {}),
    ("2015-05-05", "maker", "lot.inspected", {}),
    ("2015-05-05", "maker", "lot.split", {}),
)
SOLD: tuple[Act, ...] = (
    ("2015-05-06", "maker", "goods.shipped", {}),
    ("2015-05-07", "contractor", "goods.received", {}),
    ("2015-05-07", "contractor", "goods.delivered", {}),
)
TESTED: tuple[Act, ...] = (
    ("2015-05-08", "contractor", "sample.drawn", {}),
    ("2015-05-08", "supervisor", "sample.witnessed", {}),
    ("2015-05-08", "lab", "sample.received", {}),
    ("2015-05-09", "supervisor", "drum.measured", {}),
    ("2015-05-12", "lab", "report.issued", {}),
    ("2015-05-12", "contractor", "paper.presented", {}),
)
BUILT_IN: tuple[Act, ...] = (
    ("2015-05-13", "contractor", "goods.accepted", {}),
    ("2015-05-20", "contractor", "lot.installed", {}),
)
HONEST = PREPARED + MADE + SOLD + TESTED + BUILT_IN
"""The honest drum's whole life."""


# The owner's and the lab's are as browsers make them.
_ALGORITHM_OF = {"owner": "ES256", "lab": "ES256", "supervisor": "SM2", "dealer": "ML-DSA-44"}


@dataclass(frozen=True)
class _Kept:
    """What is left of a world when a story has been told, so that tests can go on from there."""

    rows: Rows
    sealer: Sealer
    keys: Mapping[str, PrivateKey]
    at: datetime
    nonce: int


# By kind of database and story: each is told through the door once in a process, on each.
_TOLD: dict[tuple[str, str, str], _Kept] = {}


@dataclass
class World:
    """A founded registry, the private keys of its parties, and the clock."""

    database: Database
    sealer: Sealer
    keys: dict[str, PrivateKey]
    at: datetime = FOUNDED_AT
    """The present, UTC; a test may set it forward. Each statement takes a second."""
    house: House = field(default_factory=build_house)
    _nonces: Iterator[int] = field(default_factory=count)

    @classmethod
    def found(
        cls,
        database: Database,
        *,
        cast: Collection[str] = tuple(CAST),
        is_demonstration: bool = True,
        at: datetime = FOUNDED_AT,
    ) -> Self:
        """Found a registry and admit the cast, one key each, of every algorithm that is admitted."""
        keys = {alias: generate_key(_ALGORITHM_OF.get(alias, "EdDSA")) for alias in CAST if alias in cast}
        world = cls(database, Sealer(ORIGIN, generate_key()), keys, at)
        founding: dict[str, Any] = {"origin": ORIGIN, "is_demonstration": is_demonstration}
        founding |= {"ledger_key": world.sealer.key.public.to_jwk(), "key": world.jwk("regulator")}
        batch = [world.seal("regulator", "party.founded", **founding)]
        for alias in keys.keys() - {"regulator"}:
            party = PartyBody(uscc=uscc_of(alias), name={"zh": alias, "en": alias}, roles=[CAST[alias][1].value])
            batch.append(world.seal("regulator", "party.admitted", party=party, key=world.jwk(alias)))
        world.send(*batch)
        return world

    @classmethod
    def told(
        cls, database: Database, acts: Iterable[Act] = (), then: Callable[["World"], object] = lambda world: None
    ) -> Self:
        """A registry as `found` makes it, in which these acts were told, and `then`, a function known by its name.

        Where this process has told them before, rows and keys are copied: such worlds have one ledger and its keys in
        common. A test that needs two ledgers founds them.
        """
        if getattr(then, "__closure__", None):
            raise ValueError(f"expected a function of a module, got a closure: {then.__qualname__} names many")
        acts = tuple(acts)
        story = (database.engine.dialect.name, repr(acts), f"{then.__module__}.{then.__qualname__}")
        if story not in _TOLD:
            world = cls.found(database)
            world.tell(acts)
            then(world)
            kept = _Kept(read_rows(database), world.sealer, dict(world.keys), world.at, next(world._nonces))
            _TOLD[story] = kept
        else:
            kept = _TOLD[story]
            write_rows(database, kept.rows)
        return cls(database, kept.sealer, dict(kept.keys), kept.at, _nonces=count(kept.nonce))

    @property
    def ledger_pem(self) -> bytes:
        """The ledger's private key, as it lies in VAR_DIR."""
        assert isinstance(self.sealer.key, PrivateKey)
        return self.sealer.key.to_pem()

    def say(self, alias: str, tag: str, body: Mapping[str, Any] | bytes | None = None, **changes: Any) -> Accepted:
        """Say one thing and have it accepted. Raises RefusedError with what the door answers."""
        outcome = self.try_saying(alias, tag, body, **changes)
        if isinstance(outcome, RefusedError):
            raise outcome
        return outcome

    def try_saying(
        self, alias: str, tag: str, body: Mapping[str, Any] | bytes | None = None, **changes: Any
    ) -> Outcome:
        """Say one thing; the door's answer, whichever it is."""
        (outcome,) = self.try_sending(self.seal(alias, tag, body, **changes))
        return outcome

    def tell(self, acts: Iterable[Act]) -> list[Accepted]:
        """Say things in order, each at 17:00 UTC of its day or as soon after as the clock allows."""
        told = []
        for day, alias, tag, changes in acts:
            self.at = max(self.at, datetime.fromisoformat(f"{day}T17:00:00Z"))
            told.append(self.say(alias, tag, **changes))
        return told

    def seal(
        self,
        alias: str,
        tag: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Statement:
        """Seal a body (the factory's unless given; bytes are taken as they are) as the party would now.

        `changes` replace members of the body, `header` arguments of `seal_statement` such as issuer or follows.
        """
        payload = body if isinstance(body, bytes) else self._write(alias, tag, body, changes)
        claims: dict[str, Any] = {
            "kind": tag,
            "issuer": uscc_of(alias.partition(".")[0]),
            "issued_at": self.at,
            "nonce": next(self._nonces).to_bytes(16),
        }
        claims |= header or {}
        if not {"subject", "follows"} <= claims.keys():
            claims = self._claims_of(tag, payload) | claims
        return seal_statement(self.keys[alias], payload=payload, **claims)

    def send(self, *statements: Statement | bytes) -> list[Accepted]:
        """Send statements as one batch; raises the first refusal, after the rest is committed."""
        accepted = []
        for outcome in self.try_sending(*statements):
            if isinstance(outcome, RefusedError):
                raise outcome
            accepted.append(outcome)
        return accepted

    def try_sending(self, *statements: Statement | bytes) -> list[Outcome]:
        """Send statements as one batch through the one door, and commit."""
        envelopes = [one if isinstance(one, bytes) else one.to_bytes() for one in statements]
        with self.database.writing() as session:
            outcomes = accept(session, envelopes, catalogue=self.house.catalogue, sealer=self.sealer, at=self.at)
            mark_touched(session, outcomes)
            if any(one.said.kind == "epcis.withdrawn" for one in outcomes if isinstance(one, Accepted) and one.said):
                mark_withdrawn(session, index_events(session, self.house.catalogue, sys.maxsize))
        self.at += timedelta(seconds=1)
        return outcomes

    def index(self, most: int = sys.maxsize) -> None:
        """Catch the index of events up, as the shell does after a while."""
        with self.database.writing() as session:
            mark_withdrawn(session, index_events(session, self.house.catalogue, most))

    def heads(self, lots: Collection[str]) -> tuple[bytes, ...]:
        """What the next statement on these lots has to follow."""
        with self.database.reading() as session:
            return read_heads(session, lots) if lots else ()

    def judge(self, lot: str) -> Verdict:
        """The verdict on a lot, now."""
        with self.database.reading() as session:
            return judge_lot(session, lot, self.house.rules, self.house.pack, self.at)[1]

    def enroll(self, alias: str, name: str, algorithm: str = "EdDSA") -> str:
        """One more key of a party, held under "alias.name", which `say` then takes. Returns its kid in hex."""
        key = self.keys[f"{alias}.{name}"] = generate_key(algorithm)
        self.say(alias, "key.enrolled", party=uscc_of(alias), key=key.public.to_jwk())
        return key.public.kid.hex()

    def jwk(self, alias: str) -> dict[str, str]:
        """A party's public key."""
        return self.keys[alias].public.to_jwk()

    def kid(self, alias: str) -> str:
        """A party's key by name, in hex."""
        return self.keys[alias].public.kid.hex()

    def _claims_of(self, tag: str, payload: bytes) -> dict[str, Any]:
        """Subject and heads as the kind wants them; for a body that no kind reads, any will do: the door sees to it."""
        try:
            kind = self.house.catalogue.find(tag)
            read = kind.load(read_json(payload))
        except (RefusedError, ValidationError):
            return {"subject": "unreadable", "follows": ()}
        return {"subject": kind.subject(read), "follows": self.heads(kind.lots(read))}

    def _write(self, alias: str, tag: str, body: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> bytes:
        if body is None:
            # A post or an authorisation is for the key that says it, unless the test names another.
            own = {"kid": self.kid(alias)} if tag in ("post.held", "signatory.authorised") else {}
            body = BODIES[tag](**{**own, **changes})
        else:
            body = {**body, **changes}
        return json.dumps(body, ensure_ascii=False).encode()
