"""The page of keys: those of this browser, and which of them are on record; and what every page that signs carries."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from api.access import Callers, caller, caller_key, open_to
from api.desk.making import attribute_choices
from api.desk.overseeing import ACTIONS
from api.naming import party_name
from api.pages.submit import keys_folder
from api.shell import current_shell
from api.words import list_keys, say
from keys.errors import RefusedError
from trace.kinds import Role
from trace.parties.register import Key, check_key_usable, find_keys, read_parties

blueprint = Blueprint("desk_keys", __name__)
# What the signing pages load, in order: the readers of evidence first, which sign.js writes for.
SCRIPTS = (
    *("verify/bytes.js", "verify/cbor.js", "verify/envelope.js", "verify/json.js", "verify/keys.js"),
    *("desk/dom.js", "desk/pem.js", "desk/keystore.js", "desk/session.js", "desk/sign.js", "desk/tell.js"),
)
MAX_KEYS = 50


@blueprint.app_context_processor
def hand_signing() -> dict[str, Any]:
    """What `desk/signing.html` asks for, on whichever page signs."""
    return {
        "SIGNING_SCRIPTS": SCRIPTS,
        "signing_words": signing_words,
        "key_in_use": key_in_use,
        "signed_in": caller,
    }


def signing_words() -> dict[str, str]:
    """The words that the scripts say, by key, in this language."""
    shell = current_shell()
    titled = [f"kind.{kind.tag}" for kind in shell.house.catalogue] + [f"role.{role}" for role in Role]
    titled += [f"action.{action}" for action in ACTIONS] + [f"unit.{unit}" for unit in ("MTR", "KGM", "H87")]
    titled += [f"attribute.{name}" for name in (*attribute_choices(shell.house.pack), "cores", "voltage")]
    words = {key: say("desk", key) for key in list_keys("en", "desk")}
    return words | {context: say(context, "title") for context in titled}


def key_in_use() -> str:
    """The thumbprint of the key that the caller signed in with, in hex; empty for a stranger."""
    kid = caller_key()
    return kid.hex() if kid is not None and caller() is not None else ""


@blueprint.get("/desk/keys")
@open_to(Callers.ANYONE)
def show_keys() -> str:
    """The keys of this browser. The registry knows none of them: they stay where they are."""
    return render_template("desk/keys.html", onwards=_onwards(), keys_folder=keys_folder(current_shell()))


@blueprint.get("/desk/keys/known")
@open_to(Callers.ANYONE)
def tell_known() -> Response:
    """Of the keys named by `?kid=`, those on record: whose, and why one may not speak now."""
    kids = [bytes.fromhex(kid) for kid in request.args.getlist("kid")[:MAX_KEYS] if _is_thumbprint(kid)]
    with current_shell().database.reading() as session:
        keys = find_keys(session, kids)
        parties = read_parties(session, {key.party for key in keys.values()})
    known = [
        {"kid": kid.hex(), "party": key.party, "name": party_name(parties[key.party]), "unusable": _why_unusable(key)}
        for kid, key in keys.items()
    ]
    return jsonify({"keys": known})


def _why_unusable(key: Key) -> str:
    try:
        check_key_usable(key, current_shell().clock())
    except RefusedError as error:
        return say(f"problem.{error.code}", "title")
    return ""


def _onwards() -> str:
    """Where to after signing in: another page of the desk, and nowhere else."""
    name = request.args.get("next", "")
    return f"/desk/{name}" if name.isascii() and name.isalpha() else "/desk"


def _is_thumbprint(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
