"""Watches over the rules that always hold, while the service runs: an alarm in the log, with ids only."""

from collections import Counter
from datetime import datetime

import structlog

from crisispool.services.broken import Broken
from crisispool.services.invariants import Invariants

log = structlog.get_logger(__name__)


class Watch:
    """Remembers what was broken at the last look: somebody may just be in the middle of mending it."""

    def __init__(self, invariants: Invariants) -> None:
        self._invariants = invariants
        self._before: frozenset[Broken] = frozenset()

    async def look(self, now: datetime) -> list[Broken]:
        """What is broken now and was at the last look; each rule is one alarm. Raises Outage."""
        broken = frozenset(await self._invariants.broken(now))
        staying = sorted(broken & self._before, key=lambda each: (each.rule, each.about))
        self._before = broken
        for rule, count in Counter(each.rule for each in staying).items():
            about = [each.about for each in staying if each.rule == rule]
            log.error("rule_broken", rule=rule, count=count, about=about[:5])
        return staying
