"""Does the cable on a drum weigh what its type weighed when it was certified? P05."""

from decimal import Decimal

from labs.dossier import Dossier
from labs.rules.concern import drum_values
from labs.rules.resistance import FAMILY
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.production.register import Certificate, Lot

# Catalogue P05: what is below this share of the type test's mass is not the same cable.
LEAST_SHARE = Decimal("0.97")
_SHOWN = Decimal("0.0001")


@rule("P05", Severity.MAJOR)
def drum_too_light(dossier: Dossier) -> Judgement:
    """Net mass over length below 0.97 of what a metre weighed at the type test.

    The reference is a certificate's word, by the body that issued it and in force on the day of making: what its maker
    says of itself is none.
    """
    lot = dossier.history.lot
    if lot is None or lot.family != FAMILY:
        return
    weighed = [one for one in drum_values(dossier) if one.net_mass_kg is not None and one.length_m > 0]
    if not weighed:
        yield Unchecked("P05", "not_weighed")
        return
    certificate = _find_reference(dossier, lot)
    if certificate is None:
        yield Unchecked("P05", "no_reference", {"type": lot.type})
        return
    reference = certificate.masses[lot.type]
    for drum in weighed:
        assert drum.net_mass_kg is not None  # noqa: S101 - of those that were weighed
        if drum.net_mass_kg < LEAST_SHARE * reference * drum.length_m:
            a_metre = drum.net_mass_kg / drum.length_m
            facts: dict[str, Fact] = {
                "lot": drum.lot,
                "party": drum.party,
                "measured_on": drum.measured_on,
                "mass_kg": drum.net_mass_kg,
                "length_m": drum.length_m,
                "kg_per_m": a_metre.quantize(_SHOWN),
                "reference": reference,
                "share_pct": (100 * a_metre / reference).quantize(Decimal("0.1")),
                "number": certificate.number,
            }
            yield Finding("P05", Severity.MAJOR, facts, (drum.entry, certificate.entry))


def _find_reference(dossier: Dossier, lot: Lot) -> Certificate | None:
    """The newest certificate of the maker's in force on the day of making that says what the type weighs."""
    day = civil_day(lot.made_at)
    fitting = [
        one
        for one in dossier.history.certificates
        if one.maker == lot.maker
        and lot.type in one.types
        and lot.type in one.masses
        and one.valid_from <= day <= one.valid_to
        and (one.withdrawn_on is None or day < one.withdrawn_on)
    ]
    return fitting[-1] if fitting else None
