"""Drafts: all of a statement but its signature, for whoever holds the key somewhere else, as a browser does.

    drafts = draft_all(shell, issuer, kid, [("lot.commissioned", b'{…}'), ("lot.split", b'{…}')])

1. A draft is refused for what the door would refuse it for: the kind, its schema, the key, the role, the post. So a
   person learns it before signing. Nothing is kept, and nothing is promised: heads may move until it is handed in.
2. `payload` is signed byte for byte as it was given.
3. `follows` are the heads of its lots as they stand now. Where an earlier draft of the same call speaks of one of its
   lots, that one will be the head: `after` names it by its place, and its leaf hash joins `follows` when it is known,
   which is after it was signed.
4. Then the protected header is `write_header(**draft.header(leaves))`, and a COSE_Sign1 over it and `payload` is what
   the door takes.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.shell import Shell
from keys.envelope import HASH_BYTES, MAX_FOLLOWS, MAX_STATEMENT_BYTES, NONCE_BYTES, write_header
from keys.errors import RefusedError
from keys.payload import read_json
from trace.desk import Desk
from trace.intake import check_entitled, find_speaker, read_payload

JSON, JSON_LD = "application/json", "application/ld+json"
MAX_DRAFTS = 100
# Signatures of the curves that browsers have, and the heads around the envelope's four parts.
_SEAL_BYTES = 64 + 16


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is signed. `issued_at` is UTC, to the second; `lots` are those it continues, in order."""

    kind: str
    issuer: str
    subject: str
    kid: bytes
    algorithm_id: int
    content_type: str
    issued_at: datetime
    nonce: bytes
    follows: tuple[bytes, ...]
    after: tuple[int, ...]
    payload: bytes
    lots: tuple[str, ...]

    def header(self, leaves: Sequence[bytes] = ()) -> dict[str, Any]:
        """The arguments of `write_header`; `leaves` are those of the earlier drafts of its call, by their place."""
        named = ("algorithm_id", "kid", "kind", "issuer", "subject", "issued_at", "nonce", "content_type")
        follows = {*self.follows, *(leaves[place] for place in self.after)}
        return {name: getattr(self, name) for name in named} | {"follows": sorted(follows)}

    @property
    def protected(self) -> bytes | None:
        """The protected header; None where it follows a draft that nobody has signed yet."""
        return None if self.after else write_header(**self.header())


def draft(shell: Shell, kind: str, issuer: str, kid: bytes, payload: bytes) -> Draft:
    """One draft for the key `kid` (32 bytes) of `issuer`. Raises RefusedError with the code of the door."""
    (only,) = draft_all(shell, issuer, kid, [(kind, payload)])
    return only


def draft_all(shell: Shell, issuer: str, kid: bytes, wanted: Sequence[tuple[str, bytes]]) -> list[Draft]:
    """Drafts of (kind, payload) in the order in which they are to be handed in, at most MAX_DRAFTS.

    Raises RefusedError with the code of the door, and `draft` naming which of them by its place.
    """
    if not 0 < len(wanted) <= MAX_DRAFTS:
        raise RefusedError("too-many-statements", expected=f"1 to {MAX_DRAFTS}", got=len(wanted))
    at = shell.clock().replace(microsecond=0)
    with shell.database.reading() as session:
        desk = Desk(session)
        algorithm_id = find_speaker(desk, kid, issuer, at).algorithm.cose_id
        placed: dict[str, int] = {}
        drafts = []
        for place, (tag, payload) in enumerate(wanted):
            signer = {"issuer": issuer, "kid": kid, "algorithm_id": algorithm_id, "issued_at": at}
            try:
                drafts.append(_draft(shell, desk, placed, signer, tag, payload))
            except RefusedError as error:
                raise RefusedError(error.code, **{**error.facts, "draft": place}) from error
            placed |= dict.fromkeys(drafts[-1].lots, place)
    return drafts


def content_type_of(payload: bytes) -> str:
    """JSON-LD where the body names a context. Raises RefusedError `payload-malformed`."""
    return JSON_LD if "@context" in read_json(payload) else JSON


def _draft(
    shell: Shell, desk: Desk, placed: Mapping[str, int], signer: Mapping[str, Any], tag: str, payload: bytes
) -> Draft:
    kind = shell.house.catalogue.find(tag)
    check_entitled(desk, signer["kid"], signer["issuer"], kind, signer["issued_at"])
    body = read_payload(payload, kind)
    lots = tuple(sorted(set(kind.lots(body))))
    heads = desk.heads_of_all(lot for lot in lots if lot not in placed)
    after = {placed[lot] for lot in lots if lot in placed}
    if len(heads) + len(after) > MAX_FOLLOWS:
        raise RefusedError("envelope-malformed", where="follows", expected=f"at most {MAX_FOLLOWS}", got=len(heads))
    made = Draft(
        **signer,
        kind=tag,
        subject=kind.subject(body),
        content_type=content_type_of(payload),
        nonce=os.urandom(NONCE_BYTES),
        follows=tuple(sorted(heads)),
        after=tuple(sorted(after)),
        payload=payload,
        lots=lots,
    )
    _check_size(made)
    return made


def _check_size(made: Draft) -> None:
    """Whatever the leaves will be, there is one for each place."""
    leaves = [place.to_bytes(HASH_BYTES) for place in range(MAX_DRAFTS)]
    size = len(write_header(**made.header(leaves))) + len(made.payload) + _SEAL_BYTES
    if size > MAX_STATEMENT_BYTES:
        raise RefusedError("statement-too-large", expected=f"at most {MAX_STATEMENT_BYTES} bytes", got=size)
