"""Any other EPCIS 2.0 event: recorded byte for byte and shown, with no effect on the registers."""

from trace.epcis.events import EventSchema
from trace.kinds import Body, Kind, Role, Said


def _leave_registers(session: object, said: Said) -> None:
    """An event that no other kind stands for changes nothing."""


def _subject(body: Body) -> str:
    """The event's own id, else its first identifier, else its type."""
    listed = (body["epcList"] or body["outputEPCList"] or body["inputEPCList"] or [None])[0]
    subject: str = body["eventID"] or listed or body["type"]
    return subject[:256]


EVENT_RECORDED = Kind("epcis.recorded", EventSchema, frozenset(Role), _leave_registers, _subject)
KINDS = (EVENT_RECORDED,)
