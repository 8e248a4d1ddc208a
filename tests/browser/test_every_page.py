"""Every page of the list in `looks`, for who does not see, who has no mouse, and who has a slow network."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, ViewportSize

from crisispool.domain.language import LANGUAGES
from crisispool.web.board.pages import PAGES
from tests.browser.looks import FILES, LOOKS
from tests.browser.scene import Scene, a_monday_morning
from tests.browser.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

PHONE: ViewportSize = {"width": 390, "height": 844}
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules of axe that may find something else when the theme is another one, and nothing else in another language."""
OFF = {rule: {"enabled": False} for rule in OF_COLOURS}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with a_monday_morning(tmp_path_factory.mktemp("scene")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walk(one_browser: Browser, scene: Scene) -> AsyncIterator[Walk]:
    made = Walk(one_browser, scene, viewport=PHONE)
    yield made
    await made.close()


async def test_every_page_has_a_line() -> None:
    looked_at = {f"{page.method} {page.path}" for page in PAGES if not page.changes}
    assert not looked_at - set(LOOKS) - FILES, "these pages have no line in tests/browser/looks.py"
    assert not (set(LOOKS) | FILES) - looked_at, "these lines are of no page"


async def complaints(page: Page, **options: Any) -> list[str]:
    """What axe finds: the rule, what is wrong, and where."""
    found = await page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    return [
        f"{each['id']}: {node['failureSummary']} {node['target']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_does_not_see_or_hardly_sees_is_not_kept_out(walk: Walk, language: str) -> None:
    await walk.speak(language)
    first = language == LANGUAGES[0]
    found: list[tuple[str, str]] = []
    async for view, page in walk.visits(beside=first):
        assert await page.get_attribute("html", "lang") == language, view.name
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view.name
        await page.evaluate(AXE_SCRIPT)
        more = {"target-size": {"enabled": first}, **({} if first else OFF)}
        found += [(view.name, each) for each in await complaints(page, rules=more)]
        if first:
            await page.emulate_media(color_scheme="dark")
            found += [(f"{view.name}, dark", each) for each in await complaints(page, runOnly=OF_COLOURS)]
            await page.emulate_media(color_scheme="light")
    assert found == []
