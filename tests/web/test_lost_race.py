"""A change that lost every race is told where its form stands, with what was typed."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from crisispool.domain.errors import Conflict
from crisispool.web.board import account, door
from crisispool.web.board.page import Page, Visit
from crisispool.web.call import Who
from crisispool.web.server import make_server
from tests.web.board import Board

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def lose(_: Visit) -> web.StreamResponse:
    """Somebody else was first, each time."""
    raise Conflict("bookings")


async def test_who_lost_every_race_reads_so_on_the_page_of_the_form(board: Board) -> None:
    row = Page("POST", "/account/phone", "account", Who.SIGNED_IN, lose, again=account.shown)
    server = make_server(board.world.app)
    server.router.add_post("/lost", door._handler_of(row))
    async with TestClient(TestServer(server)) as client:
        form = {"csrf": await board.token("c"), "operation": "an-operation-of-a-test"}
        async with client.post("/lost", headers=board.headers("c"), data=form) as response:
            page = await response.text()
    assert response.status == 409 and "<h1>Mijn account</h1>" in page
    assert "X-Problem" not in response.headers
