"""Checks a region file, and loads it."""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path

from crisispool.adapters.clock import SystemClock
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.app import App
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import BAD_INPUT, OK, bad, complain, remark, tell
from crisispool.domain.errors import Conflict, Outage
from crisispool.opening import open_app
from crisispool.services.region_file import LARGEST, RegionFile, check_region
from crisispool.services.region_ready import ready_for_tonight
from crisispool.services.regions import LoadReport


def run(args: argparse.Namespace) -> int:
    """`check` or `load`; 0 without a mistake."""
    region = read_region(args.file)
    for warning in region.warnings:
        complain(str(warning))
    if args.action == "check":
        # A region for training is asked about its own first night, any other about tonight.
        now = region.training.start if region.training else SystemClock().now()
        for warning in ready_for_tonight(region, now, LegalHolidays()):
            complain(str(warning))
        tell(
            "region.checked",
            name=region.network.name,
            municipalities=len(region.municipalities),
            units=len(region.units),
            organisations=len(region.organisations),
        )
        return OK
    return asyncio.run(_load(region))


def read_region(file: str) -> RegionFile:
    """The region of a file. Every mistake is said, and then the command is over."""
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        bad("region.unreadable", file=file, why=error.strerror or type(error).__name__)
    found = check_region(content, file)
    if isinstance(found, RegionFile):
        return found
    for mistake in found:
        complain(str(mistake))
    remark("region.mistakes", count=len(found))
    raise SystemExit(BAD_INPUT)


async def load_into(app: App, region: RegionFile) -> LoadReport:
    """Load it, and once more when another process was loading at the same moment."""
    try:
        return await app.region_files.load(region)
    except Conflict:
        return await app.region_files.load(region)


async def _load(region: RegionFile) -> int:
    async with open_app(settings_here(), create=True, jobs=False) as app:
        report = await load_into(app, region)
        with suppress(Outage):
            await app.view.rebuild(app.clock.now())
    for name in report.kept:
        remark("region.kept", name=name)
    if report.waiting:
        remark("region.waiting", count=len(report.waiting), first=report.waiting[0])
    tell(
        "region.loaded",
        name=region.network.name,
        added=report.added,
        changed=report.changed,
        removed=report.removed,
        unchanged=report.unchanged,
        version=report.policy_version,
    )
    return OK
