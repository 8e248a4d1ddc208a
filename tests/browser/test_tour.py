"""The guided tour as somebody lives through it who never saw any of this: with script, and once more without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from crisispool.texts.render import render
from tests.support.program import Program
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

PHONE: ViewportSize = {"width": 390, "height": 844}
ANSWERS = (
    "menu.new", "caller.police", "danger.no", "household.parent_2", "Ingelmunster", "kind.fire_water_closed",
    "elsewhere.no", "unsafe.none", "origin.same", "yesterday.0", "consent.bed_contact", "needs.none",
)  # fmt: skip
"""What the strip tells, in the order in which it is asked: keys of answers, or a label as it is."""


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("tour") / Path("data"), warm=warm)
    made.start()
    yield made
    made.close()


class Visitor:
    """Somebody on the tour; `language` is what they read."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language
        self.strip = page.locator("#tour")

    def words(self, key: str, **facts: object) -> str:
        """What stands there under this key."""
        return render(key, facts, self.language)

    async def is_told(self, step: int) -> None:
        """The strip says which step this is; nothing sticks out sideways."""
        counted = self.words("board.tour.counted", number=step, most=7)
        await expect(self.strip.get_by_role("heading")).to_have_text(counted)
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    async def goes_on(self) -> None:
        """The one button of the strip."""
        await self.strip.locator("form[action$=next] button").click()

    async def answers(self, key: str) -> None:
        """One answer of the talk."""
        label = self.words(f"choice.{key}") if "." in key else key
        question = self.page.locator("#question")
        was = await question.inner_text()
        await self.page.locator("#now").get_by_role("button", name=label, exact=True).click()
        await expect(question).not_to_have_text(was)

    def button(self, key: str) -> Locator:
        """A button of the page itself."""
        return self.page.locator("main").get_by_role("button", name=self.words(key), exact=True).first


@pytest.mark.parametrize(("script", "language"), [(True, "nl"), (False, "fr")], ids=["script", "no script"])
async def test_who_follows_the_strip_lives_through_a_night(
    browser: Browser, training: Program, script: bool, language: str
) -> None:
    context = await browser.new_context(viewport=PHONE, java_script_enabled=script, locale=language)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    visitor = Visitor(page, language)
    await page.goto(training.url)
    await visitor.button("board.tour.start").click()
    if not script:
        # The first night is over and the offices are open: the tour begins at the next night.
        await visitor.goes_on()
    await expect(page).to_have_url(f"{training.url}/tonight" if script else f"{training.url}/talk")
    await visitor.is_told(1)
    if script:
        await visitor.goes_on()
    for key in ANSWERS:
        await visitor.answers(key)
    await visitor.is_told(2)
    await page.locator("#now .choices button").first.click()
    await visitor.button("choice.book.book").click()
    await visitor.is_told(3)
    await visitor.button("choice.booking.arrived").click()
    await visitor.is_told(4)
    await visitor.goes_on()
    await expect(page).to_have_url(f"{training.url}/cases")
    await visitor.is_told(5)
    await visitor.button("board.cases.take").click()
    await visitor.is_told(6)
    await visitor.button("board.cases.contacted").click()
    await visitor.is_told(7)
    await page.locator("[name=outcome]").select_option("own_network")
    await page.locator("[name=solved]").first.check()
    await visitor.button("board.cases.close").click()
    await expect(visitor.strip).to_contain_text(visitor.words("board.tour.done.here"))
    await visitor.strip.get_by_role("button", name=visitor.words("board.tour.stop")).click()
    await expect(visitor.strip).to_be_empty()
    await context.close()
    training.move_clock("2026-11-30T09:00" if script else "2026-12-01T09:00")


async def test_whoever_is_elsewhere_is_shown_the_way(browser: Browser, training: Program) -> None:
    context = await browser.new_context(viewport=PHONE, locale="en")
    page = await context.new_page()
    visitor = Visitor(page, "en")
    await page.goto(training.url)
    await visitor.button("board.tour.start").click()
    await visitor.goes_on()
    await page.goto(f"{training.url}/account")
    await visitor.is_told(1)
    await visitor.goes_on()
    await expect(page).to_have_url(f"{training.url}/talk")
    await page.goto(training.url)
    await page.locator("button[value=council]").click()
    await expect(page.get_by_role("banner")).to_contain_text("stuurgroep")
    await visitor.goes_on()
    await expect(page).to_have_url(f"{training.url}/talk")
    await context.close()
