"""Builds the live view anew from the record, after saying where it differed."""

import argparse
import asyncio

from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, tell
from crisispool.domain.errors import Outage
from crisispool.opening import open_app
from crisispool.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Safe beside a running service."""
    return asyncio.run(_rebuild(settings_here()))


async def _rebuild(settings: Settings) -> int:
    async with open_app(settings, jobs=False) as app:
        now = app.clock.now()
        try:
            different = await app.view.differences(now)
        except Outage as outage:
            if outage.hint != "empty":
                raise
            tell("rebuild.empty")
        else:
            for unit_id in different:
                tell("rebuild.differs", unit=unit_id)
            tell("rebuild.differences", count=len(different))
        tell("rebuild.done", count=await app.view.rebuild(now, anew=True))
    return OK
