"""Imports run down the house and in no circle: wsgi → api → labs → trace → keys, and inside trace as its floors lie."""

import ast

import pytest

from tests.house.source import graph, modules

FLOORS = (("keys",), ("trace",), ("labs",), ("api",), ("wsgi",))
# DESIGN.md §4, from the bottom; what stands together on a floor may use one another, circles apart.
FLOORS_OF_TRACE = (
    (
        "trace.reading",
        "trace.ledger",
        "trace.epcis.identifiers",
        "trace.epcis.events",
        "trace.epcis.parts",
        "trace.epcis.vocabulary",
        "trace.epcis.mapping",
        "trace.uscc",
        "trace.findings",
        "trace.days",
        "trace.quantities",
        "trace.tolerances",
    ),
    ("trace.kinds", "trace.fields", "trace.epcis", "trace.captures"),
    ("trace.chains", "trace.parties", "trace.doubts"),
    ("trace.production",),
    ("trace.bidding",),
    ("trace.packing",),
    ("trace.custody",),
    ("trace.site", "trace.stretches"),
    ("trace.oversight",),
    ("trace.scans", "trace.mismatches"),
    ("trace.lineage", "trace.material", "trace.balance", "trace.book", "trace.whereabouts", "trace.recalling"),
    ("trace.history", "trace.desk", "trace.intake", "trace.audit", "trace.replay"),
    ("trace.rules", "trace.copper_months"),
)


def floor_of(module: str, floors: tuple[tuple[str, ...], ...]) -> int | None:
    """The floor with the longest name that the module is, or lies in."""
    fitting = [
        (len(name), level)
        for level, names in enumerate(floors)
        for name in names
        if module == name or module.startswith(name + ".")
    ]
    return max(fitting)[1] if fitting else None


def breaches(uses: dict[str, set[str]], floors: tuple[tuple[str, ...], ...]) -> list[str]:
    """Imports that run up."""
    found = []
    for module, used in uses.items():
        here = floor_of(module, floors)
        for other in sorted(used):
            there = floor_of(other, floors)
            if here is not None and there is not None and there > here:
                found.append(f"{module} imports {other}")
    return found


def circle(uses: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, or nothing. A package is entered before its modules, so it counts for itself alone."""
    done: set[str] = set()
    for start in uses:
        path, waiting = [start], [iter(sorted(uses[start]))]
        while path:
            for other in waiting[-1]:
                if other in path:
                    return [*path[path.index(other) :], other]
                if other not in done:
                    path.append(other)
                    waiting.append(iter(sorted(uses[other])))
                    break
            else:
                done.add(path.pop())
                waiting.pop()
    return []


USES = graph(modules())


def test_no_import_runs_up():
    assert breaches(USES, FLOORS) == []


def test_inside_trace_each_stage_uses_only_those_below_it():
    assert breaches(USES, FLOORS_OF_TRACE) == []


def test_every_module_of_trace_has_its_floor():
    ours = [module for module in USES if module.startswith("trace.")]
    assert [module for module in ours if floor_of(module, FLOORS_OF_TRACE) is None] == []


def test_no_circles():
    assert circle(USES) == []


# --- the checks can fail ---


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("keys.envelope", "from trace.kinds import Kind"),
        ("trace.intake", "import labs.judge"),
        ("labs.judge", "from api import words"),
        ("trace.ledger.store", "from api.app import create_app"),
    ],
)
def test_an_import_up_the_house_is_seen(module, line):
    trees = modules()
    trees[module].body.append(ast.parse(line).body[0])
    assert len({found.split(" ")[0] for found in breaches(graph(trees), FLOORS)} & {module}) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("trace.production.register", "from trace.custody.register import HolderRow"),
        ("trace.ledger.store", "from trace.kinds import Kind"),
        ("trace.parties.register", "from trace.intake import accept"),
        ("trace.history", "from trace.rules import RULES"),
        ("trace.epcis.events", "def late():\n    from trace.kinds import Kind"),
    ],
)
def test_an_import_up_the_stages_is_seen(module, line):
    trees = modules()
    trees[module].body.append(ast.parse(line).body[0])
    assert any(found.startswith(module) for found in breaches(graph(trees), FLOORS_OF_TRACE))


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
