"""Telegram as our port: what it does, and that its errors are ours and carry no token."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.telegram_api import REVOKED, TelegramApi
from crisispool.domain.errors import Blocked, Gone, NotTaken, Outage
from crisispool.ports import Bubble, Button
from tests.support.bot_api import BotApi
from tests.support.bot_api_chats import Person
from tests.support.bot_api_faults import Fault, broken, cut, lost, revoked, too_fast

HELLO = Bubble("Dag", ((Button("Ja", data="y"), Button("Pagina", url="https://pool.example.org/p/a")),))


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=5) as served:
        yield served


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[TelegramApi]:
    async with TelegramApi(api.token, api.url) as made:
        yield made


@pytest.fixture
def police(api: BotApi) -> Person:
    person = api.person("police")
    person.starts()
    return person


Calls = Callable[[TelegramApi, Person, int], Awaitable[Any]]
EVERY: dict[str, Calls] = {
    "getMe": lambda telegram, person, number: telegram.name(),
    "sendMessage": lambda telegram, person, number: telegram.send(person.number, HELLO, loud=True),
    "editMessageText": lambda telegram, person, number: telegram.edit(person.number, number, Bubble("Nu")),
    "editMessageReplyMarkup": lambda telegram, person, number: telegram.strip(person.number, number),
    "answerCallbackQuery": lambda telegram, person, number: telegram.answer_tap("1"),
    "setMyCommands": lambda telegram, person, number: telegram.set_commands(
        person.number, [("menu", "Menu")]
    ),
}


async def test_what_is_sent_is_protected_quiet_when_asked_and_without_previews(
    api: BotApi, telegram: TelegramApi, police: Person
) -> None:
    number = await telegram.send(police.number, HELLO, loud=False)
    inside = Bubble("Nog iets", ((Button("Open", url="https://pool.example.org/app/a", inside=True),),))
    await telegram.send(police.number, inside, loud=True)
    quiet, loud = police.reads()
    assert (quiet.id, quiet.buttons, quiet.protected, quiet.loud) == (number, ["Ja", "Pagina"], True, False)
    assert loud.loud and police.opens("Open") == "https://pool.example.org/app/a"
    assert all("is_disabled" in call.sent["link_preview_options"] for call in api.calls)


async def test_an_edit_that_changes_nothing_is_done(telegram: TelegramApi, police: Person) -> None:
    number = await telegram.send(police.number, HELLO, loud=True)
    for _ in range(2):
        await telegram.edit(police.number, number, Bubble("Nu"))
    for _ in range(2):
        await telegram.strip(police.number, number)
    [bubble] = police.reads()
    assert bubble.text == "Nu" and not bubble.buttons


async def test_a_tap_is_answered_and_one_that_is_too_old_is_let_be(
    api: BotApi, telegram: TelegramApi, police: Person
) -> None:
    await telegram.send(police.number, HELLO, loud=True)
    police.reads()
    police.tap("Ja")
    [tap] = api.unanswered()
    await telegram.answer_tap(tap)
    assert api.unanswered() == []
    await telegram.answer_tap(tap)


async def test_a_menu_is_that_of_one_chat(api: BotApi, telegram: TelegramApi, police: Person) -> None:
    await telegram.set_commands(police.number, [("menu", "Alles"), ("help", "Hulp")])
    [(kind, chat, language)] = api.commands
    assert (kind, chat, language) == ("chat", police.number, "")


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("fault", [broken(500), broken(503), cut(), lost(), revoked(), too_fast(7)])
async def test_whatever_fails_is_an_outage_that_carries_nothing(
    api: BotApi,
    telegram: TelegramApi,
    police: Person,
    method: str,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    number = await telegram.send(police.number, HELLO, loud=True)
    caplog.set_level(logging.WARNING)
    api.plan(method, fault)
    with pytest.raises(Outage) as outage:
        await EVERY[method](telegram, police, number)
    assert outage.value.part == "messenger" and outage.value.__cause__ is None
    assert outage.value.__suppress_context__
    assert outage.value.retry_after == (timedelta(seconds=7) if fault.status == 429 else None)
    assert (outage.value.hint == REVOKED) is (fault.status == 401)
    assert api.token not in str(outage.value) + caplog.text
    police.reads()


async def test_who_blocked_us_is_blocked_and_so_is_who_was_never_there(
    api: BotApi, telegram: TelegramApi, police: Person
) -> None:
    police.blocks()
    with pytest.raises(Blocked):
        await telegram.send(police.number, HELLO, loud=True)
    with pytest.raises(Blocked):
        await telegram.send(api.person("nobody").number, HELLO, loud=True)
    api.mistakes.clear()


async def test_what_is_gone_is_gone_and_what_is_wrong_is_never_taken(
    api: BotApi, telegram: TelegramApi, police: Person
) -> None:
    with pytest.raises(Gone):
        await telegram.edit(police.number, 5, HELLO)
    with pytest.raises(NotTaken):
        await telegram.send(police.number, Bubble("x" * 5000), loud=True)
    assert len(api.mistakes) == 1
    api.mistakes.clear()


async def test_it_starts_while_telegram_is_away(api: BotApi) -> None:
    with api.outage():
        async with TelegramApi(api.token, api.url) as telegram:
            with pytest.raises(Outage):
                await telegram.name()
    async with TelegramApi(api.token, api.url) as telegram:
        assert await telegram.name() == "crisis_bot"
