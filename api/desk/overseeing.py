"""Forms of regulators and of those who answer them: recall, answer; and of whoever lets others speak: admit, enrol."""

from decimal import Decimal
from typing import Any

from api.desk.answers import Answers
from api.desk.scene import Sayings, Scene, read_chosen
from keys.keyring import read_jwk
from trace.epcis.identifiers import parse_lot
from trace.kinds import Role
from trace.parties.register import find_key, find_party

ACTIONS = ("quarantined", "returned", "destroyed", "removed", "not_held")
MAX_RECALLED = 200


def read_recall(answers: Answers, scene: Scene) -> Sayings:
    """An order to give back lots; what was cut or made of them goes with them."""
    items = read_chosen(answers, scene)
    number, reason = answers.text("number", 80), answers.text("reason", 1000)
    ordered, deadline = answers.day("ordered_on"), answers.day("deadline_on")
    if ordered and deadline and deadline < ordered:
        answers.fault("deadline_on", "before", day=ordered)
    if len(items) > MAX_RECALLED:
        answers.fault("lot", "too_many", most=MAX_RECALLED, got=len(items))
    answers.check()
    body: dict[str, Any] = {"number": number, "lots": [parse_lot(item.lot_id).uri() for item in items]}
    body |= {"reason": reason, "ordered_on": str(ordered), "deadline_on": str(deadline)}
    return [("recall.ordered", body)]


def read_answer(answers: Answers, scene: Scene) -> Sayings:
    """What a holder did with what it holds of a recalled lot."""
    items = read_chosen(answers, scene)
    number, action = answers.text("number", 80), answers.choice("action", ACTIONS)
    answered, quantity = answers.day("answered_on"), answers.amount("quantity", least=Decimal(-1), required=False)
    if len(items) > 1:
        answers.fault("lot", "one_only")
    answers.check()
    body: dict[str, Any] = {"number": number, "lot": parse_lot(items[0].lot_id).uri(), "action": action}
    body |= {"answered_on": str(answered)}
    if quantity is not None:
        lot = items[0].lot
        unit = lot.quantity.unit if lot is not None and lot.quantity is not None else "MTR"
        body |= {"quantity": format(quantity, "f"), "unit": unit}
    return [("recall.answered", body)]


def read_admit(answers: Answers, scene: Scene) -> Sayings:
    """A party joins the registry in its roles, with its first key."""
    uscc, key = answers.uscc("uscc"), answers.key("key")
    name_zh, name_en = answers.text("name_zh", 120), answers.text("name_en", 120, required=False)
    roles, address = answers.choices("role", [*Role]), answers.text("address", required=False)
    _check_key(answers, scene, key)
    answers.check()
    party: dict[str, Any] = {"uscc": uscc, "name": {"zh": name_zh} | ({"en": name_en} if name_en else {})}
    party |= {"roles": [str(role) for role in roles]} | ({"address": address} if address else {})
    return [("party.admitted", {"party": party, "key": key})]


def read_enrol(answers: Answers, scene: Scene) -> Sayings:
    """One more key of a party: of one's own, or of another's for a regulator."""
    is_regulator = Role.REGULATOR in scene.party.roles
    party = answers.party("party") if is_regulator else scene.party.uscc
    key = answers.key("key")
    begin, end = answers.day("valid_from", required=False), answers.day("valid_to", required=False)
    if party and find_party(scene.session, party) is None:
        answers.fault("party", "party", got=party)
    if begin and end and end < begin:
        answers.fault("valid_to", "before", day=begin)
    _check_key(answers, scene, key)
    answers.check()
    days = {"valid_from": begin, "valid_to": end}
    return [("key.enrolled", {"party": party, "key": key} | {name: str(day) for name, day in days.items() if day})]


def _check_key(answers: Answers, scene: Scene, jwk: dict[str, str]) -> None:
    if jwk and find_key(scene.session, read_jwk(jwk).kid) is not None:
        answers.fault("key", "key_known")
