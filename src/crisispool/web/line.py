"""One open line on which events are written for as long as somebody may hear them and does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from aiohttp import web

from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.organisation import Actor
from crisispool.web.call import APP
from crisispool.web.headers import SAFE_HEADERS
from crisispool.web.hub import Hub, Place

BEAT: Final = b":\n\n"
ROOM: Final = 60_000
LOW: Final = 16_000
"""Bytes that a line takes before it waits for its reader, and below which it takes more again; asyncio's own limits are
a little more."""
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

    def put_off(self, time: timedelta) -> None:
        """Ring after this time from now."""
        self._at = self._loop.time() + time.total_seconds()
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


class Line:
    """The answer to one request, which does not end by itself."""

    def __init__(self, request: web.Request, hub: Hub, place: Place) -> None:
        self._request = request
        self._hub = hub
        self._place = place
        self._asked_at = time.monotonic()
        self._response: web.StreamResponse | None = None
        self._alarm = Alarm(place.woken.set)

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
        if self._request.app[APP].training:
            response.headers["X-Crisispool-Mode"] = "training"
        # A proxy that gathers what it passes on would keep the news back.
        response.headers["X-Accel-Buffering"] = "no"
        await response.prepare(self._request)
        with suppress(ConnectionResetError, Refusal), self._alarm:
            await self._tell(response, AGAIN + first, who, allowed, news)
        return response

    async def give(self, text: bytes) -> bool:
        """Write this for a line that rests, at once; False when it has to be told in its own time."""
        response, place = self._response, self._place
        if response is None or place.woken.is_set() or self._must_ask() or not self._has_room(text):
            return False
        try:
            await response.write(text)
        except ConnectionResetError:
            return False
        self._alarm.put_off(self._hub.pace.beat)
        return True

    async def _tell(
        self,
        response: web.StreamResponse,
        text: bytes,
        who: Actor,
        allowed: Callable[[], Awaitable[Actor]],
        news: Callable[[Actor], Awaitable[bytes]],
    ) -> None:
        pace, place = self._hub.pace, self._place
        while not self._hub.closing:
            self._response = None
            place.woken.clear()
            again = pace.look
            # Without the record there is no news either, and nobody who could be refused.
            with suppress(Outage):
                if self._must_ask():
                    who, self._asked_at, place.recheck = await allowed(), time.monotonic(), False
                text += await news(who)
                again = pace.beat
            if not await self._written(response, text or BEAT):
                return
            text = b""
            self._alarm.put_off(again)
            self._response = response
            await place.woken.wait()

    def _must_ask(self) -> bool:
        """Whether it is to be asked again as whom they listen."""
        passed = time.monotonic() - self._asked_at
        return self._place.recheck or passed >= self._hub.pace.recheck.total_seconds()

    def _has_room(self, text: bytes) -> bool:
        """Whether this fits in beside what was not read yet, and is taken at once."""
        transport = self._request.transport
        if transport is None:
            return False
        unread = transport.get_write_buffer_size()
        return unread < LOW and unread + len(text) < ROOM

    async def _written(self, response: web.StreamResponse, text: bytes) -> bool:
        """Whether it could be written; a line on which nobody reads is cut."""
        if self._has_room(text):
            # A thousand lines need no thousand timers.
            await response.write(text)
            return True
        try:
            async with asyncio.timeout(self._hub.pace.patience.total_seconds()):
                await response.write(text)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            return False
        return True
