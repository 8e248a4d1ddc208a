"""A page that stood open asks who is signed in now, before it sends a form."""

import pytest

from crisispool.domain.web_session import FRESH, IDLE, SEEN_EVERY
from tests.web.board import NOBODY, Board, Live
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_is_told_the_token_of_the_forms_of_now(board: Board) -> None:
    async with board.client.get("/session", headers=board.headers("k")) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {"who": WHO["k"], "csrf": await board.token("k"), "fresh": True}


async def test_where_nobody_is_signed_in_nothing_is_told(board: Board) -> None:
    response, text = await board.get(NOBODY, "/session")
    assert (response.status, text) == (401, "{}")


async def test_outside_a_training_a_proof_grows_old_and_nobody_stays_signed_in_by_asking(live: Live) -> None:
    cookie = await live.cookie("coordinator", verified=True)

    async def asked() -> tuple[int, bool | None]:
        async with live.client.get("/session", headers=cookie) as response:
            return response.status, (await response.json()).get("fresh")

    assert await asked() == (200, True)
    live.clock.set(live.clock.now() + FRESH)
    assert await asked() == (200, False)
    live.clock.set(live.clock.now() + IDLE - FRESH - SEEN_EVERY)
    assert await asked() == (200, False)
    live.clock.set(live.clock.now() + SEEN_EVERY)
    assert await asked() == (401, None)
