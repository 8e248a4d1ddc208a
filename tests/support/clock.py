"""A clock that moves only when a test says so."""

from datetime import datetime, timedelta


class SteppingClock:
    """The port `Clock` for tests: stands still at `now` (aware)."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def now(self) -> datetime:
        """The moment the test has set."""
        return self._now

    async def refresh(self) -> None:
        """There is nothing to take over."""

    def set(self, now: datetime) -> None:
        """Stand at this moment."""
        assert now.tzinfo is not None
        self._now = now

    def advance(self, by: timedelta) -> datetime:
        """Go on by this much; the moment it is then."""
        self._now += by
        return self._now
