"""A generated district: makers, contractors, and batches of cable from the copper rod to the station, all signed.

A batch is 50 lots and 244 EPCIS events: a rod, drawn into a batch, inspected, cut into 48 drums, each shipped,
received, delivered, accepted and installed by a statement of its own; and four more statements, a sample of the first
drum and the lab's report on the batch. Batches have nothing in common but parties and contracts, so processes make
them side by side. Everything goes through the door.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import select

from api.database import Database
from api.wiring import build_house
from keys.envelope import seal_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, generate_key, read_private_key
from labs.casework.register import SummaryRow
from labs.edition import edition
from labs.refresh import Judged, list_judged, look_at
from labs.screens.register import REPORTS_AT_ONCE, is_screened, screen_on
from tests import facts
from tests.factories import BODIES, CABLE, COPPER, PartyBody, lot_at, uri_of, uscc_of
from tests.world import World
from trace.intake import MAX_BATCH, accept
from trace.production.register import LotRow

LOTS_OF_BATCH, EVENTS_OF_BATCH, DRUMS = 50, 244, 48
MAKERS, CONTRACTORS = 20, 10
# A statement has at most 64 KiB.
_OUTPUTS = 200
_ROD_GTIN = "06901234567809"
_SIGNED_AT = datetime(2015, 6, 1, tzinfo=UTC)
_AMONG = 20
"""Batches that a process makes at a time."""
_JUDGED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Player:
    """A party with its key, as a process is told of it."""

    uscc: str
    pem: bytes

    @property
    def key(self) -> PrivateKey:
        """The key itself."""
        return read_private_key(self.pem)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who makes, carries, builds and tests in the district."""

    makers: Sequence[Player]
    contractors: Sequence[Player]
    smelter: Player
    lab: Player
    supervisor: Player


def drum_at(number: int) -> str:
    """The lot id of one of the district's drums, by a number from 0 on."""
    return _drum(number // DRUMS, number % DRUMS)


def found_district(database: Database) -> tuple[World, Cast]:
    """A registry with all that has to be on record before the first batch is sold."""
    world = World.found(
        database,
        cast=("regulator", "maker", "smelter", "owner", "contractor", "supervisor", "lab"),
        is_demonstration=False,
    )
    for alias, count in (("maker", MAKERS), ("contractor", CONTRACTORS)):
        for number in range(1, count):
            _admit(world, f"{alias}.{number}", 1000 + number if alias == "maker" else 2000 + number)
    world.at = datetime(2015, 1, 2, tzinfo=UTC)
    for player in _aliases("contractor", CONTRACTORS):
        _say(world, player, "post.held", kid=world.kid(player))
    world.say("supervisor", "post.held", person="witness-1", duty="witness")
    world.say("regulator", "lab.accredited")
    world.say("lab", "signatory.authorised")
    for number, player in enumerate(_aliases("maker", MAKERS)):
        _sell(world, number, _code(player))
    world.at = _SIGNED_AT
    players = {alias: Player(_code(alias), key.to_pem()) for alias, key in world.keys.items()}
    return world, Cast(
        makers=[players[alias] for alias in _aliases("maker", MAKERS)],
        contractors=[players[alias] for alias in _aliases("contractor", CONTRACTORS)],
        smelter=players["smelter"],
        lab=players["lab"],
        supervisor=players["supervisor"],
    )


def fill_district(world: World, cast: Cast, batches: int) -> None:
    """Bring so many batches in, made by all cores and let in by this process."""
    waiting: list[bytes] = []
    for envelopes in make_batches(cast, batches):
        waiting += envelopes
        while len(waiting) >= MAX_BATCH:
            let_in(world, waiting[:MAX_BATCH])
            del waiting[:MAX_BATCH]
    let_in(world, waiting)


def make_batches(cast: Cast, batches: int) -> Iterator[list[bytes]]:
    """The signed statements of so many batches, some batches at a time, in order."""
    starts = range(0, batches, _AMONG)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(
            _make_some, starts, (min(start + _AMONG, batches) for start in starts), (cast for _ in starts)
        )


def let_in(world: World, envelopes: Sequence[bytes]) -> None:
    """Through the door. Raises SystemExit where it refuses one."""
    with world.database.writing() as session:
        outcomes = accept(session, envelopes, catalogue=world.house.catalogue, sealer=world.sealer, at=world.at)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    if refused:
        raise SystemExit(f"refused: {refused[0]}")


def judge_district(database: Database) -> int:
    """Judge every lot that nobody has judged, or another edition has, by all cores; how many that is."""
    with database.reading() as session:
        # PostgreSQL would look through all of a long list for each lot that is to be in none of it.
        judged = select(SummaryRow).where(SummaryRow.lot == LotRow.lot_id, SummaryRow.edition == edition()).exists()
        query = select(LotRow.lot_id).where(~judged).order_by(LotRow.lot_id)
        lots = list(session.scalars(query))
    # Nothing of this process's connections may go with a fork.
    database.close()
    starts = range(0, len(lots), _JUDGED_AT_ONCE)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for looked in pool.map(
            _look_at_some, (lots[start : start + _JUDGED_AT_ONCE] for start in starts), (database.url for _ in starts)
        ):
            with database.writing() as session:
                for judged_one in looked:
                    list_judged(session, judged_one)
    return len(lots)


def screen_district(database: Database) -> None:
    """Take every report into what screens count, as a server does when nobody waits."""
    while True:
        with database.reading() as session:
            if is_screened(session):
                return
        with database.writing() as session:
            screen_on(session, REPORTS_AT_ONCE)


def grow_family(world: World, cast: Cast, name: str, relatives: int) -> str:
    """A batch with so many lots below it; its lot id. Cut into parts of at most 200, each of those into drums."""
    story = Story(cast, -1)
    batch = lot_at(name)
    story.say(cast.makers[0], "lot.commissioned", _object("commissioning", "ADD", {batch: 500 * relatives}, ilmd=_ILMD))
    parts = -(-relatives // (_OUTPUTS + 1))
    drums = relatives - parts
    given = {lot_at(f"{name}-{part}"): 500 * min(_OUTPUTS, drums - part * _OUTPUTS) for part in range(parts)}
    story.say(cast.makers[0], "lot.split", _flow({batch: 500 * drums}, given))
    for part, (lot, length) in enumerate(given.items()):
        out = {f"{lot}/21/P{part}-{number}": 500 for number in range(length // 500)}
        story.say(cast.makers[0], "lot.split", _flow({lot: length}, out))
    for start in range(0, len(story.told), MAX_BATCH):
        let_in(world, story.told[start : start + MAX_BATCH])
    return batch


def make_events(cast: Cast, name: str, count: int, epcs: int) -> list[bytes]:
    """So many signed events, each of as many new drums of a batch of that name: what a works sends in bulk."""
    story, maker = Story(cast, -1), cast.makers[0]
    for number in range(count):
        drums = {f"{lot_at(name)}/21/E{number:06d}-{place:02d}": 500 for place in range(epcs)}
        story.say(maker, "lot.commissioned", _object("commissioning", "ADD", drums, ilmd=_ILMD))
    return story.told


@dataclass
class Story:
    """The statements of one batch, each following what was said of its lots before."""

    cast: Cast
    number: int
    told: list[bytes] = field(default_factory=list)
    _heads: dict[str, bytes] = field(default_factory=dict)
    _keys: dict[str, PrivateKey] = field(default_factory=dict)

    def say(self, player: Player, kind: str, body: Mapping[str, Any], about: Mapping[str, str] | None = None) -> None:
        """Sign a body. `about` holds subject and lot where it is no event."""
        key = self._keys.get(player.uscc)
        if key is None:
            key = self._keys[player.uscc] = player.key
        lots = [about["lot"]] if about is not None else _lots_of(body)
        statement = seal_statement(
            key,
            kind=kind,
            issuer=player.uscc,
            subject=about["subject"] if about is not None else lots[0],
            issued_at=_SIGNED_AT,
            payload=json.dumps(body, ensure_ascii=False).encode(),
            nonce=os.urandom(16),
            follows=tuple({self._heads[lot] for lot in lots if lot in self._heads}),
        )
        self.told.append(statement.to_bytes())
        self._heads |= dict.fromkeys(lots, statement.leaf)


def tell_batch(cast: Cast, number: int) -> list[bytes]:
    """A batch's whole life, from the rod to the station."""
    story = Story(cast, number)
    maker, contractor = cast.makers[number % MAKERS], cast.contractors[number % CONTRACTORS]
    rod, batch = lot_at(f"R{number:06d}", gtin=_ROD_GTIN), _batch(number)
    length, drums = 500 * DRUMS, [_drum(number, place) for place in range(DRUMS)]
    story.say(cast.smelter, "lot.commissioned", _object("commissioning", "ADD", {rod: 600}, ilmd=_ILMD_OF_ROD))
    story.say(maker, "lot.transformed", _flow({rod: 600}, {batch: length}, ilmd=_ILMD))
    story.say(maker, "lot.inspected", _object("inspecting", "OBSERVE", {batch: length}) | {"suzheng:passed": True})
    story.say(maker, "lot.split", _flow({batch: length}, dict.fromkeys(drums, 500)))
    order = [{"type": "po", "bizTransaction": f"urn:suzheng:contract:{_contract(number % MAKERS)}"}]
    there = [{"type": "possessing_party", "destination": f"urn:suzheng:party:{contractor.uscc}"}]
    back = [{"type": "possessing_party", "source": f"urn:suzheng:party:{maker.uscc}"}]
    for place, drum in enumerate(drums):
        moved = {"bizTransactionList": order}
        story.say(maker, "goods.shipped", _object("shipping", "OBSERVE", {drum: 500}, destinationList=there, **moved))
        story.say(contractor, "goods.received", _object("receiving", "OBSERVE", {drum: 500}, sourceList=back, **moved))
        arrived = _object("arriving", "OBSERVE", {drum: 500}, **moved) | {"suzheng:invoicer": maker.uscc}
        story.say(contractor, "goods.delivered", arrived)
        if place == 0:
            _test(story, contractor, batch, drum)
        story.say(contractor, "goods.accepted", _object("accepting", "OBSERVE", {drum: 500}, **_LATER))
        where = {"station": f"station {number % 30}", "circuit": f"circuit {place}", "from_m": "0", "to_m": "500"}
        story.say(
            contractor,
            "lot.installed",
            _object("installing", "OBSERVE", {drum: 500}, **_LAST) | {"suzheng:place": where},
        )
    return story.told


def _test(story: Story, contractor: Player, batch: str, drum: str) -> None:
    """A sample from the middle of a drum, witnessed, and the lab's report on the batch."""
    sample, uri = f"S-{story.number}", uri_of(drum)
    about = {"lot": drum, "subject": sample}
    story.say(contractor, "sample.drawn", BODIES["sample.drawn"](sample=sample, lot=uri), about)
    story.say(story.cast.supervisor, "sample.witnessed", BODIES["sample.witnessed"](sample=sample, lot=uri), about)
    received = BODIES["sample.received"](sample=sample, lot=uri, brought_by=contractor.uscc)
    story.say(story.cast.lab, "sample.received", received, about)
    number = f"R-2015-{story.number:06d}"
    covers = {"quantity": str(500 * DRUMS), "unit": "MTR"}
    report = BODIES["report.issued"](
        number=number, lots=[uri_of(batch)], sample=sample, client=contractor.uscc, covers=covers
    )
    story.say(story.cast.lab, "report.issued", report, {"lot": batch, "subject": number})


def _look_at_some(lots: Sequence[str], url: str) -> list[Judged]:
    house, database = build_house(), _open(url)
    with database.reading() as session:
        return [look_at(session, lot, house.rules, house.pack, datetime.now(UTC)) for lot in lots]


@cache
def _open(url: str) -> Database:
    """Once a process."""
    return Database(url)


def _make_some(start: int, end: int, cast: Cast) -> list[bytes]:
    return list(chain.from_iterable(tell_batch(cast, number) for number in range(start, end)))


def _batch(number: int) -> str:
    return lot_at(f"B{number:06d}")


def _drum(number: int, place: int) -> str:
    return f"{_batch(number)}/21/D{place:03d}"


def _contract(maker: int) -> str:
    return f"HT-{maker:02d}"


_ILMD = {"suzheng:product": CABLE}
_ILMD_OF_ROD = {"suzheng:product": COPPER}
_LATER = {"disposition": "conformant", "eventTime": "2015-05-13T09:00:00+08:00"}
_LAST = {"eventTime": "2015-05-20T09:00:00+08:00"}
_EVENT: dict[str, Any] = {
    "@context": [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"suzheng": "https://suzheng.example/vocabulary/"},
    ],
    "eventTime": "2015-05-06T09:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
}


def _object(step: str, action: str, amounts: Mapping[str, int], **more: Any) -> dict[str, Any]:
    return {
        **_EVENT,
        "type": "ObjectEvent",
        "action": action,
        "bizStep": step,
        **_side("", amounts),
        **_sizes(amounts),
    } | more


def _flow(taken: Mapping[str, int], given: Mapping[str, int], **more: Any) -> dict[str, Any]:
    sides = _side("input", taken) | _side("output", given)
    return {
        **_EVENT,
        "type": "TransformationEvent",
        "bizStep": "commissioning",
        **sides,
        **_sizes({**taken, **given}),
    } | more


def _side(side: str, amounts: Mapping[str, int]) -> dict[str, Any]:
    units, classes = (f"{side}EPCList", f"{side}QuantityList") if side else ("epcList", "quantityList")
    whole = [
        {"epcClass": _uri(lot), "quantity": amount, "uom": _unit(lot)}
        for lot, amount in amounts.items()
        if "/21/" not in lot
    ]
    return {units: [_uri(lot) for lot in amounts if "/21/" in lot], classes: whole}


def _sizes(amounts: Mapping[str, int]) -> dict[str, Any]:
    units = {lot: amount for lot, amount in amounts.items() if "/21/" in lot}
    told = [{"epc": _uri(lot), "quantity": amount, "uom": "MTR"} for lot, amount in units.items()]
    return {"suzheng:quantities": told} if told else {}


def _uri(lot: str) -> str:
    # Nothing in these ids has to be quoted.
    return f"https://id.gs1.org/{lot}"


def _unit(lot: str) -> str:
    return "KGM" if _ROD_GTIN in lot else "MTR"


def _lots_of(body: Mapping[str, Any]) -> list[str]:
    """The main one first, as `trace.epcis.events.main_lot` has it."""
    named = []
    for side in ("output", "input") if body["type"] == "TransformationEvent" else ("",):
        units, classes = (f"{side}EPCList", f"{side}QuantityList") if side else ("epcList", "quantityList")
        named += [*body[units], *(item["epcClass"] for item in body[classes])]
    return [uri.removeprefix("https://id.gs1.org/") for uri in named]


def _aliases(alias: str, count: int) -> list[str]:
    return [alias, *(f"{alias}.{number}" for number in range(1, count))]


def _code(alias: str) -> str:
    name, _, number = alias.partition(".")
    return facts.uscc((1000 if name == "maker" else 2000) + int(number)) if number else uscc_of(name)


def _admit(world: World, alias: str, serial: int) -> None:
    world.keys[alias] = generate_key()
    name = {"zh": f"{alias} {serial}", "en": f"{alias} {serial}"}
    role = "producer" if alias.startswith("maker") else "contractor"
    party = PartyBody(uscc=facts.uscc(serial), name=name, roles=[role])
    world.say("regulator", "party.admitted", party=party, key=world.jwk(alias))


def _say(world: World, alias: str, tag: str, **changes: Any) -> None:
    world.say(alias, tag, header={"issuer": _code(alias)}, **changes)


def _sell(world: World, number: int, maker: str) -> None:
    """The paperwork between the owner and one maker."""
    ocid = f"ocds-suzheng-{number:04d}"
    world.say("regulator", "certificate.issued", number=f"CCC-{number:04d}", holder=maker, maker=maker)
    world.say("owner", "tender.published", ocid=ocid)
    world.say("owner", "suppliers.qualified", ocid=ocid, suppliers=[{"party": maker, "listed_on": "2015-04-13"}])
    world.say("owner", "award.made", ocid=ocid, winner=maker)
    world.say("owner", "contract.signed", ocid=ocid, number=_contract(number), supplier=maker, maker=maker)
