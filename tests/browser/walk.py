"""Walks through every page in one browser: one context for each person."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playwright.async_api import Browser, BrowserContext, Page, Response, expect

from crisispool.domain.language import FIRST
from crisispool.services.training import DEMO_PEOPLE
from crisispool.web.board.session_now import PATH as SESSION
from tests.browser.looks import Look, View, views
from tests.browser.scene import Scene
from tests.support.program import PATIENCE_SECONDS

IN_OTHER_WORDS: Final = """async () => {
  const page = await (await fetch(location.href)).text();
  const read = new DOMParser().parseFromString(page, "text/html");
  document.documentElement.lang = read.documentElement.lang;
  document.title = read.title;
  document.body.replaceWith(document.adoptNode(read.body));
}"""


class Walk:
    """People at their pages; `options` are those of their browser contexts."""

    def __init__(self, browser: Browser, scene: Scene, **options: Any) -> None:
        self._browser, self._scene = browser, scene
        self._options = options
        self._pages: dict[str, Page] = {}
        self._sizes: dict[str, int] = {}
        self.html_bytes = 0
        """As many travelled for the page that was opened last, what it loads not counted."""

    async def visits(self, *beside: Mapping[str, tuple[str, Look]]) -> AsyncIterator[tuple[View, Page]]:
        """Every page of the board and those of `beside`, opened, as somebody finds it who did what the look says."""
        for view in views(self._scene, *beside):
            yield view, await self.at(view)

    async def reads(self, view: View, page: Page, language: str) -> None:
        """Who stands at this page reads this language from now on, and so does the page, without being loaded anew."""
        if view.look.who in DEMO_PEOPLE:
            said = {"language": language}
            self._scene.program.call("PUT", "/me/language", said, who=view.look.who)
        await page.set_extra_http_headers({"Accept-Language": language})
        await page.evaluate(IN_OTHER_WORDS)

    async def at(self, view: View) -> Page:
        """The page of this view."""
        page = await self._page_of(view.look.who)
        answer = await page.goto(self._scene.address(view.path))
        assert answer is not None
        status = answer.status
        self.html_bytes = (await answer.request.sizes())["responseBodySize"]
        if view.look.press:
            status = await _pressed(page, view.look) or status
        assert status == view.look.status, (view.name, status, await page.inner_text("main"))
        return page

    def size_of(self, address: str) -> int:
        """As many bytes travel for what a page loads."""
        if address not in self._sizes:
            asked = Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310
            with urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
                self._sizes[address] = len(answer.read())
        return self._sizes[address]

    async def close(self) -> None:
        """The end."""
        for page in self._pages.values():
            await page.context.close()

    async def _page_of(self, who: str) -> Page:
        if who not in self._pages:
            context: BrowserContext = await self._browser.new_context(**self._options)
            page = self._pages[who] = await context.new_page()
            page.set_default_timeout(15_000)
            await page.set_extra_http_headers({"Accept-Language": FIRST})
            if who in DEMO_PEOPLE:
                await page.goto(self._scene.address("/"))
                await page.locator(f"button[value={who}]").click()
        return self._pages[who]


def _is_an_answer(response: Response) -> bool:
    """To what was pressed: no way on, and not what an open page asks by itself."""
    by_hand = response.request.resource_type in {"document", "xhr", "fetch"}
    return by_hand and response.status not in {204, 303} and urlsplit(response.url).path != SESSION


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
        # What the browser would stop by itself is refused by the server as well.
        await page.evaluate("for (const form of document.forms) form.noValidate = true")
        async with page.expect_response(_is_an_answer) as answered:
            await found.click()
        status = (await answered.value).status
        # The page that asked first is there until the one that was answered is.
        await expect(page.locator("form[aria-busy]")).to_have_count(0, timeout=15_000)
        await page.wait_for_load_state()
    return status
