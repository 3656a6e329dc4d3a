"""What can be done at the desk: each act with its kinds, who is offered it, and how its form is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from api.desk.answers import Answers
from api.desk.building import read_accept, read_deliver, read_destroy, read_install, read_remove, read_sample
from api.desk.making import read_inspect, read_make, read_register
from api.desk.moving import read_join, read_pack, read_receive, read_ship, read_split, read_unpack
from api.desk.overseeing import read_admit, read_answer, read_enrol, read_recall
from api.desk.sampling import read_draw, read_hand
from api.desk.scene import Reader, Scene
from api.drafting import Draft, draft_all
from api.shell import Shell
from keys.errors import RefusedError
from trace.kinds import Catalogue, Kind
from trace.parties.register import Party


@dataclass(frozen=True, slots=True)
class Act:
    """One form. It is offered to whoever may sign all of its kinds."""

    name: str
    kinds: tuple[str, ...]
    read: Reader


ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        Act("register", ("lot.commissioned", "lot.inspected", "lot.split"), read_register),
        Act("make", ("lot.transformed", "lot.inspected", "lot.split"), read_make),
        Act("inspect", ("lot.inspected",), read_inspect),
        Act("pack", ("goods.packed",), read_pack),
        Act("unpack", ("goods.unpacked",), read_unpack),
        Act("ship", ("goods.shipped",), read_ship),
        Act("receive", ("goods.received",), read_receive),
        Act("split", ("lot.split",), read_split),
        Act("join", ("lot.joined",), read_join),
        Act("deliver", ("goods.delivered",), read_deliver),
        Act("draw", ("draw.announced",), read_draw),
        Act("sample", ("sample.drawn",), read_sample),
        Act("hand", ("sample.handed",), read_hand),
        Act("accept", ("goods.accepted", "goods.rejected"), read_accept),
        Act("install", ("lot.installed",), read_install),
        Act("remove", ("lot.removed",), read_remove),
        Act("destroy", ("lot.destroyed",), read_destroy),
        Act("recall", ("recall.ordered",), read_recall),
        Act("answer", ("recall.answered",), read_answer),
        Act("admit", ("party.admitted",), read_admit),
        Act("enrol", ("key.enrolled",), read_enrol),
    )
}


def find_act(name: str, party: Party, catalogue: Catalogue) -> Act:
    """The act of that name. Raises RefusedError `not-found`, and `role-not-allowed` where the party may not sign it."""
    act = ACTS.get(name)
    if act is None:
        raise RefusedError("not-found", where="desk", expected=sorted(ACTS), got=name[:40])
    for kind in _kinds_of(act, catalogue):
        if not party.roles & kind.signers:
            expected, got = ", ".join(sorted(kind.signers)), ", ".join(sorted(party.roles))
            raise RefusedError("role-not-allowed", where=kind.tag, expected=expected, got=got)
    return act


def offered(party: Party, catalogue: Catalogue) -> tuple[Act, ...]:
    """What this party may do, in the order of a material's life."""
    acts = ACTS.values()
    return tuple(act for act in acts if all(party.roles & kind.signers for kind in _kinds_of(act, catalogue)))


def draft_act(shell: Shell, act: Act, party: Party, kid: bytes, given: MultiDict[str, str]) -> list[Draft]:
    """What a filled-in form comes to, ready to be signed by the key `kid` of the party.

    Raises RefusedError `form-refused` with every fault, and what drafting raises.
    """
    with shell.database.reading() as session:
        said = act.read(Answers(given), Scene(session, party, shell.clock(), shell.house.pack))
    payloads = [(kind, json.dumps(body, ensure_ascii=False).encode()) for kind, body in said]
    return draft_all(shell, party.uscc, kid, payloads)


def _kinds_of(act: Act, catalogue: Catalogue) -> list[Kind]:
    return [catalogue.find(tag) for tag in act.kinds]
