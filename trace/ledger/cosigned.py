"""The cosignatures that witnesses have given this ledger: kept beside its checkpoints, and served with them.

A row is never changed: a witness that signs the same size again, later, gives another. They come from outside and can't
be made again from the entries, so this is a table of the ledger and no register.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import BigInteger, ForeignKey, Select, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.note import MAX_SIGNATURES
from trace.ledger.signature import Signed, VerifierKey
from trace.ledger.store import Checkpoint, read_checkpoint
from trace.ledger.tables import Base

_PLACE = ("size", "witness", "key_id", "time")
# How far back a checkpoint with enough cosignatures is looked for.
_MOST_TRIED = 20


class CosignatureRow(Base):
    """One line of one witness on the checkpoint of a size. `time` is the witness's, seconds since 1970."""

    __tablename__ = "cosignature"
    size: Mapped[int] = mapped_column(BigInteger, ForeignKey("checkpoint.size"), primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(256), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    """In hex."""
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(Text)
    """As the note has it, newline included."""


def keep_cosignatures(session: Session, size: int, signed: Iterable[Signed]) -> None:
    """Keep verified cosignatures on the checkpoint of `size`; those that are there already stay as they are."""
    for one in signed:
        place = (size, one.key.name, one.key.key_id.hex(), one.time)
        if session.get(CosignatureRow, place) is None:
            session.add(CosignatureRow(**dict(zip(_PLACE, place, strict=True)), line=str(one.line)))
            session.flush()


def cosigned_note(session: Session, checkpoint: Checkpoint) -> str:
    """The checkpoint's note with its cosignatures, of each key the latest."""
    lines = {(row.witness, row.key_id): row.line for row in session.scalars(_rows_of(checkpoint.size))}
    return checkpoint.note + "".join(line for _, line in sorted(lines.items())[: MAX_SIGNATURES - 1])


def last_cosigned(session: Session, key: VerifierKey) -> tuple[int, int]:
    """(the largest size that a key has cosigned, and when last); (0, 0) where it has signed nothing."""
    by_key = (CosignatureRow.witness == key.name, CosignatureRow.key_id == key.key_id.hex())
    size = session.scalar(select(func.max(CosignatureRow.size)).where(*by_key))
    if size is None:
        return 0, 0
    time = session.scalar(select(func.max(CosignatureRow.time)).where(*by_key, CosignatureRow.size == size))
    return size, time or 0


def find_cosigned(session: Session, is_enough: Callable[[str], bool]) -> Checkpoint | None:
    """The newest checkpoint whose note, cosignatures and all, is enough; among the last that have any."""
    sizes = select(CosignatureRow.size).distinct().order_by(CosignatureRow.size.desc()).limit(_MOST_TRIED)
    for size in session.scalars(sizes).all():
        row = read_checkpoint(session, size)
        if row is not None and is_enough(cosigned_note(session, row)):
            return row
    return None


def _rows_of(size: int) -> Select[CosignatureRow]:
    return select(CosignatureRow).where(CosignatureRow.size == size).order_by(CosignatureRow.time)
