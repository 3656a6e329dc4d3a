"""Whether a draw holds, for somebody who has no registry: its announcement, the ledger's word, and a computation. Pure.

Evidence is what `/api/v1/draws/{entry}` answers, or an export of the ledger. What it can't show is that the
announcement is the only one, and that the delivery is what it names: the register and rule S08 know that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from labs.drawing.draw import Candidate, Pick
from labs.drawing.register import Draw
from labs.drawing.statements import ANNOUNCED
from trace.ledger.compact import EMPTY_RANGE
from trace.ledger.export import Appended, Command, Item, Opening, rebuild_note
from trace.ledger.tree import hash_leaf, is_consistent, root_from_inclusion


@dataclass(frozen=True, slots=True)
class Evidence:
    """A draw's announcement, as entry `entry`, and a signed checkpoint `note` of `size` entries with `head` as root.

    `inclusion` leads from the announcement to the head, `consistency` from `root`, that of the first so many entries as
    the announcement says, to the head (RFC 9162 §2.1.3.1, §2.1.4.1). Hashes have 32 bytes. `root` is None as long as
    the ledger is too short.
    """

    entry: int
    statement: bytes
    note: str
    size: int
    head: bytes
    root: bytes | None
    inclusion: Sequence[bytes]
    consistency: Sequence[bytes]
    picks: tuple[Pick, ...] | None = None
    """What somebody says that it picks; None where nobody does."""


def read_announcement(entry: int, statement: bytes, at: datetime, root: bytes | None) -> Draw:
    """The draw that a statement announces. Raises RefusedError, `kind-unknown` where it announces none."""
    said = parse_statement(statement)
    if said.kind != ANNOUNCED.tag:
        raise RefusedError("kind-unknown", where="typ", expected=ANNOUNCED.tag, got=said.kind)
    body = ANNOUNCED.load(read_json(said.payload))
    return Draw(
        entry=entry,
        leaf=said.leaf.hex(),
        party=said.issuer,
        delivery=body["delivery"],
        plan=body["plan"],
        n=body["n"],
        c=body["c"],
        margin_pct=body["margin_pct"],
        ledger_size=body["ledger_size"],
        announced_at=at,
        units=tuple(Candidate(unit["lot"], unit["length_m"]) for unit in body["units"]),
        root=root,
    )


def check_draw(evidence: Evidence) -> Draw:
    """The draw that the evidence shows, with its picks. The checkpoint's signature is the caller's to check.

    1. The announcement stands in the tree of the checkpoint.
    2. The root that seeds the draw is that of the beginning of the same tree, of as many entries as were announced.
    3. So many there were not yet when it was announced.
    4. The picks that somebody says it has are those that it has.

    Raises RefusedError `draw-invalid` with what does not hold, `draw-not-yet` where the ledger is too short.
    """
    said = parse_statement(evidence.statement)
    path = root_from_inclusion(hash_leaf(said.leaf), evidence.entry, evidence.size, evidence.inclusion)
    if path != evidence.head:  # 1
        raise RefusedError("draw-invalid", where="the announcement", expected=f"entry {evidence.entry} of the tree")
    draw = read_announcement(evidence.entry, evidence.statement, said.issued_at, evidence.root)
    if draw.root is None or draw.ledger_size > evidence.size:
        raise RefusedError("draw-not-yet", expected=f"{draw.ledger_size} entries", got=evidence.size)
    is_grown = is_consistent(draw.ledger_size, evidence.size, draw.root, evidence.head, evidence.consistency)
    if not is_grown:  # 2
        raise RefusedError("draw-invalid", where="the root", expected=f"that of the first {draw.ledger_size} entries")
    if not draw.is_ahead:  # 3
        raise RefusedError(
            "draw-invalid", where="ledger_size", expected=f"more than {draw.entry + 1}", got=draw.ledger_size
        )
    if evidence.picks is not None and evidence.picks != draw.picks:  # 4
        raise RefusedError("draw-invalid", where="the picks", expected=_tell(draw.picks), got=_tell(evidence.picks))
    return draw


def read_evidence(commands: Iterable[Command], entry: int) -> Evidence:
    """The evidence on the draw that `entry` announces, out of an export of the ledger: every hash is computed from the
    statements, and no proof believed. Raises RefusedError `entry-unknown`, `export-differs`, `draw-not-yet`.
    """
    grown, statement, waiting, origin = EMPTY_RANGE, b"", b"", ""
    size: int | None = None
    root: bytes | None = None
    for command in commands:
        if isinstance(command, Opening):
            origin = command.origin
        elif isinstance(command, Item):
            waiting = command.statement
        elif isinstance(command, Appended):
            leaf = parse_statement(waiting).leaf
            if leaf != command.leaf:
                raise RefusedError("export-differs", where=f"entry {command.position}", expected=leaf.hex())
            grown, _ = grown.append([hash_leaf(leaf)])
            if command.position == entry:
                statement = waiting
                size = read_announcement(entry, statement, command.recorded_at, None).ledger_size
                # Of a draw whose seed lay behind it the root has gone by; that it is void is all there is to say.
                root = grown.root() if size == grown.size else None
            elif size == grown.size:
                root = grown.root()
        elif size is not None and grown.size >= size:
            if grown.root() != command.root:
                raise RefusedError("export-differs", where=f"{grown.size} entries", expected=grown.root().hex())
            return Evidence(entry, statement, rebuild_note(command, origin), grown.size, command.root, root, (), ())
    if size is None:
        raise RefusedError("entry-unknown", expected=f"0 to {grown.size - 1}", got=entry)
    raise RefusedError("draw-not-yet", expected=f"{size} entries", got=grown.size)


def check_computed(evidence: Evidence) -> Draw:
    """As `check_draw`, steps 3 and 4, for evidence whose tree was computed from every statement."""
    draw = read_announcement(evidence.entry, evidence.statement, parse_statement(evidence.statement).issued_at, None)
    if not draw.is_ahead:
        raise RefusedError(
            "draw-invalid", where="ledger_size", expected=f"more than {draw.entry + 1}", got=draw.ledger_size
        )
    return read_announcement(evidence.entry, evidence.statement, draw.announced_at, evidence.root)


def _tell(picks: Sequence[Pick]) -> str:
    return ", ".join(f"{pick.lot} at {pick.metre} m" for pick in islice(picks, 5))
