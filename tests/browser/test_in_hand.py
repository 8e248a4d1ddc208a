"""News that comes while somebody presses a button, or while what they sent is on its way, takes nothing from them."""

import asyncio
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
DRAWN = "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
STUDIO = {
    "label": "Nieuwe studio", "nis": "36007", "kind": "crisis_dwelling", "places": 2, "owner_id": "ocmw-ingelmunster",
}  # fmt: skip
UNIT, OTHER_UNIT, THIRD_UNIT, FOURTH_UNIT = (f"ingelmunster-0{n}" for n in (1, 2, 6, 4))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    """Monday morning, after a night in which sixteen families came."""
    made = Program(tmp_path_factory.mktemp("in_hand") / Path("data"), warm=warm)
    made.start()
    for _ in range(16):
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
    # The page goes on asking until it is closed, also what a test held up.
    await made.unroute_all(behavior="ignoreErrors")
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
    await page.evaluate(DRAWN)


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


async def held_up(page: Page, address: str) -> asyncio.Event:
    """What is answered there arrives once this is set."""
    told = asyncio.Event()

    async def slow(route: Route) -> None:
        answer = await route.fetch()
        await told.wait()
        await route.fulfill(response=answer)

    await page.route(address, slow)
    return told


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


async def test_a_button_under_a_finger_stays_until_the_finger_is_lifted(
    browser: Browser, night: Program
) -> None:
    context = await browser.new_context(viewport=PHONE, locale="nl-BE", has_touch=True)
    page = await context.new_page()
    await enter(page, night, "support_worker", "/cases")
    # Those above it: without them it would stand somewhere else.
    first, mine, *_ = waiting(night)
    await take_button(page, mine).scroll_into_view_if_needed()
    place = await take_button(page, mine).bounding_box()
    assert place is not None
    finger = await context.new_cdp_session(page)
    down = await held_up(page, "**/cases")
    async with page.expect_request("**/cases"):
        takes(night, first)
    at = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    # No longer than a tap takes: what lasts longer asks for a menu.
    async with looked_at(page, "/cases"):
        down.set()
    assert await take_button(page, first).count() == 1
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(page.get_by_role("button", name="Eerste contact gehad")).to_be_visible()
    await expect(page).to_have_url(re.compile(mine))
    await page.unroute_all(behavior="ignoreErrors")
    await context.close()


async def test_what_could_not_be_looked_at_without_a_line_is_looked_at_when_there_is_one_again(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, others, *_ = waiting(night)
    await take_button(phone, mine).hover()
    await phone.mouse.down()
    await news(phone, "/cases", lambda: takes(night, others))
    await phone.mouse.move(5, 5)
    await phone.route("**/cases", lambda route: route.abort())
    async with phone.expect_event("requestfailed", lambda request: request.url.endswith("/cases")):
        await phone.mouse.up()
    await phone.unroute("**/cases")
    await phone.evaluate("document.body.dispatchEvent(new Event('htmx:sseOpen', { bubbles: true }))")
    await expect(take_button(phone, others)).to_have_count(0)


async def elsewhere(page: Page) -> None:
    """The pointer leaves the button before it is lifted."""
    await page.mouse.move(5, 5)
    await page.mouse.up()


@pytest.mark.parametrize(
    "let_go",
    [
        elsewhere,
        # A menu that opens, and another window that comes in front, keep what would follow.
        lambda page: page.evaluate("document.dispatchEvent(new Event('contextmenu'))"),
        lambda page: page.evaluate("window.dispatchEvent(new Event('blur'))"),
    ],
    ids=["elsewhere", "menu", "window"],
)
async def test_a_press_that_was_thought_better_of_shows_what_changed_meanwhile(
    phone: Page, night: Program, let_go: Callable[[Page], Awaitable[object]]
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, *_ = waiting(night)
    await take_button(phone, mine).hover()
    await phone.mouse.down()
    await news(phone, "/cases", lambda: takes(night, mine))
    await expect(take_button(phone, mine)).to_have_count(1)
    await let_go(phone)
    await expect(take_button(phone, mine)).to_have_count(0)
    await phone.mouse.up()


async def test_a_button_that_a_key_presses_down_stays_until_the_key_is_let_go(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, others, *_ = waiting(night)
    await take_button(phone, mine).focus()
    await phone.keyboard.down("Space")
    await news(phone, "/cases", lambda: takes(night, others))
    await expect(take_button(phone, others)).to_have_count(1)
    await phone.keyboard.up("Space")
    await expect(phone.get_by_role("button", name="Eerste contact gehad")).to_be_visible()


async def test_a_form_that_opens_a_tab_is_not_waited_for(phone: Page, night: Program) -> None:
    await enter(phone, night, "support_worker", "/cases")
    mine, *_ = waiting(night)
    takes(night, mine)
    await phone.goto(f"{night.url}/cases/{mine}")
    async with phone.expect_popup() as opened:
        await phone.locator("form[target=_blank] button").first.click()
    await (await opened.value).close()
    await expect(phone.locator("form[aria-busy]")).to_have_count(0)
    await expect(phone.get_by_text("Bezig")).to_have_count(0)


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


async def test_why_a_click_was_not_sent_stays_though_the_row_changed_and_is_gone_once_it_was(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "unit_manager", "/units")
    row = phone.locator(f"#unit-{THIRD_UNIT}")
    await changes_under_way(phone, "/units", lambda: says(night, THIRD_UNIT, "turnover"), Route.abort)
    free = row.locator("form.ways button[value=free]")
    before = await row.locator(".badge").inner_text()
    await free.click()
    await expect(row.locator(".badge")).not_to_have_text(before)
    await expect(row.get_by_role("alert")).to_contain_text("Niet verstuurd: er is geen verbinding.")
    await phone.unroute("**/session")
    await free.click()
    await expect(row.locator(".badge")).to_have_text("vrij")
    await expect(row.get_by_role("alert")).to_have_count(0)


async def test_a_click_whose_answer_was_lost_is_answered_by_the_row_that_changed(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "unit_manager", "/units")
    row = phone.locator(f"#unit-{OTHER_UNIT}")

    async def lose(route: Route) -> None:
        async with looked_at(phone, "/units"):
            await route.fetch()
        await route.abort()

    await phone.route("**/status", lose)
    before = await row.locator(".badge").inner_text()
    await row.locator("form.ways button:not([value=confirmed])").first.click()
    await expect(row.locator(".badge")).not_to_have_text(before)
    await expect(row.get_by_role("alert")).to_have_count(0)


async def test_a_unit_that_is_new_meanwhile_is_there_after_a_click_that_was_refused(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "unit_manager", "/units")
    row, units = phone.locator(f"#unit-{FOURTH_UNIT}"), phone.locator(".unit")
    before = await units.count()

    def both() -> None:
        night.call("POST", "/units", STUDIO, who="unit_manager")
        says(night, FOURTH_UNIT, "turnover")

    await changes_under_way(phone, "/units", both, Route.continue_)
    await row.get_by_role("button", name="Vrij", exact=True).click()
    await expect(units).to_have_count(before + 1)
    await expect(row.get_by_role("alert")).to_be_visible()
    # Those that did not change were taken along, and their buttons with them.
    await phone.unroute("**/session")
    other = phone.locator(f"#unit-{THIRD_UNIT}")
    was = await other.locator(".badge").inner_text()
    await other.locator("form.ways button:not([value=confirmed])").first.click()
    await expect(other.locator(".badge")).not_to_have_text(was)


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


async def test_messages_that_were_under_way_when_a_choice_was_pressed_come_after_it(
    phone: Page, night: Program
) -> None:
    await enter(phone, night, "calltaker", "/talk")
    await phone.wait_for_load_state("networkidle")
    told = phone.locator(".told")
    before = await told.count()
    pressed = await held_up(phone, "**/talk/news")
    async with phone.expect_request("**/talk/news"):
        night.call("POST", "/requests", {**FIRE, "adults": 2}, who="referrer")
    question = phone.locator("#question")
    was = await question.inner_text()
    await phone.locator("#now .choices button").first.hover()
    await phone.mouse.down()
    async with phone.expect_response("**/talk/news") as heard:
        pressed.set()
    await (await heard.value).finished()
    await phone.evaluate(DRAWN)
    await expect(told).to_have_count(before)
    await phone.mouse.up()
    await expect(question).not_to_have_text(was)
    await expect(told).not_to_have_count(before)
    came = await told.all_inner_texts()
    assert len(came) == len(set(came)), "each came once"


async def test_a_board_that_is_dragged_shows_what_changed_meanwhile(
    browser: Browser, phone: Page, night: Program
) -> None:
    await enters_the_board(phone, night)
    beside = await browser.new_page()
    await enters_the_board(beside, night)
    await phone.locator("#top a[href^='#town-']").first.hover()
    await phone.mouse.down()
    await phone.mouse.move(40, 400, steps=5)
    says(night, OTHER_UNIT, "out_of_service")
    await expect(beside.locator(f"#unit-{OTHER_UNIT}")).not_to_have_attribute("data-status", "free")
    await phone.mouse.up()
    await expect(phone.locator(f"#unit-{OTHER_UNIT}")).not_to_have_attribute("data-status", "free")
    await beside.context.close()


async def enters_the_board(page: Page, night: Program) -> None:
    """A calltaker, at a board that is alive."""
    await page.goto(f"{night.url}/?next=/tonight")
    await page.locator("button[value=calltaker]").click()
    await expect(page.locator("#tonight.live")).to_be_visible()


def says(night: Program, unit: str, status: str) -> None:
    """The owner says elsewhere how a unit stands."""
    version = night.call("GET", f"/units/{unit}", who="unit_manager")["version"]
    night.call("PUT", f"/units/{unit}/status", {"status": status, "version": version}, who="unit_manager")
