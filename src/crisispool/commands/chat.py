"""The bot's talks in this window: on the data folder itself, or over a running service."""

import argparse
import asyncio
import sys
from contextlib import suppress
from http import HTTPStatus

import aiohttp

from bot.terminal import run as talk
from bot.transport import HttpChat, LocalChat
from crisispool.app import App
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import REFUSED, bad, remark, tell
from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Actor
from crisispool.opening import open_app
from crisispool.settings import Settings

SIGN_IN_WITHIN_SECONDS = 10


def run(args: argparse.Namespace) -> int:
    """Talk until the input ends."""
    if not args.who and not args.token:
        bad("chat.who")
    by_hand = sys.stdin.isatty() and sys.stdout.isatty()
    settings = settings_here()
    if args.url:
        return asyncio.run(_over_http(args.url.rstrip("/"), args.who, args.token, args.json, by_hand))
    return asyncio.run(_here(settings, args.who, args.token, args.json, by_hand))


async def _here(settings: Settings, who: str | None, token: str | None, as_json: bool, by_hand: bool) -> int:
    async with open_app(settings, jobs=False) as app:
        actor = await _actor(app, who, token)
        await _fill_view(app)
        if app.training is not None and not as_json:
            tell("chat.training")
        transport = LocalChat(app.chat, app.messages, app.clock, actor)
        return await talk(transport, as_json=as_json, interactive=by_hand)


async def _actor(app: App, who: str | None, token: str | None) -> Actor:
    if token:
        holder = await app.accounts.actor_of_token(token)
        if holder is None or who not in {None, holder.colleague_id}:
            bad("chat.token")
        return holder
    if app.training is None:
        bad("chat.needs_token")
    named = await app.accounts.actor_of(who or "")
    if named is None:
        bad("chat.unknown", who=repr(who))
    return named


async def _fill_view(app: App) -> None:
    """When no service runs the live view may be empty; without one the record answers."""
    with suppress(Outage):
        try:
            await app.pool.expired()
        except Outage:
            await app.view.rebuild(app.clock.now())


async def _over_http(url: str, who: str | None, token: str | None, as_json: bool, by_hand: bool) -> int:
    if not url.startswith(("http://", "https://")):
        bad("chat.url")
    try:
        if not token:
            token = await _signed_in(url, who or "")
            if not as_json:
                tell("chat.training")
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        remark("chat.unreachable", url=url)
        return REFUSED
    async with HttpChat(url, token) as transport:
        return await talk(transport, as_json=as_json, interactive=by_hand)


async def _signed_in(url: str, who: str) -> str:
    """The token of a demo person. Raises what aiohttp raises, ValueError, KeyError or TypeError."""
    timeout = aiohttp.ClientTimeout(total=SIGN_IN_WITHIN_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(f"{url}/api/v1/training/sign-in", json={"who": who}) as response,
    ):
        said = await response.json(content_type=None)
        if response.status == HTTPStatus.NOT_FOUND and said["facts"]["what"] == "page":
            bad("chat.needs_token")
        if response.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}:
            bad("chat.unknown", who=repr(who))
        return str(said["token"])
