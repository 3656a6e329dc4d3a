"""Forms of the site: delivered, accepted or rejected, installed, removed."""

from decimal import Decimal

from api.desk.answers import Answers
from api.desk.events import party_uri, write_event
from api.desk.scene import Sayings, Scene, amounts_of, cut, read_chosen
from trace.epcis.events import Quantity
from trace.quantities import METRE
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


def read_install(answers: Answers, scene: Scene) -> Sayings:
    """Metres of one drum are built in at a station."""
    items = read_chosen(answers, scene)
    station, circuit = answers.text("station", 120), answers.text("circuit", 120, required=False)
    begin = answers.amount("from_m", least=Decimal(-1)) or Decimal(0)
    end = answers.amount("to_m") or Decimal(0)
    at = answers.moment("at")
    if len(items) > 1:
        answers.fault("lot", "one_only")
    if end <= begin:
        answers.fault("to_m", "above", least=begin)
    for item in items[:1]:
        if item.left is not None and end - begin > item.left.value:
            answers.fault("to_m", "more_than_left", left=item.left.value, got=end - begin)
    answers.check()
    where = {"station": station} | ({"circuit": circuit} if circuit else {})
    where |= {"from_m": format(begin, "f"), "to_m": format(end, "f")}
    metres = {items[0].lot_id: Quantity(end - begin, METRE)}
    return [("lot.installed", write_event("lot.installed", at, metres, members={"suzheng:place": where}))]


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
        where |= {"from_m": format(act.from_m, "f"), "to_m": format(act.to_m, "f")}
    metres = {items[0].lot_id: length_of(act) or Quantity(Decimal(0), METRE)}
    return [("lot.removed", write_event("lot.removed", at, metres, members={"suzheng:place": where}))]
