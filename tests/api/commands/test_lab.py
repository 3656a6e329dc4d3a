"""`flask lab`: what a lab was allowed to do on a day, and references that tell nobody anything."""

import json
import stat

import pytest

from labs.relations.references import make_reference
from tests.factories import uscc_of
from tests.world import PREPARED

LAB = uscc_of("lab")


@pytest.fixture
def told(world):
    world.tell(PREPARED)
    world.say("lab", "instrument.calibrated")
    world.say("regulator", "accreditation.suspended", suspended_from="2015-03-03")
    world.say("regulator", "accreditation.reinstated", reinstated_on="2015-04-01")
    return world


@pytest.mark.parametrize(
    ("day", "state", "mark"),
    [("2015-03-02", "Accredited", "+"), ("2015-03-03", "Suspended", "-"), ("2015-04-01", "Accredited", "+")],
)
def test_a_lab_is_shown_as_on_a_day(run, told, day, state, mark):
    result = run("lab show", LAB.lower(), "--on", day)
    assert result.exit_code == 0, result.stderr
    first, line, *rest = result.stdout.splitlines()
    assert first.endswith(f"{day}  {state}")
    assert line.startswith(f"  {mark} ")
    assert "GB/T 3048.4-2007" in line
    assert any("signatory-1" in one for one in rest)
    assert any("B-7" in one for one in rest)


def test_json_and_table_say_the_same(run, told):
    answer = json.loads(run(f"lab show {LAB} --on 2015-03-03 --json").stdout)
    assert (answer["day"], answer["state"]) == ("2015-03-03", "suspended")
    (permit,) = answer["permits"]
    assert (permit["state"], permit["suspended_from"], permit["suspended_to"]) == (
        "suspended",
        "2015-03-03",
        "2015-03-31",
    )
    header, row = run(f"lab show {LAB} --on 2015-03-03 --csv").stdout.splitlines()
    assert "suspended,2014-01-01,2019-12-31,2015-03-03,2015-03-31" in row
    assert header.lstrip("\ufeff").startswith("object,parameter,method")


def test_labs_are_listed_by_what_they_test(run, told):
    assert LAB in run("lab list 'GB/T 3048'").stdout
    assert run("lab list nothing-of-that").stdout == ""
    assert len(run("lab list --csv").stdout.splitlines()) == 3  # with the other lab


@pytest.mark.parametrize("arguments", [f"{LAB} --on soon", uscc_of("dealer"), "nobody"])
def test_what_is_no_day_or_no_lab_is_refused(run, told, arguments):
    assert run(f"lab show {arguments}").exit_code == 1


def test_a_reference_is_made_with_a_secret_for_its_owner_alone(run, world, tmp_path):
    first = run("lab reference phone --secret s --value 13900000001")
    assert first.exit_code == 0, first.stderr
    secret = tmp_path / "s"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    value = bytes.fromhex(secret.read_text())
    assert first.stdout.strip() == make_reference(value, "phone", "13900000001")
    assert run("lab reference phone --secret s --value '+86 139 0000 0001'").stdout == first.stdout
    secret.write_text("short")
    assert run("lab reference phone --secret s --value 1").exit_code == 2
    secret.write_text("ab" * 31)
    assert "reference-invalid" in run("lab reference phone --secret s --value 1").stderr
