"""L24: do one client's samples pass at a lab more often than everybody else's there?

Fisher's exact test (R. A. Fisher, Statistical Methods for Research Workers, recalled) of passes and failures of a
client against those of all other clients of the lab, on the side of more passes. A client with better goods has more
passes.
"""

from collections.abc import Iterable, Iterator

from labs.screens.chance import fisher_above
from labs.screens.screen import Bin, Counts, Issued, Key, Screen, Screened, Tallies, shown, sum_counts

_THRESHOLD, _LEAST = 1e-3, 10


def _count(report: Issued) -> Iterable[tuple[Key, Counts]]:
    """A subject is the lab: its clients are held against one another. Reports that name no client are the rest."""
    if report.conclusion in ("pass", "fail"):
        yield (report.lab, report.lab, report.client or ""), {report.conclusion: 1}


def _ask(subject: str, tallies: Tallies) -> Iterator[Screened]:
    whole = sum_counts(tallies.values())
    for (lab, client), counts in sorted(tallies.items()):
        passed, failed = counts.get("pass", 0), counts.get("fail", 0)
        others_passed, others_failed = whole.get("pass", 0) - passed, whole.get("fail", 0) - failed
        n, others = passed + failed, others_passed + others_failed
        if client and n >= _LEAST and others >= _LEAST:
            p = fisher_above(passed, n, others_passed, others)
            facts: dict[str, str | int] = {
                "statistic": passed,
                "p": shown(p),
                "n": n,
                "client": client,
                "passed": passed,
                "failed": failed,
                "others_passed": others_passed,
                "others_failed": others_failed,
            }
            bins = (
                Bin("passed", passed, n * whole.get("pass", 0) / (n + others)),
                Bin("failed", failed, n * whole.get("fail", 0) / (n + others)),
            )
            yield Screened(lab, client, n, p, p < _THRESHOLD, facts, bins)


SCREEN = Screen("L24", _THRESHOLD, _LEAST, _count, _ask)
