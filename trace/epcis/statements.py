"""Any other EPCIS 2.0 event: recorded byte for byte and shown, with no effect on the registers."""

from trace.epcis.events import EVENT_TYPES, EventSchema
from trace.epcis.parts import Word
from trace.epcis.vocabulary import is_uri
from trace.kinds import Body, Kind, Role, Said


class AnyEvent(EventSchema):
    """An event of one of the five types, or of a type of somebody else's, whose name is a URI.

    Of such a type any member may be there, and those that the standard names have the standard's shapes.
    """

    type = Word(EVENT_TYPES, is_uri, required=True)


def _leave_registers(session: object, said: Said) -> None:
    """An event that no other kind stands for changes nothing."""


def _subject(body: Body) -> str:
    """The event's own id, else its first identifier, else its type."""
    listed = (body["epcList"] or body["outputEPCList"] or body["inputEPCList"] or [None])[0]
    subject: str = body["eventID"] or listed or body["type"]
    return subject[:256]


EVENT_RECORDED = Kind("epcis.recorded", AnyEvent, frozenset(Role), _leave_registers, _subject)
KINDS = (EVENT_RECORDED,)
