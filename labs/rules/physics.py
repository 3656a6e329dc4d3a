"""Does the copper that the standard implies lie in the cable? P01 P02 P03 P04 P11.

Nothing here believes the word "pass": limits are looked up, values worked out again. Values are compared in full, not
rounded to the limit's figures: a conductor is over its limit by whatever it is over.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from labs.dossier import Dossier
from labs.rules.bounds import Bound
from labs.rules.concern import drum_values, obeys, samples_of
from labs.rules.draws import TOLERANCE_M
from labs.rules.resistance import FAMILY, Unreadable, Value, find_bound, report_values, shown, whole_drum_values
from labs.sampling.register import Sample
from labs.standards.conductor import deficit_pct, over_pct
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.production.register import Lot

_HUNDREDTH = Decimal("0.01")
# Catalogue P11: what needs explaining. IEC 60028: 100 % IACS is 1/58 Ω·mm²/m, or 17.241 Ω·mm²/km, at 20 °C.
_LEAST_SHARE, _MOST_IACS_PCT = Decimal("0.90"), Decimal(102)
_IACS_OHM_MM2_PER_KM = Decimal(1000) / Decimal(58)
# Catalogue P02: a deficit above these is critical, major.
_CRITICAL_DEFICIT_PCT, _MAJOR_DEFICIT_PCT = Decimal(10), Decimal(2)
# Catalogue P03: the rise that needs no uncertainty to be significant, and the expanded uncertainty (k = 2) of a
# resistance bridge where none is stated.
_LEAST_RISE_PCT = Decimal(1)
_USUAL_STANDARD_PCT = Decimal("0.29") / 2
# Catalogue P04: what counts as the end of a drum.
_END_M, _END_SHARE = Decimal(20), Decimal("0.02")


@rule("P01", Severity.BLOCK, gate=True)
def conductor_over_limit(dossier: Dossier) -> Judgement:
    """Conductor resistance at 20 °C above the limit of its class, material, surface and area.

    A value counts as over the limit only if it is by more than its stated uncertainty, and as within it only if it is
    so by more than that: in between, nobody knows.
    """
    for item in _over(dossier, "P01"):
        if isinstance(item, Unchecked):
            yield item
            continue
        value, bound = item
        facts = _facts(value, bound) | {"over_pct": over_pct(value.r20, bound.limit.limit).quantize(_HUNDREDTH)}
        yield Finding("P01", Severity.BLOCK, facts, (value.entry, *bound.entries), value.source)


@rule("P02", Severity.CRITICAL)
def conductor_deficit(dossier: Dossier) -> Judgement:
    """How much of the conductor that the limit implies is not there: the least it can be, from R20 alone."""
    for item in _over(dossier, "P02"):
        if isinstance(item, Unchecked):
            yield item
            continue
        value, bound = item
        deficit = deficit_pct(value.r20, bound.limit.limit)
        facts = _facts(value, bound) | {
            "deficit_pct": deficit.quantize(_HUNDREDTH),
            "left_pct": (100 - deficit).quantize(_HUNDREDTH),
        }
        yield Finding("P02", _grade(deficit), facts, (value.entry, *bound.entries), value.source)


@rule("P03", Severity.CRITICAL)
def good_ends_thin_middle(dossier: Dossier) -> Judgement:
    """The whole drum's Ω/km above that of its sample by more than 1 % and three standard uncertainties."""
    lot = dossier.history.lot
    if lot is None or lot.family != FAMILY:
        return
    drums = [value for value in whole_drum_values(dossier, lot) if isinstance(value, Value)]
    tested = [value for value in report_values(dossier, lot) if isinstance(value, Value)]
    if not drums or not tested:
        yield Unchecked("P03", "no_whole_drum_value" if not drums else "no_sample_value")
        return
    sample = min(tested, key=lambda value: value.r20)
    for drum in drums:
        yield from _compare(drum, sample)


@rule("P04", Severity.MAJOR)
def sampled_at_ends_only(dossier: Dossier) -> Judgement:
    """All samples from the first or last metres of a drum, and no value of a whole drum to make up for it.

    What was cut where a draw had it cut is no choice of the sampler's, wherever it lies.
    """
    lot = dossier.history.lot
    if lot is None or lot.family != FAMILY or drum_values(dossier):
        return
    samples = samples_of(dossier)
    if not samples:
        yield Unchecked("P04", "no_sample")
        return
    if any(obeys(draw, sample, TOLERANCE_M) for draw in dossier.draws if draw.is_ahead for sample in samples):
        return
    places = [_from_end(dossier, sample) for sample in samples]
    known = [place for place in places if place is not None]
    if any(from_end > margin for from_end, margin in known):
        return
    if len(known) < len(places):
        yield Unchecked("P04", "no_position")
        return
    from_end, margin = max(known)
    facts: dict[str, Fact] = {"farthest_m": from_end, "margin_m": margin, "samples": len(samples)}
    yield Finding("P04", Severity.MAJOR, facts, tuple(sample.entry for sample in samples))


@rule("P11", Severity.MINOR)
def too_good(dossier: Dossier) -> Judgement:
    """Less than nine tenths of the limit, or copper that conducts better than copper does: 102 % IACS over the nominal
    area. By more than the uncertainty. A bigger conductor than was ordered explains it, and so does an invented value.
    """
    lot = dossier.history.lot
    if lot is None or lot.family != FAMILY:
        return
    values = report_values(dossier, lot)
    bound = find_bound(dossier, lot)
    if not values or bound is None:
        yield Unchecked("P11", "no_limit" if values else "no_row", {"type": lot.type})
        return
    for value in values:
        if isinstance(value, Unreadable):
            yield Unchecked("P11", value.reason, value.facts)
            continue
        most = value.r20 + (value.expanded or Decimal(0))
        iacs_pct = _iacs_pct(most, lot)
        facts = _facts(value, bound) | {"share_pct": (100 * value.r20 / bound.limit.limit).quantize(_HUNDREDTH)}
        if iacs_pct is not None and iacs_pct > _MOST_IACS_PCT:
            facts["iacs_pct"] = iacs_pct.quantize(_HUNDREDTH)
            yield Finding("P11", Severity.MINOR, facts, (value.entry, *bound.entries), "conductivity")
        elif most < _LEAST_SHARE * bound.limit.limit:
            yield Finding("P11", Severity.MINOR, facts, (value.entry, *bound.entries), "share")


def _iacs_pct(r20: Decimal, lot: Lot) -> Decimal | None:
    """Conductivity over the nominal area, in % of annealed copper's; None for another metal or an unknown area."""
    if lot.attributes.get("material") != "Cu" or r20 <= 0:
        return None
    try:
        area_mm2 = Decimal(lot.attributes.get("nominal_area_mm2", ""))
    except InvalidOperation:
        return None
    return 100 * _IACS_OHM_MM2_PER_KM / (r20 * area_mm2) if area_mm2.is_finite() and area_mm2 > 0 else None


def _over(dossier: Dossier, code: str) -> Iterator[tuple[Value, Bound] | Unchecked]:
    """Each value that is over its limit beyond doubt, and what could not be held against one."""
    lot = dossier.history.lot
    if lot is None or lot.family != FAMILY:
        return
    values = (*report_values(dossier, lot), *whole_drum_values(dossier, lot))
    if not values:
        yield Unchecked(code, "no_row")
        return
    bound = find_bound(dossier, lot)
    if bound is None:
        yield Unchecked(code, "no_limit", {"type": lot.type, "standard": lot.standard or ""})
        return
    for value in values:
        if isinstance(value, Unreadable):
            yield Unchecked(code, value.reason, value.facts)
            continue
        outcome = bound.limit.outcome(value.r20, value.expanded)
        if outcome == "unclear":
            facts = _facts(value, bound) | {"uncertainty": shown(value.expanded or Decimal(0))}
            yield Unchecked(code, "inside_guard_band", facts)
        elif outcome == "broken":
            yield value, bound


def _facts(value: Value, bound: Bound) -> dict[str, Fact]:
    return {
        **value.facts,
        "r20": shown(value.r20),
        "limit": bound.limit.limit,
        "citation": bound.limit.citation,
        "is_confirmed": bound.limit.is_confirmed,
    }


def _grade(deficit: Decimal) -> Severity:
    if deficit > _CRITICAL_DEFICIT_PCT:
        return Severity.CRITICAL
    return Severity.MAJOR if deficit > _MAJOR_DEFICIT_PCT else Severity.MINOR


def _compare(drum: Value, sample: Value) -> Iterator[Finding]:
    u_drum, u_sample = (
        _USUAL_STANDARD_PCT if value.standard_pct is None else value.standard_pct for value in (drum, sample)
    )
    combined = (u_drum**2 + u_sample**2).sqrt()
    rise = over_pct(drum.r20, sample.r20)
    threshold = max(_LEAST_RISE_PCT, 3 * combined)
    if rise > threshold:
        facts: dict[str, Fact] = {
            "drum_r20": shown(drum.r20),
            "sample_r20": shown(sample.r20),
            "rise_pct": rise.quantize(_HUNDREDTH),
            "threshold_pct": threshold.quantize(_HUNDREDTH),
            "mean_section_pct": (100 * sample.r20 / drum.r20).quantize(_HUNDREDTH),
            "lab": sample.facts["lab"],
            "number": sample.facts["number"],
            "party": drum.facts["party"],
            "measured_on": drum.facts["measured_on"],
            "length_m": drum.facts["length_m"],
        }
        yield Finding("P03", Severity.CRITICAL, facts, (drum.entry, sample.entry))


def _from_end(dossier: Dossier, sample: Sample) -> tuple[Decimal, Decimal] | None:
    """Metres from the nearer end, and how many of them still count as the end; None where that can't be said."""
    quantity = known.quantity if (known := dossier.history.lots.get(sample.lot)) is not None else None
    length = sample.drum_length_m
    if length is None and quantity is not None and quantity.unit == "MTR":
        length = quantity.value
    if sample.position_m is None or length is None:
        return None
    return min(sample.position_m, length - sample.position_m), max(_END_M, _END_SHARE * length)
