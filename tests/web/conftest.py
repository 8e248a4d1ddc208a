"""A server on a port of its own for tests of the web."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import DummyCookieJar

from crisispool.app import assemble
from tests.support.databases import keys_for_tests
from tests.support.live_pool import no_live_pool
from tests.web.board import Board, Live
from tests.web.board_pages import ALL
from tests.web.edge import Desk, Edge, desk_app, started
from tests.web.world import WHO, Things, make_template, opened


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    desk = Desk()
    app = desk_app(desk)
    client = await started(app)
    yield Edge(client, desk, app)
    await client.close()


@pytest.fixture
async def training() -> AsyncIterator[Edge]:
    desk = Desk()
    app = desk_app(desk, training=True)
    client = await started(app)
    yield Edge(client, desk, app)
    await client.close()


@pytest.fixture(scope="session")
def monday(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Things, dict[str, str]]:
    """A record with something of everybody's in it, to copy from; what there is, and everybody's token."""
    path = tmp_path_factory.mktemp("world") / "monday.db"
    return path, *make_template(migrated_sqlite, path, keys_for_tests())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def board(
    monday: tuple[Path, Things, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Board]:
    """For a module that is marked ``pytest.mark.asyncio(loop_scope="module")``."""
    template, things, tokens = monday
    world = opened(template, tmp_path_factory.mktemp("board") / "board.db", things, tokens, keys_for_tests())
    client = await started(world.app, DummyCookieJar())  # type: ignore[arg-type]  # the whole app, no stand-in
    made = Board(world, client)
    for letter in ALL:
        made.secrets[letter] = await world.app.web_sessions.open(WHO[letter])
    yield made
    await client.close()
    await world.store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(board: Board) -> AsyncIterator[Live]:
    """The same record behind a server that is no training and reached over https; nobody of `board` is signed in
    any more, because its clock is another one."""
    world = board.world
    settings = replace(world.app.settings, public_url="https://pool.example.org")
    app = assemble(settings, world.store, no_live_pool(), world.clock, keys_for_tests())
    client = await started(app, DummyCookieJar())  # type: ignore[arg-type]  # the whole app, no stand-in
    yield Live(app, client, world.clock)
    await client.close()
