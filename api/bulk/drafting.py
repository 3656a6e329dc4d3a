"""What is left of a file, drafted for a browser to sign: so many events at a time, until the registers hold them all.

Each call plans the file anew, so a break costs nothing but the call: what stands is not drafted again. A draft follows
the heads that were read before the registers were asked; where they have moved in between, the file is planned again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.bulk.events import Draft as Event
from api.bulk.plan import Plan, plan_file
from api.bulk.templates import Template
from api.drafting import MAX_DRAFTS, Draft, draft_all
from api.shell import Shell
from keys.errors import RefusedError

# Ours to choose: how often others may speak of the same lots within one call.
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Rest:
    """A plan, and the drafts of its first events; none where a row is bad."""

    plan: Plan
    drafts: Sequence[Draft]

    @property
    def rows(self) -> list[int]:
        """How many rows each draft says."""
        return [len(event.rows) for event in self.plan.drafts[: len(self.drafts)]]


def draft_rest(
    shell: Shell, template: Template, data: bytes, party: str, kid: bytes, *, most_rows: int, most: int = MAX_DRAFTS
) -> Rest:
    """Drafts of the first `most` (at most MAX_DRAFTS) events that a file still comes to, for the key `kid` of `party`.

    Raises RefusedError as `plan_file` and `draft_all` do, and `too-busy`.
    """
    for _ in range(_MOST_TRIES):
        with shell.database.reading() as session:
            plan = plan_file(session, shell.house.catalogue, template, data, party, shell.clock(), most=most_rows)
        wanted = [] if plan.bad else plan.drafts[:most]
        if not wanted:
            return Rest(plan, ())
        drafts = draft_all(shell, party, kid, [(event.tag, event.payload) for event in wanted])
        if _is_current(plan.heads, wanted, drafts):
            return Rest(plan, drafts)
    raise RefusedError("too-busy", expected="nobody else to speak of these lots", retry_after_s=1)


def _is_current(heads: Mapping[str, frozenset[bytes]], events: Sequence[Event], drafts: Sequence[Draft]) -> bool:
    """Do the drafts follow the heads that the plan was made on?"""
    named: set[str] = set()
    for event, draft in zip(events, drafts, strict=True):
        expected = {leaf for lot in event.lots if lot not in named for leaf in heads.get(lot, ())}
        if expected != set(draft.follows):
            return False
        named.update(event.lots)
    return True
