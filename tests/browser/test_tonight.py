"""The board of tonight in a browser: it is as it is this second, without a reload, and says so when it is not."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.program import Program
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

WITHIN_A_SECOND = 1000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("tonight") / Path("data"), warm=warm)
    made.start()
    yield made
    made.close()


async def signed_in(browser: Browser, program: Program, who: str, **options: Any) -> Page:
    """The board as this person opens it."""
    context = await browser.new_context(locale="nl-BE", **options)
    page = await context.new_page()
    await page.goto(program.url)
    await page.locator(f"button[value={who}]").click()
    await expect(page).to_have_url(f"{program.url}/tonight")
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, program: Program) -> AsyncIterator[Page]:
    """The board of a calltaker; nothing in it may be complained of by the browser."""
    complaints: list[str] = []
    page = await signed_in(browser, program, "calltaker")
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await expect(page.locator(".live")).to_be_visible()
    await page.evaluate("window.notReloaded = true")
    yield page
    await page.context.close()
    refused = [each for each in complaints if "ERR_CONNECTION" not in each and "ERR_INCOMPLETE" not in each]
    assert not refused


def occupied(program: Program) -> dict[str, Any]:
    """A unit of the owner that is occupied."""
    listed: list[dict[str, Any]] = program.call("GET", "/units", who="unit_manager")
    return next(each for each in listed if each["status"] == "occupied")


def says(program: Program, unit: dict[str, Any], status: str) -> None:
    """What the owner says of it."""
    said = {"status": status, "version": unit["version"]}
    program.call("PUT", f"/units/{unit['id']}/status", said, who="unit_manager")


def row(page: Page, unit: dict[str, Any]) -> Locator:
    return page.locator(f"#unit-{unit['id']}")


def asked(program: Program) -> dict[str, Any]:
    """A request of one adult, and the unit that comes first."""
    ask = {
        "kind": "fire_water_closed",
        "adults": 1,
        "origin": "36008",
        "whereabouts": "36008",
        "referrer": "police",
    }
    request = program.call("POST", "/requests", ask, who="calltaker")
    [first, *_] = program.call("GET", f"/availability?request_id={request['id']}", who="calltaker")[
        "proposals"
    ]
    return {"request_id": request["id"], "unit_id": first["unit_id"]}


async def test_a_unit_that_its_owner_frees_is_free_on_the_open_board_within_a_second(
    page: Page, program: Program
) -> None:
    unit = occupied(program)
    await expect(row(page, unit)).to_have_attribute("data-status", "occupied")
    free = int((await page.locator(".counts .free").inner_text()).split()[0])
    says(program, unit, "free")
    await expect(row(page, unit)).to_have_attribute("data-status", "free", timeout=WITHIN_A_SECOND)
    await expect(page.locator(".counts .free")).to_have_text(f"{free + 1} vrij")
    await expect(page.locator("#changed")).to_contain_text("vrij")
    assert await page.evaluate("window.notReloaded")


async def test_a_hold_is_counted_down_and_becomes_a_booking(page: Page, program: Program) -> None:
    chosen = asked(program)
    here = row(page, {"id": chosen["unit_id"]})
    held = program.call("POST", "/holds", chosen, who="calltaker")
    await expect(here).to_have_attribute("data-status", "held", timeout=WITHIN_A_SECOND)
    await expect(here).to_contain_text("door calltaker 1")
    await expect(here.locator(".left")).to_contain_text("nog 9.")
    before = await here.locator(".left").inner_text()
    await expect(here.locator(".left")).not_to_have_text(before)
    program.call("POST", "/bookings", {"hold_id": held["id"]}, who="calltaker")
    await expect(here).to_have_attribute("data-status", "booked", timeout=WITHIN_A_SECOND)
    await expect(here).to_contain_text("geboekt tot maandag 30 november")
    assert await page.evaluate("window.notReloaded")


async def test_what_one_types_is_what_is_shown_and_a_change_leaves_it_so(
    page: Page, program: Program
) -> None:
    rows = page.locator("#pool tbody tr:visible")
    everything = await rows.count()
    await page.keyboard.press("/")
    await page.keyboard.type("ledegem")
    await expect(rows).to_have_count(2)
    await expect(page.locator("#shown")).to_have_text(f"2 van {everything} woningen")
    unit = occupied(program)
    says(program, unit, "out_of_service")
    await expect(row(page, unit)).to_have_attribute("data-status", "out_of_service")
    await expect(rows).to_have_count(2)
    await expect(page.locator("input[name=q]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(rows).to_have_count(everything)
    await page.get_by_label("vrij", exact=True).check()
    for each in await rows.all():
        assert await each.get_attribute("data-status") == "free"


async def test_without_script_the_board_is_read_and_filtered_all_the_same(
    browser: Browser, program: Program
) -> None:
    page = await signed_in(browser, program, "coordinator", java_script_enabled=False)
    await page.get_by_label("Gemeente of woning").fill("LEDEGEM")
    await page.get_by_role("button", name="Toon").click()
    shown = page.locator("#pool tbody tr:visible")
    await expect(shown).to_have_count(2)
    await expect(page.get_by_label("Gemeente of woning")).to_have_value("LEDEGEM")


async def test_a_board_that_was_shut_out_for_a_while_is_sent_what_it_missed(
    browser: Browser, program: Program
) -> None:
    chosen = asked(program)
    page = await signed_in(browser, program, "calltaker")
    here = row(page, {"id": chosen["unit_id"]})
    await expect(page.locator(".live")).to_be_visible()
    held = program.call("POST", "/holds", chosen, who="calltaker")
    await expect(here).to_have_attribute("data-status", "held", timeout=WITHIN_A_SECOND)
    # A proxy without a server says so at once, after which a browser does not come back by itself.
    await page.route("**/tonight/stream*", lambda route: route.fulfill(status=502))
    async with page.expect_response(lambda answer: answer.status == 502):
        program.kill()
    program.start(load=False)
    # Now it is again as it was when the page was opened, and not as it stands there.
    program.call("DELETE", f"/holds/{held['id']}", who="calltaker")
    await page.unroute("**/tonight/stream*")
    await expect(here).to_have_attribute("data-status", "free", timeout=10_000)
    await page.context.close()


async def test_a_board_whose_session_ended_says_so_and_leads_to_where_one_signs_in(
    browser: Browser, program: Program
) -> None:
    page = await signed_in(browser, program, "coordinator")
    await expect(page.locator(".live")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{program.url}/account")
    await other.get_by_role("button", name="Afmelden").first.click()
    strip = page.locator("#lost")
    await expect(strip).to_contain_text("Je bent afgemeld.", timeout=10_000)
    await expect(page.locator("#pool")).to_have_count(0)
    await strip.get_by_role("link", name="Meld je opnieuw aan").click()
    await expect(page).to_have_url(f"{program.url}/sign-in?next=/tonight")
    await page.context.close()


async def test_a_board_that_lost_its_server_says_so_and_misses_nothing(page: Page, program: Program) -> None:
    strip = page.locator("#lost")
    await expect(strip).to_be_empty()
    program.kill()
    await expect(strip).to_contain_text("Geen verbinding")
    program.start(load=False)
    unit = occupied(program)
    says(program, unit, "free")
    await expect(row(page, unit)).to_have_attribute("data-status", "free", timeout=10_000)
    await expect(strip).to_be_empty()
    assert await page.evaluate("window.notReloaded")
