"""News that comes while somebody presses a button, or while what they sent is on its way, takes nothing from them."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, ViewportSize, expect

from tests.support.program import Program
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

PHONE: ViewportSize = {"width": 390, "height": 844}
FIRE = {"kind": "fire_water_closed", "origin": "36007", "whereabouts": "36007", "referrer": "police"}
NOTES_LOOKS = (
    "document.getElementById('news').addEventListener('htmx:beforeRequest', () => { window.looked = true; })"
)
LOOKS = "document.dispatchEvent(new Event('visibilitychange'))"
UNIT, OTHER_UNIT = "ingelmunster-01", "ingelmunster-02"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    """Monday morning, after a night in which seven families came."""
    made = Program(tmp_path_factory.mktemp("in_hand") / Path("data"), warm=warm)
    made.start()
    for _ in range(7):
        asked = made.call(
            "POST", "/requests", {**FIRE, "adults": 1, "contact_consent": True}, who="calltaker"
        )
        no = {"code": "no_suitable_unit", "contact_consent": True, "contact": "op het nummer van de politie"}
        made.call("POST", f"/requests/{asked['id']}/refusal", no, who="calltaker")
    made.move_clock("2026-11-30T08:00")
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A phone that nobody used before."""
    context = await browser.new_context(viewport=PHONE, locale="nl-BE")
    made = await context.new_page()
    made.set_default_timeout(15_000)
    yield made
    await context.close()


async def enter(page: Page, night: Program, who: str, path: str) -> None:
    """This demo person, at this page, which hears what changes."""
    await page.goto(f"{night.url}/?next={path}")
    async with page.expect_response("**/api/v1/events**"):
        await page.locator(f"button[value={who}]").click()
    await page.wait_for_url(f"**{path}")


@asynccontextmanager
async def looked_at(page: Page, path: str) -> AsyncIterator[None]:
    """In the block something changes, and after it the page has looked at that."""
    async with page.expect_response(
        lambda answer: answer.request.method == "GET" and answer.url.endswith(path)
    ) as heard:
        yield
    await (await heard.value).finished()
    # What the page does with an answer it does before it draws itself again.
    await page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


async def news(page: Page, path: str, change: Callable[[], object]) -> None:
    """Something changes elsewhere, and the page has looked at it."""
    async with looked_at(page, path):
        change()


async def changes_under_way(
    page: Page, path: str, change: Callable[[], object], then: Callable[[Route], Awaitable[None]]
) -> None:
    """While the page asks whether its form would arrive, something changes elsewhere and the page looks at it."""

    async def meanwhile(route: Route) -> None:
        await news(page, path, change)
        await then(route)

    await page.route("**/session", meanwhile)


def waiting(night: Program) -> list[str]:
    """The ids of the cases that nobody took up yet."""
    cases = night.call("GET", "/handovers", who="support_worker")
    return [each["id"] for each in cases if each["state"] == "delivered"]


def takes(night: Program, case: str) -> None:
    """A case is taken up elsewhere."""
    night.call("POST", f"/handovers/{case}/acknowledge", {}, who="support_worker")


def take_button(page: Page, case: str) -> Locator:
    """What takes this case up."""
    return page.locator(f"#take-{case}")


async def test_a_case_is_taken_up_by_the_click_during_which_the_list_changed(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, others, *_ = waiting(night)
    await changes_under_way(phone, "/cases", lambda: takes(night, others), Route.continue_)
    await take_button(phone, mine).click()
    await expect(phone.get_by_role("button", name="Eerste contact gehad")).to_be_visible()
    assert mine not in waiting(night)


async def test_the_news_of_a_click_that_comes_before_its_answer_does_not_cut_it_off(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, *_ = waiting(night)

    async def slow(route: Route) -> None:
        async with looked_at(phone, "/cases"):
            answer = await route.fetch()
        await route.fulfill(response=answer)

    await phone.route("**/take", slow)
    await take_button(phone, mine).click()
    await expect(phone.get_by_role("button", name="Eerste contact gehad")).to_be_visible()


async def test_what_changed_meanwhile_is_there_once_the_click_failed_and_why_it_failed_as_well(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, others, *_ = waiting(night)
    await changes_under_way(phone, "/cases", lambda: takes(night, others), Route.abort)
    await take_button(phone, mine).click()
    await expect(take_button(phone, others)).to_have_count(0)
    await expect(phone.locator("li", has=take_button(phone, mine)).get_by_role("alert")).to_contain_text(
        "Niet verstuurd: er is geen verbinding."
    )


async def test_a_button_that_is_pressed_down_stays_until_it_is_let_go(phone: Page, night: Program) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, others, *_ = waiting(night)
    button = take_button(phone, mine)
    await button.hover()
    await phone.mouse.down()
    await news(phone, "/cases", lambda: takes(night, others))
    await expect(take_button(phone, others)).to_have_count(1)
    await phone.mouse.up()
    await expect(phone.get_by_role("button", name="Eerste contact gehad")).to_be_visible()


async def test_a_press_that_was_thought_better_of_shows_what_changed_meanwhile(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    [mine] = waiting(night)
    await take_button(phone, mine).hover()
    await phone.mouse.down()
    await news(phone, "/cases", lambda: takes(night, mine))
    await phone.mouse.move(5, 5)
    await phone.mouse.up()
    await expect(take_button(phone, mine)).to_have_count(0)


async def test_a_click_on_a_unit_whose_row_changed_meanwhile_is_answered_and_the_answer_stays(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "unit_manager", "/units")
    row = phone.locator(f"#unit-{UNIT}")
    await changes_under_way(phone, "/units", lambda: says(night, UNIT, "turnover"), Route.continue_)
    async with phone.expect_request(f"**/units/{UNIT}/status"):
        await row.get_by_role("button", name="Vrij", exact=True).click()
    await expect(row.get_by_role("alert")).to_be_visible()
    await news(phone, "/units", lambda: says(night, OTHER_UNIT, "out_of_service"))
    await expect(row.get_by_role("alert")).to_be_visible()


async def test_a_row_that_is_pressed_down_changes_once_it_is_let_go(phone: Page, night: Program) -> None:
    await enter(phone, night, "unit_manager", "/units")
    row = phone.locator(f"#unit-{OTHER_UNIT}")
    before = await row.locator(".badge").inner_text()
    await row.get_by_role("button").first.hover()
    await phone.mouse.down()
    await news(phone, "/units", lambda: says(night, OTHER_UNIT, "turnover"))
    await expect(row.locator(".badge")).to_have_text(before)
    await phone.mouse.move(5, 5)
    await phone.mouse.up()
    await expect(row.locator(".badge")).not_to_have_text(before)


async def test_a_way_on_the_board_that_is_pressed_down_leads_on_though_the_board_changed(
    browser: Browser, phone: Page, night: Program
) -> None:
    await enters_the_board(phone, night)
    beside = await browser.new_page()
    await enters_the_board(beside, night)
    way = phone.locator("#top a[href^='#town-']").first
    await way.hover()
    await phone.mouse.down()
    says(night, OTHER_UNIT, "free")
    for page, status in ((beside, "free"), (phone, "turnover")):
        await expect(page.locator(f"#unit-{OTHER_UNIT}")).to_have_attribute("data-status", status)
    await phone.mouse.up()
    await expect(phone).to_have_url(re.compile("#town-"))
    await expect(phone.locator(f"#unit-{OTHER_UNIT}")).to_have_attribute("data-status", "free")
    await beside.context.close()


async def test_a_choice_of_the_talk_does_not_slip_away_under_the_finger_for_a_message(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "calltaker", "/talk")
    await phone.wait_for_load_state("networkidle")
    await phone.evaluate(NOTES_LOOKS)
    await phone.locator("#now").get_by_role("button", name="Nieuwe vraag").hover()
    await phone.mouse.down()
    # As when somebody comes back to the page, it looks for messages at once.
    assert not await phone.evaluate(f"{LOOKS}; window.looked")
    await phone.mouse.up()
    await expect(phone.locator("#question")).to_contain_text("Met wie spreek je?")
    assert await phone.evaluate(f"{LOOKS}; window.looked")


async def enters_the_board(page: Page, night: Program) -> None:
    """A calltaker, at a board that is alive."""
    await page.goto(f"{night.url}/?next=/tonight")
    await page.locator("button[value=calltaker]").click()
    await expect(page.locator("#tonight.live")).to_be_visible()


def says(night: Program, unit: str, status: str) -> None:
    """The owner says elsewhere how a unit stands."""
    version = night.call("GET", f"/units/{unit}", who="unit_manager")["version"]
    night.call("PUT", f"/units/{unit}/status", {"status": status, "version": version}, who="unit_manager")
