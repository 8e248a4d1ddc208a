"""Leaving a server alone for a moment after it failed, so that not everybody waits until it fails again."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

SECONDS: Final = timedelta(seconds=3)
"""Longer than from one healing round to the next: in a service the rounds alone wait for a server that hangs."""


class Rest:
    """On from a failure until something works again; each time it is over one caller may try."""

    def __init__(self, lasts: timedelta = SECONDS, seconds: Callable[[], float] = time.monotonic) -> None:
        self._lasts = lasts.total_seconds()
        self._seconds = seconds
        self._until: float | None = None

    def begin(self) -> None:
        """It failed."""
        self._until = self._seconds() + self._lasts

    def end(self) -> None:
        """It works."""
        self._until = None

    def is_on(self) -> bool:
        """Whether to go on without. Who hears no tries, and the others go on without meanwhile."""
        if self._until is None:
            return False
        if self._seconds() < self._until:
            return True
        self.begin()
        return False
