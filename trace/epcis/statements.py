"""EPCIS 2.0 events that no other kind stands for: recorded byte for byte and shown, with no effect on the registers;
and the declaration that an earlier event is in error, which takes it back.
"""

from typing import Any

from marshmallow import ValidationError

from keys.errors import RefusedError
from trace.epcis.events import EVENT_TYPES, EventSchema
from trace.epcis.identifiers import parse_goods
from trace.epcis.parts import ErrorDeclaration, Word
from trace.epcis.terms import CLASS_LISTS, EPC_LISTS
from trace.epcis.vocabulary import is_uri
from trace.kinds import Body, Kind, Role, Said
from trace.reading import Part


class AnyEvent(EventSchema):
    """An event of one of the five types, or of a type of somebody else's, whose name is a URI.

    Of such a type any member may be there, and those that the standard names have the standard's shapes.
    """

    type = Word(EVENT_TYPES, is_uri, required=True)


class RecordedEvent(AnyEvent):
    """An event that says something, and takes nothing back."""

    def check_whole(self, data: dict[str, Any]) -> None:
        """No error declaration."""
        if "errorDeclaration" in data:
            raise ValidationError("expected none but in an epcis.withdrawn, got one", "errorDeclaration")


class WithdrawnEvent(AnyEvent):
    """An event as it was said before, with the declaration that it is in error."""

    errorDeclaration = Part(ErrorDeclaration, required=True)


def _leave_registers(session: object, said: Said) -> None:
    """An event that no other kind stands for changes nothing."""


def _lots(body: Body) -> list[str]:
    """What it names, as the event does that it takes back. Other things may stand beside lots and logistic units."""
    named = [epc for field in EPC_LISTS for epc in body.get(field, ())]
    named += [element["epcClass"] for field in CLASS_LISTS for element in body.get(field, ())]
    return list(dict.fromkeys(lot for lot in map(_find_lot, [*named, body.get("parentID")]) if lot is not None))


def _find_lot(uri: str | None) -> str | None:
    try:
        return parse_goods(uri) if uri is not None else None
    except RefusedError:
        return None


def _subject(body: Body) -> str:
    """The event's own id, else its first identifier, else its type."""
    listed = (body["epcList"] or body["outputEPCList"] or body["inputEPCList"] or [None])[0]
    subject: str = body["eventID"] or listed or body["type"]
    return subject[:256]


EVENT_RECORDED = Kind("epcis.recorded", RecordedEvent, frozenset(Role), _leave_registers, _subject)
# Which entries it takes back is worked out with the index of events (`register.py`).
EVENT_WITHDRAWN = Kind("epcis.withdrawn", WithdrawnEvent, frozenset(Role), _leave_registers, _subject, _lots)
KINDS = (EVENT_RECORDED, EVENT_WITHDRAWN)
