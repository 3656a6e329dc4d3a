"""The ledger's public face: its name, its size and root as it last signed them, and the keys its proofs rest on."""

from typing import Any

from flask import Blueprint

from api.access import Callers, open_to
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.schemas import KindsSchema, LedgerSchema
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from keys.payload import read_json
from trace.ledger.checkpoint import verifier_key
from trace.ledger.cosigned import cosigned_note
from trace.ledger.store import Checkpoint, latest_checkpoint, read_entry

blueprint = Blueprint("api_ledger", __name__)
NOTE = "text/plain"


@blueprint.get("/ledger")
@open_to(Callers.ANYONE)
@operation("This ledger and its keys", tag="ledger", returns={200: LedgerSchema}, refuses=("not-founded",))
def show_ledger() -> Reply:
    """Whoever wants to trust less copies the keys from elsewhere and compares."""
    shell = current_shell()
    registry = shell.registry
    with shell.database.reading() as session:
        checkpoint = find_checkpoint(latest_checkpoint(session))
        founding = parse_statement(read_entry(session, 0).statement)
        summary = {
            "origin": registry.origin,
            "title": registry.title,
            "is_demonstration": registry.is_demonstration,
            "regulator": registry.regulator,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "recorded_at": checkpoint.recorded_at,
            "checkpoint": cosigned_note(session, checkpoint),
        }
    verifier = {"verifier_key": verifier_key(registry.origin, registry.ledger_key)}
    root_key = read_jwk(read_json(founding.payload)["key"])
    keys = {"ledger_key": write_key(registry.ledger_key) | verifier, "root_key": write_key(root_key)}
    return Reply(summary | keys)


@blueprint.get("/checkpoint")
@open_to(Callers.ANYONE)
@operation(
    "The newest checkpoint as a signed note", tag="ledger", returns={200: None}, media=(NOTE,), refuses=("not-founded",)
)
def show_checkpoint() -> Reply:
    """C2SP tlog-checkpoint, UTF-8."""
    with current_shell().database.reading() as session:
        return Reply(cosigned_note(session, find_checkpoint(latest_checkpoint(session))), media=NOTE)


@blueprint.get("/kinds")
@open_to(Callers.ANYONE)
@operation("The kinds of statements that are admitted", tag="statements", returns={200: KindsSchema})
def list_kinds() -> Reply:
    """In the order of a material's life."""
    kinds = [
        {
            "tag": kind.tag,
            "signers": kind.signers,
            "duty": kind.duty,
            "readers": kind.readers,
            "schema": f"/api/v1/openapi.json#/components/schemas/{kind.tag}",
        }
        for kind in current_shell().house.catalogue
    ]
    return Reply({"items": kinds})


def find_checkpoint(row: Checkpoint | None) -> Checkpoint:
    """The checkpoint, where there is one. Raises RefusedError `not-founded`."""
    if row is None:
        raise RefusedError("not-founded", expected="a registry founded by `flask init` or `flask demo load`")
    return row


def write_key(key: PublicKey) -> dict[str, Any]:
    """A key with all its names."""
    return {"kid": key.kid, "algorithm": key.algorithm.name, "jwk": key, "pem": key.to_pem()}
