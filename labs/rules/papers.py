"""Where does the code on the paper lead? L19.

What stands in a file is known here by what somebody has signed after examining it. An examination accuses and never
acquits: whoever forges a paper can also call it sound.
"""

from labs.dossier import Dossier
from labs.papers.hosts import is_lookalike, show_host
from labs.papers.register import LabHosts
from labs.rules.concern import examined, files_of
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L19", Severity.CRITICAL)
def address_of_another(dossier: Dossier) -> Judgement:
    """A code on a paper that leads to another host than those the lab has stated: major; critical where it is made to
    look like one of them.
    """
    papers = examined(dossier)
    if not papers and files_of(dossier):
        yield Unchecked("L19", "not_examined")
    for paper in papers:
        stated = _stated(dossier, paper.lab)
        if stated is None:
            if paper.hosts:
                yield Unchecked("L19", "no_hosts", {"lab": paper.lab, "host": show_host(paper.hosts[0])})
            continue
        for host in dict.fromkeys(paper.hosts):
            if host in stated.hosts:
                continue
            near = next((known for known in stated.hosts if is_lookalike(host, known)), None)
            facts: dict[str, Fact] = {
                "lab": paper.lab,
                "number": paper.number,
                "host": show_host(host),
                "ascii": host,
                "registered": near or ", ".join(stated.hosts),
            }
            if near is not None:
                yield Finding("L19", Severity.CRITICAL, facts, (paper.entry, stated.entry), "lookalike")
            else:
                yield Finding("L19", Severity.MAJOR, facts, (paper.entry, stated.entry), "other")


def _stated(dossier: Dossier, lab: str) -> LabHosts | None:
    """What the lab said last."""
    return next((one for one in reversed(dossier.lab_hosts) if one.lab == lab), None)
