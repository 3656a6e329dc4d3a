"""The dry run: a file against the registers, with every bad row named, and the events that it would become. Nothing is
written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.bulk.deliveries import plan_deliveries
from api.bulk.drums import plan_drums
from api.bulk.events import Draft
from api.bulk.faults import Fault, Faults
from api.bulk.installations import plan_installations
from api.bulk.lines import Line, Lines, read_lines
from api.bulk.registers import Known, read_known
from api.bulk.table import MAX_ROWS
from api.bulk.templates import Template
from api.bulk.vocabulary import vocabulary_of
from keys.errors import RefusedError
from trace.kinds import Catalogue
from trace.parties.register import read_roles

Planner = Callable[[Sequence[Line], Known, str, Faults], tuple[list[Draft], set[int]]]
_PLANNERS: Mapping[str, Planner] = {
    "drums": plan_drums,
    "deliveries": plan_deliveries,
    "installations": plan_installations,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What came of a dry run. `drafts` are to be sent only where nothing is bad."""

    template: Template
    sheet: str
    count: int
    """All rows."""
    bad: int
    """Rows with a fault."""
    standing: int
    """Rows that say what their signer has put on record already."""
    faults: tuple[Fault, ...]
    """The first of them; `fault_count` is all."""
    fault_count: int
    drafts: tuple[Draft, ...]
    heads: Mapping[str, frozenset[bytes]]
    """The heads of the chains that the drafts continue, read before all else."""

    @property
    def good(self) -> int:
        """Rows that can be sent, or stand already."""
        return self.count - self.bad

    @property
    def fresh(self) -> int:
        """Rows that are good and not on record."""
        return self.good - self.standing


def plan_file(
    session: Session,
    catalogue: Catalogue,
    template: Template,
    data: bytes,
    signer: str,
    now: datetime,
    most: int = MAX_ROWS,
) -> Plan:
    """Read a file of at most so many rows and weigh it, as `signer` (USCC) would sign it at `now`. Writes nothing.

    Raises RefusedError for the file as a whole, and `role-not-allowed` where the signer may not say such things.
    """
    faults = Faults()
    lines = read_lines(data, template, vocabulary_of(template), now, faults, most)
    return _plan(session, catalogue, template, lines, signer, faults)


def _plan(
    session: Session, catalogue: Catalogue, template: Template, lines: Lines, signer: str, faults: Faults
) -> Plan:
    units = {str(line.lot) for line in lines.good}
    batches = {str(line.lot.parent or line.lot) for line in lines.good} if template.name == "drums" else set()
    known = read_known(session, sorted(units | batches), sorted(batches))
    drafts, standing = _PLANNERS[template.name](lines.good, known, signer, faults)
    _check_roles(session, catalogue, signer, template, {one.tag for one in drafts})
    return Plan(
        template,
        lines.sheet,
        lines.count,
        len(faults.rows),
        len(standing - faults.rows),
        tuple(sorted(faults.shown, key=lambda fault: (fault.row, fault.place or 0))),
        faults.count,
        tuple(drafts),
        known.heads,
    )


def _check_roles(session: Session, catalogue: Catalogue, signer: str, template: Template, tags: set[str]) -> None:
    """Asked before anybody signs, as the door will ask it; where nothing can be sent yet, of all that it could be."""
    roles = read_roles(session, {signer}).get(signer, frozenset())
    wanted = [catalogue.find(tag) for tag in sorted(tags)]
    lacking = [kind for kind in wanted if not roles & kind.signers]
    if not wanted and not any(roles & catalogue.find(tag).signers for tag in template.kinds):
        lacking = [catalogue.find(template.kinds[-1])]
    if lacking:
        kind = lacking[0]
        got = ", ".join(sorted(roles)) or "none"
        raise RefusedError("role-not-allowed", where=kind.tag, expected=", ".join(sorted(kind.signers)), got=got)
