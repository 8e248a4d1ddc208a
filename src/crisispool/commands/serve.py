"""Runs the service: web and jobs of one set-up, until it is told to stop."""

import argparse
import asyncio
import errno
import signal
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import structlog
from aiohttp import web

from crisispool.app import App, open_app
from crisispool.commands import welcome
from crisispool.commands.logs import set_up_logging
from crisispool.commands.moment import moment
from crisispool.commands.region import load_into, read_region
from crisispool.commands.telling import OK, REFUSED, bad, remark
from crisispool.commands.typed import typed
from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Network
from crisispool.jobs.runner import running
from crisispool.services.region_file import RegionFile
from crisispool.set_up import WrongSetUp
from crisispool.settings import Settings, environment
from crisispool.web.server import make_server, runner_of

PARTS: Final = ("web", "bot", "jobs")

log = structlog.get_logger(__name__)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    parts = _parts(args.only)
    given = {"CRISISPOOL_HOST": args.host, "CRISISPOOL_PORT": args.port}
    settings = Settings.from_env({**environment(), **{name: text for name, text in given.items() if text}})
    if parts == {"bot"}:
        bad("serve.no_bot")
    clock = _begin(args.clock, training=args.training)
    set_up_logging(settings.log_level)
    region = read_region(args.region) if args.region else None
    if args.training and region is not None and region.training is None:
        raise WrongSetUp("training_missing", file=args.region)
    return asyncio.run(_serve(settings, parts, region, clock, training=args.training))


async def _serve(
    settings: Settings, parts: set[str], region: RegionFile | None, clock: datetime | None, *, training: bool
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    begin = clock or (region.training.start if region and region.training else None)
    async with open_app(
        settings,
        training=training,
        create=region is not None,
        begin=begin,
        jobs="jobs" in parts,
        serving="web" in parts,
    ) as app:
        await _prepare(app, region, clock)
        async with AsyncExitStack() as stack:
            if "web" in parts and not await _listen(stack, app):
                remark("serve.port_in_use", host=settings.host, port=settings.port)
                return REFUSED
            await stack.enter_async_context(running(app, jobs="jobs" in parts))
            welcome.say(app, parts)
            log.info("serving", parts=sorted(parts), training=training)
            await stop.wait()
    return OK


async def _prepare(app: App, region: RegionFile | None, clock: datetime | None) -> None:
    """The region in the record, the clock where it was asked, the live view as the record has it."""
    if region is not None:
        await load_into(app, region)
    async with app.store.reading() as tx:
        if not await tx.find(Network, limit=1):
            raise WrongSetUp("region_missing")
    if app.training is not None and clock is not None and clock > app.clock.now():
        await app.training.move(f"serve:{clock.isoformat()}", clock)
    try:
        await app.view.rebuild(app.clock.now())
    except Outage as outage:
        remark("serve.without_live_view", hint=outage.hint)


async def _listen(stack: AsyncExitStack, app: App) -> bool:
    """Start the web server; False when something else has its port."""
    runner = runner_of(make_server(app, typed()))
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, app.settings.host, app.settings.port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise Outage("web server", f"{app.settings.host}: {error.strerror}") from error
    return True


def _parts(text: str | None) -> set[str]:
    if text is None:
        return {"web", "jobs"}
    parts = {part.strip() for part in text.split(",")}
    if not parts <= set(PARTS):
        bad("serve.parts", known=", ".join(PARTS))
    return parts


def _begin(text: str | None, *, training: bool) -> datetime | None:
    if text is None:
        return None
    if not training:
        bad("serve.clock_without_training")
    return moment(text, "serve.clock")
