"""The case, told once for all tests of this folder: into a ledger of its own, with everybody's keys in a folder."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from api.database import Database
from api.demonstration.chapters import Story, read_story
from api.demonstration.replay import Teller, Told
from api.wiring import build_house
from keys.keyring import generate_key
from labs.judge import Verdict
from labs.refresh import judge_lot
from tests import databases
from trace.chains import read_heads
from trace.epcis.identifiers import parse_lot
from trace.intake import Outcome, accept
from trace.ledger.checkpoint import Sealer
from trace.production.register import LotRow

ORIGIN = "suzheng.example/demonstration"
# After the recall's deadline and the ban, while the penalties are young.
AFTER = datetime.fromisoformat("2017-07-01T00:00:00+08:00")


@dataclass(frozen=True)
class Case:
    """A told story: what was sent, whose keys, and each lot's verdict and maker."""

    story: Story
    told: tuple[Told, ...]
    keys_folder: Path
    verdicts: dict[str, Verdict]
    makers: dict[str, str]

    def verdict(self, short: str) -> Verdict:
        """The verdict on a lot by its short name, such as "b25/15B0511/D02"."""
        return self.verdicts[self.lot_id(short)]

    def lot_id(self, short: str) -> str:
        """The id of a lot by its short name."""
        return str(parse_lot(self.story.names.spell_lots(short)[0]))


@pytest.fixture(scope="session")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="session")
def case(story: Story, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The whole story."""
    return tell(story, AFTER, tmp_path_factory.mktemp("case"), shared_folder)


@pytest.fixture(scope="session")
def first_delivery(story: Story, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """What could be known on the evening of works B's first delivery."""
    evening = datetime.fromisoformat("2015-05-25T20:00:00+08:00")
    begun = replace(story, steps=tuple(step for step in story.steps if step.at <= evening))
    return tell(begun, evening, tmp_path_factory.mktemp("first"), shared_folder)


def tell(story: Story, at: datetime, folder: Path, shared: Path) -> Case:
    """Tell a story into a ledger of its own and judge every lot as of `at`."""
    database = Database(databases.fresh_sqlite(folder, shared, is_migrated=True))
    house, ledger_key = build_house(), generate_key()

    def send(envelopes: list[bytes], recorded_at: datetime) -> list[Outcome]:
        with database.writing() as session:
            return accept(
                session,
                envelopes,
                catalogue=house.catalogue,
                sealer=Sealer(ORIGIN, ledger_key),
                at=recorded_at,
            )

    def heads(lots: tuple[str, ...]) -> tuple[bytes, ...]:
        with database.reading() as session:
            return read_heads(session, lots)

    told = tuple(Teller(story, folder / "keys", ORIGIN, ledger_key.public, send, heads).tell())
    with database.reading() as session:
        makers = {row.lot_id: row.maker for row in session.scalars(select(LotRow))}
        verdicts = {lot: judge_lot(session, lot, house.rules, house.pack, at)[1] for lot in makers}
    database.close()
    return Case(story, told, folder / "keys", verdicts, makers)
