"""Does another lab, or a regulator, find the same? L22: re-tests of the lot at hand."""

from decimal import Decimal
from itertools import combinations

from labs.dossier import Dossier
from labs.reports.retests import Disagreement, compare
from labs.rules.concern import current_reports
from labs.rules.resistance import shown
from trace.findings import Fact, Finding, Judgement, Severity, rule

_HUNDREDTH = Decimal("0.01")


@rule("L22", Severity.MAJOR)
def disagrees_with_retest(dossier: Dossier) -> Judgement:
    """Two labs' values further apart than their uncertainties allow (En > 1), one passing what the other fails, or a
    pass on goods that a regulator's check failed. Which of them is right is not said.
    """
    reports = current_reports(dossier)
    lot = dossier.history.lot
    material = lot.attributes.get("material", "") if lot is not None else ""
    for one, other in combinations(reports, 2):
        for disagreement in compare(one, other, material):
            facts, proof = _facts(disagreement), (disagreement.first.entry, disagreement.second.entry)
            if disagreement.kind == "en" and disagreement.en is not None:
                facts["en"] = disagreement.en.quantize(_HUNDREDTH)
                yield Finding("L22", Severity.MAJOR, facts, proof, "en")
            else:
                yield Finding("L22", Severity.MAJOR, facts, proof, "reversed")
    failed = [check for check in dossier.history.spot_checks if not check.is_passed and check.lot in dossier.covered]
    for report in reports:
        for check in failed if report.conclusion == "pass" else ():
            facts = {
                "lab": report.lab,
                "number": report.number,
                "authority": check.authority,
                "check": check.number,
                "checked_on": check.checked_on,
            }
            yield Finding("L22", Severity.MAJOR, facts, (report.entry, check.entry), "spot_check")


def _facts(one: Disagreement) -> dict[str, Fact]:
    return {
        "lab": one.first.lab,
        "number": one.first.number,
        "other_lab": one.second.lab,
        "other_number": one.second.number,
        "parameter": one.parameter,
        "value": "" if one.first_value is None else shown(one.first_value),
        "other_value": "" if one.second_value is None else shown(one.second_value),
        "unit": one.unit,
    }
