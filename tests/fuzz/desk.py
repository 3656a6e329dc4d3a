"""Target at the desk: forms as browsers send them, read against a registry that has just been founded."""

from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from api.desk.acts import ACTS
from api.desk.answers import Answers
from api.desk.scene import Scene
from keys.errors import RefusedError
from tests.api.desk.forms import FORMS
from tests.factories import uscc_of
from tests.fuzz.api import application
from tests.fuzz.target import Target
from trace.parties.register import find_party


def _read(data: bytes) -> object:
    """A line with the name of the act and of who is at the desk, then the form."""
    head, _, form = data.partition(b"\n")
    name, _, alias = head.decode("latin-1").partition(" ")
    act = ACTS.get(name, ACTS["register"])
    # As werkzeug reads it: what is no UTF-8 is replaced.
    pairs = parse_qsl(form.decode("utf-8", errors="replace"), keep_blank_values=True, errors="replace")
    app = application()
    shell = app.extensions["suzheng"]
    with app.app_context(), shell.database.reading() as session:
        party = find_party(session, uscc_of(alias if alias in ("maker", "contractor") else "regulator"))
        if party is None:
            raise RefusedError("party-unknown")
        return act.read(Answers(MultiDict(pairs)), Scene(session, party, shell.clock(), shell.house.pack))


_SEEDS = tuple(f"{name} {alias}\n{urlencode(form, doseq=True)}".encode() for name, (alias, form) in FORMS.items())
_WORDS = (b"&", b"=", b"%0A", b"%EF%BC%91", b"lot=", b"01%2F", b"%2F10%2F", b"1e9", b"0.0005", b"%7B", b"-", b"9" * 20)
TARGETS = (Target("desk-form", _read, _SEEDS, _WORDS, is_guided=False),)
