"""What looks wrong in a dossier: a family of pure functions a file.

A new rule is a function in one of these files; a new family is a file named here.
"""

from labs.rules import (
    accreditation,
    authenticity,
    certificates,
    copied,
    dates,
    gates,
    physics,
    results,
    reuse,
    sampling,
)
from trace.findings import collect_rules

RULES = collect_rules(
    accreditation, authenticity, certificates, copied, dates, gates, physics, results, reuse, sampling
)
