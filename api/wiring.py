"""Puts the house together, once: the catalogue of kinds, the rules, the standards pack. What lower floors need is
handed in from here.
"""

from dataclasses import dataclass
from functools import cache

from labs.accreditation import statements as accreditation
from labs.casework import statements as casework
from labs.drawing import statements as drawing
from labs.instruments import statements as instruments
from labs.papers import statements as papers
from labs.relations import statements as relations
from labs.reports import statements as reports
from labs.rules import RULES as LAB_RULES
from labs.sampling import statements as sampling
from labs.standards.pack import StandardsPack, read_pack
from trace.bidding import statements as bidding
from trace.custody import statements as custody
from trace.epcis import statements as epcis
from trace.findings import Rule
from trace.kinds import Catalogue
from trace.oversight import statements as oversight
from trace.packing import statements as packing
from trace.parties import statements as parties
from trace.production import statements as production
from trace.rules import RULES as TRACE_RULES
from trace.site import statements as site

STAGES = (
    parties,
    production,
    bidding,
    packing,
    custody,
    site,
    oversight,
    accreditation,
    drawing,
    instruments,
    relations,
    sampling,
    reports,
    papers,
    casework,
    epcis,
)


@dataclass(frozen=True)
class House:
    """What every request and command works with."""

    catalogue: Catalogue
    rules: dict[str, Rule]
    pack: StandardsPack


@cache
def build_house() -> House:
    """The one house of this process."""
    kinds = [kind for stage in STAGES for kind in stage.KINDS]
    return House(Catalogue(kinds), dict(sorted({**TRACE_RULES, **LAB_RULES}.items())), read_pack())
