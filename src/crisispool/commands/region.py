"""Checks a region file, and loads it."""

import argparse
import asyncio
from pathlib import Path

from crisispool.commands.telling import BAD_INPUT, OK, bad, complain, remark, tell
from crisispool.services.region_file import LARGEST, RegionFile, check_region
from crisispool.settings import Settings, environment


def run(args: argparse.Namespace) -> int:
    """`check` or `load`; 0 without a mistake."""
    region = read_region(args.file)
    for warning in region.warnings:
        complain(str(warning))
    if args.action == "check":
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


async def _load(region: RegionFile) -> int:
    from crisispool.app import open_app

    settings = Settings.from_env(environment())
    async with open_app(settings, create=True) as app:
        await app.region_files.load(region)
        await app.view.rebuild(app.clock.now())
    tell("region.loaded", name=region.network.name)
    return OK
