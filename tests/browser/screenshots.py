"""Pictures of every page for whoever wants to look at them: `make screenshots` writes them into `screenshots/`.

The names sort in the order of `looks`: number, page, then telephone, telephone in the dark, or desk.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page, ViewportSize

from tests.browser.conftest import launched
from tests.browser.looks import ALSO, BESIDE
from tests.browser.scene import Scene, a_monday_morning
from tests.browser.walk import Walk
from tests.support.program import ROOT

FOLDER: Final = ROOT / "screenshots"
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
SIZES: Final[tuple[tuple[str, ViewportSize, Literal["light", "dark"]], ...]] = (
    ("1-phone", PHONE, "light"),
    ("2-phone-dark", PHONE, "dark"),
    ("3-desk", DESK, "light"),
)


async def _taken(page: Page, name: str) -> None:
    for size, viewport, theme in SIZES:
        await page.set_viewport_size(viewport)
        await page.emulate_media(color_scheme=theme)
        await page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=True)
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme="light")


async def _all(scene: Scene) -> int:
    number = 0
    async with launched() as browser:
        walk = Walk(browser, scene, viewport=PHONE)
        async for view, page in walk.visits(BESIDE, ALSO):
            number += 1
            await _taken(page, f"{number:02}-{view.name}")
        await walk.close()
    return number


def main() -> None:
    """Take them all anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder, a_monday_morning(Path(folder)) as scene:
        pages = asyncio.run(_all(scene))
    print(f"{pages} pages, {pages * len(SIZES)} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
