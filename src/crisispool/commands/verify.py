"""Checks on the live data what must always hold."""

import argparse
import asyncio

from crisispool.commands.opening import settings_here
from crisispool.commands.telling import OK, REFUSED, tell
from crisispool.opening import open_app
from crisispool.services.invariants import RULES
from crisispool.settings import Settings
from crisispool.texts.render import render


def run(args: argparse.Namespace) -> int:
    """0 when everything holds, 1 when something is broken. Safe beside a running service."""
    return asyncio.run(_verify(settings_here()))


async def _verify(settings: Settings) -> int:
    async with open_app(settings, jobs=False) as app:
        broken = await app.invariants.broken(app.clock.now())
    for rule in RULES:
        about = [each.about for each in broken if each.rule == rule]
        what = render(f"command.rule.{rule}", {})
        if about:
            tell("verify.broken", what=what, count=len(about), about=", ".join(about[:20]))
        else:
            tell("verify.holds", what=what)
    return REFUSED if broken else OK
