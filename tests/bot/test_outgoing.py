"""The loop of the bot: a message that is told is in the chat a moment later, whatever a round met."""

import asyncio
from datetime import timedelta

from bot.outgoing import deliver
from bot.telegram_api import TelegramApi
from crisispool.app import App
from crisispool.domain.messenger import ChatTurn, LinkState, MessengerLink
from crisispool.domain.secret import Secret
from crisispool.services.messages import tell
from tests.support.bot_api import BotApi
from tests.support.bot_api_chats import Person
from tests.support.bot_api_faults import cut
from tests.support.clock import SteppingClock


async def told(app: App, mark: str, colleague_id: str = "calltaker") -> None:
    facts = {"reference": "IZ-7F3K"}
    async with app.store.transaction() as tx:
        recipient, about = ("colleague", colleague_id), ("booking", mark)
        key, now = "message.arrival_question", app.clock.now()
        await tell(tx, app.ids, "net", recipient, key, facts, about, mark, now, urgent=True)


async def linked(app: App, api: BotApi, colleague_id: str) -> Person:
    person = api.person(colleague_id)
    person.starts()
    name, chat, now = f"link-{colleague_id}", Secret(str(person.number)), app.clock.now()
    async with app.store.transaction() as tx:
        await tx.add(MessengerLink(name, "net", name, chat, LinkState.ACTIVE, "nl", now, colleague_id))
    return person


async def reads(app: App, person: Person) -> None:
    """Time goes on until it is there."""
    assert isinstance(app.clock, SteppingClock)
    reading = asyncio.create_task(asyncio.to_thread(person.gets, "zijn ze binnen"))
    while not reading.done():
        app.clock.advance(timedelta(seconds=1))
        await asyncio.wait({reading}, timeout=0.1)
    await reading


async def test_what_is_told_is_in_the_chat_a_moment_later(app: App, api: BotApi) -> None:
    calltaker = await linked(app, api, "calltaker")
    stop, wake = asyncio.Event(), asyncio.Event()
    async with TelegramApi(api.token, api.url) as telegram:
        loop = asyncio.create_task(deliver(app, telegram, stop, wake=wake))
        with api.outage():
            await told(app, "first")
            wake.set()
            await asyncio.to_thread(api.until, lambda: any(call.status == 502 for call in api.calls))
        await reads(app, calltaker)
        await told(app, "second")
        wake.set()
        await reads(app, calltaker)
        assert not loop.done()
        stop.set()
        await asyncio.wait_for(loop, 5)


async def test_a_chat_that_hangs_holds_up_no_other_one_not_even_in_the_next_round(
    app: App, api: BotApi
) -> None:
    calltaker, nurse = await linked(app, api, "calltaker"), await linked(app, api, "nurse")
    stop, wake = asyncio.Event(), asyncio.Event()
    async with TelegramApi(api.token, api.url) as telegram:
        api.plan("sendMessage", cut(hangs=9))
        await told(app, "first")
        loop = asyncio.create_task(deliver(app, telegram, stop, wake=wake))
        await asyncio.to_thread(api.until, lambda: any(call.method == "sendMessage" for call in api.calls))
        began = asyncio.get_running_loop().time()
        await told(app, "second", "nurse")
        wake.set()
        await reads(app, nurse)
        assert asyncio.get_running_loop().time() - began < 5
        assert calltaker.sees() == []
        stop.set()
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    async with app.store.reading() as tx:
        assert [turn.until for turn in await tx.find(ChatTurn)] == [None, None], "cut short, and given back"
