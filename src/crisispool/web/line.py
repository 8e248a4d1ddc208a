"""One open line on which events are written for as long as somebody may hear them and does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.organisation import Actor
from crisispool.web.call import APP
from crisispool.web.headers import SAFE_HEADERS
from crisispool.web.hub import Hub, Place

BEAT: Final = b":\n\n"
ROOM: Final = 60_000
"""Bytes that a line takes before it waits for its reader; asyncio's own limit is a little more."""
AGAIN: Final = b"retry: 1000\n"
"""After how many milliseconds a browser comes back when the line is cut."""


@dataclass(frozen=True)
class Line:
    """The answer to one request, which does not end by itself."""

    request: web.Request
    hub: Hub
    place: Place

    async def follow(
        self,
        first: bytes,
        who: Actor,
        allowed: Callable[[], Awaitable[Actor]],
        news: Callable[[Actor], Awaitable[bytes]],
    ) -> web.StreamResponse:
        """Write `first`, then the `news` for `who` whenever there may be some, and a beat when there are none.

        `allowed` says again and again as whom they listen, at once when that may be somebody else; a refusal ends
        the line. The pace is that of the hub.
        """
        response = web.StreamResponse(headers={**SAFE_HEADERS, "Content-Type": "text/event-stream"})
        if self.request.app[APP].training:
            response.headers["X-Crisispool-Mode"] = "training"
        # A proxy that gathers what it passes on would keep the news back.
        response.headers["X-Accel-Buffering"] = "no"
        await response.prepare(self.request)
        with suppress(ConnectionResetError, Refusal):
            await self._tell(response, AGAIN + first, who, allowed, news)
        return response

    async def _tell(
        self,
        response: web.StreamResponse,
        text: bytes,
        who: Actor,
        allowed: Callable[[], Awaitable[Actor]],
        news: Callable[[Actor], Awaitable[bytes]],
    ) -> None:
        pace, asked_at, loop = self.hub.pace, time.monotonic(), asyncio.get_running_loop()
        while not self.hub.closing:
            self.place.woken.clear()
            again = pace.look
            # Without the record there is no news either, and nobody who could be refused.
            with suppress(Outage):
                if self.place.recheck or time.monotonic() - asked_at >= pace.recheck.total_seconds():
                    who, asked_at, self.place.recheck = await allowed(), time.monotonic(), False
                text += await news(who)
                again = pace.beat
            if not await self._written(response, text or BEAT):
                return
            text = b""
            beat = loop.call_later(again.total_seconds(), self.place.woken.set)
            try:
                await self.place.woken.wait()
            finally:
                beat.cancel()

    async def _written(self, response: web.StreamResponse, text: bytes) -> bool:
        """Whether it could be written; a line on which nobody reads is cut."""
        transport = self.request.transport
        if transport is not None and transport.get_write_buffer_size() + len(text) < ROOM:
            # It fits in beside what was not read yet, and is taken at once: a thousand lines need no thousand timers.
            await response.write(text)
            return True
        try:
            async with asyncio.timeout(self.hub.pace.patience.total_seconds()):
                await response.write(text)
        except TimeoutError:
            if transport is not None:
                transport.abort()
            return False
        return True
