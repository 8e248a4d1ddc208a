"""Every page of the list in `looks`, for who does not see, who has no mouse, and who has a slow network."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, ViewportSize, expect

from crisispool.domain.language import LANGUAGES
from crisispool.web.board.pages import PAGES
from tests.browser import keyboard
from tests.browser.looks import ALSO, BESIDE, FILES, LOOKS, Look, View
from tests.browser.scene import Scene, a_monday_morning
from tests.browser.walk import Walk
from tests.support.warm import Warm

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

PHONE: ViewportSize = {"width": 390, "height": 844}
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules of axe that may find something else when the theme is another one."""
OF_WORDS = (
    "aria-command-name", "aria-input-field-name", "aria-toggle-field-name", "button-name", "document-title",
    "empty-heading", "empty-table-header", "html-has-lang", "html-lang-valid", "image-alt", "input-button-name",
    "label", "label-title-only", "landmark-unique", "link-name", "select-name", "summary-name", "svg-img-alt",
    "valid-lang",
)  # fmt: skip
"""Rules of axe that may find something else in another language; all others look at what the template says."""
MOST_BYTES = 100_000


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Scene]:
    with a_monday_morning(tmp_path_factory.mktemp("scene"), warm) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walk(browser: Browser, scene: Scene) -> AsyncIterator[Walk]:
    made = Walk(browser, scene, viewport=PHONE)
    yield made
    await made.close()


async def test_every_page_has_a_line() -> None:
    looked_at = {f"{page.method} {page.path}" for page in PAGES if not page.changes}
    assert not looked_at - set(LOOKS) - FILES, "these pages have no line in tests/browser/looks.py"
    assert not (set(LOOKS) | FILES) - looked_at, "these lines are of no page"


@dataclass
class Seen:
    """What was found on a walk, by the name of the view."""

    by_axe: list[tuple[str, str]] = field(default_factory=list)
    by_keyboard: list[tuple[str, str]] = field(default_factory=list)
    bytes_of: dict[str, int] = field(default_factory=dict)


async def by_axe(page: Page, **options: Any) -> list[str]:
    """What axe finds: the rule, what is wrong, and where."""
    found = await page.evaluate(
        "options => axe.run(options)", {"resultTypes": ["violations"], "preload": False, **options}
    )
    return [
        f"{each['id']}: {node['failureSummary']} {node['target']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


WALKS = [
    pytest.param((LANGUAGES[:1], BESIDE), id="in Dutch"),
    pytest.param((LANGUAGES, {**BESIDE, **ALSO}), id="in every language", marks=pytest.mark.soak),
]
"""The languages of the pages of the board, and what is looked at besides these pages."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=WALKS)
async def seen(request: pytest.FixtureRequest, walk: Walk) -> Seen:
    """One walk through every page."""
    seen = Seen()
    languages, beside = request.param
    async for view, page in walk.visits(beside):
        seen.bytes_of[view.name] = walk.html_bytes + sum(map(walk.size_of, await loaded(page)))
        await page.evaluate(AXE_SCRIPT)
        said = await by_axe(page, rules={"target-size": {"enabled": True}})
        await page.emulate_media(color_scheme="dark")
        said += [f"{each} (dark)" for each in await by_axe(page, runOnly=OF_COLOURS)]
        await page.emulate_media(color_scheme="light")
        seen.by_axe += [(view.name, each) for each in [*said, *await sticks_out(page)]]
        skipped = view.look.press or await keyboard.skips(page)
        said = await keyboard.complaints(page) if skipped else ["the first key leads past nothing"]
        seen.by_keyboard += [(view.name, each) for each in said]
        if view.of_the_board:
            seen.by_axe += [(view.name, each) for each in await in_others(languages[1:], walk, view, page)]
    return seen


async def in_others(languages: Sequence[str], walk: Walk, view: View, page: Page) -> list[str]:
    """What is wrong with a page in one of these languages."""
    found = []
    for language in languages:
        await walk.reads(view, page, language)
        said = await by_axe(page, runOnly=OF_WORDS) + await sticks_out(page)
        if await page.get_attribute("html", "lang") != language:
            said.append("it is in another language")
        found += [f"{each} ({language})" for each in said]
    if languages:
        await walk.reads(view, page, LANGUAGES[0])
    return found


async def sticks_out(page: Page) -> list[str]:
    """Whether one has to move a page sideways."""
    fits = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return [] if fits else ["it is wider than the telephone"]


async def loaded(page: Page) -> list[str]:
    """The addresses of what a page loads besides itself."""
    found: list[str] = await page.evaluate(
        "[...document.querySelectorAll('script[src], link[href], img[src]')].map((each) => each.src || each.href)"
    )
    return found


async def test_who_does_not_see_or_hardly_sees_is_not_kept_out(seen: Seen) -> None:
    assert seen.by_axe == []


async def test_who_has_a_keyboard_alone_reaches_everything_in_its_order_and_sees_where(seen: Seen) -> None:
    assert seen.by_keyboard == []


async def test_no_page_is_heavy_for_a_slow_network(seen: Seen) -> None:
    assert {name: size for name, size in seen.bytes_of.items() if size > MOST_BYTES} == {}


async def test_the_keys_that_press_press(walk: Walk, scene: Scene) -> None:
    page = await walk.at(View("tonight", "/tonight", Look("calltaker")))
    await page.locator("[name=step_free]").focus()
    await page.keyboard.press("Space")
    assert await page.locator("[name=step_free]").is_checked()
    await page.goto(scene.address("/talk"))
    await page.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#now [name=say]")).to_be_visible()
    await page.locator("#now .choices button").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#question")).to_be_focused()
