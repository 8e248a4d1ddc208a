"""Telegram as the port `Messenger`: what we ask of its Bot API, and what its errors mean to us."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

from httpx import create_ssl_context
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    WebAppInfo,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from crisispool.domain.errors import Blocked, Gone, NotTaken, Outage
from crisispool.ports import Bubble, Button

PART: Final = "messenger"
REVOKED: Final = "token refused"
"""The hint of an outage that lasts until somebody gives us another token."""

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 10
WHOLE_SECONDS: Final = 20
"""One call in all, waiting for its turn among the others included."""

LATE_SECONDS: Final = 4
"""How much later than asked an answer about updates may come: whose turn it is to ask must not be over by then."""

CONNECTIONS: Final = 16

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_SAME: Final = "not modified"
_GONE: Final = ("to edit not found", "can't be edited", "message_id_invalid", "message identifier is not")
_NOBODY: Final = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
_TOO_OLD: Final = ("query is too old", "query id is invalid")


class TooFast(TelegramError):
    """429: to be left alone for so long."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too fast")
        self.retry_after = retry_after


class TelegramApi:
    """The bot, with short timeouts and without a retry of its own: what failed is a row that is tried again.

    Use it as a context. `bot` is for what only Telegram has, such as a webhook.
    """

    def __init__(self, token: str, url: str) -> None:
        self._requests = (_request(CONNECTIONS), _request(1))
        sending, asking = self._requests
        self.bot: ExtBot[Any] = ExtBot(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=sending,
            get_updates_request=asking,
            rate_limiter=AIORateLimiter(max_retries=0),
        )

    async def __aenter__(self) -> Self:
        # The bot's own `initialize` asks who it is, and would keep us from starting while Telegram is away.
        for each in self._requests:
            await each.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._requests:
            await each.shutdown()

    async def name(self) -> str:
        """The name under which people find the bot."""
        async with translated():
            return str((await self.bot.get_me()).username)

    async def brought_to(self) -> str:
        """Where Telegram brings updates; empty when it waits until it is asked."""
        async with translated():
            return str((await self.bot.get_webhook_info()).url)

    async def updates(self, offset: int, limit: int, seconds: int, kinds: Sequence[str]) -> list[Any]:
        """What is new from this number on, waited for so many seconds, as it came.

        The library reads each of them whole: one that it cannot read keeps all others from coming in, and stands
        in the log with all that somebody wrote.
        """
        asked = {"limit": limit, "timeout": seconds, "allowed_updates": json.dumps(list(kinds))}
        query = urlencode({**asked, "offset": offset} if offset else asked)
        async with translated(), asyncio.timeout(seconds + LATE_SECONDS):
            came: Any = await self._requests[1].post(
                f"{self.bot.base_url}/getUpdates?{query}", read_timeout=seconds + ANSWER_SECONDS
            )
        return list(came)

    async def send(self, chat: int, bubble: Bubble, *, loud: bool) -> int:
        """Write something new; its number."""
        async with translated():
            sent = await self.bot.send_message(
                chat,
                bubble.text,
                reply_markup=_keyboard(bubble),
                disable_notification=not loud,
                protect_content=True,
                link_preview_options=_NO_PREVIEW,
            )
            return sent.message_id

    async def edit(self, chat: int, message_id: int, bubble: Bubble) -> None:
        """Make a message this instead."""
        async with translated(), _unless_the_same():
            await self.bot.edit_message_text(
                bubble.text,
                chat,
                message_id,
                reply_markup=_keyboard(bubble),
                link_preview_options=_NO_PREVIEW,
            )

    async def strip(self, chat: int, message_id: int) -> None:
        """Take the buttons of a message away."""
        async with translated(), _unless_the_same():
            await self.bot.edit_message_reply_markup(chat, message_id)

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        """Say that a tap was noticed."""
        async with translated():
            try:
                await self.bot.answer_callback_query(tap_id, text or None)
            except BadRequest as no:
                if not _says(no, _TOO_OLD):
                    raise

    async def set_commands(self, chat: int, commands: Sequence[tuple[str, str]]) -> None:
        """What the menu of a chat offers."""
        async with translated():
            menu = [BotCommand(command, does) for command, does in commands]
            await self.bot.set_my_commands(menu, scope=BotCommandScopeChat(chat))


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Errors of Telegram in our words. None of them carries what was sent, or the address with the token."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            yield
    except TooFast as no:
        raise Outage(PART, "too fast", retry_after=no.retry_after) from None
    except Forbidden:
        raise Blocked from None
    except ChatMigrated:
        raise Gone from None
    except BadRequest as no:
        if _says(no, _NOBODY):
            raise Blocked from None
        if _says(no, _GONE):
            raise Gone from None
        raise NotTaken from None
    except InvalidToken:
        raise Outage(PART, REVOKED) from None
    except (TelegramError, TimeoutError) as failed:
        raise Outage(PART, type(failed).__name__) from None


@asynccontextmanager
async def _unless_the_same() -> AsyncIterator[None]:
    """What is already as it should be is done."""
    try:
        yield
    except BadRequest as no:
        if not _says(no, (_SAME,)):
            raise


def _says(no: TelegramError, parts: Sequence[str]) -> bool:
    return any(part in no.message.casefold() for part in parts)


def _keyboard(bubble: Bubble) -> InlineKeyboardMarkup | None:
    return (
        InlineKeyboardMarkup([[_button(each) for each in row] for row in bubble.rows])
        if bubble.rows
        else None
    )


def _button(button: Button) -> InlineKeyboardButton:
    if button.inside:
        return InlineKeyboardButton(button.label, web_app=WebAppInfo(button.url))
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


class _Request(HTTPXRequest):
    """As the library does it; only "too fast" becomes our own error, with how long to wait."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **kwargs)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooFast(_pause(payload))
        return status, payload


def _pause(payload: bytes) -> timedelta:
    try:
        return timedelta(seconds=float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return timedelta(seconds=1)


def _request(connections: int) -> _Request:
    return _Request(
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        write_timeout=ANSWER_SECONDS,
        pool_timeout=CONNECT_SECONDS,
        httpx_kwargs={"verify": _certificates()},
    )


@cache
def _certificates() -> SSLContext:
    # Reading whom to trust takes longer than all else at a start.
    return create_ssl_context()
