"""Real databases for tests, copied from a template: a SQLite file or a PostgreSQL database for each."""

import asyncio
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import at_sqlite, make_engine, migrate
from crisispool.settings import SecretKey
from tests.support.postgres import CannotStart, PostgresServer

_NUMBERS: Iterator[int] = count(1)


def keys_for_tests() -> Keys:
    """A ring of two keys that are the same in every test."""
    return Keys([SecretKey("new", b"n" * 32), SecretKey("old", b"o" * 32)], b"d" * 32)


def migrated(url: str) -> None:
    """Bring a database up to date and let go of it. Not inside a running loop."""

    async def bring() -> None:
        engine = make_engine(url)
        await migrate(engine)
        await engine.dispose()

    asyncio.run(bring())


def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file to copy from."""
    path = folder / "template.db"
    migrated(at_sqlite(path))
    return path


def sqlite_copy(template: Path, folder: Path) -> str:
    """The address of a fresh copy of the template in this folder."""
    path = folder / "record.db"
    shutil.copyfile(template, path)
    return at_sqlite(path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server with the tables in `template_record`."""
    try:
        server = PostgresServer()
    except CannotStart as error:
        pytest.skip(f"NO POSTGRESQL, so nothing was tried on it: {error}")
    try:
        postgres_template(server)
        yield server
    finally:
        server.stop()


def postgres_template(server: PostgresServer) -> None:
    """Make the migrated database `template_record` on this server."""
    asyncio.run(_create(server, "template_record", "template0"))
    migrated(server.url("template_record"))


def postgres_copy(server: PostgresServer) -> str:
    """The address of a fresh copy of `template_record`."""
    name = f"record_{next(_NUMBERS)}"
    asyncio.run(_create(server, name, "template_record"))
    return server.url(name)


def postgres_empty(server: PostgresServer) -> str:
    """The address of a database without any table."""
    name = f"empty_{next(_NUMBERS)}"
    asyncio.run(_create(server, name, "template0"))
    return server.url(name)


def postgres_rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a query with a question mark for each value. Not inside a running loop."""
    at = make_url(url)
    first, *rest = query.split("?")
    asked = first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))

    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(
            host=at.query["host"], user=at.username, database=at.database, ssl=False
        )
        try:
            return [tuple(row) for row in await connection.fetch(asked, *values)]
        finally:
            await connection.close()

    return asyncio.run(ask())


async def _create(server: PostgresServer, name: str, template: str) -> None:
    connection = await asyncpg.connect(host=server.folder(), user="postgres", database="postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    finally:
        await connection.close()
