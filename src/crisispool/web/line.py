"""One open line on which events are written for as long as somebody may hear them and does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from aiohttp import web

from crisispool.domain.errors import Outage, Refusal
from crisispool.web.call import APP
from crisispool.web.headers import SAFE_HEADERS
from crisispool.web.hub import Hub, Place

W = TypeVar("W")

BEAT: Final = b":\n\n"
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
        who: W,
        allowed: Callable[[], Awaitable[W]],
        news: Callable[[W], Awaitable[bytes]],
    ) -> web.StreamResponse:
        """Write `first`, then the `news` for `who` whenever there may be some, and a beat when there are none.

        `allowed` says again and again as whom they listen, at once when somebody goes on or off duty; a refusal ends
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
        who: W,
        allowed: Callable[[], Awaitable[W]],
        news: Callable[[W], Awaitable[bytes]],
    ) -> None:
        pace, asked_at = self.hub.pace, time.monotonic()
        while not self.hub.closing:
            # Without the record there is no news either, and nobody who could be refused.
            with suppress(Outage):
                if self.place.recheck or time.monotonic() - asked_at >= pace.recheck.total_seconds():
                    who, asked_at, self.place.recheck = await allowed(), time.monotonic(), False
                text += await news(who)
            if not await self._written(response, text or BEAT):
                return
            text = b""
            with suppress(TimeoutError):
                async with asyncio.timeout(pace.beat.total_seconds()):
                    await self.place.woken.wait()

    async def _written(self, response: web.StreamResponse, text: bytes) -> bool:
        """Whether it could be written; a line on which nobody reads is cut."""
        try:
            async with asyncio.timeout(self.hub.pace.patience.total_seconds()):
                await response.write(text)
        except TimeoutError:
            if self.request.transport is not None:
                self.request.transport.abort()
            return False
        return True
