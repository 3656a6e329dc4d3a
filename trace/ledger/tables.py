"""What all tables share: the metadata with its naming convention, and column types that mean the same on both
databases.

Ledger tables (`LEDGER_TABLES`) know INSERT only; a trigger in the migration refuses the rest. All others are registers,
but for `OWN_TABLES`.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sqlalchemy import DateTime, LargeBinary, MetaData, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound="DataclassInstance")
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LEDGER_TABLES = frozenset({"entry", "node", "checkpoint", "cosignature"})
# The log's own too, though its one row is replaced with every batch: no register, and not emptied with them.
HEAD_TABLE = "head"
# What the service keeps for its callers, and what people without a key say: no entry tells it, so it is neither emptied
# nor rebuilt.
OWN_TABLES = frozenset({"epcis_capture", "epcis_query", "scan", "mismatch"})


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; reads back as aware UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in, UTC stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC out, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A Decimal kept digit for digit, as text: neither database rounds it or drops its trailing zeros."""

    impl = String(90)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Decimal in, its plain digits stored."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The same Decimal out."""
        return None if value is None else Decimal(value)


# Of a table whose rows are little more than their key: SQLite keeps them in its order, in one tree.
BY_KEY = {"sqlite_with_rowid": False}


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any] | type[TypeEngine[Any]]]] = {
        datetime: UtcDateTime,
        Decimal: Exact,
        bytes: LargeBinary,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def freeze(fact: type[F], row: Base, **given: Any) -> F:
    """The frozen value of a row: each field of the dataclass `fact` as `given`, else the row's column of that name.

    Lists become tuples. Raises AttributeError where neither has the field.
    """
    names, read = _reader_of(fact, frozenset(given))
    values = read(row)
    if list in map(type, values):
        values = tuple(tuple(value) if type(value) is list else value for value in values)
    return fact(**dict(zip(names, values, strict=True)), **given)


@cache
def _reader_of(fact: type, given: frozenset[str]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of the fields that come from a row, and what reads them: a lineage has tens of thousands of rows."""
    names = tuple(field.name for field in fields(fact) if field.name not in given)
    read = attrgetter(*names)
    return names, read if len(names) > 1 else lambda row: (read(row),)


def register_tables() -> list[Table]:
    """Every table that can be deleted and rebuilt from the ledger, parents first."""
    others = {*LEDGER_TABLES, HEAD_TABLE, *OWN_TABLES}
    return [table for table in Base.metadata.sorted_tables if table.name not in others]
