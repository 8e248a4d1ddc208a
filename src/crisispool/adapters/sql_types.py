"""Column types that give back what was put in, on SQLite and PostgreSQL alike."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, Boolean, DateTime, Dialect, String, TypeDecorator
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept and given back in UTC. ValueError: a moment without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        # SQLite keeps no zone.
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Choice(TypeDecorator[StrEnum]):
    """A code, kept as plain text: a new code needs no migration. ValueError: a code that is unknown."""

    impl = String
    cache_ok = True

    def __init__(self, codes: type[StrEnum]) -> None:
        super().__init__()
        self.codes = codes

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.codes(value)


class Listed(TypeDecorator[tuple[Any, ...]]):
    """A tuple of one sort of item (text, number, date or code), kept as a JSON list."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, item: type) -> None:
        super().__init__()
        self.item = item

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> list[Any] | None:
        if value is None:
            return None
        return [item.isoformat() if self.item is date else self.item(item) for item in value]

    def process_result_value(self, value: list[Any] | None, dialect: Dialect) -> tuple[Any, ...] | None:
        if value is None:
            return None
        return tuple(date.fromisoformat(item) if self.item is date else self.item(item) for item in value)


class Sealed(TypeDecorator[str]):
    """A confidential text. The column holds the seal only; the store closes and opens it, knowing the row."""

    impl = String
    cache_ok = True


class Texts(TypeDecorator[list[str]]):
    """A list of texts as one parameter: the databases take some 32 000 parameters, and a list has no limit."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else JSON())


class among(FunctionElement[bool]):  # noqa: N801  # named as it is used in a query
    """The condition that a column (first) has one of the `Texts` (second)."""

    type = Boolean()
    inherit_cache = True


@compiles(among)
def _among(element: "among", compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(each, **options) for each in element.clauses)
    if compiler.dialect.name == "postgresql":
        return f"{column} = ANY ({texts})"
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608  # both are compiled already


Facts: Final = JSON(none_as_null=True)
"""Codes and numbers by name."""
