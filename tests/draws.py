"""A delivery of two drums with a draw over both, told on any world that has what is to be on record beforehand."""

from typing import Any

from labs.drawing.register import Draw, complete_draws, read_draws
from tests.factories import DRUM, SISTER, uri_of, uscc_of
from tests.world import Act, World
from trace.intake import Accepted
from trace.kinds import Duty
from trace.ledger.shelf import show_inclusion
from trace.ledger.store import size_of

BOTH = {DRUM: 500, SISTER: 500}
DELIVERED: tuple[Act, ...] = (
    ("2015-05-06", "maker", "goods.shipped", {"amounts": BOTH}),
    ("2015-05-07", "contractor", "goods.received", {"amounts": BOTH}),
    ("2015-05-07", "contractor", "goods.delivered", {"amounts": BOTH}),
)


def size(world: World) -> int:
    """How many entries there are."""
    with world.database.reading() as session:
        return size_of(session)


def delivery(world: World) -> bytes:
    """The leaf of the delivery, where that is the last that was said."""
    with world.database.reading() as session:
        return show_inclusion(session, size_of(session) - 1, None).leaf


def announce(world: World, ahead: int = 3, **changes: Any) -> Accepted:
    """A draw over what was just delivered, seeded so many entries after its own."""
    given: dict[str, Any] = {"delivery": delivery(world).hex(), "n": 2} | changes
    return world.say("supervisor", "draw.announced", ledger_size=size(world) + 1 + ahead, **given)


def say_more(world: World, count: int) -> None:
    """What others have to say meanwhile."""
    for number in range(count):
        world.say("lab" if number % 2 else "owner", "post.held", person=f"p-{number}", duty=Duty.WITNESS)


def read_draw(world: World, lot: str = DRUM) -> Draw:
    """The one draw over a lot."""
    with world.database.reading() as session:
        (draw,) = complete_draws(session, read_draws(session, [lot]))
    return draw


def tell_draw(world: World) -> None:
    """The draw is announced, becomes known and is obeyed on one drum; what was cut is tested, and a part kept."""
    announce(world)
    say_more(world, 3)
    draw = read_draw(world)
    metre = next(pick.metre for pick in draw.picks if pick.lot == DRUM)
    photos = ["3" * 64, "4" * 64]
    world.say("contractor", "sample.drawn", position_m=str(metre), length_m="1.5", draw=draw.leaf, photos=photos)
    world.say("supervisor", "sample.witnessed")
    world.say("contractor", "sample.handed")
    world.say("lab", "sample.received", condition="dry", seal="seal-1")
    world.say("lab", "sample.retained")
    world.say("lab", "report.issued")
    # Of the other drum somebody cuts where it suits, and nobody says how it came to the lab.
    changes: dict[str, Any] = {
        "sample": "S-2",
        "lot": uri_of(SISTER),
        "position_m": "3",
        "courier": None,
        "seal": "seal-7",
    }
    world.say("contractor", "sample.drawn", **changes, witness=None)
    other: dict[str, Any] = {
        "sample": "S-2",
        "lot": uri_of(SISTER),
        "is_seal_intact": False,
        "brought_by": uscc_of("owner"),
    }
    world.say("lab", "sample.received", **other)
    world.say("lab", "sample.retained", sample="S-2", lot=uri_of(SISTER))
    world.say("regulator", "sample.sought", sample="S-2", lot=uri_of(SISTER), is_there=False)
