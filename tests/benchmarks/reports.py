"""Generated reports of labs, honest and otherwise, as plain rows: eight values of a cable, six of them triplicates.

An honest lab measures goods that vary, with a repeatability of its own, and writes down what it reads. The others each
do one thing that people do who write down what they did not measure; how much of it, is said beside each.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# mm², and the limit in Ω/km at 20 °C (IEC 60228 class 2, copper).
LIMITS = {"1.5": "12.1", "2.5": "7.41", "4": "4.61", "6": "3.08", "10": "1.83", "16": "1.15", "25": "0.727"}
Values = dict[str, list[float]]
_DECIMALS = {"conductor_resistance": 3, "insulation_thickness": 3, "tensile_strength": 1, "elongation": 1}
_UNITS = {"conductor_resistance": "ohm/km", "insulation_thickness": "mm", "tensile_strength": "MPa", "elongation": "%"}
_METHODS = {"conductor_resistance": "GB/T 3048.4-2007", "insulation_thickness": "GB/T 2951.11-2008"}
_LEAST = {"insulation_thickness": "0.70", "tensile_strength": "125", "elongation": "125"}


@dataclass(frozen=True, slots=True)
class Written:
    """A report as a lab wrote it: for whom, with which values, and whether it says pass."""

    client: int
    size: str
    values: Mapping[str, list[Decimal]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its rows as a statement has them."""
        return [_row(name, value, self.size) for name, values in self.values.items() for value in values]

    @property
    def conclusion(self) -> str:
        """pass where every value keeps its limit."""
        return "pass" if all(row["verdict"] == "pass" for row in self.rows) else "fail"


def write_reports(count: int, chance: random.Random, habit: str = "") -> Iterator[Written]:
    """The reports of one lab. `habit` is "" for an honest one, else the rule that is to see it."""
    skill = chance.uniform(0.75, 1.3)
    write, bend = _WRITE.get(habit, _as_read), _BEND.get(habit, lambda *_: None)
    # One client of twelve is favoured, where one is, whose goods are no better than others'.
    for _ in range(count):
        client, size = chance.randrange(12), chance.choice(list(LIMITS))
        values = _measure(chance, skill, float(LIMITS[size]))
        bend(values, chance, size, client)
        yield Written(
            client,
            size,
            {name: [write(chance, name, one) for one in several] for name, several in values.items()},
        )


def _measure(chance: random.Random, skill: float, limit: float) -> Values:
    """Goods are a little better than their limits; one in fifteen is not."""
    bad = chance.random() < 1 / 15
    resistance = limit * chance.gauss(1.01 if bad else 0.975, 0.012)
    strength, elongation = chance.gauss(150, 8), chance.gauss(175, 12)
    return {
        "conductor_resistance": [resistance],
        "insulation_thickness": [chance.gauss(0.80, 0.025)],
        "tensile_strength": [chance.gauss(strength, 0.03 * skill * strength) for _ in range(3)],
        "elongation": [chance.gauss(elongation, 0.05 * skill * elongation) for _ in range(3)],
    }


def _as_read(chance: random.Random, name: str, value: float) -> Decimal:
    return Decimal(f"{value:.{_DECIMALS[name]}f}")


def _with_liked_digits(chance: random.Random, name: str, value: float) -> Decimal:
    """A third of the last digits are chosen: fives, noughts, and what people take for chance."""
    read = _as_read(chance, name, value)
    if chance.random() > 1 / 3:
        return read
    return Decimal(str(read)[:-1] + chance.choice("0055378"))


def _copy_first(values: Values, chance: random.Random, *_: object) -> None:
    """One specimen is measured, the others are a fifth as far from it as they would be."""
    for name in ("tensile_strength", "elongation"):
        first = values[name][0]
        values[name] = [first, *(first + (other - first) / 5 for other in values[name][1:])]


def _average(values: Values, chance: random.Random, *_: object) -> None:
    """In half of the triplicates the third is made up near the mean of two."""
    for name in ("tensile_strength", "elongation"):
        if chance.random() < 0.5:
            low, high = values[name][:2]
            values[name] = [low, high, (low + high) / 2 + chance.gauss(0, 0.05) * (high - low)]


def _help_over(values: Values, chance: random.Random, size: str, *_: object) -> None:
    """What fails by up to 3 % is written down as just passing."""
    limit, (value,) = float(LIMITS[size]), values["conductor_resistance"]
    if limit < value < 1.03 * limit:
        values["conductor_resistance"] = [limit * (1 - chance.uniform(0.0005, 0.005))]


def _favour(values: Values, chance: random.Random, size: str, client: int) -> None:
    """Nothing of one client fails."""
    if client == 0:
        values["conductor_resistance"] = [float(LIMITS[size]) * chance.gauss(0.96, 0.008)]
        for name in ("tensile_strength", "elongation"):
            values[name] = [max(value, 126 + chance.random()) for value in values[name]]
        values["insulation_thickness"] = [max(values["insulation_thickness"][0], 0.702)]
    elif chance.random() < 0.15:
        values["conductor_resistance"] = [float(LIMITS[size]) * 1.02]


_WRITE: Mapping[str, Callable[[random.Random, str, float], Decimal]] = {"L11": _with_liked_digits}
_BEND: Mapping[str, Callable[..., None]] = {"L12": _copy_first, "L13": _average, "L14": _help_over, "L24": _favour}
HABITS = ("L11", "L12", "L13", "L14", "L24")


def _row(name: str, value: Decimal, size: str) -> dict[str, Any]:
    limit = LIMITS[size] if name == "conductor_resistance" else _LEAST[name]
    is_most = name == "conductor_resistance"
    keeps = value <= Decimal(limit) if is_most else value >= Decimal(limit)
    return {
        "parameter": name,
        "object": "cable",
        "method": _METHODS.get(name, "GB/T 2951.11-2008"),
        "value": str(value),
        "unit": _UNITS[name],
        "limit": limit,
        "limit_kind": "max" if is_most else "min",
        "verdict": "pass" if keeps else "fail",
        "started_on": "2015-05-09",
        "ended_on": "2015-05-10",
    }
