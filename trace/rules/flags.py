"""Has anybody who had it in hand said that something is wrong with the material? Rule C15."""

from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.rules.facts import HasHistory, covered_lots


@rule("C15", Severity.MAJOR)
def flagged(facts: HasHistory) -> Judgement:
    """Nobody who handled it, or the same material above it, has it on record as recalled, as not conforming, or as
    other goods, or another amount, than it should be.

    It holds the lot, whoever says it, until that party takes its word back: to stop one takes a rejection, a report or
    a regulator.
    """
    history = facts.history
    covered = covered_lots(history)
    for flag in history.flags:
        if flag.lot in covered:
            said: dict[str, Fact] = {"party": flag.party, "lot": flag.lot, "at": flag.at}
            said |= {"disposition": flag.disposition}
            yield Finding("C15", Severity.MAJOR, said, (flag.entry,))
