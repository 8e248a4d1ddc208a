"""The bot of a process: what it listens to while it runs, and no longer."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.receiving import Receiver
from bot.run import running_bot
from bot.telegram_api import TelegramApi
from crisispool.app import App
from tests.support.bot_api import BotApi


class OneEar:
    """A bell that says who listens."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()

    def ring(self) -> None:
        """Nobody rings here."""

    async def listen(self, ear: Callable[[], None]) -> None:
        """Until cancelled."""
        ear()
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_the_bot_is_woken_by_changes_for_as_long_as_it_runs(app: App, api: BotApi) -> None:
    bell = OneEar()
    belled = replace(app, bell=bell)
    async with TelegramApi(api.token, api.url) as telegram:
        async with running_bot(belled, telegram, Receiver(belled, telegram)):
            await asyncio.wait_for(bell.begun.wait(), 5)
            assert not bell.ended.is_set()
        assert bell.ended.is_set()
