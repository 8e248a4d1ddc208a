"""The night of the README in real browsers, on a telephone and on a desk: what one does, the others see."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.program import Program
from tests.support.warm import Warm
from tests.support.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
UNIT, OTHER_UNIT = "ingelmunster-02", "ingelmunster-04"
NAME = "Ingelmunster, woning 2"
OTHERS_TO_FREE = ("ingelmunster-01", "ingelmunster-06")
WITHIN_A_SECOND = 1000
ANSWERS = (
    "Nieuwe vraag", "Politie", "Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten", "Nee",
    "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact",
)  # fmt: skip
NOTES_WHEN_FREE = """unit => {
  window.freeAt = null;
  const look = () => {
    if (document.querySelector(`#unit-${unit}`).dataset.status === "free") window.freeAt ??= Date.now();
  };
  new MutationObserver(look).observe(document.getElementById("pool"), { subtree: true, childList: true });
}"""
NOTES_CLICKS = "document.addEventListener('click', () => { window.clickedAt = Date.now(); }, true)"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("story") / Path("data"), warm=warm)
    made.start()
    yield made
    made.close()


class Somebody:
    """A demo person at a browser of their own, which reaches the program at `url`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    async def goes_to(self, path: str) -> None:
        """Opens a page of the board."""
        await self.page.goto(self.url + path)

    def unit_on_board(self, unit: str) -> Locator:
        """A row of what is free tonight."""
        return self.page.locator(f"#unit-{unit}")

    def own_unit(self, unit: str) -> Locator:
        """One of the units of an owner."""
        return self.page.locator(".unit", has=self.page.locator(f'form[action="/units/{unit}/status"]'))

    async def answers(self, label: str) -> None:
        """One answer of the talk."""
        question = self.page.locator("#question")
        was = await question.inner_text()
        await self.page.locator("#now").get_by_role("button", name=label, exact=True).click()
        await expect(question).not_to_have_text(was)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wire(night: Program) -> AsyncIterator[Wire]:
    """What the desk reaches the program by."""
    made = Wire(int(night.url.rpartition(":")[2]))
    await made.mend()
    yield made
    await made.cut()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(browser: Browser, night: Program, wire: Wire) -> AsyncIterator[dict[str, Somebody]]:
    """The owner and the support worker have a telephone, both calltakers sit at a desk."""
    made = {}
    for who, size, url in (
        ("unit_manager", PHONE, night.url),
        ("support_worker", PHONE, night.url),
        ("calltaker", DESK, wire.url),
        ("calltaker_2", DESK, wire.url),
    ):
        context = await browser.new_context(viewport=size, locale="nl-BE")
        page = await context.new_page()
        page.set_default_timeout(15_000)
        await page.goto(url)
        await page.locator(f"button[value={who}]").click()
        made[who] = Somebody(page, url)
    yield made
    for each in made.values():
        await each.page.context.close()


async def test_a_unit_that_its_owner_frees_stands_on_the_board_of_the_desk_within_a_second(
    people: dict[str, Somebody],
) -> None:
    owner, watching = people["unit_manager"], people["calltaker_2"]
    await watching.goes_to("/tonight")
    await expect(watching.page.locator(".live")).to_be_visible()
    await owner.goes_to("/units")
    await owner.page.evaluate(NOTES_CLICKS)
    took = []
    for unit in (UNIT, *OTHERS_TO_FREE):
        await watching.page.evaluate(NOTES_WHEN_FREE, unit)
        await owner.own_unit(unit).get_by_role("button", name="Vrij", exact=True).click()
        await expect(watching.unit_on_board(unit)).to_have_attribute("data-status", "free")
        took.append(
            await watching.page.evaluate("window.freeAt") - await owner.page.evaluate("window.clickedAt")
        )
        if took[-1] < WITHIN_A_SECOND:
            break
    # A machine that is busy with something else may need a second try.
    assert 0 <= min(took) < WITHIN_A_SECOND, took


async def test_the_desk_books_it_in_the_talk_and_everybody_sees_it(people: dict[str, Somebody]) -> None:
    desk, watching, owner = people["calltaker"], people["calltaker_2"], people["unit_manager"]
    other = owner.own_unit(OTHER_UNIT)
    await other.locator("summary").click()
    await other.locator("[name=since]").fill("2026-12-01")
    await desk.goes_to("/talk")
    for answer in (*ANSWERS, "Niets bijzonders", NAME):
        await desk.answers(answer)
    await expect(watching.unit_on_board(UNIT)).to_have_attribute("data-status", "held")
    await desk.answers("Boek")
    await expect(desk.page.locator("#question")).to_contain_text("Geboekt, IZ-")
    await expect(watching.unit_on_board(UNIT)).to_have_attribute("data-status", "booked")
    await expect(owner.own_unit(UNIT).locator(".badge")).to_contain_text("geboekt", timeout=WITHIN_A_SECOND)
    await desk.answers("Ja, aangekomen")
    # The page of the owner was not loaded anew, and what they were at is there.
    assert await owner.page.evaluate("window.clickedAt") is not None
    await expect(other.locator("[name=since]")).to_have_value("2026-12-01")


async def test_who_was_without_a_network_for_two_minutes_lost_nothing(
    people: dict[str, Somebody], night: Program, wire: Wire
) -> None:
    desk, watching = people["calltaker"], people["calltaker_2"]
    await desk.answers("Naar het menu")
    await desk.page.get_by_text("Liever typen?").click()
    typed = desk.page.locator("#now [name=say]").last
    await typed.fill("nieuwe vraag")
    looked_for = watching.page.locator("input[name=q]")
    await looked_for.fill("ingelm")
    await wire.cut()
    for each in (desk, watching):
        await expect(each.page.locator("#lost")).to_contain_text("Geen verbinding")
    await typed.press("Enter")
    await expect(desk.page.get_by_role("alert")).to_contain_text("Niet verstuurd: er is geen verbinding.")
    await expect(typed).to_have_value("nieuwe vraag")
    unit = night.call("GET", f"/units/{OTHER_UNIT}", who="unit_manager")
    said = {"status": "free", "version": unit["version"]}
    night.call("PUT", f"/units/{OTHER_UNIT}/status", said, who="unit_manager")
    night.move_clock("2026-11-28T02:08:00")
    await expect(watching.unit_on_board(OTHER_UNIT)).to_have_attribute("data-status", "occupied")
    await wire.mend()
    await expect(watching.unit_on_board(OTHER_UNIT)).to_have_attribute("data-status", "free", timeout=10_000)
    await expect(watching.page.locator("#lost")).to_be_empty()
    await expect(looked_for).to_have_value("ingelm")
    await expect(typed).to_have_value("nieuwe vraag")
    await typed.press("Enter")
    await expect(desk.page.locator("#question")).to_contain_text("Met wie spreek je?")
    await expect(desk.page.locator("#lost")).to_be_empty()


async def test_on_monday_the_case_is_handled(people: dict[str, Somebody], night: Program) -> None:
    worker = people["support_worker"]
    await worker.goes_to("/cases")
    await expect(worker.page.locator("main")).to_contain_text("Er wacht nu niets op jullie")
    await worker.page.wait_for_load_state("networkidle")
    night.move_clock("2026-11-30T08:00")
    await worker.page.get_by_role("button", name="Wij nemen dit op").click()
    await worker.page.get_by_role("button", name="Eerste contact gehad").click()
    await worker.page.get_by_label("Hoe liep het af").select_option(label="Bij familie of vrienden")
    await worker.page.get_by_label("Ja", exact=True).check()
    await worker.page.get_by_role("button", name="Sluit af").click()
    await expect(worker.page.get_by_role("status").filter(has_text="Afgesloten")).to_be_visible()
    [handover] = night.call("GET", "/handovers?all=true", who="support_worker")
    assert (handover["outcome"], handover["solved"]) == ("own_network", "yes")
