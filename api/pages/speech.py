"""Words that the registry's pages share: values of closed lists, units as people write them, addresses."""

from decimal import Context, Decimal

from flask import Flask

from api.finder import report_path, sample_path
from api.naming import number_label, unit_label
from api.words import knows, language, say
from keys.errors import RefusedError
from labs.standards.conductor import OHM_PER_KM
from trace.epcis.identifiers import parse_goods

_FIGURES = Context(prec=5)


def register_speech(app: Flask) -> None:
    """Hand them to templates."""
    app.jinja_env.globals.update(
        word_of=word_of,
        unit_text=unit_text,
        figures=figures,
        hundredths=hundredths,
        show_number=show_number,
        lot_of=lot_of,
        plain_fact=plain_fact,
        knows_kind=lambda tag: knows(language(), f"kind.{tag}", "title"),
        report_path=report_path,
        sample_path=sample_path,
        pdf_path=pdf_path,
    )


def word_of(context: str, value: str) -> str:
    """The word for a value of a list that others may lengthen; the value itself where the house has none."""
    return say(f"{context}.{value}", "title") if knows(language(), f"{context}.{value}", "title") else value


def unit_text(unit: str) -> str:
    """A unit as people write it: Ω/km however it was spelt, the word for a code."""
    return "Ω/km" if unit in OHM_PER_KM else unit_label(unit)


def figures(value: Decimal) -> Decimal:
    """To five figures, for people."""
    return _FIGURES.plus(value)


def hundredths(value: Decimal) -> Decimal:
    """To two places, for percentages."""
    return value.quantize(Decimal("0.01"))


def show_number(value: Decimal | int) -> str:
    """With thousands apart and without idle zeros."""
    return number_label(Decimal(value))


def lot_of(value: object) -> str | None:
    """The lot, unit or logistic unit that a Digital Link URI or an id names; None for any other text."""
    if not isinstance(value, str) or not value.startswith(("00/", "01/", "http://", "https://")):
        return None
    try:
        return parse_goods(value)
    except RefusedError:
        return None


def plain_fact(value: object) -> str:
    """A problem's fact in a line: roles, posts and kinds by their words, all else as it is."""
    if isinstance(value, list):
        return say("mark", "list").join(map(plain_fact, value))
    contexts = (f"{family}.{value}" for family in ("role", "duty", "kind"))
    return next((say(context, "title") for context in contexts if knows(language(), context, "title")), str(value))


def pdf_path(sha256: str) -> str:
    """The address of a kept document."""
    return f"/api/v1/documents/{sha256}"
