"""A real browser and the program behind it. Without a browser these tests are skipped, loudly; never in CI."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from crisispool.settings import environment
from tests.support.program import Program
from tests.support.warm import Warm

BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """An installed browser."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and environment().get("CI"):
        pytest.fail("no browser: CI must install one")
    if found is None:
        pytest.skip("NO BROWSER: install chromium to run the browser tests")
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield made
        await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_browser() -> AsyncIterator[Browser]:
    """One for all tests of this process."""
    async with launched() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(open_browser: Browser) -> AsyncIterator[Browser]:
    """For a module that is marked ``pytest.mark.asyncio(loop_scope="session")``; what it opens is closed after it."""
    yield open_browser
    for context in open_browser.contexts:
        await context.close()


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("browser") / Path("data"), warm=warm)
    made.start()
    yield made
    made.close()
