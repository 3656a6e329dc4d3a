"""Proofs for whoever keeps a root or a checkpoint: that an entry is in it, and that what came later only added."""

from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields

from api.access import Callers, open_to
from api.fields import Hex, Whole
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.ledger import NOTE
from api.v1.statements import COSE
from api.witnessing.policy_file import find_witnessed
from trace.ledger.cosigned import cosigned_note
from trace.ledger.proof import write_proof
from trace.ledger.shelf import find_checkpoint_of, issue_consistency_receipt, show_consistency, show_inclusion

blueprint = Blueprint("api_proofs", __name__)
_NEWEST = "else that of the newest checkpoint."


class InclusionQuery(Query):
    """Which entry, in the tree of which size."""

    entry = Whole(required=True, metadata={"description": "Number of the entry, from 0."})
    size = Whole(1, load_default=None, metadata={"description": f"Any size that the ledger has had; {_NEWEST}"})


class ConsistencyQuery(Query):
    """Between which two sizes."""

    first = Whole(1, required=True, metadata={"description": "The smaller size."})
    second = Whole(1, load_default=None, metadata={"description": f"The larger size; {_NEWEST}"})


class ProofQuery(Query):
    """Against which checkpoint."""

    size = Whole(
        1,
        load_default=None,
        metadata={"description": "Size of a checkpoint; else the newest witnessed, or the newest."},
    )


class ConsistencyReceiptQuery(Query):
    """Between which two sizes, the larger that of a checkpoint."""

    first = Whole(1, required=True, metadata={"description": "The smaller size."})
    second = Whole(2, load_default=None, metadata={"description": "Size of a checkpoint; else the newest."})


class InclusionSchema(Schema):
    """RFC 9162 §2.1.3.1. The tree's leaf is SHA-256(0x00 ‖ leaf). `checkpoint` is null where none was signed at that
    size; the root is then the ledger's word only as far as a consistency proof ties it to a checkpoint.
    """

    entry = fields.Integer()
    size = fields.Integer()
    leaf = Hex()
    root = Hex()
    path = fields.List(Hex(), metadata={"description": "The leaf's sibling first."})
    checkpoint = fields.String(attribute="note", allow_none=True)


class ConsistencySchema(Schema):
    """RFC 9162 §2.1.4.1. The checkpoints are null where none was signed at that size."""

    first = fields.Integer()
    second = fields.Integer()
    first_root = Hex()
    second_root = Hex()
    path = fields.List(Hex())
    first_checkpoint = fields.String(attribute="first_note", allow_none=True)
    second_checkpoint = fields.String(attribute="second_note", allow_none=True)


@blueprint.get("/ledger/inclusion")
@open_to(Callers.ANYONE)
@operation(
    "That an entry is in the tree of a size",
    tag="ledger",
    returns={200: InclusionSchema},
    query=InclusionQuery,
    refuses=("entry-unknown", "size-unknown"),
)
def prove_entry(query: dict[str, Any]) -> Reply:
    """Every size that the ledger has had is provable, not only those of checkpoints."""
    with current_shell().database.reading() as session:
        return Reply(show_inclusion(session, query["entry"], query["size"]))


@blueprint.get("/ledger/consistency")
@open_to(Callers.ANYONE)
@operation(
    "That a larger tree only added to a smaller one",
    tag="ledger",
    returns={200: ConsistencySchema},
    query=ConsistencyQuery,
    refuses=("size-unknown",),
)
def prove_growth(query: dict[str, Any]) -> Reply:
    """For monitors and witnesses: compare `first_root` with the root that you kept."""
    with current_shell().database.reading() as session:
        return Reply(show_consistency(session, query["first"], query["second"]))


@blueprint.get("/ledger/consistency-receipt")
@open_to(Callers.ANYONE)
@operation(
    "That a checkpoint only added to a smaller tree, signed",
    tag="ledger",
    returns={200: None},
    media=(COSE,),
    query=ConsistencyReceiptQuery,
    refuses=("entry-unknown", "size-unknown", "checkpoint-unknown"),
)
def receipt_growth(query: dict[str, Any]) -> Reply:
    """A COSE receipt of consistency (RFC 9942 §5.3), the newer root attached."""
    with current_shell().database.reading() as session:
        receipt = issue_consistency_receipt(session, query["first"], query["second"])
    return Reply(receipt, media=COSE)


@blueprint.get("/entries/<int:position>/tlog-proof")
@open_to(Callers.ANYONE)
@operation(
    "The proof of an entry as text",
    tag="entries",
    returns={200: None},
    media=(NOTE,),
    query=ProofQuery,
    refuses=("entry-unknown", "checkpoint-unknown"),
)
def show_proof(query: dict[str, Any], position: int) -> Reply:
    """C2SP tlog-proof: index, path and checkpoint in one file, checked offline with the ledger's verifier key. The
    logged data is the entry's leaf hash, 32 bytes.
    """
    shell = current_shell()
    with shell.database.reading() as session:
        checkpoint = find_checkpoint_of(session, position, query["size"])
        if query["size"] is None:
            witnessed = find_witnessed(shell.settings, session)
            checkpoint = witnessed if witnessed is not None and witnessed.size > position else checkpoint
        path = show_inclusion(session, position, checkpoint.size).path
        proof = write_proof(position, path, cosigned_note(session, checkpoint))
    # Not immutable: a checkpoint may gain cosignatures.
    name = f'attachment; filename="{position}.tlog-proof"'
    return Reply(proof, media=NOTE, headers={"Content-Disposition": name})
