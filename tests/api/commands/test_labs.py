"""`flask labs screen`: what is asked, and how often chance alone would ask."""

from tests.factories import SISTER, RowBody
from tests.world import HONEST


def issue(world, number, digits):
    rows = [RowBody(value=f"7.{20 + place % 40}{digits[place % len(digits)]}") for place in range(150)]
    world.say("lab", "report.issued", rows=rows, number=number, lots=[f"/{SISTER}"], sample=number)


def test_questions_are_printed_with_what_chance_alone_would_ask(run, world):
    world.tell(HONEST)
    issue(world, "R-1", "05")
    result = run("labs screen")
    assert result.exit_code == 0, result.stderr
    assert "L11 " in result.stdout
    assert "conductor_resistance" in result.stdout
    assert "looked 1 times, asks 1; chance alone: 0.0001" in result.stdout
    assert run("labs screen").stdout == result.stdout
    assert run("labs screen --anew").stdout == result.stdout


def test_without_reports_nothing_is_asked(run, world):
    result = run("labs screen")
    assert "L24" in result.stdout
    assert "asks 1" not in result.stdout
