"""Asking Telegram what is new: kept before it is confirmed, by one process at a time, and patient when it fails."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest

from bot.polling import MOST_TRIES, SLOWEST, _after, _Asking
from bot.receiving import Receiver
from bot.telegram_api import REVOKED, TelegramApi
from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.domain.errors import Outage
from crisispool.domain.messenger import InboxUpdate
from crisispool.domain.organisation import Role
from crisispool.services.messenger.turns import LASTS, Turn
from tests.services.phones import Phone, handled
from tests.support.bot_api import BotApi
from tests.support.bot_api_chats import Person
from tests.support.bot_api_faults import Fault, broken, too_fast
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import Night, local
from tests.support.postgres import PostgresServer


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    with BotApi() as made:
        yield made


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[TelegramApi]:
    async with TelegramApi(api.token, api.url) as made:
        yield made


@pytest.fixture
async def desk(night: Night, api: BotApi) -> Person:
    """The calltaker, linked with this account."""
    person = api.person("desk")
    await Phone(night, person.number).linked("calltaker", Role.CALLTAKER)
    return person


def asking(night: Night, telegram: TelegramApi) -> _Asking:
    return _Asking(night.app, telegram, Receiver(night.app, telegram))


async def test_what_was_answered_is_kept_before_the_next_question_confirms_it(
    night: Night, api: BotApi, telegram: TelegramApi, desk: Person
) -> None:
    for text in ("1", "terug"):
        desk.types(text)
    offset = await asking(night, telegram).once(0)
    assert api.waiting() == 2
    before = len(await night.rows(InboxUpdate))
    # The process dies here; the next one is told the same again.
    assert await asking(night, telegram).once(0) == offset
    assert len(await night.rows(InboxUpdate)) == before
    desk.types("1")
    await asking(night, telegram).once(offset)
    assert api.waiting() == 1
    assert await handled(night) == 3


@pytest.mark.parametrize(
    ("fault", "hint", "told"),
    [(Fault(409), "Conflict", "inbox.bot_elsewhere"), (Fault(401), REVOKED, "inbox.bot_revoked")],
)
async def test_what_does_not_pass_by_itself_is_told_once_a_day_and_asked_seldom(
    night: Night, api: BotApi, telegram: TelegramApi, fault: Fault, hint: str, told: str
) -> None:
    for _ in range(3):
        api.plan("getUpdates", fault)
        with pytest.raises(Outage) as away:
            await asking(night, telegram).once(0)
        assert away.value.hint == hint
        assert await _after(night.app, away.value, 1) == SLOWEST
    assert sorted(await night.told(told)) == [("admin", told), ("coordinator", told)]


async def test_it_waits_as_long_as_telegram_says_and_longer_each_time_that_it_fails(
    night: Night, api: BotApi, telegram: TelegramApi
) -> None:
    api.plan("getUpdates", too_fast(17), broken())
    pauses = []
    for failures in (1, 5):
        with pytest.raises(Outage) as away:
            await asking(night, telegram).once(0)
        pauses.append(await _after(night.app, away.value, failures))
    assert pauses == [timedelta(seconds=17), timedelta(seconds=32)]
    assert not await night.told()


class Broken(Receiver):
    """Has a mistake of ours in it, which one update meets."""

    async def take(self, plain: Mapping[str, object]) -> None:
        """As the real one, with the mistake."""
        if "/help" in str(plain):
            raise RuntimeError("canary of what somebody sent")
        await super().take(plain)


async def test_an_update_that_cannot_be_taken_does_not_keep_the_others_from_coming_in(
    night: Night, api: BotApi, telegram: TelegramApi, desk: Person, caplog: pytest.LogCaptureFixture
) -> None:
    desk.types("/help")
    desk.types("1")
    asks = _Asking(night.app, telegram, Broken(night.app, telegram))
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(Outage):
            await asks.once(0)
    await asks.once(0)
    assert await handled(night) == 1
    assert ("admin", "inbox.update_dropped") in await night.told()
    assert "canary" not in caplog.text


async def test_one_process_asks_and_another_one_when_it_is_gone(night: Night) -> None:
    one, other = Turn(night.app.parts), Turn(night.another_process().app.parts)
    assert await one.is_mine() and await one.is_mine()
    assert not await other.is_mine()
    night.later(seconds=LASTS.total_seconds())
    assert await other.is_mine()
    assert not await one.is_mine()
    await one.give_back()
    assert not await one.is_mine()
    await other.give_back()
    assert await one.is_mine()


async def of_many_one_asks(night: Night) -> None:
    """Several processes begin at the same moment."""
    turns = [Turn((night.another_process() if n else night).app.parts) for n in range(4)]
    for _ in range(3):
        assert sum(await asyncio.gather(*(turn.is_mine() for turn in turns))) == 1
        night.later(seconds=LASTS.total_seconds())


async def test_of_many_that_begin_at_once_one_asks(night: Night) -> None:
    await of_many_one_asks(night)


@pytest.mark.postgres
async def test_of_many_that_begin_at_once_one_asks_on_postgresql(
    postgres: PostgresServer, keys: Keys, live_pool: RedisPool
) -> None:
    url = await asyncio.to_thread(postgres_copy, postgres)
    engines = [make_engine(url) for _ in range(4)]
    await of_many_one_asks(Night(engines, keys, live_pool, SteppingClock(local("2026-11-28 02:04"))))
    for engine in engines:
        await engine.dispose()


async def test_a_clock_that_was_put_back_keeps_nobody_from_asking(night: Night) -> None:
    one, other = Turn(night.app.parts), Turn(night.app.parts)
    assert await one.is_mine()
    night.later(hours=-1)
    assert await other.is_mine()
