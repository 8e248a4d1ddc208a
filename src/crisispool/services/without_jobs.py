"""The due work of a process that runs no jobs: it leaves all of it, and only keeps the live view in step."""

from datetime import datetime

import structlog

from crisispool.domain.errors import Outage
from crisispool.services.live_view import LiveView

log = structlog.get_logger(__name__)


class WithoutJobs:
    """Stands in for the sweep where another process has that part."""

    def __init__(self, view: LiveView) -> None:
        self._view = view

    async def run(self, now: datetime) -> int:
        """Nothing is done but the view, whose window of nights moves with the clock."""
        try:
            await self._view.rebuild(now)
        except Outage as outage:
            log.warning("live_view_away", part=outage.part, hint=outage.hint)
        return 0

    async def next_due(self) -> datetime | None:
        """Nothing is owed here."""
        return None
