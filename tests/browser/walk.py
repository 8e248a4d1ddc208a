"""Walks through every page in one browser: one context for each person, in a language that is then everybody's."""

from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Response

from crisispool.services.training import DEMO_PEOPLE
from tests.browser.looks import Look, View, views
from tests.browser.scene import Scene


class Walk:
    """People at their pages; `options` are those of their browser contexts."""

    def __init__(self, browser: Browser, scene: Scene, **options: Any) -> None:
        self._browser, self._scene = browser, scene
        self._options = options
        self._pages: dict[str, Page] = {}
        self._language = "nl"

    async def speak(self, language: str) -> None:
        """Everybody reads this language from now on."""
        for who in DEMO_PEOPLE:
            self._scene.program.call("PUT", "/me/language", {"language": language}, who=who)
        self._language = language
        for page in self._pages.values():
            await page.set_extra_http_headers({"Accept-Language": language})

    async def visits(self, *, beside: bool = True) -> AsyncIterator[tuple[View, Page]]:
        """Every view, opened; what stands there is as somebody finds it who did what the look says.

        `beside`: also what is no row of the board.
        """
        for view in views(self._scene, beside=beside):
            yield view, await self.at(view)

    async def at(self, view: View) -> Page:
        """The page of this view."""
        page = await self._page_of(view.look.who)
        answer = await page.goto(self._scene.address(view.path))
        assert answer is not None
        status = answer.status
        if view.look.press:
            status = await _pressed(page, view.look) or status
        assert status == view.look.status, (view.name, status, await page.inner_text("main"))
        return page

    async def close(self) -> None:
        """The end."""
        for page in self._pages.values():
            await page.context.close()

    async def _page_of(self, who: str) -> Page:
        if who not in self._pages:
            context: BrowserContext = await self._browser.new_context(**self._options)
            page = self._pages[who] = await context.new_page()
            page.set_default_timeout(15_000)
            await page.set_extra_http_headers({"Accept-Language": self._language})
            if who in DEMO_PEOPLE:
                await page.goto(self._scene.address("/"))
                await page.locator(f"button[value={who}]").click()
        return self._pages[who]


def _is_an_answer(response: Response) -> bool:
    """To what was pressed: no way on, and not what an open page asks by itself."""
    by_hand = response.request.resource_type in {"document", "xhr", "fetch"}
    return by_hand and response.status not in {204, 303}


async def _pressed(page: Page, look: Look) -> int | None:
    """The status of the last answer, None when there was nothing to press."""
    status = None
    for button in look.press:
        found = page.locator(button).first
        if not await found.count():
            continue
        for name, text in look.fill:
            field = page.locator(f"main [name={name}]").first
            if not await field.count():
                continue
            if name == "file":
                await field.set_input_files(
                    {"name": "x.csv", "mimeType": "text/csv", "buffer": text.encode()}
                )
            else:
                await field.fill(text)
        async with page.expect_response(_is_an_answer) as answered:
            await found.click()
        status = (await answered.value).status
        await page.wait_for_load_state()
    return status
