"""Records of what entries say, for replies: each tells whether it is still believed (decision 41)."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy.orm import Session

from trace.doubts import Recorded, read_doubts
from trace.parties.belief import Doubt


def mark_doubts(session: Session, record: Mapping[str, Collection[Recorded]]) -> dict[str, list[dict[str, Any]]]:
    """The lists of a record by name, each item as its members with `doubted_since` and `doubt_entry`, which are None
    where it is believed. One question for all of them.
    """
    doubts = read_doubts(session, {one.entry for said in record.values() for one in said})
    return {name: [_mark(one, doubts.get(one.entry)) for one in said] for name, said in record.items()}


def _mark(one: Any, doubt: Doubt | None) -> dict[str, Any]:
    members = {field.name: getattr(one, field.name) for field in fields(one)}
    return members | {"doubted_since": doubt and doubt.since, "doubt_entry": doubt and doubt.entry}
