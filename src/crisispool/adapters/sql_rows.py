"""How a record becomes a row and a row a record again, confidential fields sealed to their place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Insert,
    Select,
    String,
    Table,
    Update,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

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

    @cached_property
    def by_key(self) -> Select[Any]:
        """The row with the primary key given by the parameters ``the_<column>``."""
        return select(self.table).where(*self._is_the_row)

    @cached_property
    def locking(self) -> Select[Any]:
        """The rows whose keys the parameter ``keys`` lists, locked in their order. For a key of one column."""
        (name,) = self.key
        column = self.table.c[name]
        rows = select(self.table).where(column.in_(bindparam("keys", expanding=True))).order_by(column)
        # A no-key lock excludes other lockers and writers, but not new rows that refer to this one.
        return rows.with_for_update(key_share=True)

    @cached_property
    def inserting(self) -> Insert:
        """A new row of the parameters."""
        return insert(self.table)

    @cached_property
    def saving(self) -> Update:
        """The row of `key_of` gets the other parameters; with a version, only if it had ``the_version``."""
        was = [self.table.c.version == bindparam("the_version")] if self.versioned else []
        return update(self.table).where(*self._is_the_row, *was)

    @cached_property
    def removing(self) -> Delete:
        """The row of `key_of` goes."""
        return delete(self.table).where(*self._is_the_row)

    @cached_property
    def _is_the_row(self) -> list[ColumnElement[bool]]:
        return [self.table.c[name] == bindparam(f"the_{name}") for name in self.key]

    def key_of(self, record: object) -> Row:
        """The parameters ``the_<column>`` of this record."""
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
_BY_TABLE: Final = {shape.table.name: shape for shape in _SHAPES.values()}


class Question(NamedTuple):
    """A condition of `Transaction.find` without its value: what was asked before is a statement that is there."""

    name: str
    sort: str
    rows: tuple[tuple[type, tuple["Question", ...]], ...] = ()
    """Of ``without``: the kinds of rows that must not be there, and what they would have to match."""


def asked(where: Mapping[str, object], values: list[object]) -> tuple[Question, ...]:
    """The questions of these conditions; what they are asked about is added to `values`."""
    return tuple(_asked(name, value, values) for name, value in where.items())


@lru_cache(maxsize=4096)
def finding(
    table: str, questions: tuple[Question, ...], order: tuple[str, ...], limit: int | None
) -> Select[Any]:
    """Rows that match, the values being parameters ``v0``, ``v1``, … ValueError: a sealed or unknown column."""
    shape = _BY_TABLE[table]
    conditions = _conditions(shape, questions, count())
    return select(shape.table).where(*conditions).order_by(*shape.order(order)).limit(limit)


def _asked(name: str, value: object, values: list[object]) -> Question:
    if value is None:
        return Question(name, "nothing")
    if isinstance(value, Without):
        return Question(name, "without", tuple((kind, asked(where, values)) for kind, where in value.rows))
    if isinstance(value, OneOf):
        values.append(list(value.values))
        return Question(name, "one_of")
    if isinstance(value, AtMost | AtLeast):
        values.append(value.value)
        return Question(name, "at_most" if isinstance(value, AtMost) else "at_least")
    values.append(value)
    return Question(name, "is")


def _conditions(
    shape: Shape[Any], questions: Iterable[Question], numbers: Iterator[int]
) -> list[ColumnElement[bool]]:
    return [_condition(shape.column(each.name), each, numbers) for each in questions]


def _condition(column: Column[Any], question: Question, numbers: Iterator[int]) -> ColumnElement[bool]:
    if question.sort == "nothing":
        return column.is_(None)
    if question.sort == "without":
        # As one NOT over all: PostgreSQL then looks them up by index or hash. Apart, each is a join, and before a
        # large table has statistics that join compares every row with every other.
        return ~or_(*(_has_row(kind, column, inside, numbers) for kind, inside in question.rows))
    name = f"v{next(numbers)}"
    if question.sort == "one_of":
        if isinstance(column.type, String):
            return among(column, bindparam(name, type_=Texts()))
        return column.in_(bindparam(name, expanding=True))
    compare = {"is": column.__eq__, "at_most": column.__le__, "at_least": column.__ge__}[question.sort]
    return compare(bindparam(name))


def _has_row(
    kind: type, column: Column[Any], questions: Iterable[Question], numbers: Iterator[int]
) -> ColumnElement[bool]:
    shape: Shape[Any] = shape_of(kind)
    return exists().where(shape.column(column.name) == column, *_conditions(shape, questions, numbers))
