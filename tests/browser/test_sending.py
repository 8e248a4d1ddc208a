"""A form that would not arrive is not sent, and what was typed in it stays: without a session, a line, or a server."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, ViewportSize, expect

from tests.support.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone that nobody used before."""
    made = await browser.new_context(viewport=PHONE, locale="nl-BE")
    yield made
    await made.close()


async def enter(phone: BrowserContext, program: Program, who: str, path: str) -> Page:
    """This demo person in a tab of the phone, at this page."""
    page = await phone.new_page()
    await page.goto(f"{program.url}/?next={path}")
    await page.locator(f"button[value={who}]").click()
    await page.wait_for_url(f"**{path}")
    return page


async def leave(phone: BrowserContext, program: Program) -> None:
    """In another tab somebody signs out."""
    other = await phone.new_page()
    await other.goto(f"{program.url}/account")
    await other.get_by_role("button", name="Afmelden").last.click()
    await expect(other.locator("a.me")).to_have_count(0)
    await other.close()


async def typed(page: Page, label: str) -> Locator:
    """A new unit, of which this is the name; the field of it."""
    field = page.locator("input[name=label]")
    await field.fill(label)
    await page.locator("input[name=places]").fill("3")
    return field


async def press(page: Page, says: str) -> None:
    """The button of the form, and what then stands beside it."""
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(page.get_by_role("alert")).to_contain_text(says)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def named(program: Program, label: str) -> int:
    """How many units are called so."""
    return sum(each["label"] == label for each in program.call("GET", "/units", who="coordinator"))


async def lose(route: Route) -> None:
    """It arrives, and its answer does not."""
    await route.fetch()
    await route.abort()


async def test_what_was_typed_outlives_a_session_that_ended(phone: BrowserContext, program: Program) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    field = await typed(page, "Noodwoning aan de kerk")
    await leave(phone, program)
    await press(page, "Niet verstuurd: je bent afgemeld.")
    async with phone.expect_page() as opened:
        await page.get_by_role("link", name="Open een nieuw tabblad").click()
    elsewhere = await opened.value
    # Somebody else of a shared desk does not send it under their own name.
    await enter(phone, program, "calltaker", "/tonight")
    await press(page, "Niet verstuurd: in deze browser is nu iemand anders aangemeld.")
    await expect(field).to_have_value("Noodwoning aan de kerk")
    assert named(program, "Noodwoning aan de kerk") == 0
    await elsewhere.get_by_role("link", name="Dit is een oefening").click()
    await elsewhere.locator("button[value=coordinator]").click()
    await expect(elsewhere.locator(".said")).to_contain_text("Ga terug naar je andere tabblad")
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(page.locator(".said")).to_be_visible()
    assert named(program, "Noodwoning aan de kerk") == 1


async def test_what_was_typed_outlives_a_lost_line_and_a_server_that_fails(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    field = await typed(page, "Noodwoning aan het water")
    await phone.set_offline(True)
    await press(page, "Niet verstuurd: er is geen verbinding.")
    await phone.set_offline(False)
    await page.route("**/session", lambda route: route.fulfill(status=503))
    await press(page, "Niet verstuurd: bij ons ging iets mis.")
    await expect(field).to_have_value("Noodwoning aan het water")
    await page.unroute("**/session")
    await page.get_by_role("button", name="Voeg toe").dblclick()
    await expect(page.locator(".said")).to_be_visible()
    assert named(program, "Noodwoning aan het water") == 1


async def test_a_click_whose_answer_was_lost_is_done_once_when_it_is_clicked_again(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "coordinator", "/units")
    unit = page.locator(".unit", has=page.locator(".badge.occupied")).first
    at = await unit.get_attribute("id")
    here = page.locator(f"#{at}")

    await page.route("**/status", lose)
    # Nor does the page hear of it otherwise.
    await page.route("**/units", lambda route: route.abort())
    await here.get_by_role("button", name="Vrij", exact=True).click()
    await expect(here.get_by_role("alert")).to_contain_text("Er kwam geen antwoord.")
    await page.unroute("**/status")
    await here.get_by_role("button", name="Vrij", exact=True).click()
    await expect(here.locator(".badge")).to_have_text("vrij")
    await expect(here.get_by_role("alert")).to_have_count(0)


async def test_what_was_typed_to_the_desk_stays_when_its_open_page_finds_nobody_signed_in(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "calltaker", "/talk")
    await page.get_by_text("Liever typen?").click()
    field = page.locator("#now input[name=say]")
    await field.fill("een gezin met twee kinderen")
    await leave(phone, program)
    # The page asks by itself when it is looked at again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    strip = page.locator("#lost")
    await expect(strip).to_contain_text("Je bent afgemeld.")
    await expect(strip.get_by_role("link")).to_have_attribute("target", "_blank")
    await enter(phone, program, "calltaker", "/tonight")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(field).to_have_value("een gezin met twee kinderen")
    await field.fill("1")
    await page.get_by_role("button", name="Antwoord").click()
    await expect(page.locator("#earlier > *")).not_to_have_count(0)
    await expect(page.locator("#heard").get_by_role("heading")).to_have_count(0)


async def test_a_slow_answer_says_that_it_is_being_worked_on(phone: BrowserContext, program: Program) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    await typed(page, "Noodwoning aan de molen")
    held: list[Route] = []
    await page.route("**/session", lambda route: held.append(route))  # noqa: PLW0108  # it wants a function
    await press(page, "Bezig")
    await held[0].continue_()
    await expect(page.locator(".said")).to_be_visible()


async def test_what_was_typed_outlives_an_answer_that_says_no(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    field = await typed(page, "Noodwoning aan de brug")

    async def fail(route: Route) -> None:
        await route.fulfill(status=503) if route.request.method == "POST" else await route.continue_()

    await page.route("**/units/new", fail)
    await press(page, "Er ging iets mis bij ons.")
    await expect(page.locator("#lost")).to_be_empty()
    await page.unroute("**/units/new")
    await page.route("**/units/new", lose)
    await press(page, "Er kwam geen antwoord.")
    await page.unroute("**/units/new")
    await expect(field).to_have_value("Noodwoning aan de brug")
    await expect(page).to_have_url(f"{program.url}/units/new")
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(page.locator(".said")).to_be_visible()
    assert named(program, "Noodwoning aan de brug") == 1


async def test_what_is_wrong_stands_beside_its_field_and_everything_else_as_it_was(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    field, places = await typed(page, "Noodwoning aan de sluis"), page.locator("input[name=places]")
    await places.fill("9999")
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(places).to_have_attribute("aria-invalid", "true")
    await expect(places).to_be_focused()
    await expect(field).to_have_value("Noodwoning aan de sluis")
    await expect(page).to_have_url(f"{program.url}/units/new")
    await places.fill("4")
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(page.locator(".said")).to_be_visible()
    assert named(program, "Noodwoning aan de sluis") == 1
    await expect(page).to_have_url(re.compile(r"/units/unit-\w+\?done=unit_made$"))


async def test_a_page_that_is_gone_says_so_beside_the_button(phone: BrowserContext, program: Program) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    await typed(page, "Noodwoning aan de dijk")
    await page.evaluate(
        "document.querySelector('form.offer').setAttribute('action', '/units/no-such-one/access')"
    )
    await press(page, "Dit bestaat niet, of het is niet van jou.")
    await expect(page.locator("input[name=label]")).to_have_value("Noodwoning aan de dijk")


async def test_what_became_wrong_while_it_was_asked_about_is_not_sent_and_the_button_can_be_pressed_again(
    phone: BrowserContext, program: Program
) -> None:
    page = await enter(phone, program, "coordinator", "/units/new")
    field = await typed(page, "Noodwoning aan de beek")
    held: list[Route] = []
    await page.route("**/session", lambda route: held.append(route))  # noqa: PLW0108  # it wants a function
    await press(page, "Bezig")
    await field.fill("")
    await held[0].continue_()
    await expect(page.locator("form[aria-busy]")).to_have_count(0)
    await page.unroute("**/session")
    await field.fill("Noodwoning aan de beek")
    await page.get_by_role("button", name="Voeg toe").click()
    await expect(page.locator(".said")).to_be_visible()
    assert named(program, "Noodwoning aan de beek") == 1
