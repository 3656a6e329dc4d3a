"""What a kind of statement is: one declaration that says its tag, its schema, who may sign it and what it does.

A kind is declared once, in the `statements.py` of its stage, and handed to the intake in a `Catalogue` (built in
`api/wiring.py`). Tags are permanent: fields are added with defaults, a break is a new tag, a tag is never used again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from marshmallow import Schema

from keys.errors import RefusedError
from trace.epcis.events import Quantity

Body = Mapping[str, Any]


class Role(StrEnum):
    """What a party does in the trade (DESIGN.md §2)."""

    PRODUCER = "producer"
    DEALER = "dealer"
    PURCHASER = "purchaser"
    CONTRACTOR = "contractor"
    SUPERVISOR = "supervisor"
    LAB = "lab"
    TENDER_AGENCY = "tender_agency"
    REGULATOR = "regulator"
    INSURER = "insurer"


class Duty(StrEnum):
    """What a post obliges its holder to do."""

    SAMPLER = "sampler"
    WITNESS = "witness"
    SIGNATORY = "authorised_signatory"
    QUALITY_OFFICER = "chief_quality_officer"


class Readers(StrEnum):
    """Who may read a statement's body. Its header, hash and proof are everybody's."""

    ANYONE = "anyone"
    PARTIES = "parties"
    """Whoever has proved possession of a key of an admitted party."""
    OFFICIALS = "officials"
    """The signer and regulators."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A lot, unit or logistic unit `lot` that is in the logistic unit `parent`, as much of it as is in there (None for
    all). `packings` are the entries by which it is in the one that a statement names, outermost first.
    """

    lot: str
    quantity: Quantity | None
    parent: str
    packings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """An accepted statement as effects see it: who said what, when, and where it stands. Times are UTC."""

    position: int
    leaf: bytes
    kind: str
    issuer: str
    kid: bytes
    issued_at: datetime
    recorded_at: datetime
    body: Body
    new_lots: Collection[str] = ()
    """Those of its lots that nobody has spoken of before: no register has a row on them."""
    carried: tuple[Carried, ...] = ()
    """What was in the logistic units that it names when it came."""


def touch_no_lots(body: Body) -> Collection[str]:
    """For kinds that continue no lot's chain."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of statement. `effect` is called with the session and the `Said`, in the accepting transaction."""

    tag: str
    schema: type[Schema]
    signers: frozenset[Role]
    effect: Callable[[Any, Said], None]
    subject: Callable[[Body], str]
    """The `sub` claim that the body calls for."""
    lots: Callable[[Body], Collection[str]] = touch_no_lots
    """The lots whose chains the statement continues (canonical lot ids)."""
    duty: Duty | None = None
    """The post that the signing key must hold on the day of record."""
    readers: Readers = Readers.ANYONE
    is_of_speakers: bool = False
    """Does it change keys, roles or posts? Its effect may refuse, and the next statement is judged by what it left."""

    def load(self, body: Mapping[str, Any]) -> Body:
        """The body as the schema reads it. Raises marshmallow's ValidationError."""
        loaded: Body = _schema_of(self.schema).load(body)
        return loaded


@cache
def _schema_of(schema: type[Schema]) -> Schema:
    """One instance a class: loading keeps nothing in it, and making one costs more than a load."""
    return schema()


class Catalogue:
    """The kinds that one registry admits, by tag."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds: dict[str, Kind] = {}
        for kind in kinds:
            if kind.tag in self._kinds:
                raise ValueError(f"two kinds with the tag {kind.tag}")
            self._kinds[kind.tag] = kind

    def __iter__(self) -> Any:
        return iter(self._kinds.values())

    def find(self, tag: str) -> Kind:
        """The kind with this tag. Raises RefusedError `kind-unknown`."""
        try:
            return self._kinds[tag]
        except KeyError:
            raise RefusedError("kind-unknown", where="typ", expected="a kind of the catalogue", got=tag) from None
