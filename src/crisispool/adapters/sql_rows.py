"""How a record becomes a row and a row a record again, confidential fields sealed to their place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, String, Table, and_, bindparam, exists, or_

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_tables import TABLES
from crisispool.adapters.sql_types import Sealed, Texts, among
from crisispool.domain.secret import Secret
from crisispool.ports import AtLeast, AtMost, OneOf, Without

R = TypeVar("R")
Row = dict[str, Any]


@dataclass(frozen=True)
class Shape(Generic[R]):
    """One kind of record and its table; `columns` stand in the order of the fields."""

    kind: type[R]
    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    sealed: frozenset[str]
    versioned: bool

    def row(self, record: object, keys: Keys) -> Row:
        """The record as a row, sealed."""
        row = {name: getattr(record, name) for name in self.columns}
        for name in self.sealed:
            row[name] = keys.seal(row[name].reveal(), self._place(row, name))
        return row

    def record(self, values: Sequence[Any], keys: Keys) -> R:
        """The record of a row whose values stand in the order of `columns`, opened."""
        if not self.sealed:
            return self.kind(*values)
        row = dict(zip(self.columns, values, strict=True))
        for name in self.sealed:
            row[name] = Secret(keys.open(row[name], self._place(row, name)))
        return self.kind(**row)

    def matches(self, where: Mapping[str, object]) -> list[ColumnElement[bool]]:
        """The conditions of `Transaction.find`. ValueError: a sealed or unknown column."""
        return [_condition(self.column(name), value) for name, value in where.items()]

    def has_key(self, key: Sequence[object]) -> ColumnElement[bool]:
        """The condition that a row has this primary key."""
        return and_(*(self.table.c[name] == value for name, value in zip(self.key, key, strict=True)))

    def is_the_row(self) -> ColumnElement[bool]:
        """The condition that a row has the primary key given by the parameters ``the_<column>``."""
        return and_(*(self.table.c[name] == bindparam(f"the_{name}") for name in self.key))

    def key_of(self, record: object) -> Row:
        """The parameters for `is_the_row`."""
        return {f"the_{name}": getattr(record, name) for name in self.key}

    def order(self, names: Sequence[str]) -> list[ColumnElement[Any]]:
        """The order of `Transaction.find`, made total by the primary key."""
        asked = [self._ordered(name) for name in names]
        named = {name.removeprefix("-") for name in names}
        return asked + [self.table.c[name].asc() for name in self.key if name not in named]

    def column(self, name: str) -> Column[Any]:
        """The column of this name. ValueError: there is none, or it is sealed and cannot be searched."""
        if name not in self.table.c or name in self.sealed:
            raise ValueError(f"{self.table.name} cannot be searched by {name}")
        return self.table.c[name]

    def _ordered(self, name: str) -> ColumnElement[Any]:
        column = self.column(name.removeprefix("-"))
        # The databases disagree on where nothing comes.
        return column.desc().nulls_last() if name.startswith("-") else column.asc().nulls_first()

    def _place(self, row: Row, name: str) -> list[str]:
        return [self.table.name, *(str(row[part]) for part in self.key), name]


def shape_of(kind: type[R]) -> Shape[R]:
    """The shape of a kind of record. KeyError: it has no table."""
    return _SHAPES[kind]


def _shape(kind: type[R], table: Table) -> Shape[R]:
    return Shape(
        kind=kind,
        table=table,
        columns=tuple(column.name for column in table.columns),
        key=tuple(column.name for column in table.primary_key.columns),
        sealed=frozenset(column.name for column in table.columns if isinstance(column.type, Sealed)),
        versioned=bool(table.info["versioned"]),
    )


_SHAPES: Final[dict[type, Shape[Any]]] = {kind: _shape(kind, table) for kind, table in TABLES.items()}


def _condition(column: Column[Any], value: object) -> ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    if isinstance(value, AtMost):
        return column.__le__(value.value)
    if isinstance(value, AtLeast):
        return column.__ge__(value.value)
    if isinstance(value, OneOf):
        if isinstance(column.type, String):
            return among(column, bindparam(None, list(value.values), Texts()))
        return column.in_(value.values)
    if isinstance(value, Without):
        # As one NOT over all: PostgreSQL then looks them up by index or hash. Apart, each is a join, and before a
        # large table has statistics that join compares every row with every other.
        return ~or_(*(_has_row(kind, where, column) for kind, where in value.rows))
    return column == value


def _has_row(kind: type, where: Mapping[str, object], column: Column[Any]) -> ColumnElement[bool]:
    shape: Shape[Any] = shape_of(kind)
    return exists().where(shape.column(column.name) == column, *shape.matches(where))
