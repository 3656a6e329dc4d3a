"""The benchmarks run, tell what they measured, and see what became worse; how fast anything is, no test asks."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.figures import Figure, Result, find_regressions, read_result
from tests.benchmarks.labs import measure_reports, measure_screens
from tests.benchmarks.reports import HABITS

ROOT = Path(__file__).resolve().parent.parent
RATE = Figure("accept", 3000, "statements/s", 2500, limit="checks")
COST = Figure("latency", 40, "ms", 100, is_cost=True)
RESULT = Result({"processor": "one"}, {"checks": 10_000}, [RATE, COST])


def test_a_run_tells_the_machine_its_limits_and_the_figures(tmp_path: Path) -> None:
    kept = tmp_path / "ledger.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "ledger", "--quick", "--only", "accept", "--json", str(kept)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = read_result(kept)
    assert [figure.unit for figure in told.figures] == ["statements/s", "statements/s"]
    assert all(figure.value > 0 for figure in told.figures)
    assert {name for name, value in told.limits.items() if value > 0} == set(told.limits)
    assert str(told.machine["processor"]) in done.stdout
    assert "demanded" in done.stdout


def test_generated_labs_are_told_apart_and_honest_ones_are_left_alone(tmp_path: Path) -> None:
    """A district or two: the screens see the habits that they are for."""
    told = list(measure_screens(tmp_path, {}, lambda count: 1))
    asked = {figure.name[:3]: figure.value for figure in told if figure.name.startswith("L")}
    assert asked.keys() == set(HABITS)
    assert {code for code, share in asked.items() if share == 100} >= {"L11", "L12", "L13", "L14"}
    assert all(figure.value == 0 for figure in told if figure.is_cost)


def test_reports_are_let_in_judged_and_screened(tmp_path: Path) -> None:
    told = {figure.name: figure.value for figure in measure_reports("sqlite", tmp_path, lambda count: 200)}
    assert told["L10: copies found, SQLite"] == 100
    assert told["  of honest reports found to be copies"] == 0
    assert all(value > 0 for name, value in told.items() if "honest" not in name)


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(RESULT.to_json(), encoding="utf-8")
    assert read_result(tmp_path / "kept.json") == RESULT


def test_a_rate_is_worse_by_its_share_of_the_limit_not_by_itself() -> None:
    slower_machine = replace(RESULT, limits={"checks": 5000}, figures=[replace(RATE, value=1500), COST])
    assert list(find_regressions(RESULT, slower_machine)) == []
    worse = replace(RESULT, figures=[replace(RATE, value=2300), COST])
    assert [line.partition(":")[0] for line in find_regressions(RESULT, worse)] == ["accept"]


def test_a_cost_is_worse_when_it_grows() -> None:
    assert list(find_regressions(RESULT, replace(RESULT, figures=[replace(COST, value=47)]))) == []
    assert len(list(find_regressions(RESULT, replace(RESULT, figures=[replace(COST, value=49)])))) == 1
    assert list(find_regressions(RESULT, replace(RESULT, figures=[replace(COST, value=4)]))) == []


def test_what_was_demanded_is_met_or_not() -> None:
    assert (RATE.is_met, replace(RATE, value=2400).is_met) == (True, False)
    assert (COST.is_met, replace(COST, value=101).is_met) == (True, False)
    assert replace(RATE, demanded=None).is_met is None


def test_the_committed_result_is_of_the_figures_that_there_are() -> None:
    kept = json.loads((ROOT / "tests" / "benchmarks" / "results" / "ledger.json").read_text(encoding="utf-8"))
    assert {"processor", "cores", "memory"} <= kept["machine"].keys()
    assert len(kept["figures"]) > 10
