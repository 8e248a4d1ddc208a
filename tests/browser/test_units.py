"""An owner's units on a phone: one click, and the unit is free."""

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.support.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_one_click_frees_a_unit(browser: Browser, program: Program, script: bool) -> None:
    unit_id = "ingelmunster-01" if script else "ingelmunster-02"
    context = await browser.new_context(viewport=PHONE, java_script_enabled=script, locale="nl-BE")
    phone = await context.new_page()
    loaded: list[str] = []
    phone.on("load", lambda page: loaded.append(page.url))
    await phone.goto(f"{program.url}/?next=/units")
    await phone.get_by_role("button", name="Verder als beheerder").click()
    await phone.wait_for_url("**/units")
    unit = phone.locator(".unit", has=phone.locator(f'form[action="/units/{unit_id}/status"]'))
    await expect(unit.locator(".badge")).to_contain_text("bezet")
    await phone.wait_for_load_state("networkidle")
    pages = len(loaded)
    await unit.get_by_role("button", name="Vrij", exact=True).click()
    await expect(unit.locator(".badge")).to_have_text("vrij")
    assert program.call("GET", f"/units/{unit_id}", who="unit_manager")["status"] == "free"
    assert (len(loaded) == pages) == script, "with script only the unit changes"
    widths = await phone.locator("main *").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().right)"
    )
    assert max(widths) <= PHONE["width"], "nothing sticks out sideways"
    await context.close()
