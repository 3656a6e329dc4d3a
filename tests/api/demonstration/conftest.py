"""The case, told once for all tests of this folder: into a ledger of its own, with everybody's keys in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
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
from labs.refresh import judge_lot, mark_touched
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
    """The told story: what was sent, whose keys, and each lot's verdict as of AFTER."""

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
def case(story: Story, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("case")
    database = Database(databases.fresh_sqlite(folder, shared_folder, is_migrated=True))
    house, ledger_key = build_house(), generate_key()

    def send(envelopes: list[bytes], at: datetime) -> list[Outcome]:
        with database.writing() as session:
            outcomes = accept(session, envelopes, catalogue=house.catalogue, sealer=Sealer(ORIGIN, ledger_key), at=at)
            mark_touched(session, outcomes, house.catalogue)
        return outcomes

    def heads(lots: tuple[str, ...]) -> tuple[bytes, ...]:
        with database.reading() as session:
            return read_heads(session, lots)

    told = tuple(Teller(story, folder / "keys", ORIGIN, ledger_key.public, send, heads).tell())
    with database.reading() as session:
        makers = {row.lot_id: row.maker for row in session.scalars(select(LotRow))}
        verdicts = {lot: judge_lot(session, lot, house.rules, house.pack, AFTER)[1] for lot in makers}
    yield Case(story, told, folder / "keys", verdicts, makers)
    database.close()
