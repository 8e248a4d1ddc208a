"""A change that lost every race is told where its form stands, with what was typed."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from crisispool.domain.errors import Conflict
from crisispool.web.board import door
from crisispool.web.board.page import Page, Visit
from crisispool.web.call import Who
from crisispool.web.problems import sentence
from crisispool.web.server import make_server
from tests.web.board import Board

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def lose(_: Visit) -> web.StreamResponse:
    """Somebody else was first, each time."""
    raise Conflict("bookings")


async def again(visit: Visit) -> web.StreamResponse:
    """The page where the form stands."""
    return web.Response(text=visit.wrong["body"], status=visit.status)


async def test_who_lost_every_race_reads_so_on_the_page_of_the_form(board: Board) -> None:
    row = Page("POST", "/account/phone", "account", Who.SIGNED_IN, lose, again=again)
    server = make_server(board.world.app)
    server.router.add_post("/lost", door._handler_of(row))
    async with TestClient(TestServer(server)) as client:
        form = {"csrf": await board.token("c"), "operation": "an-operation-of-a-test"}
        async with client.post("/lost", headers=board.headers("c"), data=form) as response:
            said = await response.text()
    assert (response.status, said) == (409, sentence("lost_race", {}, "nl"))
