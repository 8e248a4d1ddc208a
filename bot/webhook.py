"""Telegram brings updates to our own web server: only with the secret that we gave it, and kept before we say so."""

import hmac
import json
from typing import Any, Final

from aiohttp import web

from bot.receiving import Receiver
from bot.updates import Unreadable
from crisispool.ports import Vault

PATH: Final = "/telegram/webhook"
LARGEST_BODY: Final = 1024 * 1024
"""Bytes; a long message that quotes another one is a tenth of it."""

_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


def secret_of(vault: Vault, token: str) -> str:
    """What Telegram must say with each update: the same in every process, and another one for another bot."""
    return vault.digest("telegram_webhook", token)


def add_webhook(server: web.Application, receiver: Receiver, secret: str) -> None:
    """The address for Telegram. To anybody else there is nothing at it."""

    async def brought(request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "")
        if request.method != "POST" or not hmac.compare_digest(given.encode(), secret.encode()):
            raise web.HTTPNotFound
        try:
            await receiver.take(await _update(request))
        except Unreadable:
            raise web.HTTPBadRequest from None
        return web.Response()

    server.router.add_route("*", PATH, brought)


async def _update(request: web.Request) -> dict[str, Any]:
    """Not as strict as for our own interface: Telegram's numbers may be longer than we take from others."""
    body = await request.clone(client_max_size=LARGEST_BODY).read()
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(plain, dict):
        raise Unreadable
    return plain
