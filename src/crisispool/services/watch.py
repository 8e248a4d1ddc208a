"""Watches over the rules that always hold, while the service runs: an alarm in the log, with ids only."""

from collections import Counter
from datetime import datetime

import structlog

from crisispool.domain.audit import Link
from crisispool.services.broken import Broken
from crisispool.services.invariants import Invariants

log = structlog.get_logger(__name__)


class Watch:
    """Remembers what was broken at the last look: somebody may just be in the middle of mending it.

    Of the audit chain only what is new is checked, so that a look stays cheap: the whole is for `verify`. The live
    view is compared, and mended, on its own.
    """

    def __init__(self, invariants: Invariants) -> None:
        self._invariants = invariants
        self._before: frozenset[Broken] = frozenset()
        self._right_until = Link()

    async def look(self, now: datetime) -> list[Broken]:
        """What is broken now and was at the last look; each rule is one alarm. Raises Outage."""
        chain, self._right_until = await self._invariants.chain(self._right_until)
        broken = frozenset([*chain, *await self._invariants.record(now)])
        staying = sorted(broken & self._before, key=lambda each: (each.rule, each.about))
        self._before = broken
        for rule, count in Counter(each.rule for each in staying).items():
            about = [each.about for each in staying if each.rule == rule]
            log.error("rule_broken", rule=rule, count=count, about=about[:5])
        return staying
