"""A bell in Redis: who changed the record rings, who watches it looks. What changed is in the record alone."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from crisispool.adapters.redis_keys import Root
from crisispool.adapters.rest import Rest
from crisispool.domain.errors import Outage

LISTEN_SECONDS: Final = 10
"""How long one wait for the bell lasts: longer than the client would wait for an ordinary answer."""

AGAIN_SECONDS: Final = 1
"""How long to wait with the next try when the server is away: who watches looks by itself meanwhile."""


class RedisBell:
    """The port `Bell`. Somebody of this process hears it at once, others through the server, if it is there."""

    def __init__(self, client: Redis, set_up: str, rest: Rest | None = None) -> None:
        self._client = client
        self._channel = Root(set_up).changed
        self._rest = rest or Rest()
        # Its own ring comes back from the server, and was heard already.
        self._name = secrets.token_bytes(8)
        self._ears: set[Callable[[], None]] = set()
        self._ringing: asyncio.Task[None] | None = None
        self._again = False

    def ring(self) -> None:
        """Something was committed. Never waits; rings that come together are one."""
        for ear in tuple(self._ears):
            ear()
        self._again = True
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.get_running_loop().create_task(self._publish())

    async def listen(self, ear: Callable[[], None]) -> None:
        """Call `ear` whenever the bell rings, here or elsewhere, until cancelled."""
        self._ears.add(ear)
        try:
            while True:
                with suppress(RedisError, OSError, Outage):
                    await self._hear(ear)
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._ears.discard(ear)

    async def close(self) -> None:
        """The last ring is on its way before the client goes."""
        if self._ringing is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._ringing

    async def _publish(self) -> None:
        while self._again and not self._rest.is_on():
            self._again = False
            try:
                await self._client.publish(self._channel, self._name)
                self._rest.end()
            except (RedisError, OSError, Outage):
                self._rest.begin()

    async def _hear(self, ear: Callable[[], None]) -> None:
        line: Any = self._client.pubsub(ignore_subscribe_messages=True)
        try:
            await line.subscribe(self._channel)
            # What was rung while nobody listened is looked after now.
            ear()
            while True:
                message = await line.get_message(timeout=LISTEN_SECONDS)
                if message is not None and message["data"] != self._name:
                    ear()
        finally:
            await line.aclose()
