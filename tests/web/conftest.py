"""A server on a port of its own for tests of the web."""

from collections.abc import AsyncIterator

import pytest

from tests.web.edge import Desk, Edge, desk_app, started


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
