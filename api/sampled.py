"""A sample's life as page and JSON show it: drawn, through whose hands, received, kept, and the draws over its drum."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from keys.errors import RefusedError
from labs.drawing.register import Draw, complete_draws, read_draws
from labs.reports.register import Report, read_reports
from labs.sampling.hands import Hands, follow_hands
from labs.sampling.register import (
    Reception,
    Sample,
    Step,
    Witnessing,
    read_receptions,
    read_samples,
    read_steps,
    read_witnessings,
)
from trace.doubts import drop_unbelieved


@dataclass(frozen=True, slots=True)
class Life:
    """All that is on record of one sample; what is not believed of its hands is left out."""

    drawn: Sample
    hands: Hands
    witnessings: tuple[Witnessing, ...]
    receptions: tuple[Reception, ...]
    steps: tuple[Step, ...]
    draws: tuple[Draw, ...]
    """Those over its drum that were announced before it was drawn."""
    reports: tuple[Report, ...]

    @property
    def draw_entries(self) -> tuple[int, ...]:
        """The entries of those draws."""
        return tuple(draw.entry for draw in self.draws)

    @property
    def kept_until(self) -> Step | None:
        """The last word on the part that is kept."""
        return next((step for step in reversed(self.steps) if step.step == "retained"), None)


def show_lives(session: Session, sampler: str, number: str) -> tuple[Life, ...]:
    """The samples of a sampler with this number, oldest first. Raises RefusedError `not-found` where there is none."""
    samples = [one for one in read_samples(session, (), {number}) if one.sampler == sampler]
    if not samples:
        raise RefusedError("not-found", where="samples", expected="a sample on record", got=f"{sampler} {number}"[:80])
    receptions = drop_unbelieved(session, read_receptions(session, {number}))
    steps = drop_unbelieved(session, read_steps(session, {number}))
    witnessings = read_witnessings(session, {number})
    reports = read_reports(session, (), (), {number})
    draws = complete_draws(session, drop_unbelieved(session, read_draws(session, {one.lot for one in samples})))
    return tuple(
        Life(
            one,
            follow_hands(one, receptions, steps),
            tuple(word for word in witnessings if word.lot == one.lot),
            tuple(got for got in receptions if got.lot == one.lot),
            tuple(step for step in steps if step.lot == one.lot),
            tuple(d for d in draws if d.entry < one.entry and any(drum.lot == one.lot for drum in d.units)),
            tuple(report for report in reports if one.lot in report.lots),
        )
        for one in samples
    )
