"""Runs the service: web, bot and jobs of one set-up, until it is told to stop."""

import argparse
import asyncio
import errno
import signal
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import structlog
from aiohttp import web

from bot.receiving import Receiver
from bot.run import running_bot
from bot.telegram_api import TelegramApi
from bot.webhook import add_webhook, secret_of
from crisispool.app import App
from crisispool.commands import welcome
from crisispool.commands.logs import set_up_logging
from crisispool.commands.moment import moment
from crisispool.commands.region import load_into, read_region
from crisispool.commands.telling import OK, REFUSED, bad, remark
from crisispool.commands.typed import typed
from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Network
from crisispool.jobs.runner import running
from crisispool.opening import open_app
from crisispool.services.region_file import RegionFile
from crisispool.set_up import WrongSetUp
from crisispool.settings import Settings, environment
from crisispool.web.server import make_server, runner_of

PARTS: Final = ("web", "bot", "jobs")

log = structlog.get_logger(__name__)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    given = {"CRISISPOOL_HOST": args.host, "CRISISPOOL_PORT": args.port}
    settings = Settings.from_env({**environment(), **{name: text for name, text in given.items() if text}})
    parts = _parts(args.only, settings)
    if settings.telegram_token and settings.telegram_webhook and not settings.public_url.startswith("https:"):
        bad("serve.webhook", url=settings.public_url)
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
            bot = await _bot(stack, app, parts)
            if "web" in parts and not await _listen(stack, app, bot):
                remark("serve.port_in_use", host=settings.host, port=settings.port)
                return REFUSED
            await stack.enter_async_context(running(app, jobs="jobs" in parts))
            if bot is not None and "bot" in parts:
                await stack.enter_async_context(running_bot(app, *bot))
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


async def _bot(stack: AsyncExitStack, app: App, parts: set[str]) -> tuple[TelegramApi, Receiver] | None:
    """The way to Telegram, when this process has one: it runs the bot, or is where Telegram brings its updates."""
    token = app.settings.telegram_token
    if token is None or not ("bot" in parts or ("web" in parts and app.settings.telegram_webhook)):
        return None
    api = await stack.enter_async_context(TelegramApi(token, app.settings.telegram_api_url))
    return api, Receiver(app, api)


async def _listen(stack: AsyncExitStack, app: App, bot: tuple[TelegramApi, Receiver] | None) -> bool:
    """Start the web server; False when something else has its port."""
    server = make_server(app, typed())
    if bot is not None and app.settings.telegram_webhook:
        add_webhook(server, bot[1], secret_of(app.vault, app.settings.telegram_token or ""))
    runner = runner_of(server)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, app.settings.host, app.settings.port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise Outage("web server", f"{app.settings.host}: {error.strerror}") from error
    return True


def _parts(text: str | None, settings: Settings) -> set[str]:
    """What this process does; without a word of it everything, the bot as soon as there is a token."""
    if text is None:
        return set(PARTS) if settings.telegram_token else {"web", "jobs"}
    parts = {part.strip() for part in text.split(",")}
    if not parts <= set(PARTS):
        bad("serve.parts", known=", ".join(PARTS))
    if "bot" in parts and settings.telegram_token is None:
        bad("serve.no_bot")
    return parts


def _begin(text: str | None, *, training: bool) -> datetime | None:
    if text is None:
        return None
    if not training:
        bad("serve.clock_without_training")
    return moment(text, "serve.clock")
