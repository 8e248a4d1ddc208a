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


class Alarm:
    """Rings when it was not put off for a while. What is put off often costs no timer each time."""

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> "Alarm":
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def put_off(self, seconds: float) -> None:
        """Ring so many seconds from now."""
        self._at = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._at, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._due)
        else:
            self._ring()


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
        pace, place, asked_at = self.hub.pace, self.place, time.monotonic()
        recheck = pace.recheck.total_seconds()
        with Alarm(place.woken.set) as alarm:
            while not self.hub.closing:
                place.woken.clear()
                again = pace.look
                # Without the record there is no news either, and nobody who could be refused.
                with suppress(Outage):
                    if place.recheck or time.monotonic() - asked_at >= recheck:
                        who, asked_at, place.recheck = await allowed(), time.monotonic(), False
                    text += await news(who)
                    again = pace.beat
                if not await self._written(response, text or BEAT):
                    return
                text = b""
                alarm.put_off(again.total_seconds())
                await place.woken.wait()

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
