"""The due work of a process that runs no jobs: it leaves all of it, and only keeps the live view in step."""

from datetime import datetime

from crisispool.services.live_view import LiveView


class WithoutJobs:
    """Stands in for the sweep where another process has that part."""

    def __init__(self, view: LiveView) -> None:
        self._view = view

    async def run(self, now: datetime) -> int:
        """Nothing is done but the view, whose window of nights moves with the clock."""
        await self._view.look_after(now)
        return 0

    async def next_due(self) -> datetime | None:
        """Nothing is owed here."""
        return None
