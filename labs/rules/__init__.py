"""What looks wrong in a dossier: a family of pure functions a file.

A new rule is a function in one of these files; a new family is a file named here.
"""

from labs.rules import (
    accreditation,
    authenticity,
    certificates,
    content,
    copied,
    dates,
    draws,
    gates,
    independence,
    instruments,
    keeping,
    limits,
    mass,
    occasion,
    papers,
    physics,
    places,
    rawdata,
    results,
    retests,
    reuse,
    sampling,
    throughput,
    versions,
)
from trace.findings import collect_rules

RULES = collect_rules(
    accreditation,
    authenticity,
    certificates,
    content,
    copied,
    dates,
    draws,
    gates,
    independence,
    instruments,
    keeping,
    limits,
    mass,
    occasion,
    papers,
    physics,
    places,
    rawdata,
    results,
    retests,
    reuse,
    sampling,
    throughput,
    versions,
)
