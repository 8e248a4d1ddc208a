"""Chats on PostgreSQL, where processes do run side by side: each message is handed out once and brought once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.conversations.vocabulary import Say
from crisispool.domain.messenger import Channel, ChatView, Delivery, DeliveryState
from crisispool.domain.record import Message, MessageState
from crisispool.services.messenger.handing_out import HandingOut
from tests.support.bot_api import BotApi
from tests.support.bot_api_faults import Chances
from tests.support.chats import Chats, chats_of, question
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import Night, local
from tests.support.postgres import PostgresServer
from tests.support.region import load_region

pytestmark = pytest.mark.postgres

NAMES = ("calltaker", "calltaker_2", "nurse", "coordinator", "worker_caw")
PROCESSES = 4


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=10) as served:
        yield served


@pytest.fixture
async def chats(
    postgres: PostgresServer, keys: Keys, live_pool: RedisPool, api: BotApi
) -> AsyncIterator[Chats]:
    url = await asyncio.to_thread(postgres_copy, postgres)
    engines = [make_engine(url) for _ in range(PROCESSES)]
    night = Night(engines.copy(), keys, live_pool, SteppingClock(local("2026-11-28 02:04")))
    await load_region(night.store)
    async with chats_of(night, api) as made:
        yield made
    for engine in engines:
        await engine.dispose()


async def live(chats: Chats, rounds: int) -> None:
    """So many rounds of four processes at once, a second apart, or until nothing waits any more."""
    others = [chats.night.another_process() for _ in range(PROCESSES - 1)]
    senders = [chats.sending, *(chats.another(other) for other in others)]
    hands = [chats.handing_out, *(HandingOut(other.app.parts, (Channel.MESSENGER,)) for other in others)]
    for _ in range(rounds):
        now = chats.night.clock.advance(timedelta(seconds=1))
        await asyncio.gather(*(hand.run(now) for hand in hands), *(sender.run(now) for sender in senders))
        if not await waiting(chats):
            return


async def waiting(chats: Chats) -> list[Message | Delivery | ChatView]:
    """What is still to be handed out, brought or shown."""
    return [
        *await chats.night.rows(Message, state=MessageState.QUEUED),
        *(each for each in await chats.night.rows(Delivery) if each.next_try_at),
        *(each for each in await chats.night.rows(ChatView) if each.next_try_at),
    ]


async def test_four_processes_bring_each_message_and_each_screen_once(chats: Chats) -> None:
    people = {name: await chats.linked(name) for name in NAMES}
    for number in range(4):
        for name in NAMES:
            await chats.tell(name, reference="IZ-2222", about=("booking", f"b-{number}"))
    for name in NAMES:
        await chats.wants(name, question(1))
    await live(chats, 8)
    for person in people.values():
        texts = [each.text[:7] for each in person.reads()]
        assert sorted(texts) == sorted(["Is er n", *["IZ-2222"] * 4])
    deliveries = await chats.night.rows(Delivery)
    assert len(deliveries) == 20 and {each.state for each in deliveries} == {DeliveryState.SENT}


async def test_whatever_fails_meanwhile_every_chat_ends_up_as_it_must(chats: Chats) -> None:
    people = {name: await chats.linked(name) for name in NAMES}
    chats.api.chances = Chances(broken=0.1, lost=0.1, seed=3)
    told = [(name, await chats.tell(name, about=("booking", f"b-{name}"))) for name in NAMES]
    for turn in range(1, 4):
        for name in NAMES:
            await chats.wants(name, question(turn))
        await live(chats, 3)
    for _, message in told[:2]:
        async with chats.night.store.transaction() as tx:
            await chats.night.app.messages.note(tx, message.id, Say("news.inside", {"reference": "IZ-7F3K"}))
    chats.api.chances = Chances()
    await live(chats, 40)
    for name, message in told:
        delivery, view = await chats.delivery(message), await chats.view(name)
        assert (delivery.state, delivery.next_try_at) == (DeliveryState.SENT, None)
        assert (view.shown, view.next_try_at) == (3, None)
        standing = people[name].chat.find(view.message_id or 0)
        assert standing is not None and standing.buttons == ["Nee", "Ja"]
        answered = people[name].chat.find(int(delivery.external_id or 0))
        assert answered is not None and bool(answered.buttons) is (
            message not in [each for _, each in told[:2]]
        )
        people[name].reads()
