"""What a database error means to the inside: someone else was first, or the record failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crisispool.domain.errors import Conflict, Outage

_UNIQUE_SQLITE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
_UNIQUE_POSTGRESQL = "23505"
_LOST_POSTGRESQL = {"40001", "40P01"}
"""Serialization failure and deadlock: the server took this one back so that another could go on."""


@contextmanager
def outages(table: str | None = None) -> Iterator[None]:
    """Turn what the database raises into `Outage("record")`, a broken unique rule of `table` into `Conflict`.

    A broken reference or check is a mistake of ours, not somebody else's luck: an Outage with its cause.
    """
    try:
        yield
    except IntegrityError as error:
        if table is not None and _breaks_unique_rule(error):
            raise Conflict(table) from error
        raise Outage("record", "a rule of the tables would be broken") from error
    except (DBAPIError, PoolTimeout, OSError, PostgresError, InterfaceError) as error:
        if table is not None and _hint(error) in _LOST_POSTGRESQL:
            raise Conflict(table) from error
        raise Outage("record", _hint(error)) from error


def _breaks_unique_rule(error: IntegrityError) -> bool:
    original = error.orig
    if getattr(original, "sqlite_errorname", None) in _UNIQUE_SQLITE:
        return True
    return getattr(original, "sqlstate", None) == _UNIQUE_POSTGRESQL


def _hint(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(name or type(original).__name__)
