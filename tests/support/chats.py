"""A night with a messenger: colleagues with a telephone, the sender, and the Bot API that it talks to."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from bot.rendering import bubble_of
from bot.telegram_api import TelegramApi
from crisispool.conversations.vocabulary import Choice, Screen
from crisispool.domain.messenger import Channel, ChatView, Delivery, LinkState, MessengerLink
from crisispool.domain.record import Message
from crisispool.domain.secret import Secret
from crisispool.services.messages import About, tell
from crisispool.services.messenger.gateway import Gateway
from crisispool.services.messenger.handing_out import HandingOut
from crisispool.services.messenger.sending import Sending
from crisispool.services.messenger.views import want
from tests.support.bot_api import BotApi
from tests.support.bot_api_chats import Person
from tests.support.night import Night

PUBLIC = "https://pool.example.org"


class Chats:
    """What tests of sending do and look at."""

    def __init__(
        self, night: Night, api: BotApi, telegram: TelegramApi, channels: Collection[Channel]
    ) -> None:
        self.night, self.api, self.telegram = night, api, telegram
        self.handing_out = HandingOut(night.app.parts, channels)
        self.sending = self.another(night)
        self._numbers = count(1)

    def another(self, night: Night) -> Sending:
        """A sender of its own, as another process has."""
        renders = partial(bubble_of, night.app.vault)
        return Sending(night.app.parts, self.telegram, renders, Gateway(night.clock, PUBLIC))

    async def linked(self, colleague_id: str, *, language: str = "nl", menu: bool = False) -> Person:
        """This colleague has the messenger on a telephone; its menu is there unless a test is about it."""
        person = self.api.person(colleague_id, language)
        person.starts()
        link = MessengerLink(
            f"link-{colleague_id}",
            "net",
            f"account-{person.number}",
            Secret(str(person.number)),
            LinkState.ACTIVE,
            language,
            self.night.clock.now(),
            colleague_id,
        )
        await self.night.add(link)
        if not menu:
            await self.run()
        return person

    async def link(self, colleague_id: str) -> MessengerLink:
        """The link of this colleague as it is now."""
        [found] = await self.night.rows(MessengerLink, id=f"link-{colleague_id}")
        return found

    async def tell(
        self,
        recipient: str,
        key: str = "message.arrival_question",
        *,
        kind: str = "colleague",
        about: About = ("booking", "b-1"),
        urgent: bool = False,
        **facts: Any,
    ) -> Message:
        """Somebody is told something."""
        app, mark = self.night.app, f"told-{next(self._numbers)}"
        facts = facts or {"reference": "IZ-7F3K"}
        now = self.night.clock.now()
        async with app.store.transaction() as tx:
            await tell(tx, app.ids, "net", (kind, recipient), key, facts, about, mark, now, urgent=urgent)
            [message] = await tx.find(Message, dedupe=f"{mark}:{kind}:{recipient}")
        return message

    async def wants(self, colleague_id: str, *screens: Screen, last_message: int = 0) -> None:
        """The chat of this colleague must show these screens."""
        link = await self.link(colleague_id)
        async with self.night.store.transaction() as tx:
            await want(tx, link, screens, self.night.clock.now(), last_message=last_message)

    async def run(self, seconds: float = 1) -> int:
        """So much later, one round of handing out and one of sending."""
        now = self.night.clock.advance(timedelta(seconds=seconds))
        await self.handing_out.run(now)
        return await self.sending.run(now)

    async def delivery(self, message: Message, channel: Channel = Channel.MESSENGER) -> Delivery:
        """The one delivery of a message on this channel."""
        [found] = await self.night.rows(Delivery, message_id=message.id, channel=channel)
        return found

    async def message(self, message: Message) -> Message:
        """The message as it is now."""
        [found] = await self.night.rows(Message, id=message.id)
        return found

    async def view(self, colleague_id: str) -> ChatView:
        """What the chat of this colleague must show and shows."""
        [found] = await self.night.rows(ChatView, id=f"link-{colleague_id}")
        return found


@asynccontextmanager
async def chats_of(
    night: Night, api: BotApi, channels: Collection[Channel] = (Channel.MESSENGER,)
) -> AsyncIterator[Chats]:
    """The messenger beside this night; what the api noticed is for its own context to complain of."""
    async with TelegramApi(api.token, api.url) as telegram:
        yield Chats(night, api, telegram, channels)


def question(turn: int, *, text: str = "night_desk.danger") -> Screen:
    """A screen of a talk, with two choices that can be told apart by their turn."""
    labels = (("no", "choice.danger.no"), ("yes", "choice.danger.yes"))
    return Screen(
        text, choices=tuple(Choice(c, label, id=f"{turn}.{n}") for n, (c, label) in enumerate(labels))
    )
