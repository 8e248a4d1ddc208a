"""Whose turn it is to ask the messenger what is new: it answers one at a time, and there may be many processes."""

from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.errors import Conflict
from crisispool.domain.record import SetUp
from crisispool.services.parts import Parts

LASTS: Final = timedelta(seconds=10)
"""Longer than one question takes; who is gone for so long has lost its turn."""

_KEY: Final = "messenger_turn"


class Turn:
    """The turn of one process, written down for the others."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._me = parts.ids.new()

    async def is_mine(self) -> bool:
        """Whether this process may ask now; if so, it is its turn for a while. Raises Outage."""
        now = self._parts.now()
        mine = SetUp(_KEY, f"{self._me} {(now + LASTS).isoformat()}")
        try:
            async with self._parts.store.transaction() as tx:
                found = await tx.lock(SetUp, [_KEY])
                if not found:
                    await tx.add(mine)
                elif self._is_free(found[0].value, now):
                    await tx.save(mine)
                else:
                    return False
        except Conflict:
            return False
        return True

    async def give_back(self) -> None:
        """Another process need not wait. Raises Outage."""
        async with self._parts.store.transaction() as tx:
            for found in await tx.lock(SetUp, [_KEY]):
                if found.value.startswith(f"{self._me} "):
                    await tx.remove(found)

    def _is_free(self, said: str, now: datetime) -> bool:
        who, _, until = said.partition(" ")
        # A clock that was put back must not keep everybody waiting.
        left = datetime.fromisoformat(until) - now
        return who == self._me or not timedelta() < left <= LASTS
