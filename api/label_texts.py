"""What labels say, read from the registers: which lots are meant, their product, metres and maker, the signature."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from api.labels import Label, Words
from api.naming import lot_label, lot_name, party_names, quantity_label
from api.shell import Shell
from api.words import say
from keys.errors import RefusedError
from keys.label import PARAMETER, sign_label
from trace.epcis.identifiers import LotId, parse_lot
from trace.lineage import trace_lot
from trace.parties.register import read_parties
from trace.production.register import find_units_of_lot, read_lots_by_id

# Neither database takes any number of values in one question.
_AT_ONCE = 1000


def read_words() -> Words:
    """What stands on every label, in the language of whoever asks."""
    return Words(*(say(f"print.{name}", "title") for name in ("batch", "unit", "amount", "maker", "compare")))


def choose_lots(session: Session, lots: Sequence[str], under: Sequence[str], most: int) -> list[LotId]:
    """The lots that are named, in their order, and then of each of `under` the units that it was cut into, by number.

    Lots are ids or Digital Link URIs. Raises RefusedError `digital-link-invalid`, and `request-malformed` where there
    are none or more than `most`.
    """
    chosen = [parse_lot(lot) for lot in lots]
    for parent in under:
        chosen += _units_under(session, parse_lot(parent), most + 1)
    if not 0 < len(chosen) <= most:
        raise RefusedError("request-malformed", where="lot", expected=f"1 to {most} lots", got=len(chosen))
    return chosen


def describe_labels(session: Session, shell: Shell, lots: Sequence[LotId]) -> Iterator[Label]:
    """A label for each lot, signed where this registry signs. Raises RefusedError `not-found` for one that nobody has
    made.
    """
    for start in range(0, len(lots), _AT_ONCE):
        yield from _describe(session, shell, lots[start : start + _AT_ONCE])


def write_address(shell: Shell, lot: LotId) -> str:
    """The Digital Link URI that a label carries, with its signature where this registry signs."""
    uri = lot.uri(shell.settings.public_url)
    if shell.label_key is None:
        return uri
    return f"{uri}?{PARAMETER}={sign_label(shell.label_key, shell.registry.origin, lot.path)}"


def _units_under(session: Session, parent: LotId, most: int) -> list[LotId]:
    """Those that bear its number, and those that it was cut into under another."""
    named = find_units_of_lot(session, str(parent), most) if parent.serial is None else ()
    below = trace_lot(session, str(parent)).same_down
    units = {unit for unit in map(parse_lot, {*named, *below}) if unit.serial is not None}
    return sorted(units)[:most]


def _describe(session: Session, shell: Shell, lots: Sequence[LotId]) -> Iterator[Label]:
    known = read_lots_by_id(session, {str(lot) for lot in lots})
    names = party_names(read_parties(session, {lot.maker for lot in known.values()}))
    for lot in lots:
        made = known.get(str(lot))
        if made is None:
            raise RefusedError("not-found", expected="a lot that its maker has put on record", got=lot_label(str(lot)))
        yield Label(
            uri=write_address(shell, lot),
            printed=lot.uri(shell.settings.public_url),
            unit=lot.serial or "",
            batch=lot.lot,
            product=made.type,
            name=lot_name(made),
            amount=quantity_label(made.quantity) if made.quantity else "",
            maker=names.get(made.maker, ""),
        )
