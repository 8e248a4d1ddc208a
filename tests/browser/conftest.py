"""A real browser and the program behind it. Without a browser these tests are skipped, loudly; never in CI."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from crisispool.settings import environment
from tests.support.program import Program

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
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


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("browser") / Path("data"))
    made.start()
    yield made
    made.close()
