"""The board as browsers of all roles see it: a running server over the world, and everybody's cookie."""

import re
from dataclasses import dataclass, field
from typing import Final

from aiohttp import ClientResponse

from crisispool.app import App
from crisispool.web.board.page import Page
from tests.support.clock import SteppingClock
from tests.web.board_pages import LINES
from tests.web.edge import Client
from tests.web.world import World

NOBODY: Final = "-"
"""The letter of who is not signed in."""


def name_of(page: Page) -> str:
    """Under which a page has its line."""
    return f"{page.method} {page.path}"


@dataclass
class Board:
    """A running server over the world, and the cookie of everybody."""

    world: World
    client: Client
    secrets: dict[str, str] = field(default_factory=dict)

    def headers(self, letter: str) -> dict[str, str]:
        """What the browser of this role sends by itself."""
        secret = self.secrets.get(letter)
        return {"Cookie": f"crisispool_session={secret}"} if secret else {}

    async def get(self, letter: str, path: str, **headers: str) -> tuple[ClientResponse, str]:
        """A look at a page, as it is answered."""
        sent = {**self.headers(letter), **headers}
        async with self.client.get(path, headers=sent, allow_redirects=False) as response:
            return response, await response.text(errors="replace")

    async def token(self, letter: str) -> str:
        """What stands in the forms of this role."""
        entered = await self.world.app.web_sessions.find(self.secrets[letter])
        assert entered is not None
        return entered.csrf

    async def post(self, letter: str, path: str, token: str | None = None, **form: str) -> tuple[int, str]:
        """A change; with the token of the session, when none is given."""
        if token is None and letter in self.secrets:
            token = await self.token(letter)
        sent = {"csrf": token or "", "operation": "an-operation-of-a-test", **form}
        async with self.client.post(
            path, headers=self.headers(letter), data=sent, allow_redirects=False
        ) as response:
            return response.status, await response.text()

    def address(self, page: Page, letter: str) -> str:
        """The path with ids that are this role's own, or a coordinator's where they have none."""
        things, kinds = self.world.things, iter(LINES[name_of(page)].ids)
        own = {**things.own["*"], **things.own["k"], **things.own.get(letter, {})}
        return re.sub(r"\{\w+\}", lambda _: own[kind] if (kind := next(kinds, "")) else "x-1", page.path)


@dataclass
class Live:
    """A server outside a training: nobody gets in without a passkey, and its sessions live by the test clock."""

    app: App
    client: Client
    clock: SteppingClock

    async def cookie(self, colleague_id: str, *, verified: bool = False) -> dict[str, str]:
        """What the browser of somebody who is signed in sends by itself."""
        secret = await self.app.web_sessions.open(colleague_id, verified=verified)
        return {"Cookie": f"__Host-crisispool_session={secret}"}

    async def token(self, headers: dict[str, str]) -> str:
        """What stands in the forms of this browser."""
        async with self.client.get("/account", headers=headers) as response:
            [token] = re.findall(r'"X-CSRF-Token": "(\w+)"', await response.text())
        return str(token)
