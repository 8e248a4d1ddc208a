"""How the table of a record is made: one column for each field, then the rules between rows."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from crisispool.adapters.sql_types import Choice, Facts, Listed, Moment, Sealed
from crisispool.domain.secret import Secret

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
TABLES: Final[dict[type, Table]] = {}
"""The table of each kind of record."""

_PLAIN: Final[dict[type, TypeEngine[Any]]] = {
    str: String(),
    int: Integer(),
    float: Double(),
    bool: Boolean(),
    date: Date(),
    datetime: Moment(),
    Secret: Sealed(),
}


def table(
    kind: type,
    name: str,
    *,
    key: Sequence[str] = ("id",),
    links: Mapping[str, str] | None = None,
    unique: Sequence[Sequence[str]] = (),
    index: Sequence[Sequence[str]] = (),
    checks: Mapping[str, str] | None = None,
    versioned: bool = False,
) -> Table:
    """The table `name` for records of `kind`, listed in `TABLES`.

    `links` maps a column to the ``table.column`` it refers to; each is indexed unless another rule starts
    with it. `checks` maps a rule's name to its SQL. `versioned`: the column `version` counts the writes of a
    row, so that a writer who read an older one is told.
    """
    links = links or {}
    led = {rule[0] for rule in (key, *unique, *index)}
    hints = get_type_hints(kind)
    made = Table(
        name,
        METADATA,
        *(_column(f.name, hints[f.name], f.name in key, name, links.get(f.name)) for f in fields(kind)),
        *(UniqueConstraint(*rule) for rule in unique),
        *(Index(None, *rule) for rule in index),
        *(Index(None, column) for column in links if column not in led),
        *(CheckConstraint(rule, name=rule_name) for rule_name, rule in (checks or {}).items()),
        info={"versioned": versioned},
    )
    TABLES[kind] = made
    return made


def _column(name: str, hint: Any, in_key: bool, own_table: str, link: str | None) -> Column[Any]:
    value, nullable = _without_none(hint)
    # Rows of one table may refer to each other in any order within one transaction.
    own = link is not None and link.startswith(f"{own_table}.")
    rules = [ForeignKey(link, deferrable=own or None, initially="DEFERRED" if own else None)] if link else []
    return Column(name, _type(value), *rules, primary_key=in_key, autoincrement=False, nullable=nullable)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The type of a field that is there, and whether it may be absent."""
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    (value,) = (part for part in get_args(hint) if part is not type(None))
    return value, True


def _type(value: Any) -> TypeEngine[Any]:
    if value in _PLAIN:
        return _PLAIN[value]
    if get_origin(value) is tuple:
        return Listed(get_args(value)[0])
    if get_origin(value) is dict:
        return Facts
    if issubclass(value, StrEnum):
        return Choice(value)
    raise TypeError(f"no column holds {value}")
