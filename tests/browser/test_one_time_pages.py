"""The one-time pages as people see them: in a browser, on a phone, without script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.program import Program

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def booking(program: Program) -> dict[str, Any]:
    """A bed for one adult and two children."""
    ask = {"kind": "fire_water_closed", "adults": 1, "children": 2, "origin": "36007", "whereabouts": "36007"}
    request = program.call("POST", "/requests", {**ask, "referrer": "police"}, who="calltaker")
    free = program.call("GET", f"/availability?request_id={request['id']}", who="calltaker")
    chosen = {"request_id": request["id"], "unit_id": free["proposals"][0]["unit_id"]}
    booked: dict[str, Any] = program.call("POST", "/bookings", chosen, who="calltaker")
    return booked


@pytest.fixture
def page(browser: Browser) -> Any:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="nl-BE")
    yield context.new_page()
    context.close()


def link(program: Program, booking: dict[str, Any], purpose: str) -> str:
    path = f"/bookings/{booking['id']}/links"
    url: str = program.call("POST", path, {"purpose": purpose}, who="calltaker")["url"]
    return url


def fits(page: Page) -> bool:
    """Nothing sticks out sideways."""
    width: float = page.locator("body").bounding_box()["width"]  # type: ignore[index]
    wide = [box["width"] for each in page.locator("main *").all() if (box := each.bounding_box())]
    return max(wide) <= width <= PHONE["width"]


def test_address_and_key_are_shown_after_one_button(
    program: Program, booking: dict[str, Any], page: Page
) -> None:
    page.goto(link(program, booking, "access"))
    assert "8770" not in page.content()
    page.get_by_role("button").click()
    shown = page.inner_text("main")
    assert "8770 Ingelmunster" in shown
    assert booking["reference"] in shown
    assert "maandag 30 november" in shown
    assert fits(page)


def test_a_second_browser_cannot_open_a_link_that_is_in_use(
    program: Program, booking: dict[str, Any], page: Page, browser: Browser
) -> None:
    url = link(program, booking, "access")
    page.goto(url)
    page.get_by_role("button").click()
    other = browser.new_context(viewport=PHONE, java_script_enabled=False)
    stranger = other.new_page()
    stranger.goto(url)
    if stranger.get_by_role("button").count():
        stranger.get_by_role("button").click()
    assert "8770" not in stranger.content()
    other.close()


def test_an_identity_is_given_on_a_phone_and_not_shown_back(
    program: Program, booking: dict[str, Any], page: Page
) -> None:
    page.goto(link(program, booking, "identity"))
    page.get_by_role("button").click()
    page.get_by_label("Voornaam").fill("Ann-Sofie")
    page.get_by_label("Naam", exact=True).fill("D’Hóndt")
    page.get_by_label("Of alleen het geboortejaar").fill("1990")
    page.get_by_role("button", name="Bewaar").click()
    assert page.get_by_role("status").inner_text()
    assert fits(page)


def test_a_mistake_is_told_beside_its_field(program: Program, booking: dict[str, Any], page: Page) -> None:
    page.goto(link(program, booking, "identity"))
    page.get_by_role("button").click()
    page.get_by_label("Voornaam").fill("Ann")
    page.get_by_role("button", name="Bewaar").click()
    wrong = page.locator("label", has=page.locator("[aria-invalid=true]")).first
    assert wrong.get_by_role("alert").inner_text()
    assert page.get_by_label("Voornaam").input_value() == "Ann", "what was right need not be typed again"
