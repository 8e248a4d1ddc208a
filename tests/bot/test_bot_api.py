"""The Bot API emulator itself: as strict as it says, with the faults that were asked for."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.support.bot_api import BotApi
from tests.support.bot_api_faults import Chances, broken, cut, forbidden, lost, revoked, too_fast

# The library says that how long to wait will be a period one day.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="y")]])


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=5) as served:
        yield served


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with Bot(api.token, base_url=f"{api.url}/bot") as made:
        yield made


async def test_a_talk_goes_there_and_back(api: BotApi, bot: Bot) -> None:
    police = api.person("police")
    police.starts("abc")
    [started] = await bot.get_updates(timeout=1)
    assert started.message is not None and started.message.text == "/start abc"
    asked = await bot.send_message(police.number, "Klopt dit?", reply_markup=YES, protect_content=True)
    [bubble] = police.gets("Klopt")
    assert bubble.id == asked.message_id and bubble.buttons == ["Ja"] and bubble.loud

    police.tap("Ja")
    [tapped] = await bot.get_updates(offset=started.update_id + 1)
    assert tapped.callback_query is not None and tapped.callback_query.data == "y"
    await tapped.callback_query.answer()
    await bot.edit_message_text("Bedankt.", police.number, asked.message_id)
    [bubble] = police.gets("Bedankt")
    assert not bubble.buttons
    assert await bot.get_updates(offset=tapped.update_id + 1) == ()


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("x" * 4097, {"callback_data": "y"}),
        ("   ", {"callback_data": "y"}),
        ("Goed", {"callback_data": "x" * 65}),
        ("Goed", {"callback_data": "y", "url": "https://example.org"}),
        ("Goed", {"url": "http://localhost:8080/p/x"}),
        ("Goed", {"web_app": {"url": "http://example.org"}}),
    ],
)
async def test_a_wrong_payload_is_refused_and_fails_the_test(text: str, button: dict[str, str]) -> None:
    with BotApi() as api:
        police = api.person("police")
        police.starts()
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            keyboard = {"inline_keyboard": [[{"text": "Ja", **button}]]}
            with pytest.raises(BadRequest):
                await bot.send_message(
                    police.number, text, protect_content=True, api_kwargs={"reply_markup": keyboard}
                )
        assert police.sees() == []
        with pytest.raises(AssertionError):
            api.check()
        api.mistakes.clear()


async def test_what_the_state_of_a_chat_does_not_allow_is_refused(api: BotApi, bot: Bot) -> None:
    police, hospital = api.person("police"), api.person("hospital")
    mine = police.starts() and police.chat.bubbles[0]
    said = await bot.send_message(police.number, "Dag", protect_content=True)
    police.reads()
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Dag", police.number, said.message_id)
    with pytest.raises(BadRequest, match="not found"):
        await bot.edit_message_text("Dag", police.number, 5)
    police.blocks()
    with pytest.raises(Forbidden):
        await bot.send_message(police.number, "Dag", protect_content=True)
    assert not api.mistakes
    police.unblocks()
    for wrong in (
        bot.send_message(hospital.number, "Dag", protect_content=True),
        bot.send_message(police.number, "Dag"),
        bot.edit_message_text("Dag", police.number, mine.id if mine else 0),
    ):
        with pytest.raises(BadRequest):
            await wrong
    assert len(api.mistakes) == 3
    api.mistakes.clear()


async def test_faults_come_as_planned(api: BotApi, bot: Bot) -> None:
    police = api.person("police")
    police.starts()
    api.plan("sendMessage", too_fast(7), broken(), cut(), forbidden(), revoked())
    for wrong in (RetryAfter, NetworkError, NetworkError, Forbidden, InvalidToken):
        with pytest.raises(wrong):
            await bot.send_message(police.number, "Dag", protect_content=True)
    assert police.sees() == []
    api.plan("sendMessage", lost())
    with pytest.raises(NetworkError):
        await bot.send_message(police.number, "Dag", protect_content=True)
    assert [each.text for each in police.reads()] == ["Dag"], "done, and only its answer was lost"
    with api.outage(), pytest.raises(NetworkError):
        await bot.get_me()
    assert (await bot.get_me()).username == "crisis_bot"


async def test_updates_come_twice_and_out_of_order_and_are_gone_once_confirmed() -> None:
    with BotApi(chances=Chances(duplicates=1, disorder=1)) as api:
        police = api.person("police")
        numbers = [police.starts(), police.types("a"), police.types("b")]
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            came = [each.update_id for each in await bot.get_updates()]
            assert sorted(came) == sorted(numbers * 2) and came != sorted(came)
            assert await bot.get_updates(offset=max(came) + 1) == ()


async def test_two_who_ask_for_updates_and_a_wrong_token_are_told_so(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.to_thread(api.until, lambda: api.polls == 1)
    async with Bot(api.token, base_url=f"{api.url}/bot") as another:
        await another.get_updates()
    with pytest.raises(Conflict):
        await first
    with pytest.raises(InvalidToken):
        async with Bot("1:other", base_url=f"{api.url}/bot"):
            pass


async def test_the_webhook_is_called_until_it_takes_the_update(api: BotApi, bot: Bot) -> None:
    came: list[tuple[str | None, int]] = []

    async def hook(request: web.Request) -> web.Response:
        came.append(
            (request.headers.get("X-Telegram-Bot-Api-Secret-Token"), (await request.json())["update_id"])
        )
        return web.Response(status=503 if len(came) == 1 else 200)

    app = web.Application()
    app.router.add_post("/telegram/webhook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.leads_to("https://pool.example.org", f"http://127.0.0.1:{runner.addresses[0][1]}")
    await bot.set_webhook("https://pool.example.org/telegram/webhook", secret_token="open-sesame")
    number = api.person("police").starts()
    await asyncio.to_thread(api.until, lambda: api.waiting() == 0)
    assert came == [("open-sesame", number)] * 2
    with pytest.raises(Conflict):
        await bot.get_updates()
    await runner.cleanup()
