"""The board as it is this second: rendered once for all who see the same, and sent to each of them as it changes."""

import asyncio
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor
from crisispool.services.board import SEERS, Audience
from crisispool.texts.render import render
from crisispool.web import html, session
from crisispool.web.board.tonight_words import words
from crisispool.web.call import APP
from crisispool.web.hub import HUB
from crisispool.web.line import Line

if TYPE_CHECKING:
    from crisispool.app import App

STREAM: Final = "/tonight/stream"
TEMPLATE: Final = "board/tonight_parts.html"
SECONDS: Final = 60
"""For so long a board is good when nothing changed: what only time changes is seen within a minute."""
MOST: Final = 500
"""Boards that are kept; with more the oldest are made anew."""


@dataclass(frozen=True)
class Rendered:
    """A board as HTML: what stands above the filter and below it. It was made with all changes up to `seq`."""

    seq: int
    slot: int
    top: str
    pool: str

    @property
    def version(self) -> str:
        """Equal for two boards that look the same."""
        return hashlib.sha256((self.top + self.pool).encode()).hexdigest()[:20]

    @property
    def event(self) -> bytes:
        """The board as an event."""
        data = json.dumps({"top": self.top, "pool": self.pool}, ensure_ascii=False)
        return f"event: board\ndata: {data}\nid: {self.version}\n\n".encode()


class Boards:
    """The boards of one server."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._kept: dict[Audience, tuple[Rendered, str, bytes]] = {}
        self._making: defaultdict[Audience, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._beats: dict[str, tuple[int, bytes]] = {}

    def beat(self, language: str) -> bytes:
        """The event that says until when the board is known to be true, in this language: written once a second."""
        second = int(self._app.clock.now().timestamp())
        if self._beats.get(language, (0, b""))[0] != second:
            now = {"at": second, "seen": seen(self._app, language)}
            said = f"event: now\ndata: {json.dumps(now, ensure_ascii=False)}\n\n".encode()
            self._beats[language] = (second, said)
        return self._beats[language][1]

    async def shown(self, actor: Actor, audience: Audience, seq: int) -> tuple[Rendered, str, bytes]:
        """The board of this audience with all changes up to `seq`, its version, and the event that brings it."""
        slot = int(self._app.clock.now().timestamp()) // SECONDS
        if kept := self._good(audience, seq, slot):
            return kept
        async with self._making[audience]:
            kept = self._good(audience, seq, slot)
            if kept is None:
                whose, made = await self._made(actor, audience.language, slot)
                kept = (made, made.version, made.event)
                # A shift may have begun or ended since: then it is for who asked, and for nobody else.
                if whose == audience:
                    self._kept[audience] = kept
        if len(self._kept) > MOST:
            self._kept.clear()
            self._making.clear()
        return kept

    def _good(self, audience: Audience, seq: int, slot: int) -> tuple[Rendered, str, bytes] | None:
        kept = self._kept.get(audience)
        return kept if kept is not None and kept[0].seq >= seq and kept[0].slot == slot else None

    async def _made(self, actor: Actor, language: str, slot: int) -> tuple[Audience, Rendered]:
        # Before the board: what is committed in between may be in it, and is looked at once more.
        seq = await self._app.changes.head()
        board = await self._app.board.tonight(actor)
        values: dict[str, object] = {"w": words(board, language), "language": language, "hidden": frozenset()}
        top, pool = html.part(TEMPLATE, "top", values), html.part(TEMPLATE, "pool", values)
        return board.audience, Rendered(seq, slot, top, pool)


BOARDS: Final = web.AppKey("boards", Boards)
"""The boards of a server."""


def add_routes(server: web.Application) -> None:
    """The stream of the board."""
    server[BOARDS] = Boards(server[APP])
    server.router.add_route("GET", STREAM, streamed)


def seen(app: "App", language: str) -> str:
    """The sentence that says when the board was last known to be true."""
    return render("board.tonight.seen", {"at": app.clock.now()}, language)


async def streamed(request: web.Request) -> web.StreamResponse:
    """The board of who is signed in, whenever it is another one than the browser has."""
    app, hub, boards = request.app[APP], request.app[HUB], request.app[BOARDS]
    actor = await _seer(request)
    has = request.headers.get("Last-Event-ID") or request.query.get("has", "")
    with hub.place(actor.colleague_id) as place:
        await hub.begin(place, None)

        async def news(who: Actor) -> bytes:
            nonlocal has
            # Anew each time: a shift also begins and ends when nobody does anything.
            audience = await app.board.audience(who)
            hub.told(place, audience.listener)
            _, version, event = await boards.shown(who, audience, place.seq)
            has, changed = version, version != has
            return (event if changed else b"") + boards.beat(audience.language)

        return await Line(request, hub, place).follow(b"", actor, lambda: _seer(request), news)


async def _seer(request: web.Request) -> Actor:
    """Who is signed in with this browser, when they may see the board. Refusal ``unauthenticated``, NotThere."""
    entered = await session.entered(request)
    if entered is None:
        raise Refusal("unauthenticated")
    if not entered.actor.is_(*SEERS):
        raise NotThere("page")
    return entered.actor
