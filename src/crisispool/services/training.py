"""Training: moving the clock forward, with everything that falls due on the way done in its order."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from crisispool.domain.errors import Refusal
from crisispool.ports import Clock, Transaction
from crisispool.services.operations import Operations

DEMO_PEOPLE: Final = (
    "calltaker",
    "calltaker_2",
    "referrer",
    "unit_manager",
    "support_worker",
    "coordinator",
    "council",
    "admin",
)
"""Who can be entered as, one of each role, and a second calltaker to hand over to."""


class MovableClock(Clock, Protocol):
    """A clock that can be put forward, never back."""

    async def move(self, to: datetime) -> None:
        """Go forward to this moment. Refusal ``clock_backwards``."""
        ...


class DueWork(Protocol):
    """The work that falls due by itself."""

    async def run(self, now: datetime) -> int:
        """Do what is due; how many changes that made."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next work falls due, None when nothing is owed."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the clock went."""

    now: datetime


class Training:
    """The movable side of a training set-up."""

    def __init__(self, clock: MovableClock, sweep: DueWork, operations: Operations) -> None:
        self._clock = clock
        self._sweep = sweep
        self._operations = operations
        self._turn = asyncio.Lock()

    async def move(self, operation_id: str, to: datetime) -> datetime:
        """Go to `to`, stopping at every moment at which work falls due; done when that work is done.

        Stopping on the way makes each step happen at its own time, as it would have in a night that was lived
        through. Refusal ``clock_backwards``.
        """

        async def meant(_: Transaction) -> Moved:
            if to < self._clock.now():
                raise Refusal("clock_backwards", {"now": self._clock.now().isoformat()})
            return Moved(to)

        # Kept before it is done: who asks again after a crash on the way goes the rest of it, and no other way.
        moved = await self._operations.once(operation_id, "training.move", to, to, Moved, meant)
        async with self._turn:
            await self._work_up_to(to)
            await self._go(to)
            await self._sweep.run(self._clock.now())
        return moved.now

    async def _work_up_to(self, to: datetime) -> None:
        seen: datetime | None = None
        await self._sweep.run(self._clock.now())
        while (due := await self._sweep.next_due()) is not None and due <= to:
            if seen is not None and due <= seen:
                # Work that stays due at the same moment would keep the clock there for ever.
                return
            seen = due
            await self._go(due)
            await self._sweep.run(max(due, self._clock.now()))

    async def _go(self, to: datetime) -> None:
        if to > self._clock.now():
            # Somebody else may have moved it further at this moment.
            with suppress(Refusal):
                await self._clock.move(to)
            await self._clock.refresh()
