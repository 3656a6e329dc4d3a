"""What the benchmarks say: a registry with one regulator and one maker, and signed statements of about 1 KiB each.

A statement is a `lot.commissioned` of a drum of its own, an EPCIS event with its master data, as makers send them by
the thousand. They are made and signed before anything is timed.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.database import Database
from api.wiring import House, build_house
from keys.envelope import seal_statement
from keys.keyring import PrivateKey, generate_key
from tests import facts
from tests.factories import CABLE
from trace.intake import accept
from trace.ledger.checkpoint import Sealer

ORIGIN = "suzheng.example/bench"
# How far in the past everything is signed: no clock is ahead.
_SIGNED_BEFORE = timedelta(seconds=10)


@dataclass(frozen=True)
class Registry:
    """A founded registry in a database, with the keys of its ledger and of its maker."""

    database: Database
    sealer: Sealer
    maker: PrivateKey
    house: House

    @property
    def ledger_pem(self) -> bytes:
        """The ledger's private key, as it lies in VAR_DIR."""
        assert isinstance(self.sealer.key, PrivateKey)
        return self.sealer.key.to_pem()


def found_registry(database: Database, sealer: Sealer | None = None) -> Registry:
    """Found it in a migrated, empty database."""
    registry = Registry(database, sealer or Sealer(ORIGIN, generate_key()), generate_key(), build_house())
    regulator = generate_key()
    founding = {
        "origin": ORIGIN,
        "title": "bench",
        "is_demonstration": False,
        "ledger_key": registry.sealer.key.public.to_jwk(),
        "party": _party(facts.REGULATOR, "regulator"),
        "key": regulator.public.to_jwk(),
    }
    admitting = {"party": _party(facts.MAKER, "producer"), "key": registry.maker.public.to_jwk()}
    batch = [
        _seal(regulator, "party.founded", facts.REGULATOR, facts.REGULATOR, founding),
        _seal(regulator, "party.admitted", facts.REGULATOR, facts.MAKER, admitting),
    ]
    with database.writing() as session:
        outcomes = accept(
            session, batch, catalogue=registry.house.catalogue, sealer=registry.sealer, at=datetime.now(UTC)
        )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
    return registry


def make_statements(maker: PrivateKey, count: int, start: int = 0) -> list[bytes]:
    """So many statements, each of a drum of its own; `start` is the first drum's number."""
    return [_commission(maker, number) for number in range(start, start + count)]


def _commission(maker: PrivateKey, number: int) -> bytes:
    lot = f"01/06901234567892/10/B{number // 500:06d}/21/D{number:08d}"
    uri = f"https://id.gs1.org/{lot}"
    event = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"suzheng": "https://suzheng.example/vocabulary/"},
        ],
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "eventTime": "2026-01-05T10:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "epcList": [uri],
        "readPoint": {"id": "https://id.gs1.org/414/6901234567892"},
        "suzheng:quantities": [{"epc": uri, "quantity": 500, "uom": "MTR"}],
        "ilmd": {"suzheng:product": CABLE},
    }
    return _seal(maker, "lot.commissioned", facts.MAKER, lot, event)


def _party(uscc: str, role: str) -> dict[str, Any]:
    return {"uscc": uscc, "name": {"zh": role, "en": role}, "roles": [role]}


def _seal(key: PrivateKey, kind: str, issuer: str, subject: str, body: dict[str, Any]) -> bytes:
    statement = seal_statement(
        key,
        kind=kind,
        issuer=issuer,
        subject=subject,
        issued_at=datetime.now(UTC) - _SIGNED_BEFORE,
        payload=json.dumps(body, ensure_ascii=False).encode(),
        nonce=os.urandom(16),
    )
    return statement.to_bytes()
