"""The one door. Everything that reaches the ledger comes through `accept`: HTTP, command line and import alike.

What cannot be authenticated is refused; what is authentic but contradictory is recorded, and found by the rules.

The way has two halves. `prepare` reads and verifies, holds no lock and may run in many workers at once. `admit` takes
what is prepared, in order, under the ledger's lock; it asks the database in bulk (`trace/desk.py`) and appends once.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from keys.payload import read_json
from trace.desk import Desk
from trace.kinds import Body, Catalogue, Kind, Role, Said
from trace.ledger import store
from trace.ledger.checkpoint import Sealer
from trace.ledger.ink import savepoint
from trace.parties import register as parties

FOUNDING_KIND = "party.founded"
MAX_BATCH = 1000
# Ours to choose: what a signer's clock may be ahead of ours.
MAX_CLOCK_AHEAD = timedelta(minutes=5)
_CONTENT_TYPES = frozenset({"application/json", "application/ld+json"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement that stands in the ledger. `said`, its `lots` and its `batch`, which issues its receipt, are there
    only where it is new. The lots are those that it names and what was in the logistic units among them.
    """

    position: int
    leaf: bytes
    is_new: bool
    lots: tuple[str, ...] = ()
    said: Said | None = None
    batch: store.Batch | None = None


Outcome = Accepted | RefusedError
KeyFinder = Callable[[Collection[bytes]], Mapping[bytes, PublicKey]]
"""The public keys on record among these thumbprints, by thumbprint."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An authenticated statement with all that the door has learned about it."""

    statement: Statement
    kind: Kind
    told: Mapping[str, Any]
    """The payload as it was signed, before the kind's schema reads it."""
    body: Body
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that parses, with what can be said of it before its turn has come.

    `is_verified`: its signature holds under the key that its header names. Where that key was not on record yet, it is
    verified in its turn, and `content`, its reading or what is wrong with its body, is not told before.
    """

    statement: Statement
    is_verified: bool
    content: Checked | RefusedError


def accept(
    session: Session, envelopes: Sequence[bytes], *, catalogue: Catalogue, sealer: Sealer, at: datetime
) -> list[Outcome]:
    """Let statements in, in order; one that is refused leaves nothing behind and does not stop the others.

    1. The envelope parses, and is not known already.
    2. Its key is on record and usable at `at` (UTC, the time of record).
    3. The signature holds.
    4. The body fits the kind's schema.
    5. The signer's role and post allow the kind.
    6. The heads match.
    7. The effects reach the registers.
    8. The whole batch is appended under one signed checkpoint.

    The caller holds a write transaction and commits it; nothing may be acknowledged before. Raises RefusedError for
    the batch as a whole only where it can't be recorded at all (`too-many-statements`, `clock-went-back`,
    `checkpoint-invalid`).
    """
    prepared = prepare(envelopes, catalogue=catalogue, find_keys=partial(find_public_keys, session))
    return admit(session, prepared, sealer=sealer, at=at)


def prepare(envelopes: Sequence[bytes], *, catalogue: Catalogue, find_keys: KeyFinder) -> list[Prepared | RefusedError]:
    """Steps 1, 3 and 4, as far as they go without the lock; a refusal takes its statement's place.

    Raises RefusedError `too-many-statements`.
    """
    if len(envelopes) > MAX_BATCH:
        raise RefusedError("too-many-statements", expected=f"at most {MAX_BATCH}", got=len(envelopes))
    parsed = [_attempt(parse_statement, envelope) for envelope in envelopes]  # 1
    keys = find_keys({each.kid for each in parsed if isinstance(each, Statement)})
    return [
        _attempt(_prepare, each, keys.get(each.kid), catalogue) if isinstance(each, Statement) else each
        for each in parsed
    ]


def find_public_keys(session: Session, kids: Collection[bytes]) -> dict[bytes, PublicKey]:
    """The keys on record among these thumbprints. A thumbprint is of one key for ever: who has read it need not ask
    again, to verify a signature; whether it may speak is asked in its turn.
    """
    return {kid: key.public for kid, key in parties.find_keys(session, kids).items()}


def admit(
    session: Session, prepared: Sequence[Prepared | RefusedError], *, sealer: Sealer, at: datetime
) -> list[Outcome]:
    """Steps 2 to 8 for what is prepared, in order. The caller holds the write lock, and commits."""
    at = at.replace(microsecond=0)
    head = store.read_head(session)
    ready = [each for each in prepared if isinstance(each, Prepared)]
    lots = {lot for each in ready if isinstance(each.content, Checked) for lot in each.content.lots}
    desk = Desk(session, [each.statement for each in ready], lots)
    batch = _Batch(desk, head.size, at)
    try:
        with savepoint(session):
            outcomes = [batch.take(each) for each in prepared]
    except Exception:
        # What no check has foreseen must not take its neighbours with it: once more, each by itself.
        _log.exception("a batch of %d is taken apart", len(prepared))
        batch = _Batch(Desk(session), head.size, at, is_careful=True)
        outcomes = [batch.take(each) for each in prepared]
    batch.desk.write()
    appended = store.append(session, head, batch.fresh, sealer, at) if batch.fresh else None  # 8
    return [each.accepted(appended) if isinstance(each, _Fresh) else each for each in outcomes]


class _Fresh(NamedTuple):
    """What is let in, until it has been appended."""

    said: Said
    lots: tuple[str, ...]

    def accepted(self, batch: store.Batch | None) -> Accepted:
        """The outcome, with the batch that it was appended in."""
        carried = (one.lot for one in self.said.carried)
        lots = tuple(dict.fromkeys((*self.lots, *carried)))
        return Accepted(self.said.position, self.said.leaf, True, lots, self.said, batch)


class _Batch:
    """What one batch lets in, as it goes through the door. `is_careful`: each effect in a savepoint of its own."""

    def __init__(self, desk: Desk, size: int, at: datetime, *, is_careful: bool = False) -> None:
        self.desk, self.size, self.at, self.is_careful = desk, size, at, is_careful
        self.fresh: list[Statement] = []

    def take(self, prepared: Prepared | RefusedError) -> Outcome | _Fresh:
        """The outcome of one statement."""
        if isinstance(prepared, RefusedError):
            return prepared
        try:
            return self._let_in(prepared)
        except RefusedError as error:
            return error

    def _let_in(self, prepared: Prepared) -> Accepted | _Fresh:
        statement = prepared.statement
        known = self.desk.find_known(statement)
        if known is not None:
            _verify_copy(self.desk, prepared)
            return Accepted(*known, is_new=False)
        position = self.size + len(self.fresh)
        checked = _check(self.desk, prepared, position, self.at)
        kind = checked.kind
        try:
            with savepoint(self.desk.session) if kind.is_of_speakers or self.is_careful else nullcontext():
                said = _take_effect(self.desk, checked, position, self.at)
        except RefusedError:
            raise
        except Exception as error:
            if not self.is_careful:
                raise
            _log.exception("the registers can't take a %s", kind.tag)
            raise RefusedError("not-recordable", where=kind.tag, got=type(error).__name__) from error
        self.desk.let_in(statement, position, checked.lots, said.carried)
        if kind.is_of_speakers:
            self.desk.forget_speakers()
        self.fresh.append(statement)
        return _Fresh(said, checked.lots)


def check(session: Session, statement: Statement, *, position: int, catalogue: Catalogue, at: datetime) -> Checked:
    """Steps 2 to 6 for the statement that is to stand at `position`, changing nothing.

    Raises RefusedError with the code of the step that fails.
    """
    prepared = Prepared(statement, False, _attempt(_read, statement, catalogue))
    return _check(Desk(session), prepared, position, at)


def read_body(statement: Statement, kind: Kind) -> Body:
    """The payload as the kind's schema reads it. Raises RefusedError `payload-malformed`, `schema-violated`,
    `subject-mismatch`.
    """
    return _read_body(statement, kind, _read_told(statement))


def read_payload(payload: bytes, kind: Kind) -> Body:
    """Bytes that are to be signed, as the kind's schema reads them. Raises `payload-malformed`, `schema-violated`."""
    return _load(kind, read_json(payload))


def _read_told(statement: Statement) -> dict[str, Any]:
    if statement.content_type not in _CONTENT_TYPES:
        raise RefusedError("content-type-unknown", expected=sorted(_CONTENT_TYPES), got=statement.content_type)
    return read_json(statement.payload)


def _read_body(statement: Statement, kind: Kind, told: Mapping[str, Any]) -> Body:
    body = _load(kind, told)
    subject = kind.subject(body)
    if subject != statement.subject:
        raise RefusedError("subject-mismatch", where="sub", expected=subject, got=statement.subject)
    return body


def _load(kind: Kind, told: Mapping[str, Any]) -> Body:
    try:
        return kind.load(told)
    except ValidationError as error:
        where, message = _first_fault(error.messages)
        raise RefusedError("schema-violated", where=where, got=message) from error


def apply(session: Session, checked: Checked, position: int, recorded_at: datetime) -> Said:
    """Step 7: bring a checked statement's effects into the registers. Replay calls this."""
    desk = Desk(session)
    said = _take_effect(desk, checked, position, recorded_at.replace(microsecond=0))
    desk.let_in(checked.statement, position, checked.lots, said.carried)
    desk.write()
    return said


def find_speaker(desk: Desk, kid: bytes, issuer: str, at: datetime) -> PublicKey:
    """Step 2: the key on record, which may speak for `issuer` at `at` (UTC). Raises RefusedError."""
    key = desk.find_key(kid)
    if key is None:
        raise RefusedError("key-unknown", where="kid", expected="a key on record", got=kid.hex())
    if key.party != issuer:
        raise RefusedError("issuer-mismatch", where="iss", expected=key.party, got=issuer)
    parties.check_key_usable(key, at)
    return key.public


def check_entitled(desk: Desk, kid: bytes, issuer: str, kind: Kind, at: datetime) -> None:
    """Step 5: raises RefusedError `role-not-allowed`, `post-not-held`."""
    roles = desk.roles_of(issuer)
    if not roles & kind.signers:
        raise RefusedError("role-not-allowed", where=kind.tag, expected=_named(kind.signers), got=_named(roles))
    if kind.duty is not None and not desk.holds_duty(kid, kind.duty, at.date()):
        raise RefusedError("post-not-held", where=kind.tag, expected=kind.duty, got=kid.hex())


def _attempt(step: Any, *arguments: Any) -> Any:
    """What a step gives, or its refusal."""
    try:
        return step(*arguments)
    except RefusedError as error:
        return error


def _prepare(statement: Statement, key: PublicKey | None, catalogue: Catalogue) -> Prepared:
    if key is not None:
        verify_statement(statement, key)  # 3
    return Prepared(statement, key is not None, _attempt(_read, statement, catalogue))


def _read(statement: Statement, catalogue: Catalogue) -> Checked:
    """Step 4."""
    kind = catalogue.find(statement.kind)
    told = _read_told(statement)
    body = _read_body(statement, kind, told)
    return Checked(statement, kind, told, body, tuple(sorted(set(kind.lots(body)))))


def _check(desk: Desk, prepared: Prepared, position: int, at: datetime) -> Checked:
    """Steps 2 to 6."""
    statement, is_founding = prepared.statement, position == 0
    key = _read_root_key(statement) if is_founding else find_speaker(desk, statement.kid, statement.issuer, at)  # 2
    if not prepared.is_verified:
        verify_statement(statement, key)  # 3
    if isinstance(prepared.content, RefusedError):
        raise prepared.content  # 4
    checked = prepared.content
    if (checked.kind.tag == FOUNDING_KIND) != is_founding:
        raise RefusedError(
            "founding-misplaced", expected="party.founded as entry 0 and nowhere else", got=checked.kind.tag
        )
    if statement.issued_at > at + MAX_CLOCK_AHEAD:
        raise RefusedError(
            "issued-in-future", where="iat", expected=f"{at.isoformat()} or before", got=statement.issued_at.isoformat()
        )
    if not is_founding:
        check_entitled(desk, statement.kid, statement.issuer, checked.kind, at)  # 5
    desk.check_heads(statement, checked.lots)  # 6
    return checked


def _take_effect(desk: Desk, checked: Checked, position: int, recorded_at: datetime) -> Said:
    """Step 7, but for the heads."""
    statement = checked.statement
    said = Said(
        position,
        statement.leaf,
        statement.kind,
        statement.issuer,
        statement.kid,
        statement.issued_at,
        recorded_at,
        checked.body,
        frozenset(lot for lot in checked.lots if not desk.heads_of(lot)),
        desk.read_carried(checked.lots),
    )
    checked.kind.effect(desk.session, said)
    return said


def _verify_copy(desk: Desk, prepared: Prepared) -> None:
    """A stranger's copy must not pass for the statement; whether the key may still speak is not asked of a copy."""
    key = desk.find_key(prepared.statement.kid)
    if key is not None and not prepared.is_verified:
        verify_statement(prepared.statement, key.public)


def _read_root_key(statement: Statement) -> PublicKey:
    key = read_jwk(read_json(statement.payload).get("key"))
    if key.kid != statement.kid:
        raise RefusedError("key-unknown", where="kid", expected=key.kid.hex(), got=statement.kid.hex())
    return key


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles)) or "none"


def _first_fault(messages: Any, path: str = "") -> tuple[str, str]:
    """The first fault of marshmallow's tree of messages, as a dotted path and a sentence."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first_fault(inner, f"{path}.{name}" if path else str(name))
    return path or "the payload", str(messages[0] if isinstance(messages, list) else messages)
