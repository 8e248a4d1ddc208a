"""Takes in mail that came back: a mail server pipes it here, for instance from its list of aliases."""

import argparse
import asyncio
import sys

from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, tell
from crisispool.opening import open_app
from crisispool.services.mail.bounces import LARGEST
from crisispool.settings import Settings


def run(args: argparse.Namespace) -> int:
    """0 also for what is no bounce of ours: a server would send that back once more."""
    return asyncio.run(_take(settings_here(), sys.stdin.buffer.read(LARGEST)))


async def _take(settings: Settings, raw: bytes) -> int:
    async with open_app(settings, jobs=False) as app:
        tell("bounce.taken", count=await app.bounces.take(raw))
    return OK
