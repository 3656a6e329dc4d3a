"""What tests say: a factory for the body of every kind of statement, filled in as an honest maker, lab or buyer would.

    ShippedEvent(amounts={lot_at("A1", "D001"): 500}, to=uscc_of("dealer"))
    ReportBody(rows=[RowBody(value="7.837")])

The defaults tell one story, that of `tests/facts.py`: a copper rod is drawn into lot A1 of BV 2.5 wire, A1 is cut into
two drums, drum D001 is shipped, sampled, tested (7.29 Ω/km), accepted and installed. `tests/world.py` seals bodies and
sends them through the one door; nothing here writes a row.
"""

import base64
from typing import Any

from factory.base import DictFactory
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory

from keys.keyring import generate_key
from tests import facts
from tests.sealing import SealOffice
from trace.epcis.identifiers import CANONICAL_HOST, gtin_check_digit, is_logistic, make_lot, parse_lot
from trace.kinds import Duty, Role

CAST: dict[str, tuple[str, Role]] = {
    "regulator": (facts.REGULATOR, Role.REGULATOR),
    "maker": (facts.MAKER, Role.PRODUCER),
    "smelter": (facts.SMELTER, Role.PRODUCER),
    "dealer": (facts.DEALER, Role.DEALER),
    "owner": (facts.OWNER, Role.PURCHASER),
    "contractor": (facts.CONTRACTOR, Role.CONTRACTOR),
    "supervisor": (facts.SUPERVISOR, Role.SUPERVISOR),
    "lab": (facts.LAB, Role.LAB),
    "other_lab": (facts.OTHER_LAB, Role.LAB),
}
"""Who takes part, by alias: code and role."""

CABLE_GTIN, ROD_GTIN = "06901234567892", "06901234567809"
CABLE: dict[str, Any] = {
    "family": "cable",
    "type": "BV 2.5",
    "name": {"zh": "BV 2.5 电线", "en": "BV 2.5 wire"},
    "standard": "GB/T 3956-2008",
    # The attributes by which labs/standards/data selects the limit 7.41 Ω/km.
    "attributes": {"class": "2", "material": "Cu", "nominal_area_mm2": "2.5", "surface": "plain"},
}
COPPER = {"family": "copper_rod", "type": "T1 8 mm", "name": {"zh": "铜杆", "en": "Copper rod"}, "attributes": {}}
OCID = "ocds-suzheng-0001"


def uscc_of(alias: str) -> str:
    """The code of one of the cast."""
    return CAST[alias][0]


def lot_at(lot: str, serial: str | None = None, *, gtin: str = CABLE_GTIN) -> str:
    """The lot id of a lot of the cable, or of a drum of it."""
    return str(make_lot(gtin, lot, serial))


BATCH, DRUM, SISTER = lot_at("A1"), lot_at("A1", "D001"), lot_at("A1", "D002")
ROD = lot_at("R1", gtin=ROD_GTIN)


def pallet_at(number: int) -> str:
    """The id of a logistic unit of the maker's, by its number of up to nine digits."""
    digits = f"0690123{number:010d}"
    return f"00/{digits}{gtin_check_digit(digits)}"


PALLET, CONTAINER = pallet_at(1), pallet_at(2)


def uri_of(lot: str) -> str:
    """The Digital Link URI of a lot id, or of a logistic unit."""
    return f"{CANONICAL_HOST}/{lot}" if is_logistic(lot) else parse_lot(lot).uri()


def jwk_of_stranger() -> dict[str, str]:
    """The public key of a pair whose private half is thrown away."""
    return generate_key().public.to_jwk()


# --- parties ---


class PartyBody(DictFactory):
    """An organisation that nobody knows yet, with a valid code of its own."""

    class Meta:
        exclude = ("serial",)

    serial = Sequence(lambda number: 10_000 + number)
    uscc = LazyAttribute(lambda self: facts.uscc(self.serial))
    name = LazyAttribute(lambda self: {"zh": f"第{self.serial}公司", "en": f"Company {self.serial}"})
    roles = LazyFunction(lambda: [Role.DEALER.value])
    founded_on = "2001-03-01"


class FoundedBody(DictFactory):
    """A registry whose first regulator is the cast's."""

    origin = "suzheng.example/test"
    title = "试验登记簿"
    is_demonstration = True
    ledger_key = LazyFunction(jwk_of_stranger)
    party = SubFactory(PartyBody, uscc=uscc_of("regulator"), roles=[Role.REGULATOR.value])
    key = LazyFunction(jwk_of_stranger)


class AdmittedBody(DictFactory):
    party = SubFactory(PartyBody)
    key = LazyFunction(jwk_of_stranger)


class EnrolledBody(DictFactory):
    party = uscc_of("regulator")
    key = LazyFunction(jwk_of_stranger)


class RotatedBody(DictFactory):
    key = LazyFunction(jwk_of_stranger)


class RevokedBody(DictFactory):
    """`kid` has no default: it must be a key on record."""

    reason = "lost"


class PostEndedBody(DictFactory):
    person = "sampler-1"
    duty = Duty.SAMPLER
    held_to = "2016-12-31"


class PostBody(DictFactory):
    person = "sampler-1"
    duty = Duty.SAMPLER.value
    held_from = "2015-01-01"


# --- EPCIS events ---

# Members whose names are no Python names.
_EXTENSIONS = {name: f"suzheng:{name}" for name in ("quantities", "passed", "invoicer", "place")}


class Event(DictFactory):
    """An ObjectEvent on drum D001, whole. `amounts` says how many metres (kg of rod) of each lot or drum."""

    class Meta:
        exclude = ("amounts", "sender", "receiver", "contract", "product")
        rename = _EXTENSIONS

    amounts = LazyFunction(lambda: {DRUM: 500})
    sender: Any = None
    receiver: Any = None
    contract: Any = None

    type = "ObjectEvent"
    eventTime = "2015-05-06T09:00:00+08:00"
    eventTimeZoneOffset = "+08:00"
    action = "OBSERVE"
    epcList = LazyAttribute(lambda self: _units(self.amounts))
    quantityList = LazyAttribute(lambda self: _classes(self.amounts))
    quantities = LazyAttribute(lambda self: _sizes(self.amounts))
    bizTransactionList = LazyAttribute(lambda self: _orders(self.contract))
    sourceList = LazyAttribute(lambda self: _ends("source", self.sender))
    destinationList = LazyAttribute(lambda self: _ends("destination", self.receiver))


class FlowEvent(DictFactory):
    """A TransformationEvent: `taken` becomes `given`, both as metres (kg of rod) by lot or drum."""

    class Meta:
        exclude = ("taken", "given", "product")
        rename = _EXTENSIONS

    taken = LazyFunction(lambda: {BATCH: 1000})
    given = LazyFunction(lambda: {DRUM: 500, SISTER: 500})

    type = "TransformationEvent"
    eventTime = "2015-05-05T14:00:00+08:00"
    eventTimeZoneOffset = "+08:00"
    bizStep = "commissioning"
    inputEPCList = LazyAttribute(lambda self: _units(self.taken))
    inputQuantityList = LazyAttribute(lambda self: _classes(self.taken))
    outputEPCList = LazyAttribute(lambda self: _units(self.given))
    outputQuantityList = LazyAttribute(lambda self: _classes(self.given))
    quantities = LazyAttribute(lambda self: _sizes({**self.taken, **self.given}))


def _units(amounts: dict[str, Any]) -> list[str]:
    return [uri_of(lot) for lot in amounts if _is_one(lot)]


def _classes(amounts: dict[str, Any]) -> list[dict[str, Any]]:
    whole = {lot: amount for lot, amount in amounts.items() if not _is_one(lot)}
    return [{"epcClass": uri_of(lot), "quantity": amount, "uom": _unit_of(lot)} for lot, amount in whole.items()]


def _is_one(lot: str) -> bool:
    """A single thing, and no batch."""
    return "/21/" in lot or lot.startswith("00/")


def _sizes(amounts: dict[str, Any]) -> list[dict[str, Any]]:
    units = {lot: amount for lot, amount in amounts.items() if "/21/" in lot}
    return [{"epc": uri_of(lot), "quantity": amount, "uom": _unit_of(lot)} for lot, amount in units.items()]


def _unit_of(lot: str) -> str:
    return "KGM" if ROD_GTIN in lot else "MTR"


def _ends(end: str, party: str | None) -> list[dict[str, str]]:
    return [{"type": "possessing_party", end: f"urn:suzheng:party:{party}"}] if party else []


def _orders(contract: str | None) -> list[dict[str, str]]:
    return [{"type": "po", "bizTransaction": f"urn:suzheng:contract:{contract}"}] if contract else []


class CommissionedEvent(Event):
    """By default the copper rod, made by the smelter."""

    product = LazyAttribute(lambda self: COPPER if ROD_GTIN in next(iter(self.amounts)) else CABLE)
    amounts = LazyFunction(lambda: {ROD: 24})
    eventTime = "2015-04-20T09:00:00+08:00"
    action = "ADD"
    bizStep = "commissioning"
    ilmd = LazyAttribute(lambda self: {"suzheng:product": self.product})


class TransformedEvent(FlowEvent):
    product = LazyFunction(lambda: CABLE)
    taken = LazyFunction(lambda: {ROD: 24})
    given = LazyFunction(lambda: {BATCH: 1000})
    eventTime = "2015-05-04T08:00:00+08:00"
    ilmd = LazyAttribute(lambda self: {"suzheng:product": self.product})


class InspectedEvent(Event):
    amounts = LazyFunction(lambda: {BATCH: 1000})
    eventTime = "2015-05-05T09:00:00+08:00"
    bizStep = "inspecting"
    passed = True


class SplitEvent(FlowEvent):
    pass


class JoinedEvent(FlowEvent):
    taken = LazyFunction(lambda: {DRUM: 500, SISTER: 500})
    given = LazyFunction(lambda: {lot_at("J1"): 1000})


class ShippedEvent(Event):
    bizStep = "shipping"
    receiver = uscc_of("contractor")
    contract = "HT-01"


class ReceivedEvent(Event):
    bizStep = "receiving"
    eventTime = "2015-05-07T09:00:00+08:00"
    sender = uscc_of("maker")
    contract = "HT-01"


class DeliveredEvent(Event):
    bizStep = "arriving"
    eventTime = "2015-05-07T15:00:00+08:00"
    contract = "HT-01"
    invoicer = uscc_of("maker")


class AcceptedEvent(Event):
    bizStep = "accepting"
    disposition = "conformant"
    eventTime = "2015-05-13T09:00:00+08:00"


class RejectedEvent(AcceptedEvent):
    disposition = "non_conformant"


class InstalledEvent(Event):
    bizStep = "installing"
    eventTime = "2015-05-20T09:00:00+08:00"
    place = LazyFunction(lambda: {"station": "station 3", "from_m": "0", "to_m": "500"})


class RemovedEvent(InstalledEvent):
    bizStep = "removing"
    eventTime = "2015-06-20T09:00:00+08:00"


class StoredEvent(Event):
    bizStep = "storing"
    eventTime = "2015-05-08T09:00:00+08:00"


class DestroyedEvent(Event):
    action = "DELETE"
    bizStep = "destroying"
    disposition = "destroyed"
    eventTime = "2015-07-01T09:00:00+08:00"


class FlaggedEvent(Event):
    bizStep = "inspecting"
    disposition = "mismatch_quantity"
    eventTime = "2015-05-08T10:00:00+08:00"


class PackedEvent(DictFactory):
    """Both drums onto the pallet; of batches `amounts` says how much."""

    class Meta:
        exclude = ("amounts", "unit")

    amounts = LazyFunction(lambda: {DRUM: None, SISTER: None})
    unit = PALLET

    type = "AggregationEvent"
    eventTime = "2015-05-05T18:00:00+08:00"
    eventTimeZoneOffset = "+08:00"
    action = "ADD"
    bizStep = "packing"
    parentID = LazyAttribute(lambda self: uri_of(self.unit))
    childEPCs = LazyAttribute(lambda self: _units(self.amounts))
    childQuantityList = LazyAttribute(lambda self: _classes(self.amounts))


class UnpackedEvent(PackedEvent):
    """All that is on it."""

    amounts = LazyFunction(dict)
    eventTime = "2015-05-07T12:00:00+08:00"
    action = "DELETE"
    bizStep = "unpacking"


class RecordedEvent(DictFactory):
    """An event of another trade: read by nobody, kept for everybody."""

    type = "AggregationEvent"
    eventTime = "2015-05-06T09:00:00+08:00"
    eventTimeZoneOffset = "+08:00"
    action = "ADD"
    parentID = "https://id.gs1.org/00/106141412345678908"
    childEPCs = LazyFunction(lambda: ["https://id.gs1.org/01/10614141123459/21/2017"])


class WithdrawnEvent(RecordedEvent):
    """The recorded event, which has no ID, taken back."""

    errorDeclaration = LazyFunction(lambda: {"declarationTime": "2015-06-06T09:00:00+08:00", "reason": "did_not_occur"})


# --- certificates and purchases ---


class CertificateBody(DictFactory):
    number = "CCC-0001"
    scheme = "CCC"
    holder = uscc_of("maker")
    maker = uscc_of("maker")
    types = LazyFunction(lambda: ["BV 2.5"])
    valid_from = "2014-01-01"
    valid_to = "2018-12-31"


class CertificateWithdrawnBody(DictFactory):
    number = "CCC-0001"
    withdrawn_on = "2017-03-26"
    reason = "the goods are not those that were certified"


class TenderBody(DictFactory):
    ocid = OCID
    buyer = uscc_of("owner")
    title = "cable for the stations"
    published_on = "2014-08-01"
    technical_terms = LazyFunction(lambda: ["GB/T 3956-2008"])


class QualifiedBody(DictFactory):
    ocid = OCID
    suppliers = LazyFunction(lambda: [{"party": uscc_of("maker"), "listed_on": "2015-04-13"}])


class AwardBody(DictFactory):
    ocid = OCID
    winner = uscc_of("maker")
    awarded_on = "2015-04-20"
    value_cny = "9500.00"


class ContractBody(DictFactory):
    ocid = OCID
    number = "HT-01"
    supplier = uscc_of("maker")
    maker = uscc_of("maker")
    signed_on = "2015-04-28"
    item = LazyFunction(
        lambda: {
            "type": "BV 2.5",
            "standard": "GB/T 3956-2008",
            "attributes": dict(CABLE["attributes"]),
            "quantity": "5000",
            "unit": "MTR",
            "unit_price_cny": "1.90",
        }
    )


# --- labs ---


class AccreditedBody(DictFactory):
    lab = uscc_of("lab")
    cma = "140000000001"
    cnas = "L1234"
    valid_from = "2014-01-01"
    valid_to = "2019-12-31"
    scope = LazyFunction(
        lambda: [
            {
                "object": "cable",
                "parameter": "conductor_resistance",
                "method": "GB/T 3048.4-2007",
                "valid_from": "2014-01-01",
                "valid_to": "2019-12-31",
            }
        ]
    )
    sites = LazyFunction(lambda: [{"site": "1", "address": "1 Test Road, hall 2", "name": "hall 2"}])


class SuspendedBody(DictFactory):
    lab = uscc_of("lab")
    suspended_from = "2017-04-01"
    reason = "reports without tests"


class SignatoryBody(DictFactory):
    """`kid` has no default: it is the lab's own key, which `World.say` knows."""

    person = "signatory-1"
    parameters = LazyFunction(lambda: ["*"])
    authorised_from = "2015-01-01"


class ReinstatedBody(DictFactory):
    lab = uscc_of("lab")
    reinstated_on = "2017-05-01"


class AnalystBody(DictFactory):
    person = "analyst-1"
    parameters = LazyFunction(lambda: ["conductor_resistance"])
    authorised_from = "2015-01-01"


class AuthorisationEndedBody(DictFactory):
    person = "signatory-1"
    duty = "signatory"
    ended_on = "2017-06-30"


class CalibratedBody(DictFactory):
    """The bridge with which conductors are measured, good for a year."""

    instrument = "B-7"
    name = "resistance bridge"
    certificate = "CAL-2015-0042"
    calibrated_by = "Province Institute of Metrology"
    calibrated_on = "2015-01-10"
    due_on = "2016-01-09"


class RetiredBody(DictFactory):
    instrument = "B-7"
    retired_on = "2017-06-30"


class RelationBody(DictFactory):
    """The lab's telephone."""

    party = uscc_of("lab")
    relation = "phone"
    reference = "a" * 64
    related_from = "2014-01-01"


class DrawnBody(DictFactory):
    """From the middle of the drum, sealed, under a witness's eyes."""

    sample = "S-1"
    lot = uri_of(DRUM)
    sampler = "sampler-1"
    witness = LazyFunction(lambda: {"party": uscc_of("supervisor"), "person": "witness-1"})
    courier = uscc_of("lab")
    seal = "seal-1"
    position_m = "230"
    drum_length_m = "500"
    drawn_at = "2015-05-08T10:00:00+08:00"
    place = "site"


class WitnessedBody(DictFactory):
    sample = "S-1"
    lot = uri_of(DRUM)
    witness = "witness-1"
    witnessed_at = "2015-05-08T10:00:00+08:00"


class SampleReceivedBody(DictFactory):
    sample = "S-1"
    lot = uri_of(DRUM)
    brought_by = uscc_of("contractor")
    received_at = "2015-05-08T16:00:00+08:00"
    is_seal_intact = True


class HandedOverBody(DictFactory):
    """The sampler gives it to the lab, whose courier came for it."""

    sample = "S-1"
    lot = uri_of(DRUM)
    to = uscc_of("lab")
    at = "2015-05-08T11:00:00+08:00"
    seal = "seal-1"
    is_seal_intact = True


class RetainedBody(DictFactory):
    sample = "S-1"
    lot = uri_of(DRUM)
    at = "2015-05-10T09:00:00+08:00"
    until = "2015-11-10"
    seal = "seal-2"
    note = "2 m"


class SoughtBody(DictFactory):
    sample = "S-1"
    lot = uri_of(DRUM)
    at = "2015-08-03T09:00:00+08:00"
    is_there = True
    seal = "seal-2"


class SampleDestroyedBody(DictFactory):
    sample = "S-1"
    lot = uri_of(DRUM)
    at = "2015-11-20T09:00:00+08:00"
    note = "kept for its time"


class AnnouncedBody(DictFactory):
    """One of the two drums. `delivery` and `ledger_size` are none that a ledger of the tests has, unless they are
    given.
    """

    delivery = "d" * 64
    units = LazyFunction(lambda: [{"lot": uri_of(lot), "length_m": "500"} for lot in (DRUM, SISTER)])
    plan = "GB/T 2828.1 S-3 c=0"
    n = 1
    c = 0
    ledger_size = 1_000_000


class BoundedBody(DictFactory):
    """A square of some 110 m by 110 m on the equator."""

    site = "station 3"
    contracts = LazyFunction(lambda: ["HT-01"])
    corners = LazyFunction(
        lambda: [
            {"latitude_deg": latitude, "longitude_deg": longitude}
            for latitude, longitude in (("0", "116"), ("0", "116.001"), ("0.001", "116.001"), ("0.001", "116"))
        ]
    )


class MeasuredBody(DictFactory):
    """3.650 Ω over 500 m at 20 °C: 7.300 Ω/km."""

    lot = uri_of(DRUM)
    measured_on = "2015-05-09"
    length_m = "500"
    resistance_ohm = "3.650"
    temperature_c = "20"
    uncertainty_pct = "0.29"


class RowBody(DictFactory):
    parameter = "conductor_resistance"
    object = "cable"
    method = "GB/T 3048.4-2007"
    value = "7.290"
    unit = "ohm/km"
    uncertainty = "0.023"
    k = "2"
    limit = "7.41"
    limit_kind = "max"
    verdict = "pass"
    started_on = "2015-05-09"
    ended_on = "2015-05-10"


class TimedRowBody(RowBody):
    """A row that says when, where, by whom, on what and in which climate, with its raw file."""

    instrument = "bridge-1"
    analyst = "analyst-1"
    site = "A"
    started_at = "2015-05-09T14:00:00+08:00"
    ended_at = "2015-05-10T10:00:00+08:00"
    ambient_c = "23.1"
    humidity_pct = "48"
    replicates = LazyFunction(lambda: ["7.288", "7.292"])
    raw_sha256 = LazyFunction(lambda: ["e" * 64])


class ReportBody(DictFactory):
    number = "R-2015-001"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    sample = "S-1"
    client = uscc_of("contractor")
    signatory = "signatory-1"
    conclusion = "pass"
    sampled_on = "2015-05-08"
    received_on = "2015-05-08"
    approved_on = "2015-05-11"
    issued_on = "2015-05-12"
    covers = LazyFunction(lambda: {"quantity": "500", "unit": "MTR"})
    required = LazyFunction(lambda: ["conductor_resistance"])
    content = LazyFunction(
        lambda: {
            "title": "Test report",
            "location": "hall 2",
            "item": "BV 2.5 wire, 5 m",
            "condition": "sealed, dry",
            "sampling_plan": "one drum of two",
            "only_items_tested": True,
        }
    )
    rows = LazyFunction(lambda: [RowBody()])
    pdf_sha256 = "a" * 64


class AmendedBody(ReportBody):
    issued_on = "2015-05-14"
    reason = "the client's name was misspelt"


class WithdrawnBody(DictFactory):
    number = "R-2015-001"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    withdrawn_on = "2015-05-28"
    reason = "the instrument was out of calibration"


class DeniedBody(DictFactory):
    number = "R-2015-666"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    denied_on = "2015-05-28"
    reason = "no such number was ever given"


class PresentedBody(DictFactory):
    """The lab's own report, handed over with the goods."""

    type = "report"
    claimed_body = uscc_of("lab")
    number = "R-2015-001"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    seal = "pdf"
    issued_on = "2015-05-12"
    conclusion = "pass"
    rows = LazyFunction(
        lambda: [{"parameter": "conductor_resistance", "value": "7.290", "unit": "ohm/km", "verdict": "pass"}]
    )
    pdf_sha256 = "a" * 64


class AnchorBody(DictFactory):
    """An authority whose key is thrown away."""

    certificate = LazyFunction(lambda: base64.b64encode(SealOffice().certificate).decode("ascii"))
    purpose = "lab_seal"
    name = "Seal authority"
    trusted_from = "2010-01-01"


class AnchorWithdrawnBody(DictFactory):
    certificate_sha256 = "a" * 64
    withdrawn_from = "2015-06-01"
    reason = "keys stolen"


class HostsBody(DictFactory):
    hosts = LazyFunction(lambda: ["report.lab.example"])


class ExaminedBody(DictFactory):
    """What was found in the lab's own file: nothing amiss."""

    lab = uscc_of("lab")
    number = "R-2015-001"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    pdf_sha256 = "a" * 64
    seal_state = "valid"
    sealed_by = uscc_of("lab")
    hosts = LazyFunction(lambda: ["report.lab.example"])
    differences = LazyFunction(list)


# --- oversight ---


class PenaltyBody(DictFactory):
    party = uscc_of("maker")
    number = "P-2015-1"
    family = "cable"
    facts = "three of six batches failed"
    decided_on = "2015-11-09"


class BanBody(DictFactory):
    party = uscc_of("maker")
    banned_from = "2017-06-01"
    reason = "illegal making"


class SpotCheckBody(DictFactory):
    number = "C-2015-1"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    is_passed = True
    checked_on = "2015-06-01"


class RecallBody(DictFactory):
    number = "K-2017-1"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    reason = "the conductor is too thin"
    ordered_on = "2017-03-21"
    deadline_on = "2017-04-21"


class RecallClosedBody(DictFactory):
    number = "K-2017-1"
    lots = LazyFunction(lambda: [uri_of(DRUM)])
    closed_on = "2017-06-30"
    finding = "all of it was taken out and scrapped"


class RecallAnswerBody(DictFactory):
    number = "K-2017-1"
    lot = uri_of(DRUM)
    action = "quarantined"
    answered_on = "2017-03-28"
    quantity = "500"
    unit = "MTR"


class RulingBody(DictFactory):
    lot = uri_of(DRUM)
    code = "L01"
    reason = "looked into on site"


BODIES: dict[str, Any] = {
    "party.founded": FoundedBody,
    "party.admitted": AdmittedBody,
    "key.enrolled": EnrolledBody,
    "key.rotated": RotatedBody,
    "key.revoked": RevokedBody,
    "post.held": PostBody,
    "post.ended": PostEndedBody,
    "lot.commissioned": CommissionedEvent,
    "lot.transformed": TransformedEvent,
    "lot.inspected": InspectedEvent,
    "lot.split": SplitEvent,
    "lot.joined": JoinedEvent,
    "goods.packed": PackedEvent,
    "goods.unpacked": UnpackedEvent,
    "goods.shipped": ShippedEvent,
    "goods.received": ReceivedEvent,
    "goods.delivered": DeliveredEvent,
    "goods.accepted": AcceptedEvent,
    "goods.rejected": RejectedEvent,
    "lot.installed": InstalledEvent,
    "lot.removed": RemovedEvent,
    "goods.stored": StoredEvent,
    "lot.destroyed": DestroyedEvent,
    "goods.flagged": FlaggedEvent,
    "epcis.recorded": RecordedEvent,
    "epcis.withdrawn": WithdrawnEvent,
    "certificate.issued": CertificateBody,
    "certificate.withdrawn": CertificateWithdrawnBody,
    "tender.published": TenderBody,
    "suppliers.qualified": QualifiedBody,
    "award.made": AwardBody,
    "contract.signed": ContractBody,
    "lab.accredited": AccreditedBody,
    "accreditation.suspended": SuspendedBody,
    "accreditation.reinstated": ReinstatedBody,
    "signatory.authorised": SignatoryBody,
    "analyst.authorised": AnalystBody,
    "authorisation.ended": AuthorisationEndedBody,
    "instrument.calibrated": CalibratedBody,
    "instrument.retired": RetiredBody,
    "relation.stated": RelationBody,
    "sample.drawn": DrawnBody,
    "sample.witnessed": WitnessedBody,
    "draw.announced": AnnouncedBody,
    "site.bounded": BoundedBody,
    "sample.handed": HandedOverBody,
    "sample.retained": RetainedBody,
    "sample.sought": SoughtBody,
    "sample.destroyed": SampleDestroyedBody,
    "sample.received": SampleReceivedBody,
    "drum.measured": MeasuredBody,
    "report.issued": ReportBody,
    "report.amended": AmendedBody,
    "report.withdrawn": WithdrawnBody,
    "report.denied": DeniedBody,
    "paper.presented": PresentedBody,
    "anchor.trusted": AnchorBody,
    "anchor.withdrawn": AnchorWithdrawnBody,
    "hosts.stated": HostsBody,
    "paper.examined": ExaminedBody,
    "penalty.imposed": PenaltyBody,
    "ban.imposed": BanBody,
    "spotcheck.reported": SpotCheckBody,
    "recall.ordered": RecallBody,
    "recall.answered": RecallAnswerBody,
    "recall.closed": RecallClosedBody,
    "finding.confirmed": RulingBody,
    "finding.dismissed": RulingBody,
}
"""The factory of each kind's body, by tag. A kind without one is a red test."""
