"""Tell the story: fresh keys for everybody, each step sealed with its signer's key over the heads that were on the
table, and sent through the one door at the time of the case.

Nothing here opens a database or a ledger: the caller gives `send` and `heads`, and the folder in which the keys stay.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from api.demonstration.chapters import Step, Story
from api.wiring import build_house
from keys.algorithms import ED25519, ES256
from keys.envelope import NONCE_BYTES, Statement, seal_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, PublicKey, generate_key
from keys.payload import read_json
from trace.intake import Outcome

Send = Callable[[list[bytes], datetime], list[Outcome]]
"""Envelopes and their time of record (UTC) to outcomes, committed."""
Heads = Callable[[tuple[str, ...]], tuple[bytes, ...]]
PdfOf = Callable[[Step], bytes | None]


class StoryRefusedError(RuntimeError):
    """The door refused a step: the story does not fit the house any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A batch that the ledger has accepted: the steps that were recorded at one time, in order."""

    at: datetime
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]


@dataclass
class Teller:
    """Tells one story once. Private keys are written to `keys_folder` as PEM files that only their owner can read."""

    story: Story
    keys_folder: Path
    origin: str
    ledger_key: PublicKey
    send: Send
    heads: Heads
    pdf_of: PdfOf | None = None
    """The file of a report or paper; None, or a hook that gives None, leaves its SHA-256 out."""
    _keys: dict[str, PrivateKey] = field(default_factory=dict)
    _files: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the files that labs have issued so far, by report number."""

    def tell(self) -> Iterator[Told]:
        """Send the steps, those of one time of record together. Raises StoryRefusedError at the first refusal."""
        for at, batch in groupby(self.story.steps, key=lambda step: step.at.astimezone(UTC)):
            steps = tuple(batch)
            fresh: dict[str, bytes] = {}
            statements = [self._seal(step, fresh) for step in steps]
            outcomes = self.send([statement.to_bytes() for statement in statements], at)
            for step, outcome in zip(steps, outcomes, strict=True):
                if isinstance(outcome, RefusedError):
                    raise StoryRefusedError(f"{step.chapter}, {step.at}, {step.who} {step.kind}: {outcome}")
            yield Told(at, steps, tuple(outcomes))

    def _seal(self, step: Step, fresh: dict[str, bytes]) -> Statement:
        """Seal a step. `fresh` holds the heads that the batch itself has made, which the ledger has not seen yet."""
        payload = json.dumps(self._fill_in(step), ensure_ascii=False, separators=(",", ":")).encode()
        kind = build_house().catalogue.find(step.kind)
        body: Any = kind.load(read_json(payload))
        lots = tuple(sorted(set(kind.lots(body))))
        follows = {fresh[lot] for lot in lots if lot in fresh}
        known = tuple(lot for lot in lots if lot not in fresh)
        follows |= set(self.heads(known)) if known else set()
        statement = seal_statement(
            self._key(step.who),
            kind=step.kind,
            issuer=self.story.names.parties[step.party],
            subject=kind.subject(body),
            issued_at=step.at,
            payload=payload,
            nonce=os.urandom(NONCE_BYTES),
            follows=tuple(sorted(follows)),
            content_type="application/ld+json" if "@context" in step.body else "application/json",
        )
        fresh |= dict.fromkeys(lots, statement.leaf)
        return statement

    def _fill_in(self, step: Step) -> dict[str, Any]:
        """The body with what is only known now: keys, the registry's own facts, files."""
        body = {name: self._fill_value(value) for name, value in step.body.items()}
        if step.kind == "party.founded":
            body |= {"origin": self.origin, "ledger_key": self.ledger_key.to_jwk()}
        if step.kind in ("report.issued", "report.amended", "paper.presented"):
            digest = self._files.get(step.file_of) if step.file_of else self._digest(step)
            body |= {"pdf_sha256": digest} if digest is not None else {}
            if digest is not None and step.kind != "paper.presented":
                self._files[body["number"]] = digest
        return body

    def _fill_value(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("key:"):
            return self._key(value.removeprefix("key:")).public.to_jwk()
        if isinstance(value, str) and value.startswith("kid:"):
            return self._key(value.removeprefix("kid:")).public.kid.hex()
        return value

    def _digest(self, step: Step) -> str | None:
        pdf = self.pdf_of(step) if self.pdf_of is not None else None
        return hashlib.sha256(pdf).hexdigest() if pdf is not None else None

    def _key(self, name: str) -> PrivateKey:
        """The key of this name, made when it is first asked for. Never replaces a file."""
        if name not in self._keys:
            key = generate_key(ES256.name if name in self.story.names.browser_keys else ED25519.name)
            self.keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.keys_folder / f"{name}.pem"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key.to_pem())
            self._keys[name] = key
        return self._keys[name]
