"""Pages that buttons of the messenger lead to, opened inside Telegram: its signature instead of a tap."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.scenarios.people import rows
from tests.scenarios.test_bot import let_in
from tests.support.bot_api import TOKEN, BotApi
from tests.support.bot_api_chats import Person
from tests.support.program import PILOT, Program
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

PHONE: ViewportSize = {"width": 360, "height": 740}
PUBLIC = "https://pool.example.org"


@pytest.fixture(scope="module")
def api() -> Iterator[BotApi]:
    with BotApi(patience=60) as made:
        yield made
        made.forget_taps()
        for chat in made._chats.values():  # what they read in their chat is another story
            for bubble in chat.bubbles:
                bubble.read = True


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, api: BotApi, warm: Warm) -> Iterator[Program]:
    settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": api.url, "PUBLIC_URL": PUBLIC}
    made = Program(tmp_path_factory.mktemp("inside") / Path("data"), warm=warm, settings=settings)
    made.start()
    api.until(lambda: rows(made, "SELECT 1 FROM set_up WHERE key = 'bot_name'") == [(1,)])
    yield made
    made.close()


@pytest.fixture(scope="module")
def desk(program: Program, api: BotApi) -> Person:
    """The calltaker, with the messenger on the telephone."""
    person = api.person("desk")
    let_in(program, person, "calltaker")
    return person


@pytest.fixture(scope="module")
def page(program: Program) -> tuple[str, str]:
    """The secret of a page about a bed for one adult, made for the calltaker; and the address that it shows."""
    ask = {"kind": "fire_water_closed", "adults": 1, "children": 0, "origin": "36007", "whereabouts": "36007"}
    request = program.call("POST", "/requests", {**ask, "referrer": "police"}, who="calltaker")
    free = program.call("GET", f"/availability?request_id={request['id']}", who="calltaker")
    chosen = {"request_id": request["id"], "unit_id": free["proposals"][0]["unit_id"]}
    booked: dict[str, Any] = program.call("POST", "/bookings", chosen, who="calltaker")
    path = f"/bookings/{booked['id']}/links"
    url: str = program.call("POST", path, {"purpose": "access"}, who="calltaker")["url"]
    units = tomllib.loads(PILOT.read_text("utf-8"))["units"]
    [address] = [unit["address"] for unit in units if unit["id"] == booked["unit_id"]]
    return url.rpartition("/")[2], address


async def on_a_phone(browser: Browser) -> tuple[Page, list[str]]:
    """A page of a browser that nobody used before; what it asked of anybody."""
    context = await browser.new_context(viewport=PHONE, locale="nl-BE")
    phone = await context.new_page()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    return phone, asked


def signed_for(program: Program, api: BotApi, person: Person) -> str:
    now = datetime.fromisoformat(program.call("GET", "/training/clock", who="admin")["now"])
    return api.init_data(person, at=int(now.timestamp()))


async def test_a_page_opened_inside_telegram_shows_itself_without_a_tap(
    browser: Browser, program: Program, api: BotApi, desk: Person, page: tuple[str, str]
) -> None:
    token, address = page
    phone, asked = await on_a_phone(browser)
    signed = signed_for(program, api, desk)
    await phone.goto(f"{program.url}/app/{token}#tgWebAppData={quote(signed)}&tgWebAppVersion=8.0")
    await phone.get_by_text(address).wait_for()
    assert "/app/" not in phone.url and signed not in phone.url
    assert all(url.startswith(program.url) for url in asked), "nothing is loaded from elsewhere"
    await phone.reload()
    await phone.get_by_text(address).wait_for()
    other, _ = await on_a_phone(browser)
    await other.goto(phone.url)
    assert address not in await other.content(), "it is bound to the browser that opened it"


async def test_with_a_signature_of_somebody_else_it_stays_closed_and_says_so_kindly(
    browser: Browser, program: Program, api: BotApi, page: tuple[str, str]
) -> None:
    token, address = page
    phone, _ = await on_a_phone(browser)
    signed = signed_for(program, api, api.person("stranger"))
    await phone.goto(f"{program.url}/app/{token}#tgWebAppData={quote(signed)}")
    await phone.wait_for_load_state("networkidle")
    assert address not in await phone.content()
    assert "Vraag een nieuwe in de chat" in await phone.locator("main").inner_text()


async def test_without_telegram_the_page_shows_one_way_to_itself(
    browser: Browser, program: Program, page: tuple[str, str]
) -> None:
    token, address = page
    phone, _ = await on_a_phone(browser)
    await phone.goto(f"{program.url}/app/{token}")
    assert await phone.locator("main a, main button:visible").count() == 1
    assert address not in await phone.content()
