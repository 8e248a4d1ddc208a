"""The one-time pages as people see them: in a browser, on a phone, without script."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize

from tests.support.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def booking(program: Program) -> dict[str, Any]:
    """A bed for one adult and two children."""
    ask = {"kind": "fire_water_closed", "adults": 1, "children": 2, "origin": "36007", "whereabouts": "36007"}
    request = program.call("POST", "/requests", {**ask, "referrer": "police"}, who="calltaker")
    free = program.call("GET", f"/availability?request_id={request['id']}", who="calltaker")
    chosen = {"request_id": request["id"], "unit_id": free["proposals"][0]["unit_id"]}
    booked: dict[str, Any] = program.call("POST", "/bookings", chosen, who="calltaker")
    return booked


async def phone(browser: Browser) -> Page:
    """A page of a browser that nobody used before."""
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False, locale="nl-BE")
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> Page:
    return await phone(browser)


def link(program: Program, booking: dict[str, Any], purpose: str) -> str:
    path = f"/bookings/{booking['id']}/links"
    url: str = program.call("POST", path, {"purpose": purpose}, who="calltaker")["url"]
    return url


async def opened(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_role("button").click()


async def fits(page: Page) -> bool:
    """Nothing sticks out sideways."""
    boxes = [await each.bounding_box() for each in await page.locator("main *").all()]
    return max(box["x"] + box["width"] for box in boxes if box) <= PHONE["width"]


async def test_address_and_key_are_shown_after_one_button(
    program: Program, booking: dict[str, Any], page: Page
) -> None:
    await page.goto(link(program, booking, "access"))
    assert "8770" not in await page.content()
    await page.get_by_role("button").click()
    shown = await page.inner_text("main")
    assert "8770 Ingelmunster" in shown
    assert booking["reference"] in shown
    assert "maandag 30 november" in shown
    assert await fits(page)


async def test_a_second_browser_cannot_open_a_link_that_is_in_use(
    program: Program, booking: dict[str, Any], page: Page, browser: Browser
) -> None:
    url = link(program, booking, "access")
    await opened(page, url)
    stranger = await phone(browser)
    await stranger.goto(url)
    if await stranger.get_by_role("button").count():
        await stranger.get_by_role("button").click()
    assert "8770" not in await stranger.content()


async def test_an_identity_is_given_on_a_phone(program: Program, booking: dict[str, Any], page: Page) -> None:
    await opened(page, link(program, booking, "identity"))
    await page.get_by_label("Voornaam").fill("Ann-Sofie")
    await page.get_by_label("Naam", exact=True).fill("D’Hóndt")
    await page.get_by_label("Of alleen het geboortejaar").fill("1990")
    await page.get_by_role("button", name="Bewaar").click()
    assert await page.get_by_role("status").inner_text()
    assert await fits(page)


async def test_a_mistake_is_told_beside_its_field(
    program: Program, booking: dict[str, Any], page: Page
) -> None:
    await opened(page, link(program, booking, "identity"))
    await page.get_by_label("Voornaam").fill("Ann")
    await page.get_by_role("button", name="Bewaar").click()
    wrong = page.locator("label", has=page.locator("[aria-invalid=true]")).first
    assert await wrong.get_by_role("alert").inner_text()
    typed = await page.get_by_label("Voornaam").input_value()
    assert typed == "Ann", "what was right need not be typed again"
