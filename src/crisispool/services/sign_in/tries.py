"""How often somebody may try to sign in: from one address, and all of them together."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.errors import Refusal
from crisispool.ports import Clock

WITHIN: Final = timedelta(minutes=1)
FROM_ONE: Final = 30
"""A service has one address for everybody there, and shifts change at once."""
IN_ALL: Final = 300


class Tries:
    """The tries of the last minute, in this process alone: an address is written down nowhere."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: deque[tuple[datetime, str]] = deque()

    def one_more(self, address: str) -> None:
        """Count one. Refusal ``too_many_tries``."""
        now = self._clock.now()
        while self._tries and self._tries[0][0] + WITHIN <= now:
            self._tries.popleft()
        from_here = sum(1 for _, each in self._tries if each == address)
        if from_here >= FROM_ONE or len(self._tries) >= IN_ALL:
            raise Refusal("too_many_tries")
        self._tries.append((now, address))
