"""Frozen facts for tests of rules: one honest dossier in which nothing is wrong, and the pieces it is made of.

A test changes one thing of it and expects one code:

    judged = P01.check(but(reports=(replace(REPORT, rows=(replace(ROW, value=Decimal("7.837")),)),)))

The story: MAKER draws ROD into BATCH and cuts it into two drums; DRUM goes to CONTRACTOR under CONTRACT with OWNER's
money, CONTRACTOR draws SAMPLE under SUPERVISOR's eyes, LAB tests it, the drum is accepted and installed.
An `entry` from 33 on is the position of that name in ENTRIES. Times are those of the case, spring 2015, read at NOW.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.algorithms import ED25519
from keys.keyring import PrivateKey
from labs.accreditation.register import Accreditation, ScopeRow, Signatory, Site
from labs.dossier import Dossier
from labs.instruments.register import Calibration
from labs.relations.register import Relation
from labs.reports.register import Denial, Paper, PrintedRow, Report, TestRow
from labs.sampling.register import Measurement, Reception, Sample, Witnessing
from labs.standards.pack import StandardsPack, read_pack
from trace.bidding.register import Award, Contract, Qualified, Tender
from trace.custody.register import Holder, Movement
from trace.epcis.events import Quantity
from trace.findings import Finding, Rule, Unchecked
from trace.history import History, Link
from trace.kinds import Duty, Role
from trace.lineage import Lineage
from trace.parties.register import Key, Party, Post
from trace.production.register import Certificate, Flow, Inspection, Lot, Portion
from trace.site.register import SiteAct
from trace.uscc import inner_check, outer_check


def uscc(serial: int) -> str:
    """A well-formed code that belongs to no one in the tests but this serial."""
    body = f"91110000{serial:08d}"
    body += inner_check(body[8:])
    return body + outer_check(body)


def cst(month: int, day: int, hour: int = 9, *, year: int = 2015) -> datetime:
    """An hour of China standard time as the UTC instant that registers keep."""
    return datetime(year, month, day, hour, tzinfo=timezone(timedelta(hours=8))).astimezone(UTC)


def metres(value: str | int) -> Quantity:
    """A length."""
    return Quantity(Decimal(value), "MTR")


MAKER, OWNER, CONTRACTOR, SUPERVISOR, LAB, REGULATOR, DEALER, SMELTER, OTHER_LAB = map(uscc, range(71, 80))
ROD = "01/06901234567809/10/R1"
BATCH = "01/06901234567892/10/A1"
DRUM = f"{BATCH}/21/D001"
SISTER = f"{BATCH}/21/D002"
"""The second drum of the same batch."""
STRANGER = "01/06901234567892/10/Z9"
"""A lot that has nothing to do with the drum."""
NOW = cst(6, 1)


# --- who ---


@cache
def key(name: str, party: str = LAB, entry: int = 1) -> Key:
    """The key of that name, the same in every run."""
    seed = hashlib.sha256(name.encode()).digest()
    public = PrivateKey(ED25519, Ed25519PrivateKey.from_private_bytes(seed)).public
    return Key(public.kid, party, public, cst(1, 5), entry, None, None, None, None)


def party(code: str, entry: int, *roles: Role) -> Party:
    """An admitted party, founded long before the case."""
    return Party(code, f"party {entry}", None, None, date(2001, 3, 1), date(2002, 3, 1), frozenset(roles), entry)


PARTIES = {
    known.uscc: known
    for known in (
        party(REGULATOR, 0, Role.REGULATOR),
        party(MAKER, 1, Role.PRODUCER),
        party(OWNER, 2, Role.PURCHASER),
        party(CONTRACTOR, 3, Role.CONTRACTOR),
        party(SUPERVISOR, 4, Role.SUPERVISOR),
        party(LAB, 5, Role.LAB),
        party(DEALER, 6, Role.DEALER),
        party(SMELTER, 7, Role.PRODUCER),
        party(OTHER_LAB, 8, Role.LAB),
    )
}
LAB_KEY = key("lab", LAB, 5)
MAKER_KEY = key("maker", MAKER, 1)
SAMPLER_POST = Post(CONTRACTOR, "sampler-1", Duty.SAMPLER, None, date(2015, 1, 1), None, 10)
WITNESS_POST = Post(SUPERVISOR, "witness-1", Duty.WITNESS, None, date(2015, 1, 1), None, 11)


# --- made, bought, moved ---

CABLE = {"class": "2", "material": "Cu", "nominal_area_mm2": "2.5", "surface": "plain"}
LOT = Lot(DRUM, MAKER, "cable", "BV 2.5", "drum", None, "GB/T 3956-2008", CABLE, metres(500), cst(5, 4, 8), "split", 33)
BATCH_LOT = replace(LOT, lot_id=BATCH, quantity=metres(1000), origin="transformed", entry=31)
SISTER_LOT = replace(LOT, lot_id=SISTER)
ROD_LOT = replace(
    LOT,
    lot_id=ROD,
    maker=SMELTER,
    family="copper_rod",
    type="T1",
    standard=None,
    attributes={},
    quantity=Quantity(Decimal(24), "KGM"),
    made_at=cst(4, 20),
    origin="commissioned",
    entry=30,
)
DRAWING = Flow(
    31, "transformed", MAKER, cst(5, 4, 8), (Portion(ROD, ROD_LOT.quantity),), (Portion(BATCH, metres(1000)),)
)
CUTTING = Flow(
    33,
    "split",
    MAKER,
    cst(5, 5, 14),
    (Portion(BATCH, metres(1000)),),
    (Portion(DRUM, metres(500)), Portion(SISTER, metres(500))),
)
LINEAGE = Lineage(DRUM, (BATCH, ROD), (), (DRAWING, CUTTING), (BATCH,), ())
INSPECTION = Inspection(32, BATCH, MAKER, cst(5, 5), True)
CERTIFICATE = Certificate(
    15, "CCC-0001", "CCC", REGULATOR, MAKER, MAKER, ("BV 2.5",), date(2014, 1, 1), date(2018, 12, 31), None, None
)
OCID = "ocds-suzheng-0001"
TENDER = Tender(20, OCID, OWNER, "cable for the stations", date(2014, 8, 1), ("GB/T 3956-2008",))
QUALIFIED = Qualified(21, MAKER, OCID, date(2015, 4, 13), None)
AWARD = Award(22, OCID, MAKER, date(2015, 4, 20))
CONTRACT = Contract(
    23, "HT-01", OCID, OWNER, MAKER, MAKER, date(2015, 4, 28), "BV 2.5", "GB/T 3956-2008", CABLE, metres(5000), ()
)
SHIPPED = Movement(34, DRUM, "shipped", MAKER, CONTRACTOR, cst(5, 6), metres(500), "factory", "HT-01")
RECEIVED = Movement(35, DRUM, "received", CONTRACTOR, MAKER, cst(5, 7), metres(500), "site", "HT-01")
HOLDER = Holder(DRUM, CONTRACTOR, cst(5, 7), "site", None, 44)


def act(entry: int, name: str, at: datetime, **changes: Any) -> SiteAct:
    """An act of CONTRACTOR on the whole drum."""
    done = SiteAct(entry, DRUM, name, CONTRACTOR, at, None, None, metres(500), None, None, None, None)
    return replace(done, **changes)


DELIVERED = act(36, "delivered", cst(5, 7, 15), contract="HT-01", invoicer=MAKER)
ACCEPTED = act(43, "accepted", cst(5, 13))
INSTALLED = act(44, "installed", cst(5, 20), station="station 3", from_m=Decimal(0), to_m=Decimal(500))

# --- sampled, tested, reported ---

SAMPLE = Sample(
    37,
    "S-1",
    DRUM,
    CONTRACTOR,
    "sampler-1",
    SUPERVISOR,
    "witness-1",
    LAB,
    "seal-1",
    Decimal(230),
    Decimal(500),
    cst(5, 8, 10),
    "site",
)
WITNESSING = Witnessing(38, "S-1", DRUM, SUPERVISOR, "witness-1", cst(5, 8, 10))
RECEPTION = Reception(39, "S-1", DRUM, LAB, CONTRACTOR, cst(5, 8, 16), True)
# 3.650 Ω over 500 m at 20 °C are 7.300 Ω/km.
MEASUREMENT = Measurement(
    40, DRUM, SUPERVISOR, date(2015, 5, 9), Decimal(500), Decimal("3.650"), Decimal(20), Decimal("0.29")
)
ROW = TestRow(
    parameter="conductor_resistance",
    object="cable",
    method="GB/T 3048.4-2007",
    value=Decimal("7.290"),
    unit="ohm/km",
    uncertainty=Decimal("0.023"),
    k=Decimal(2),
    limit=Decimal("7.41"),
    limit_kind="max",
    verdict="pass",
    started_on=date(2015, 5, 9),
    ended_on=date(2015, 5, 10),
    resistance_ohm=None,
    length_m=None,
    temperature_c=None,
    instrument="B-7",
    analyst="analyst-1",
    started_at=cst(5, 9, 14),
    ended_at=cst(5, 10, 10),
    raw_sha256=("e" * 64,),
)
REPORT = Report(
    entry=41,
    lab=LAB,
    number="R-2015-001",
    kid=LAB_KEY.kid,
    signed_at=cst(5, 12, 10),
    recorded_at=cst(5, 12, 11),
    lots=(DRUM,),
    sample="S-1",
    client=CONTRACTOR,
    signatory="signatory-1",
    conclusion="pass",
    sampled_on=date(2015, 5, 8),
    received_on=date(2015, 5, 8),
    approved_on=date(2015, 5, 11),
    issued_on=date(2015, 5, 12),
    covers=metres(500),
    required=("conductor_resistance",),
    content={
        "title": "Test report",
        "location": "No. 1 Test Road, hall 2",
        "item": "BV 2.5 wire, 5 m",
        "condition": "sealed, dry",
        "sampling_plan": "one drum of two",
        "only_items_tested": True,
    },
    rows=(ROW,),
    pdf_sha256="a" * 64,
    replaces=None,
    replaced_by=None,
    withdrawn_by=None,
)
DENIAL = Denial(51, LAB, "R-2015-666", date(2015, 5, 28))
"""Not part of the honest dossier."""
PAPER = Paper(
    entry=42,
    type="report",
    presenter=CONTRACTOR,
    claimed_body=LAB,
    number="R-2015-001",
    lots=(DRUM,),
    presented_at=cst(5, 12, 15),
    seal="pdf",
    issued_on=date(2015, 5, 12),
    holder=None,
    maker=None,
    types=(),
    conclusion="pass",
    rows=(PrintedRow("conductor_resistance", Decimal("7.29"), "ohm/km", "pass"),),
    pdf_sha256="a" * 64,
)
SCOPE = ScopeRow("cable", "conductor_resistance", "GB/T 3048.4-2007", date(2014, 1, 1), date(2019, 12, 31))
SITE = Site("1", "No. 1 Test Road", "head office")
ACCREDITATION = Accreditation(
    13, LAB, REGULATOR, "140000000001", "L1234", date(2014, 1, 1), date(2019, 12, 31), (SCOPE,), (SITE,)
)
CALIBRATION = Calibration(
    *(16, LAB, "B-7", "resistance bridge", "SN 7", (), None, "CAL-2015-0042", "Province Institute of Metrology"),
    *(date(2015, 1, 10), date(2016, 1, 9)),
)
RELATION = Relation(17, LAB, "phone", "a" * 64, None, None, date(2014, 1, 1), None)
"""The lab's telephone, which nobody else has."""
SIGNATORY = Signatory(14, LAB, "signatory-1", LAB_KEY.kid, ("*",), date(2015, 1, 1), None)


# --- the chain ---


def leaf(position: int) -> bytes:
    """The leaf hash of the entry at this position."""
    return hashlib.sha256(f"entry {position}".encode()).digest()


ENTRIES = (
    (33, "lot.split", MAKER, cst(5, 5, 14)),
    (34, "goods.shipped", MAKER, cst(5, 6)),
    (35, "goods.received", CONTRACTOR, cst(5, 7)),
    (36, "goods.delivered", CONTRACTOR, cst(5, 7, 15)),
    (37, "sample.drawn", CONTRACTOR, cst(5, 8, 10)),
    (38, "sample.witnessed", SUPERVISOR, cst(5, 8, 10)),
    (39, "sample.received", LAB, cst(5, 8, 16)),
    (40, "drum.measured", SUPERVISOR, cst(5, 9)),
    (41, "report.issued", LAB, cst(5, 12, 10)),
    (42, "paper.presented", CONTRACTOR, cst(5, 12, 15)),
    (43, "goods.accepted", CONTRACTOR, cst(5, 13)),
    (44, "goods.installed", CONTRACTOR, cst(5, 20)),
)
"""Position, kind, issuer and time of the entries of the drum's chain."""


def link(position: int, kind: str, issuer: str, at: datetime, *follows: int) -> Link:
    """An entry of a chain, recorded an hour after it was signed, that continues the entries `follows`."""
    return Link(
        position, kind, issuer, leaf(position), leaf(position), at, at + timedelta(hours=1), tuple(map(leaf, follows))
    )


def chain(entries: Iterable[tuple[int, str, str, datetime]], start: int) -> tuple[Link, ...]:
    """Entries that follow one another, the first of them the one at `start`."""
    links: list[Link] = []
    for position, kind, issuer, at in entries:
        links.append(link(position, kind, issuer, at, links[-1].position if links else start))
    return tuple(links)


CHAIN = chain(ENTRIES, INSPECTION.entry)


# --- the whole ---


@cache
def pack() -> StandardsPack:
    """The standards pack as it is delivered."""
    return read_pack()


HISTORY = History(
    lot_id=DRUM,
    at=NOW,
    lot=LOT,
    lineage=LINEAGE,
    lots={lot.lot_id: lot for lot in (LOT, BATCH_LOT, ROD_LOT)},
    chain=CHAIN,
    heads=(CHAIN[-1].leaf,),
    known_leaves={leaf(position): position for position in (INSPECTION.entry, *(entry[0] for entry in ENTRIES))},
    parties=PARTIES,
    posts=(SAMPLER_POST, WITNESS_POST),
    keys=(MAKER_KEY,),
    inspections=(INSPECTION,),
    certificates=(CERTIFICATE,),
    movements=(SHIPPED, RECEIVED),
    holders={DRUM: HOLDER},
    site_acts=(DELIVERED, ACCEPTED, INSTALLED),
    tenders=(TENDER,),
    qualified=(QUALIFIED,),
    awards=(AWARD,),
    contracts=(CONTRACT,),
)
HONEST = Dossier(
    history=HISTORY,
    pack=pack(),
    samples=(SAMPLE,),
    witnessings=(WITNESSING,),
    receptions=(RECEPTION,),
    measurements=(MEASUREMENT,),
    reports=(REPORT,),
    papers=(PAPER,),
    accreditations=(ACCREDITATION,),
    signatories=(SIGNATORY,),
    calibrations=(CALIBRATION,),
    relations=(RELATION,),
    lab_keys=(LAB_KEY,),
    parties=PARTIES,
    posts=(SAMPLER_POST, WITNESS_POST),
)

_OF_HISTORY = {field.name for field in fields(History)}
_OF_DOSSIER = {field.name for field in fields(Dossier)}


def but(dossier: Dossier = HONEST, /, **changes: Any) -> Dossier:
    """The dossier with fields replaced, wherever they stand: in its history, in itself, or in both (parties, posts,
    doubts).
    """
    if unknown := changes.keys() - _OF_HISTORY - _OF_DOSSIER:
        raise TypeError(f"neither a history nor a dossier has {', '.join(sorted(unknown))}")
    history = replace(dossier.history, **{name: value for name, value in changes.items() if name in _OF_HISTORY})
    own = {name: value for name, value in changes.items() if name in _OF_DOSSIER and name != "history"}
    return replace(dossier, history=history, **own)


def found(rule: Rule, dossier: Dossier) -> tuple[Finding, ...]:
    """What the rule found; fails if it could not look."""
    said = tuple(rule.check(dossier))
    assert not [item for item in said if isinstance(item, Unchecked)], said
    return tuple(item for item in said if isinstance(item, Finding))


def find_one(rule: Rule, dossier: Dossier) -> Finding:
    """The single thing that the rule found, under its own code."""
    (finding,) = found(rule, dossier)
    assert finding.code == rule.code
    return finding


def unlooked(rule: Rule, dossier: Dossier) -> tuple[str, ...]:
    """The reasons why the rule could not look; fails if it found something besides."""
    said = tuple(rule.check(dossier))
    assert not [item for item in said if isinstance(item, Finding)], said
    return tuple(item.reason for item in said if isinstance(item, Unchecked))
