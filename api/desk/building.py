"""Forms of the site: delivered, sampled, accepted or rejected, installed, removed, destroyed."""

from decimal import Decimal
from typing import Any

from api.desk.answers import Answers
from api.desk.events import party_uri, write_event
from api.desk.scene import Sayings, Scene, amounts_of, cut, read_chosen
from api.desk.stretches import check_claim, check_left, read_stretch
from trace.epcis.events import Quantity
from trace.epcis.identifiers import parse_lot
from trace.quantities import METRE
from trace.stretches import Claim
from trace.whereabouts import length_of

DECISIONS = {"accepted": "goods.accepted", "rejected": "goods.rejected"}


def read_deliver(answers: Answers, scene: Scene) -> Sayings:
    """Lots have come to the site, against a contract."""
    items = read_chosen(answers, scene, takes_logistic=True)
    contract, invoicer = answers.text("contract", 80), answers.party("invoicer", required=False)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    scene.check_party(answers, "invoicer", invoicer)
    answers.check()
    members = {"suzheng:invoicer": party_uri(invoicer)} if invoicer else {}
    return [
        (
            "goods.delivered",
            write_event("goods.delivered", at, amounts_of(some), place=place, contract=contract, members=members),
        )
        for some in cut(items)
    ]


def read_accept(answers: Answers, scene: Scene) -> Sayings:
    """Lots are accepted on site, or rejected."""
    items = read_chosen(answers, scene)
    kind = DECISIONS.get(answers.choice("decision", DECISIONS), "")
    contract, at = answers.text("contract", 80, required=False), answers.moment("at")
    place = answers.text("place", 120, required=False)
    answers.check()
    return [(kind, write_event(kind, at, amounts_of(some), place=place, contract=contract)) for some in cut(items)]


def read_sample(answers: Answers, scene: Scene) -> Sayings:
    """A piece is cut out of a drum for a lab."""
    items = read_chosen(answers, scene)
    sample, sampler = answers.text("sample", 60), answers.text("sampler", 60)
    witness, person = answers.party("witness", required=False), answers.text("witness_person", 60, required=False)
    courier, seal = answers.party("courier", required=False), answers.text("seal", 60, required=False)
    start = answers.amount("position_m", least=Decimal(-1), required=False)
    length, at = answers.amount("length_m", required=False), answers.moment("at")
    place = answers.text("place", 120, required=False)
    if bool(witness) != bool(person):
        answers.fault("witness_person" if witness else "witness", "missing")
    for name, party in (("witness", witness), ("courier", courier)):
        scene.check_party(answers, name, party)
    if len(items) > 1:
        answers.fault("lot", "one_only")
    if start is not None and length is not None:
        check_claim(answers, items[:1], Claim("sampled", start, start + length, at), "position_m", "length_m")
    answers.check()
    whole = items[0].lot.quantity if items[0].lot is not None else None
    metres = {
        "position_m": start,
        "drum_length_m": whole.value if items[0].is_unit and whole is not None and whole.unit == METRE else None,
        "length_m": length,
    }
    body: dict[str, Any] = {"sample": sample, "lot": parse_lot(items[0].lot_id).uri(), "sampler": sampler}
    body |= {"witness": {"party": witness, "person": person}} if witness else {}
    body |= {name: value for name, value in (("courier", courier), ("seal", seal)) if value}
    body |= {name: format(value, "f") for name, value in metres.items() if value is not None}
    return [("sample.drawn", body | {"drawn_at": at.isoformat()} | ({"place": place} if place else {}))]


def read_install(answers: Answers, scene: Scene) -> Sayings:
    """Metres of one drum are built in at a station."""
    items = read_chosen(answers, scene)
    station, circuit = answers.text("station", 120), answers.text("circuit", 120, required=False)
    start, end = read_stretch(answers, "from_m", "to_m") or (Decimal(0), Decimal(0))
    at, length = answers.moment("at"), Quantity(end - start, METRE)
    if len(items) > 1:
        answers.fault("lot", "one_only")
    check_claim(answers, items[:1], Claim("installed", start, end, at), "from_m", "to_m")
    if not answers.flag("despite"):
        check_left(answers, items[:1], length, "to_m")
    answers.check()
    where = {"station": station} | ({"circuit": circuit} if circuit else {}) | _stretch(start, end)
    metres = {items[0].lot_id: length}
    return [("lot.installed", write_event("lot.installed", at, metres, members={"suzheng:place": where}))]


def read_destroy(answers: Answers, scene: Scene) -> Sayings:
    """Lots are no more, with all that is left of them; or so many metres of one, or which metres of it."""
    items = read_chosen(answers, scene)
    span = read_stretch(answers, "from_m", "to_m", required=False)
    amount, at = answers.amount("metres", required=False), answers.moment("at")
    place = answers.text("place", 120, required=False)
    if len(items) > 1 and (span or amount):
        answers.fault("lot", "one_only")
    if span is not None:
        check_claim(answers, items[:1], Claim("destroyed", *span, at), "from_m", "to_m")
        amount = span[1] - span[0]
    elif amount is not None:
        check_left(answers, [item for item in items[:1] if not item.installed], Quantity(amount, METRE), "metres")
    elif any(item.is_used_up for item in items):
        answers.fault("metres", "missing")
    answers.check()
    amounts = amounts_of(items) if amount is None else {items[0].lot_id: Quantity(amount, METRE)}
    members = {"suzheng:place": _stretch(*span)} if span is not None else None
    return [
        ("lot.destroyed", write_event("lot.destroyed", at, some, place=place, members=members))
        for some in ({lot: amounts[lot] for lot in lots} for lots in cut([*amounts]))
    ]


def _stretch(start: Decimal, end: Decimal) -> dict[str, str]:
    return {"from_m": format(start, "f"), "to_m": format(end, "f")}


def read_remove(answers: Answers, scene: Scene) -> Sayings:
    """What was built in at a station is taken out again."""
    items = read_chosen(answers, scene)
    station, at = answers.text("station", 120), answers.moment("at")
    if len(items) > 1:
        answers.fault("lot", "one_only")
    built = [act for item in items for act in item.installed if act.station == station]
    if items and not built:
        answers.fault("station", "not_installed")
    answers.check()
    act = built[-1]
    where = {"station": station} | ({"circuit": act.circuit} if act.circuit else {})
    if act.from_m is not None and act.to_m is not None:
        where |= _stretch(act.from_m, act.to_m)
    metres = {items[0].lot_id: length_of(act) or Quantity(Decimal(0), METRE)}
    return [("lot.removed", write_event("lot.removed", at, metres, members={"suzheng:place": where}))]
