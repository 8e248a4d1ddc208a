"""Reads the training clock, or moves it forward and does what falls due on the way."""

import argparse
import asyncio
from datetime import datetime

from crisispool.commands.moment import moment
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, tell
from crisispool.opening import open_app
from crisispool.set_up import WrongSetUp
from crisispool.settings import Settings


def run(args: argparse.Namespace) -> int:
    """The moment where the clock stands afterwards, on standard output."""
    to = moment(args.to, "clock.to") if args.to else None
    return asyncio.run(_clock(settings_here(), to))


async def _clock(settings: Settings, to: datetime | None) -> int:
    async with open_app(settings) as app:
        if app.training is None:
            raise WrongSetUp("not_a_training", folder=settings.data_dir)
        if to is not None:
            await app.training.move(f"clock:{to.isoformat()}", to)
        tell("clock.now", now=app.clock.now())
    return OK
