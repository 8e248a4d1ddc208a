"""The board as it is this second: rendered once for all who see the same, and sent to each of them as it changes."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
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
"""Boards that are kept; with more all are made anew."""


@dataclass(frozen=True)
class Rendered:
    """A board as HTML: what stands above the filter and below it."""

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


@dataclass(frozen=True)
class Kept:
    """A board with all changes up to `seq`, made in this `slot` of time, its version, and the event that brings it."""

    seq: int
    slot: int
    board: Rendered
    version: str
    event: bytes

    def is_good(self, seq: int, slot: int) -> bool:
        """Whether it may still be shown to who is to see all changes up to `seq`."""
        return self.seq >= seq and self.slot == slot


class SharedBoard:
    """The board of all who see the same, `asker` among them: made once for all, and again when it may be another."""

    def __init__(self, app: "App", audience: Audience, asker: Actor) -> None:
        self._app = app
        self._audience = audience
        self._asker = asker
        self._kept: Kept | None = None
        self._making = asyncio.Lock()

    async def renew(self, seq: int) -> None:
        """Make it with all changes up to `seq`, for when all who watch are about to ask for it."""
        await self.shown(self._asker, seq)

    def ready(self, seq: int) -> "Kept | None":
        """The board with all changes up to `seq`, if it was made."""
        kept = self._kept
        return kept if kept is not None and kept.is_good(seq, self._slot()) else None

    async def shown(self, actor: Actor, seq: int) -> "Kept":
        """The board with all changes up to `seq`, for one of those who see the same."""
        if kept := self.ready(seq):
            return kept
        async with self._making:
            if kept := self.ready(seq):
                return kept
            slot = self._slot()
            whose, made = await self._made(actor, slot)
            # A shift may have begun or ended since: then it is for who asked, and for nobody else.
            if whose == self._audience:
                self._kept, self._asker = made, actor
            return made

    def _slot(self) -> int:
        return int(self._app.clock.now().timestamp()) // SECONDS

    async def _made(self, actor: Actor, slot: int) -> "tuple[Audience, Kept]":
        # Before the board: what is committed in between may be in it, and is looked at once more.
        seq = await self._app.changes.head()
        board = await self._app.board.tonight(actor)
        language = self._audience.language
        values: dict[str, object] = {"w": words(board, language), "language": language, "hidden": frozenset()}
        rendered = Rendered(html.part(TEMPLATE, "top", values), html.part(TEMPLATE, "pool", values))
        return board.audience, Kept(seq, slot, rendered, rendered.version, rendered.event)


class Boards:
    """The boards of one server."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._shared: dict[Audience, SharedBoard] = {}
        self._beats: dict[str, tuple[int, bytes]] = {}

    def of(self, actor: Actor, audience: Audience) -> SharedBoard:
        """The board of this audience, of which `actor` is one."""
        if audience not in self._shared and len(self._shared) >= MOST:
            # Who watches has theirs, and goes on with it.
            self._shared.clear()
        return self._shared.setdefault(audience, SharedBoard(self._app, audience, actor))

    def beat(self, language: str) -> bytes:
        """The event that says until when the board is known to be true, in this language: written once a second."""
        second = int(self._app.clock.now().timestamp())
        if self._beats.get(language, (0, b""))[0] != second:
            now = {"at": second, "seen": seen(self._app, language)}
            said = f"event: now\ndata: {json.dumps(now, ensure_ascii=False)}\n\n".encode()
            self._beats[language] = (second, said)
        return self._beats[language][1]


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
        line = Line(request, hub, place)
        mine: tuple[Audience, SharedBoard] | None = None

        async def news(who: Actor) -> bytes:
            nonlocal has, mine
            # Anew each time: a shift also begins and ends when nobody does anything.
            audience = await app.board.audience(who)
            if mine is None or mine[0] is not audience:
                mine = audience, boards.of(who, audience)
            place.shared = mine[1]
            # Whose roles count at any hour is still of the same audience when the next board is there.
            place.take = None if who.is_(Role.CALLTAKER) else take
            kept = await mine[1].shown(who, hub.caught_up(place))
            text, has = told(audience.language, kept), kept.version
            return text

        async def take() -> bool:
            nonlocal has
            if mine is None or (kept := mine[1].ready(hub.caught_up(place))) is None:
                return False
            if not await line.give(told(mine[0].language, kept)):
                return False
            has = kept.version
            return True

        def told(language: str, kept: Kept) -> bytes:
            return (kept.event if kept.version != has else b"") + boards.beat(language)

        return await line.follow(b"", actor, lambda: _seer(request), news)


async def _seer(request: web.Request) -> Actor:
    """Who is signed in with this browser, when they may see the board. Refusal ``unauthenticated``, NotThere."""
    entered = await session.entered(request)
    if entered is None:
        raise Refusal("unauthenticated")
    if not entered.actor.is_(*SEERS):
        raise NotThere("page")
    return entered.actor
