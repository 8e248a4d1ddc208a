"""Fixtures for every test: a record of its own, on SQLite."""

import gc
import logging
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from tests.support.databases import keys_for_tests, postgres, sqlite_copy, sqlite_template  # noqa: F401
from tests.support.live_pool import live_pool, redis_socket  # noqa: F401
from tests.support.warm import Warm

MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3  # noqa: S108  # pytest makes a folder of its own in it
"""Where files cost no waiting for a disk, where there is such a place; bytes that must be free there."""


WAITING = ("browser", "scenarios")
"""Folders of tests that wait more than they compute."""


def pytest_configure() -> None:
    """A record that is killed is as whole in memory as on a disk: only a power failure would tell them apart."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # noqa: TID251


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests wait for processes and pages stand between those that compute, none of them at the end:
    beside each other they keep the machine busy, and one kind after the other does not."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [path for path in files if path.parent.name in WAITING]
    computing = [path for path in files if path.parent.name not in WAITING]
    order: list[Path] = []
    while waiting or computing:
        order += [*waiting[:1], *computing[:4]]
        del waiting[:1], computing[:4]
    items[:] = [item for path in order for item in files[path]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """While everything is imported there is no garbage to look for: a third of the time on a new checkout."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What was imported stays until the end: nobody needs to look through it again and again."""
    gc.collect()
    gc.freeze()
    # A test makes much and keeps little: looking less often takes a thirtieth of the time away.
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them, to copy from."""
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """What starts the program quickly."""
    with Warm() as ready:
        yield ready


@pytest.fixture(autouse=True)
def no_log_handler_stays() -> Iterator[None]:
    """A command that is run inside a test logs to the standard error of that test, which is closed after it."""
    yield
    root = logging.getLogger()
    for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:
        root.removeHandler(handler)
        structlog.reset_defaults()


@pytest.fixture
def keys() -> Keys:
    return keys_for_tests()


@pytest.fixture
async def engine(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = make_engine(sqlite_copy(migrated_sqlite, tmp_path))
    yield made
    await made.dispose()


@pytest.fixture
def store(engine: AsyncEngine, keys: Keys) -> SqlStore:
    """The record of this test."""
    return SqlStore(engine, keys)
