"""The one door. Everything that reaches the ledger comes through `accept`: HTTP, command line and import alike.

What cannot be authenticated is refused; what is authentic but contradictory is recorded, and found by the rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from keys.payload import read_json
from trace.chains import check_heads, move_heads
from trace.kinds import Body, Catalogue, Kind, Role, Said
from trace.ledger import store
from trace.ledger.checkpoint import Sealer
from trace.parties import register as parties

FOUNDING_KIND = "party.founded"
MAX_BATCH = 1000
# Ours to choose: what a signer's clock may be ahead of ours.
MAX_CLOCK_AHEAD = timedelta(minutes=5)
_CONTENT_TYPES = frozenset({"application/json", "application/ld+json"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement that stands in the ledger. `said` and its `lots` are there only where it is new."""

    position: int
    leaf: bytes
    is_new: bool
    lots: tuple[str, ...] = ()
    said: Said | None = None


Outcome = Accepted | RefusedError


@dataclass(frozen=True, slots=True)
class Checked:
    """An authenticated statement with all that the door has learned about it."""

    statement: Statement
    kind: Kind
    body: Body
    lots: tuple[str, ...]


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
    the batch as a whole only where it can't be recorded at all (`too-many-statements`, `clock-went-back`).
    """
    if len(envelopes) > MAX_BATCH:
        raise RefusedError("too-many-statements", expected=f"at most {MAX_BATCH}", got=len(envelopes))
    store.lock_for_append(session)
    size = store.size_of(session)
    fresh: list[Statement] = []
    by_identity: dict[bytes, Accepted] = {}
    outcomes: list[Outcome] = []
    for envelope in envelopes:
        try:
            statement = parse_statement(envelope)  # 1
            known = by_identity.get(statement.identity) or _find_known(session, statement)
            if known is not None:
                _verify_copy(session, statement)
                outcomes.append(known)
            else:
                position = size + len(fresh)
                with session.begin_nested():
                    accepted = _let_in(session, statement, position, catalogue, at)
                fresh.append(statement)
                outcomes.append(accepted)
                by_identity[statement.identity] = Accepted(position, accepted.leaf, False)
        except RefusedError as error:
            outcomes.append(error)
    if fresh:
        store.append(session, fresh, sealer, at)  # 8
    return outcomes


def check(session: Session, statement: Statement, *, position: int, catalogue: Catalogue, at: datetime) -> Checked:
    """Steps 2 to 6 for the statement that is to stand at `position`, changing nothing.

    Raises RefusedError with the code of the step that fails.
    """
    is_founding = position == 0
    key = _read_root_key(statement) if is_founding else _find_key(session, statement, at)  # 2
    verify_statement(statement, key)  # 3
    kind = catalogue.find(statement.kind)
    body = read_body(statement, kind)  # 4
    if (kind.tag == FOUNDING_KIND) != is_founding:
        raise RefusedError("founding-misplaced", expected="party.founded as entry 0 and nowhere else", got=kind.tag)
    if statement.issued_at > at + MAX_CLOCK_AHEAD:
        raise RefusedError(
            "issued-in-future", where="iat", expected=f"{at.isoformat()} or before", got=statement.issued_at.isoformat()
        )
    if not is_founding:
        _check_entitled(session, statement, kind, at)  # 5
    lots = tuple(sorted(set(kind.lots(body))))
    check_heads(session, statement, lots)  # 6
    return Checked(statement, kind, body, lots)


def read_body(statement: Statement, kind: Kind) -> Body:
    """The payload as the kind's schema reads it. Raises RefusedError `payload-malformed`, `schema-violated`,
    `subject-mismatch`.
    """
    if statement.content_type not in _CONTENT_TYPES:
        raise RefusedError("content-type-unknown", expected=sorted(_CONTENT_TYPES), got=statement.content_type)
    body = read_payload(statement.payload, kind)
    subject = kind.subject(body)
    if subject != statement.subject:
        raise RefusedError("subject-mismatch", where="sub", expected=subject, got=statement.subject)
    return body


def read_payload(payload: bytes, kind: Kind) -> Body:
    """Bytes that are to be signed, as the kind's schema reads them. Raises `payload-malformed`, `schema-violated`."""
    try:
        return kind.load(read_json(payload))
    except ValidationError as error:
        where, message = _first_fault(error.messages)
        raise RefusedError("schema-violated", where=where, got=message) from error


def _let_in(session: Session, statement: Statement, position: int, catalogue: Catalogue, at: datetime) -> Accepted:
    checked = check(session, statement, position=position, catalogue=catalogue, at=at)
    said = apply(session, checked, position, at)
    session.flush()
    return Accepted(position, said.leaf, True, checked.lots, said)


def apply(session: Session, checked: Checked, position: int, recorded_at: datetime) -> Said:
    """Step 7: bring a checked statement's effects into the registers. Replay calls this too."""
    statement = checked.statement
    said = Said(
        position,
        statement.leaf,
        statement.kind,
        statement.issuer,
        statement.kid,
        statement.issued_at,
        recorded_at.replace(microsecond=0),
        checked.body,
    )
    checked.kind.effect(session, said)
    move_heads(session, position, said.leaf, checked.lots)
    return said


def _find_known(session: Session, statement: Statement) -> Accepted | None:
    entry = store.find_identity(session, statement.identity)
    return Accepted(entry.position, entry.leaf, False) if entry is not None else None


def _verify_copy(session: Session, statement: Statement) -> None:
    """A stranger's copy must not pass for the statement; whether the key may still speak is not asked of a copy."""
    key = parties.find_key(session, statement.kid)
    if key is not None:
        verify_statement(statement, key.public)


def _read_root_key(statement: Statement) -> PublicKey:
    key = read_jwk(read_json(statement.payload).get("key"))
    if key.kid != statement.kid:
        raise RefusedError("key-unknown", where="kid", expected=key.kid.hex(), got=statement.kid.hex())
    return key


def _find_key(session: Session, statement: Statement, at: datetime) -> PublicKey:
    key = parties.find_key(session, statement.kid)
    if key is None:
        raise RefusedError("key-unknown", where="kid", expected="a key on record", got=statement.kid.hex())
    if key.party != statement.issuer:
        raise RefusedError("issuer-mismatch", where="iss", expected=key.party, got=statement.issuer)
    parties.check_key_usable(key, at)
    return key.public


def _check_entitled(session: Session, statement: Statement, kind: Kind, at: datetime) -> None:
    party = parties.find_party(session, statement.issuer)
    roles = party.roles if party is not None else frozenset()
    if not roles & kind.signers:
        raise RefusedError("role-not-allowed", where=kind.tag, expected=_named(kind.signers), got=_named(roles))
    if kind.duty is not None and not parties.holds_duty(session, statement.kid, kind.duty, at.date()):
        raise RefusedError("post-not-held", where=kind.tag, expected=kind.duty, got=statement.kid.hex())


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles)) or "none"


def _first_fault(messages: Any, path: str = "") -> tuple[str, str]:
    """The first fault of marshmallow's tree of messages, as a dotted path and a sentence."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first_fault(inner, f"{path}.{name}" if path else str(name))
    return path or "the payload", str(messages[0] if isinstance(messages, list) else messages)
