"""Is the lot's chain whole and believed, and was each who wrote in it entitled to? Rules C01 and C03.

The intake refuses a statement that does not follow the heads it should, so what C01 finds was done to the database
afterwards, or two parties have brought the same lot into being.
"""

from collections.abc import Iterator

from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.history import History, Link
from trace.parties.belief import Doubt
from trace.rules.facts import NOBODY, HasHistory

_JUDGED_BY_L01 = "report."
# A ban is from the trade. It does not take away the duty to answer a recall, and an answer must not harm its lot.
_DUTIES_UNDER_BAN = frozenset({"recall.answered"})


@rule("C01", Severity.CRITICAL)
def chain_break(facts: HasHistory) -> Judgement:
    """Each entry is as it was signed and by whom it says, follows older entries of the chain, and the lot began once.

    An entry that is not believed breaks nothing: what was said is there, and who said it is in question. It holds the
    lot until its signer has said the like again with a key that is believed.
    """
    history = facts.history
    before: set[bytes] = set()
    for number, link in enumerate(history.chain):
        if link.computed_leaf != link.leaf:
            yield _break("altered", link)
        # What the first entry follows are chains of other lots, such as the batch that a drum was cut from.
        if number and before.isdisjoint(link.follows):
            yield _break("loose", link)
        yield from _strange_leaves(history, link)
        yield from _unbelieved(history, link)
        before.add(link.leaf)
    for repeat in history.repeats:
        first = history.lot.entry if history.lot is not None else None
        if repeat.entry == first:
            # The beginnings before it are not believed, so it is the first.
            continue
        by = next((link.issuer for link in history.chain if link.position == first), NOBODY)
        entries = (repeat.entry,) if first is None else (first, repeat.entry)
        yield Finding(
            "C01",
            Severity.CRITICAL,
            {"position": repeat.entry, "party": repeat.party, "first_party": by},
            entries,
            "begun_twice",
        )


def _unbelieved(history: History, link: Link) -> Iterator[Finding]:
    # A report's key is L01's to judge: it knows which reports still stand.
    doubt = history.doubts.get(link.position)
    if doubt is None or link.kind.startswith(_JUDGED_BY_L01):
        return
    if doubt.is_withdrawn:
        yield from _withdrawn(link, doubt)
        return
    again = next((other for other in history.chain if _says_again(history, other, link)), None)
    facts: dict[str, Fact] = {"position": link.position, "kind": link.kind, "party": link.issuer}
    facts |= {"recorded_at": link.recorded_at, "since": doubt.since}
    if again is None:
        yield Finding("C01", Severity.MAJOR, facts, (link.position, doubt.entry), "unbelieved")
    else:
        facts["again"] = again.position
        yield Finding("C01", Severity.MINOR, facts, (link.position, doubt.entry, again.position), "said_again")


def _withdrawn(link: Link, doubt: Doubt) -> Iterator[Finding]:
    """Whoever said it has taken it back: nobody's key is in question, and what is missing now other rules and gates
    say. It is told, so that a word that comes and goes is seen.
    """
    facts: dict[str, Fact] = {"position": link.position, "kind": link.kind, "party": link.issuer, "since": doubt.since}
    yield Finding("C01", Severity.MINOR, facts, (link.position, doubt.entry), "withdrawn")


def _says_again(history: History, other: Link, link: Link) -> bool:
    same = (other.kind, other.issuer) == (link.kind, link.issuer)
    return same and other.position > link.position and other.position not in history.doubts


def _strange_leaves(history: History, link: Link) -> Iterator[Finding]:
    for leaf in link.follows:
        position = history.known_leaves.get(leaf)
        if position is None:
            yield _break("unknown_leaf", link, leaf)
        elif position >= link.position:
            yield _break("not_older", link, leaf)


def _break(case: str, link: Link, followed: bytes | None = None) -> Finding:
    leaf = link.leaf if followed is None else followed
    shown: dict[str, Fact] = {
        "position": link.position,
        "kind": link.kind,
        "party": link.issuer,
        "leaf": leaf.hex(),
    }
    return Finding("C01", Severity.CRITICAL, shown, (link.position,), case)


@rule("C03", Severity.BLOCK)
def not_entitled(facts: HasHistory) -> Judgement:
    """Nobody wrote in the lot's chain on a day on which it was banned from the trade.

    Roles and posts are not looked at: without them a statement is refused at the door.
    """
    history = facts.history
    for link in history.chain:
        day = civil_day(link.issued_at)
        for ban in history.bans:
            if ban.party == link.issuer and ban.is_in_force_on(day) and link.kind not in _DUTIES_UNDER_BAN:
                yield Finding(
                    "C03",
                    Severity.BLOCK,
                    {"party": link.issuer, "kind": link.kind, "day": day, "banned_from": ban.banned_from},
                    (ban.entry, link.position),
                    "banned",
                )
