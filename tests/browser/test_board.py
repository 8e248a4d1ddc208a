"""The board in a browser: signing in, with a passkey too; what the frame does; what our policy for scripts lets run."""

from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page, ViewportSize

from tests.support.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

PHONE: ViewportSize = {"width": 320, "height": 740}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def at(program: Program, path: str) -> str:
    """By its name: no passkey is made for a number."""
    return f"http://localhost:{program.url.rpartition(':')[2]}{path}"


async def on_a_phone(browser: Browser, **more: Any) -> tuple[Page, list[str]]:
    """A page of a phone that nobody used before, and what its console complains of."""
    context = await browser.new_context(viewport=PHONE, locale="nl-BE", **more)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


async def with_an_authenticator(page: Page) -> CDPSession:
    """The phone has an authenticator that knows its person."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return devtools


async def fits(page: Page) -> bool:
    """Nothing sticks out sideways."""
    wide: int = await page.evaluate("document.documentElement.scrollWidth")
    return wide <= PHONE["width"]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_a_demo_person_goes_in_and_out_on_a_small_phone(
    browser: Browser, program: Program, script: bool
) -> None:
    page, complaints = await on_a_phone(browser, java_script_enabled=script)
    await page.goto(at(program, "/account"))
    await page.get_by_role("link", name="Dit is een oefening").click()
    assert await fits(page) if script else True
    await page.get_by_role("button", name="Verder als coördinator").click()
    assert page.url.endswith("/account"), "where they were going"
    assert "coördinator" in await page.inner_text("header")
    await page.get_by_role("button", name="Français").click()
    assert await page.inner_text("h1") == "Mon compte"
    await page.get_by_role("button", name="Nederlands").click()
    assert await fits(page) if script else True
    await page.get_by_role("button", name="Afmelden").click()
    await page.goto(at(program, "/account"))
    assert "/sign-in" in page.url
    assert complaints == []


async def test_who_is_invited_makes_a_passkey_waits_and_signs_in_with_it(
    browser: Browser, program: Program
) -> None:
    ask = {"role": "support_worker", "organisation_id": "caw-de-regio"}
    invitation = program.call("POST", "/invitations", ask, who="coordinator")
    page, complaints = await on_a_phone(browser)
    devtools = await with_an_authenticator(page)
    await page.goto(invitation["page"])
    assert "begeleider" in await page.inner_text("main") and await fits(page)
    await page.get_by_role("button", name="Maak een passkey").click()
    await page.get_by_role("heading", name="Nog één stap").wait_for()
    code = await page.inner_text("dd.code")
    [waiting] = [
        each
        for each in program.call("GET", "/invitations", who="coordinator")
        if each["id"] == invitation["id"]
    ]
    assert (waiting["state"], waiting["code"]) == ("waiting", code)

    await page.get_by_role("link", name="Naar aanmelden").click()
    await page.get_by_role("button", name="Aanmelden met een passkey").click()
    await page.get_by_role("heading", name="Nog één stap").wait_for()
    assert await page.inner_text("dd.code") == code

    program.call("POST", f"/invitations/{invitation['id']}/approve", {}, who="coordinator")
    await page.goto(at(program, "/sign-in?next=/account"))
    await page.get_by_role("button", name="Aanmelden met een passkey").click()
    await page.get_by_role("heading", name="Mijn account").wait_for()
    assert "begeleider" in await page.inner_text("header")
    assert await fits(page)

    add = page.get_by_role("button", name="Voeg een passkey toe")
    await page.get_by_label("Naam van de nieuwe passkey").fill("Gsm van het werk")
    await add.click()
    # The same device has one already, and says so.
    await page.get_by_text("Het aanmelden is afgebroken").wait_for()
    key = {"options": {**AUTHENTICATOR, "transport": "usb"}}
    await devtools.send("WebAuthn.addVirtualAuthenticator", key)
    await add.click()
    await page.get_by_text("Passkey toegevoegd.").wait_for()
    await page.get_by_role("button", name="Neem weg").last.click()
    await page.get_by_text("Passkey weggenomen.").wait_for()
    assert await page.get_by_role("button", name="Neem weg").count() == 0, "the last one stays"
    assert complaints == []


async def test_without_script_signing_in_says_what_to_do(browser: Browser, program: Program) -> None:
    page, _ = await on_a_phone(browser, java_script_enabled=False)
    await page.goto(at(program, "/sign-in"))
    assert "Zet het aan in je browser" in await page.inner_text("main")
    await page.get_by_role("button", name="Aanmelden met een passkey").click()
    assert "Dit vraagt JavaScript" in await page.inner_text("main")


async def test_a_lost_connection_is_said_and_taken_back(browser: Browser, program: Program) -> None:
    page, _ = await on_a_phone(browser)
    await page.goto(at(program, "/"))
    strip = page.locator("#lost")
    assert await strip.inner_text() == ""
    await page.context.set_offline(True)
    await strip.get_by_text("Geen verbinding").wait_for()
    await page.context.set_offline(False)
    await page.wait_for_function("document.getElementById('lost').textContent === ''")


async def test_the_keyboard_reaches_the_content_first(browser: Browser, program: Program) -> None:
    page, _ = await on_a_phone(browser)
    await page.goto(at(program, "/"))
    await page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert await focused.inner_text() == "Naar de inhoud"
    box = await focused.bounding_box()
    assert box is not None and box["x"] >= 0
    await page.keyboard.press("Enter")
    assert page.url.endswith("#main")


async def test_by_its_number_this_machine_sends_on_to_where_passkeys_work(
    browser: Browser, program: Program
) -> None:
    page, _ = await on_a_phone(browser)
    await page.goto(f"{program.url}/sign-in")
    await page.get_by_role("link", name="http://localhost").click()
    assert page.url == at(program, "/sign-in")
    assert await page.get_by_role("button", name="Aanmelden met een passkey").is_visible()
