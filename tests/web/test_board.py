"""Every page of the board as every role: yours, not there, or first sign in. Made from the rows of the board."""

import re

import pytest

from crisispool.domain.organisation import Role
from crisispool.web.board.page import Page
from crisispool.web.board.pages import PAGES
from crisispool.web.call import Who
from tests.web.board import NOBODY, Board, name_of
from tests.web.board_pages import ALL, CHANGES, LINES
from tests.web.calls import OTHERS, ROLES

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOKS = [page for page in PAGES if not page.changes]
MAKES = [page for page in PAGES if page.changes]


async def test_every_page_has_a_line_and_every_line_is_a_page() -> None:
    names = [name_of(page) for page in PAGES]
    assert len(set(names)) == len(names)
    lines = {**LINES, **CHANGES}
    assert not set(names) - set(lines), "these pages have no line in tests/web/board_pages.py"
    assert not set(lines) - set(names), "these lines are of no page"


async def test_every_line_names_the_roles_of_its_row() -> None:
    for page in PAGES:
        line = LINES[name_of(page)].who if not page.changes else CHANGES[name_of(page)]
        may = page.allowed if isinstance(page.allowed, frozenset) else frozenset(Role)
        assert {ROLES[letter] for letter in line if letter != NOBODY} == may, name_of(page)
        assert (NOBODY in line) == (page.allowed is Who.EVERYONE), name_of(page)


@pytest.mark.parametrize("page", LOOKS, ids=name_of)
async def test_a_page_is_for_its_roles_and_for_nobody_else(board: Board, page: Page) -> None:
    line = LINES[name_of(page)]
    for letter in [*ALL, NOBODY]:
        address = board.address(page, letter)
        response, text = await board.get(letter, address)
        assert response.headers["Cache-Control"] == "no-store", letter
        assert "script-src 'self';" in response.headers["Content-Security-Policy"], letter
        if letter in line.who:
            assert response.status == line.status, (letter, text)
        elif letter == NOBODY:
            assert (response.status, response.headers["Location"]) == (303, f"/sign-in?next={address}")
        else:
            nothing, not_there = await board.get(letter, "/there-is-no-such-page")
            assert (response.status, text) == (nothing.status, not_there) == (404, text), letter


@pytest.mark.parametrize("page", LOOKS, ids=name_of)
async def test_a_page_about_what_is_not_theirs_is_as_if_it_were_not_there(board: Board, page: Page) -> None:
    line, things = LINES[name_of(page)], board.world.things
    if not line.ids:
        return
    for letter in line.who:
        _, not_there = await board.get(letter, "/there-is-no-such-page")
        for whose in ("absent", "far", "other"):
            if whose == "other" and all(letter in OTHERS[kind] for kind in line.ids):
                continue
            kinds = iter(line.ids)
            address = re.sub(r"\{\w+\}", lambda _: things.of(letter, whose, next(kinds)), page.path)  # noqa: B023
            response, text = await board.get(letter, address)
            assert (response.status, text) == (404, not_there), (letter, whose)


@pytest.mark.parametrize("page", MAKES, ids=name_of)
async def test_a_change_is_made_by_its_roles_on_our_own_pages_alone(board: Board, page: Page) -> None:
    address = re.sub(r"\{\w+\}", "x-1", page.path)
    for letter in [*ALL, NOBODY]:
        elsewhere = {**board.headers(letter), "Sec-Fetch-Site": "cross-site"}
        async with board.client.post(address, headers=elsewhere, allow_redirects=False) as response:
            foreign = response.status
        if letter in CHANGES[name_of(page)]:
            assert foreign == 403, letter
            if letter != NOBODY:
                for token in ("", "x", "é", await board.token("k" if letter != "k" else "c")):
                    status, _ = await board.post(letter, address, token)
                    assert status == 403, (letter, token)
        else:
            status, text = await board.post(letter, address)
            _, not_there = await board.get(letter, "/there-is-no-such-page")
            assert (status, text) == ((303, "") if letter == NOBODY else (404, not_there)), letter
            assert foreign == status, letter
