"""A night in two browsers on phones: the police ask, the desk books; and on Monday the case is taken and closed."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.support.program import Program
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    """A training whose clock goes on to Monday."""
    made = Program(tmp_path_factory.mktemp("night") / Path("data"), warm=warm)
    made.start()
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def closing(browser: Browser) -> AsyncIterator[Browser]:
    """The browser, without the pages that a test leaves behind."""
    yield browser
    for context in browser.contexts:
        await context.close()


async def enter(browser: Browser, night: Program, who: str, path: str, *, script: bool = True) -> Page:
    """This demo person on a phone of their own, at this page."""
    context = await browser.new_context(viewport=PHONE, java_script_enabled=script, locale="nl-BE")
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{night.url}/?next={path}")
    await page.locator(f"button[value={who}]").click()
    await expect(page).to_have_url(f"{night.url}{path}")
    return page


async def taps(page: Page, *steps: tuple[str, str]) -> None:
    """Each answer, and how the question after it begins."""
    for answer, then in steps:
        await page.locator("#now").get_by_role("button", name=answer, exact=True).click()
        await expect(page.locator("#now .screen")).to_contain_text(then)


async def fits(page: Page) -> bool:
    """Nothing sticks out sideways."""
    wide: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


ASKED = (
    ("Bed vragen", "Is er nu gevaar"),
    ("Nee", "Wie heeft een bed nodig?"),
    ("Ouder + 2 kinderen", "Waar zijn ze nu?"),
    ("Ingelmunster", "Wat is er gebeurd?"),
    ("Brand, water of woning afgesloten", "Klaar om te versturen"),
    ("Verstuur", "is verstuurd"),
)
CHECKED = (
    ("Nee", "Kunnen ze vannacht ergens anders"),
    ("Nee", "Maakt iets een bed zonder toezicht"),
    ("Niets hiervan", "Waar woonden of sliepen ze het laatst?"),
    ("In dezelfde gemeente", "Sliep een van de volwassenen"),
    ("Nee", "Vraag het hen"),
    ("Bed en contact", "Waar letten we op?"),
    ("Niets bijzonders", "Dit is er vrij"),
)


async def test_without_script_every_step_is_a_page_and_back_is_harmless(
    night: Program, closing: Browser
) -> None:
    page = await enter(closing, night, "calltaker_2", "/talk", script=False)
    await taps(page, ("Nieuwe vraag", "Met wie spreek je?"), ("Politie", "Is er nu gevaar"))
    await page.go_back()
    assert "Is er nu gevaar" in await page.inner_text("#now"), "the page is asked anew"
    assert await fits(page)


async def test_the_police_ask_for_a_bed_and_the_desk_books_it(night: Program, closing: Browser) -> None:
    police = await enter(closing, night, "referrer", "/talk")
    desk = await enter(closing, night, "calltaker", "/talk")
    await taps(police, *ASKED)
    assert await police.locator(".desk").is_visible(), "the phone is the first door"
    assert await fits(police)
    await expect(police.locator("#earlier")).to_contain_text("Waar zijn ze nu?")
    assert "Ouder + 2" not in await police.inner_text("#earlier"), "an answer never stays in sight"

    message = desk.locator(".told").filter(has_text="Nieuwe vraag")
    await expect(message).to_be_visible()
    await message.get_by_role("button", name="Ik neem ze op").click()
    await expect(desk.locator("#question")).to_contain_text("Is er nu gevaar")
    await expect(desk.locator("#question")).to_be_focused()
    await expect(message.get_by_role("button")).to_have_count(0)
    await taps(desk, *CHECKED)
    bed = desk.locator("#now .choices button").filter(has_text="Ingelmunster, gezinswoning 3")
    digit = await bed.locator(".key").inner_text()
    await desk.keyboard.press(digit)
    await expect(desk.locator("#now")).to_contain_text("Boeken?")
    await desk.get_by_role("button", name="Boek", exact=True).dblclick()
    await expect(desk.locator("#now")).to_contain_text("Geboekt, IZ-")
    assert await fits(desk)
    assert len(night.call("GET", "/bookings", who="calltaker")) == 1

    news = police.locator(".told").filter(has_text="er is een bed")
    await expect(news).to_be_visible()
    await news.get_by_role("button", name="Openen").click()
    await expect(police.locator("#now")).to_contain_text("Adres en sleutel kan je openen tot")
    await police.locator("#now").get_by_role("button", name="Adres en sleutel").click()
    async with police.context.expect_page() as opened:
        await police.locator("#now a.page").click()
    page = await opened.value
    assert "8770" not in await page.content()
    await page.get_by_role("button").click()
    assert "8770 Ingelmunster" in await page.inner_text("main")


async def test_on_monday_the_case_is_taken_and_closed(night: Program, closing: Browser) -> None:
    [booking] = night.call("GET", "/bookings", who="calltaker")
    night.call("POST", f"/bookings/{booking['id']}/check-in", {}, who="calltaker")
    night.move_clock("2026-11-30T09:20")
    page = await enter(closing, night, "support_worker", "/cases", script=False)
    [late] = await page.locator("li.is-late .late").all_inner_texts()
    assert late == "Te laat: niet opgenomen voor 9.15 uur"
    assert "8770" not in await page.content() and await fits(page)
    watching = await enter(closing, night, "coordinator", "/cases")
    await expect(watching.locator("#cases")).to_contain_text("1 dossier wacht")
    await page.get_by_role("button", name="Wij nemen dit op").click()
    await expect(watching.locator("#cases")).to_contain_text("0 dossiers wachten")
    await watching.context.close()
    await expect(page.get_by_role("status").filter(has_text="Opgenomen")).to_be_visible()
    await expect(page.locator(".story")).to_contain_text(
        re.compile("Aanmelding.*Bed geboekt.*Aangekomen", re.DOTALL)
    )
    assert await page.get_by_role("button", name="Wij nemen dit op").count() == 0
    await page.get_by_role("button", name="Eerste contact gehad").click()
    await expect(page.get_by_role("status").filter(has_text="genoteerd")).to_be_visible()
    await page.get_by_label("Hoe liep het af").select_option(label="Bij familie of vrienden")
    await page.get_by_label("Ja", exact=True).check()
    await page.get_by_role("button", name="Sluit af").click()
    await expect(page.get_by_role("status").filter(has_text="Afgesloten")).to_be_visible()
    assert "Er wacht nu niets op jullie" in await page.inner_text("main")
    [handover] = night.call("GET", "/handovers?all=true", who="support_worker")
    assert (handover["outcome"], handover["solved"]) == ("own_network", "yes")
