"""A plan's events, signed and sent through the one door, each following those before it.

A drum stands exactly once, whatever breaks off and is run again, and whoever else runs the same file at the same time:

1. A statement stands with all its rows or not at all; the registers tell which rows stand (`plan`).
2. Each statement follows the heads that were there before the registers were asked. If anything was let in since then
   about one of its lots, the door refuses it as `head-stale`, and the file is planned anew on what is on record now.

So nothing is remembered beside the ledger: no journal can be lost, and another machine can go on with the file.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from api.bulk.events import Draft
from api.bulk.plan import Plan
from keys.envelope import NONCE_BYTES, Statement, seal_statement
from keys.errors import RefusedError
from keys.keyring import SigningKey
from trace.intake import Outcome, read_payload
from trace.kinds import Catalogue

# Ours to choose: what goes through the door at once. Some hundredths of a second of its lock.
_STATEMENTS_AT_ONCE = 200
_LOTS_AT_ONCE = 1_000
_JSON_LD = "application/ld+json"

Door = Callable[[Sequence[bytes]], list[Outcome]]
"""Lets statements in and commits, as `Shell.accept` does."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one event of a plan."""

    draft: Draft
    outcome: Outcome

    @property
    def is_stale(self) -> bool:
        """Was it refused because somebody has spoken of its lots meanwhile?"""
        return isinstance(self.outcome, RefusedError) and self.outcome.code == "head-stale"


@dataclass
class Signer:
    """Signs a plan's events in order, each over the heads that the ones before it will have left."""

    catalogue: Catalogue
    key: SigningKey
    issuer: str
    clock: Callable[[], datetime]
    heads: dict[str, frozenset[bytes]] = field(default_factory=dict)

    def sign(self, draft: Draft) -> Statement:
        """One event, sealed. Raises RefusedError where its kind's schema would refuse it."""
        kind = self.catalogue.find(draft.tag)
        follows = {leaf for lot in draft.lots for leaf in self.heads.get(lot, ())}
        statement = seal_statement(
            self.key,
            kind=draft.tag,
            issuer=self.issuer,
            subject=kind.subject(read_payload(draft.payload, kind)),
            issued_at=self.clock(),
            payload=draft.payload,
            nonce=os.urandom(NONCE_BYTES),
            follows=tuple(sorted(follows)),
            content_type=_JSON_LD,
        )
        self.heads |= dict.fromkeys(draft.lots, frozenset((statement.leaf,)))
        return statement


def send_plan(plan: Plan, signer: Signer, door: Door) -> Iterator[Sent]:
    """Sign and send a plan's events, some at a time; each is told of once its batch is committed."""
    signer.heads = dict(plan.heads)
    for batch in _cut(plan.drafts):
        outcomes = door([signer.sign(draft).to_bytes() for draft in batch])
        for draft, outcome in zip(batch, outcomes, strict=True):
            yield Sent(draft, outcome)


def _cut(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    batch: list[Draft] = []
    lots = 0
    for draft in drafts:
        if batch and (len(batch) == _STATEMENTS_AT_ONCE or lots + len(draft.lots) > _LOTS_AT_ONCE):
            yield batch
            batch, lots = [], 0
        batch.append(draft)
        lots += len(draft.lots)
    if batch:
        yield batch
