"""A filled-in record of every kind, with the records it refers to."""

import types
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from crisispool.adapters.sql_tables import TABLES
from crisispool.domain.audit import ChainHead
from crisispool.domain.booking import UnitNight
from crisispool.domain.duty import DutyShift
from crisispool.domain.secret import Secret

R = TypeVar("R")

NOW = datetime(2026, 11, 28, 1, 4, 5, 678901, tzinfo=UTC)
TONIGHT = date(2026, 11, 27)

_KINDS = {table.name: kind for kind, table in TABLES.items()}
_SPECIAL: dict[type, dict[str, Any]] = {
    UnitNight: {"hold_id": None},
    DutyShift: {"ends_at": datetime(2026, 11, 28, 8, tzinfo=UTC)},
    ChainHead: {"id": "sample"},
}


def sample(kind: type[R], **changes: Any) -> R:
    """A record of this kind with every field filled in; it refers to the samples of other kinds."""
    values = {name: _value(kind, name, hint) for name, hint in get_type_hints(kind).items()}
    return kind(**{**values, **_SPECIAL.get(kind, {}), **changes})


def bare(record: R) -> R:
    """The record with nothing in every field that may be empty, unless other rules ask for it."""
    table = TABLES[type(record)]
    kept = {"booking_id"} if isinstance(record, UnitNight) else set()
    empty = {column.name: None for column in table.columns if column.nullable and column.name not in kept}
    return replace(record, **empty)  # type: ignore[type-var]  # every record is a dataclass


def with_what_it_needs(record: object) -> list[object]:
    """The record, last, after everything it refers to."""
    found: dict[str, object] = {}
    for needed in _needed(record):
        found.setdefault(TABLES[type(needed)].name, needed)
    return list(found.values())


def _needed(record: object) -> Iterator[object]:
    table = TABLES[type(record)]
    for column in table.columns:
        for link in column.foreign_keys:
            parent = link.column.table
            if parent is not table and getattr(record, column.name) is not None:
                yield from _needed(sample(_KINDS[parent.name]))
    yield record


def _value(kind: type, name: str, hint: Any) -> Any:
    column = TABLES[kind].c[name]
    for link in column.foreign_keys:
        parent = link.column.table
        return (
            _own_key(parent.name, link.column.name) if parent is not TABLES[kind] else _own_key(parent.name)
        )
    if column.primary_key and hint is str:
        return _own_key(TABLES[kind].name, name)
    return _of_type(hint, name)


def _own_key(table: str, column: str = "id") -> str:
    return "36008" if column == "nis" else f"{table}-1"


def _of_type(hint: Any, name: str) -> Any:
    if get_origin(hint) is types.UnionType:
        return _of_type(next(part for part in get_args(hint) if part is not type(None)), name)
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return tuple(item) if issubclass(item, StrEnum) else (_of_type(item, name),) * 2
    if get_origin(hint) is dict:
        return {"a": ["08:30-12:00", "é"], "n": 3} if get_args(hint)[1] is object else {"mon": "08:30"}
    if issubclass(hint, StrEnum):
        return list(hint)[-1]
    plain: dict[type, Any] = {
        str: f"{name} één",
        int: 2,
        float: 50.9175,
        bool: True,
        date: TONIGHT,
        datetime: NOW,
        Secret: Secret(f"CANARY-{name}-Kerkstraat"),
    }
    return plain[hint]


def secrets_in(record: object) -> list[Secret]:
    """The confidential texts of a record."""
    values = [getattr(record, field.name) for field in fields(record)]  # type: ignore[arg-type]
    return [value for value in values if isinstance(value, Secret)]
