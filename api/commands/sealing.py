"""Signing what a person or a file says: the subject that the kind calls for, over the heads that the caller names."""

import os
from collections.abc import Collection
from datetime import datetime

from api.drafting import content_type_of
from api.shell import current_shell
from keys.envelope import NONCE_BYTES, Statement, seal_statement
from keys.keyring import SigningKey
from trace.chains import read_heads
from trace.intake import read_payload


def seal(
    key: SigningKey, tag: str, issuer: str, payload: bytes, at: datetime, follows: tuple[bytes, ...] | None = None
) -> Statement:
    """Seal `payload` byte for byte. `follows` None means the present heads of its lots in this registry's database.

    Raises RefusedError `kind-unknown`, `payload-malformed`, `schema-violated`: what the door would, but before signing.
    """
    kind = current_shell().house.catalogue.find(tag)
    body = read_payload(payload, kind)
    return seal_statement(
        key,
        kind=tag,
        issuer=issuer,
        subject=kind.subject(body),
        issued_at=at,
        payload=payload,
        nonce=os.urandom(NONCE_BYTES),
        follows=present_heads(kind.lots(body)) if follows is None else follows,
        content_type=content_type_of(payload),
    )


def present_heads(lots: Collection[str]) -> tuple[bytes, ...]:
    """The heads of these lots' chains in this registry's database, which is not asked where there are no lots."""
    if not lots:
        return ()
    with current_shell().database.reading() as session:
        return read_heads(session, lots)
