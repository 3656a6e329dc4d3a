"""QR labels to print: a form, one lot's label as SVG, PNG or PDF, and files of many."""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, render_template, request

from api.access import Callers, open_to
from api.label_keys import write_label_document
from api.label_texts import choose_lots, describe_labels, read_words
from api.labels import FORMS, SHEET, SIZES, Form, Label, print_label, print_labels
from api.pages.scan import LOT, UNIT
from api.resolver import FOR_ANYBODY
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.identifiers import LotId, make_lot

blueprint = Blueprint("labels", __name__)

# What a drum store prints in a morning, and what a worker sets in some seconds; pictures of points take longer.
# Beyond that there is `flask labels`.
MOST = {"pdf": 10 * SHEET, "svg-zip": 10 * SHEET, "png-zip": 2 * SHEET}
_FORM = "<any(svg, png, pdf):form>"
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf", "zip": "application/zip"}


@blueprint.get("/labels")
@open_to(Callers.ANYONE)
def form() -> str:
    """The form: whose labels, on what paper, as what file."""
    return render_template("labels.html", lot=request.args.get("lot", "")[:300], sizes=SIZES, forms=FORMS, most=MOST)


@blueprint.get(f"/labels{LOT}.{_FORM}")
@blueprint.get(f"/labels{UNIT}.{_FORM}")
@open_to(Callers.ANYONE)
def one(gtin: str, lot: str, form: Form, serial: str | None = None) -> Response:
    """The label of one lot or unit, on paper of its own size (`?size=`). Raises RefusedError `not-found` for one that
    nobody made.
    """
    size = _read_choice("size", tuple(name for name, size in SIZES.items() if size.on_a_page == 1), "38x64")
    (label,) = _describe([make_lot(gtin, lot, serial)])
    return Response(print_label(label, read_words(), size, form), mimetype=_TYPES[form])


@blueprint.get("/labels.pdf", defaults={"form": "pdf"})
@blueprint.get("/labels.zip", defaults={"form": "svg-zip"})
@blueprint.get("/labels/print", defaults={"form": None})
@open_to(Callers.ANYONE)
def many(form: str | None) -> Response:
    """The labels of the lots named by `?lot=…`, ids or Digital Link URIs, in their order; then those of all units that
    `?under=…` was cut into. `?size=` and, but for `/labels.pdf`, `?form=` as the form has them, whose `?which=units`
    means the lots' units instead of them.
    """
    chosen = "pdf" if form == "pdf" else _read_choice("form", FORMS, form or "pdf")
    size = _read_choice("size", tuple(SIZES), "a4")
    lots, under = ([name.strip() for name in request.args.getlist(key) if name.strip()] for key in ("lot", "under"))
    if request.args.get("which") == "units":
        lots, under = [], lots
    with current_shell().database.reading() as session:
        asked = choose_lots(session, lots, under, MOST[chosen])
    (file,) = print_labels(_describe(asked), read_words(), size, chosen)
    kind = "pdf" if chosen == "pdf" else "zip"
    response = Response(file, mimetype=_TYPES[kind])
    response.headers["Content-Disposition"] = f'inline; filename="labels-{size}.{kind}"'
    return response


@blueprint.get("/.well-known/suzheng-label-keys")
@open_to(Callers.ANYONE)
def list_keys() -> Response:
    """What checks a label's signature offline (`keys/label.py`): the registry's origin, and its label keys."""
    shell = current_shell()
    response = jsonify(write_label_document(shell.registry.origin, shell.label_keys))
    response.headers.update(FOR_ANYBODY)
    return response


def _describe(lots: Sequence[LotId]) -> list[Label]:
    shell = current_shell()
    with shell.database.reading() as session:
        return list(describe_labels(session, shell, lots))


def _read_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    chosen = request.args.get(name, default)
    if chosen not in choices:
        raise RefusedError("request-malformed", where=name, expected=", ".join(choices), got=chosen[:40])
    return chosen
