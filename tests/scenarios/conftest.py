"""Fixtures of the scenarios: the program itself, quickly started, one set-up for each test or for a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import postgres_empty
from tests.support.mortal import Mortal
from tests.support.program import Program
from tests.support.warm import Warm


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole processes, several a test: on a busy machine each takes seconds to start."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture
def program(tmp_path: Path, warm: Warm) -> Iterator[Program]:
    """Not started yet."""
    made = Program(tmp_path / "data", warm=warm)
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    """Started once for all tests of a file."""
    made = Program(tmp_path_factory.mktemp("program") / "data", warm=warm)
    made.start()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def mortal(request: pytest.FixtureRequest, tmp_path: Path, warm: Warm) -> Iterator[Mortal]:
    """Not started yet."""
    on_server = request.param == "postgresql"
    database = postgres_empty(request.getfixturevalue("postgres")) if on_server else ""
    made = Mortal(tmp_path / "data", warm, database)
    yield made
    made.close()
