"""Forms about samples beyond their drawing: a draw announced over a delivery, a sample handed on."""

from api.desk.answers import Answers
from api.desk.scene import Sayings, Scene, read_chosen
from labs.drawing.draw import metres_of
from labs.drawing.plans import USUAL_MARGIN_PCT, find_plan, plans
from trace.doubts import drop_unbelieved
from trace.epcis.identifiers import parse_lot
from trace.ledger.store import read_entry, size_of
from trace.quantities import METRE
from trace.site.register import read_site_acts

MOST_AHEAD = 10_000
# Ours: so many entries of others make it hard to write the last of them, and come within a day.
USUAL_AHEAD = 50


def plan_names() -> tuple[str, ...]:
    """The plans that can be chosen, in the order of the file."""
    return tuple(dict.fromkeys(row.plan for row in plans()))


def read_draw(answers: Answers, scene: Scene) -> Sayings:
    """A draw over drums of one delivery: n and c are those of the chosen plan, the seed so many entries ahead."""
    items = read_chosen(answers, scene)
    plan, ahead = answers.choice("plan", plan_names()), answers.count("ahead", MOST_AHEAD)
    lots = {item.lot_id for item in items}
    acts = drop_unbelieved(scene.session, read_site_acts(scene.session, lots))
    deliveries = {lot: [act.entry for act in acts if (act.lot, act.act) == (lot, "delivered")] for lot in lots}
    # The last that brought all of them.
    common = set.intersection(*map(set, deliveries.values())) if deliveries else set()
    sizes = {item.lot_id: item.lot.quantity for item in items if item.lot is not None and item.lot.quantity is not None}
    metres = {lot: size.value for lot, size in sizes.items() if size.unit == METRE}
    family = next((item.lot.family for item in items if item.lot is not None), "")
    row = find_plan(plan, family, len(items))
    if items and not common:
        answers.fault("lot", "not_delivered_together")
    margin = row.margin_pct if row is not None else USUAL_MARGIN_PCT
    if any(lot not in metres or not metres_of(metres[lot], margin) for lot in lots):
        answers.fault("lot", "no_length")
    if items and plan and row is None:
        answers.fault("plan", "no_plan", count=len(items))
    if any(not item.is_unit for item in items):
        answers.fault("lot", "units_only")
    answers.check()
    assert row is not None  # noqa: S101 - else it was a fault
    delivered = read_entry(scene.session, max(common))
    return [
        (
            "draw.announced",
            {
                "delivery": delivered.leaf.hex(),
                "units": [
                    {"lot": parse_lot(lot).uri(), "length_m": format(metres[lot], "f")} for lot in sorted(metres)
                ],
                "plan": row.plan,
                "n": row.n_of(len(items)),
                "c": row.c,
                "margin_pct": format(row.margin_pct, "f"),
                "ledger_size": size_of(scene.session) + 1 + ahead,
            },
        )
    ]


def read_hand(answers: Answers, scene: Scene) -> Sayings:
    """A sample goes on to somebody else."""
    items = read_chosen(answers, scene)
    sample, to, at = answers.text("sample", 60), answers.party("to"), answers.moment("at")
    seal, place = answers.text("seal", 60, required=False), answers.text("place", 120, required=False)
    scene.check_party(answers, "to", to, is_other=True)
    if len(items) > 1:
        answers.fault("lot", "one_only")
    answers.check()
    body = {"sample": sample, "lot": parse_lot(items[0].lot_id).uri(), "to": to, "at": at.isoformat()}
    body |= {name: value for name, value in (("seal", seal), ("place", place)) if value}
    return [("sample.handed", body | {"is_seal_intact": not answers.flag("broken")})]
