"""The story as data: chapters of steps in order of record. `names.py` and `events.py` say how a step abbreviates.

A step is one statement:

    [[step]]
    at = 2015-06-29T09:00:00+08:00
    who = "dealer_b"
    kind = "paper.presented"
    why = "A report with a carved seal: the city's lab has never seen these drums."
    [step.body]
    claimed_body = "@lab_a"
    …
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from api.demonstration.events import write_event
from api.demonstration.names import STORY, Names, read_names


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the story. `who` is a key: a party's alias, or "lab_a.signatory" for another key of lab_a."""

    chapter: str
    at: datetime
    """The time of record; also when it was signed."""
    who: str
    kind: str
    why: str
    body: Mapping[str, Any]
    """With names spelled out, except for those of keys."""
    file_of: str | None
    """The number of the report whose very file was handed over, where it was no file of its own."""

    @property
    def party(self) -> str:
        """The alias of the party that signs."""
        return self.who.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Story:
    """The names, and all steps in order of record."""

    names: Names
    steps: tuple[Step, ...]


def read_story(folder: Path = STORY) -> Story:
    """Read all chapters in order of name. Raises ValueError where a step is older than the one before it."""
    first, *chapters = sorted(folder.glob("*.toml"))
    names = read_names(first)
    steps: list[Step] = []
    for path in chapters:
        for given in tomllib.loads(path.read_text(encoding="utf-8"))["step"]:
            step = _read_step(names, path.stem, given)
            if steps and step.at < steps[-1].at:
                raise ValueError(f"{path.name}: expected {steps[-1].at} or later, got {step.at}")
            steps.append(step)
    return Story(names, tuple(steps))


def _read_step(names: Names, chapter: str, given: Mapping[str, Any]) -> Step:
    at, kind = given["at"], given["kind"]
    body = write_event(names, kind, at, given["event"]) if "event" in given else names.spell_out(given["body"])
    return Step(chapter, at, given["who"], kind, given["why"], body, given.get("file_of"))
