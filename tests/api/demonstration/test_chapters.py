"""The story as data: its order, its names, and numbers that physics allows."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.demonstration.addresses import read_addresses
from api.demonstration.chapters import Step, Story, read_story
from api.demonstration.names import STORY
from labs.standards.conductor import to_20_c
from trace.epcis.identifiers import parse_lot
from trace.uscc import check_uscc

# kg of copper in a metre of 1 mm²: 8.89 g/cm³ (IEC 60028).
COPPER_KG = Decimal("0.00889")
ROD = "/01/02990000030016/"


def test_step_before_the_one_before_it_is_refused(tmp_path: Path):
    (tmp_path / "00-names.toml").write_bytes((STORY / "00-names.toml").read_bytes())
    step = '[[step]]\nat = {}T09:00:00+08:00\nwho = "city"\nkind = "ban.imposed"\nwhy = ""\nbody = {{}}\n'
    (tmp_path / "01-one.toml").write_text(step.format("2015-01-02"), encoding="utf-8")
    (tmp_path / "02-two.toml").write_text(step.format("2015-01-01"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"02-two\.toml: expected 2015-01-02 .* got 2015-01-01"):
        read_story(tmp_path)


def test_range_in_a_list_stands_for_each_unit(story: Story):
    lots = story.names.spell_out({"lots": ["#b25/15B0511/D09..D11"]})["lots"]
    assert [lot.rsplit("/", 1)[-1] for lot in lots] == ["D09", "D10", "D11"]


def test_everything_is_named_and_told_why(story: Story):
    assert all(step.why for step in story.steps)
    assert {step.party for step in story.steps} <= story.names.parties.keys()


def test_codes_are_well_formed_and_nobodys(story: Story):
    codes = story.names.parties.values()
    assert all(check_uscc(code) == code for code in codes)
    assert all(code[2:8] == "990100" and code[8:11] == "DEM" for code in codes)
    assert len(set(codes)) == len(codes)
    # GS1 General Specifications 2.1.11: 200 to 299 are for restricted circulation.
    assert all(product["gtin"].startswith("299") for product in story.names.products.values())


def test_address_leads_to_a_lot_of_the_story_or_to_a_page(story: Story):
    addresses = dict(read_addresses(story.names))
    assert {"use", "stop", "hold", "trace", "report", "forged", "findings"} <= addresses.keys()
    known = {parse_lot(lot).path for step in _events(story) for lot in _amounts(step, "") | _amounts(step, "output")}
    assert addresses["trace"].removeprefix("/trace") in known
    assert {addresses[label] for label in ("use", "stop", "hold", "cut", "forged_lot", "reused")} <= known
    assert addresses["report"] == f"/reports/{story.names.parties['lab_a']}/SY-2015-0513"


def test_every_reported_resistance_follows_from_its_readings(story: Story):
    rows = [
        row
        for step in story.steps
        if step.kind in ("report.issued", "report.amended")
        for row in step.body["rows"]
        if row["parameter"] == "conductor_resistance"
    ]
    assert len(rows) >= 15
    for row in rows:
        read = [Decimal(row[name]) for name in ("resistance_ohm", "length_m", "temperature_c")]
        assert abs(to_20_c(read[0], read[1], read[2], "Cu") - Decimal(row["value"])) < Decimal("0.001")


def test_thin_middle_is_the_good_end_at_four_fifths_of_the_section(story: Story):
    values = {
        step.body["number"]: Decimal(step.body["rows"][0]["value"])
        for step in story.steps
        if step.kind == "report.issued"
    }
    for end, middles in (
        ("SY-2015-0601", ("SY-2015-1012", "SY-2015-1105", "SY-2017-0317", "SY-2017-0318")),
        ("SY-2015-0721", ("SY-2015-1117", "SY-2017-0319")),
    ):
        for middle in middles:
            assert abs(values[middle] / values[end] * Decimal("0.8") - 1) < Decimal("0.01")


def test_honest_works_puts_in_the_copper_and_the_other_does_not(story: Story):
    lacking = {step.who for step in _events(story) if step.kind == "lot.transformed" and _copper_share(step) < 1}
    enough = {step.who for step in _events(story) if step.kind == "lot.transformed" and _copper_share(step) >= 1}
    assert lacking == {"maker_b"}
    assert enough == {"maker_a", "maker_a.second"}


def _copper_share(step: Step) -> Decimal:
    """Copper put in, by the copper that the metres drawn should hold."""
    type_ = step.body["ilmd"]["suzheng:product"]["type"]
    areas = {"1×2.5": "2.5", "1×4": "4", "4×25+1×16": "116"}
    area = Decimal(next(area for end, area in areas.items() if type_.endswith(f" {end}")))
    rod = sum(amount for lot, amount in _amounts(step, "input").items() if ROD in lot)
    (metres,) = _amounts(step, "output").values()
    return Decimal(rod) / (area * metres * COPPER_KG)


def _events(story: Story) -> Iterator[Step]:
    return (step for step in story.steps if "@context" in step.body)


def _amounts(step: Step, side: str) -> dict[str, Any]:
    """How much of each lot stands on a side of an event."""
    listed: list[dict[str, Any]] = step.body.get(f"{side}QuantityList" if side else "quantityList", [])
    named: list[str] = step.body.get(f"{side}EPCList" if side else "epcList", [])
    sizes = {item["epc"]: item["quantity"] for item in step.body.get("suzheng:quantities", [])}
    return {item["epcClass"]: item["quantity"] for item in listed} | {lot: sizes[lot] for lot in named}
