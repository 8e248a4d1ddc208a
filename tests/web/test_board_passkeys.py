"""The door of the board where nobody is trained: an invitation, a passkey, proof once more for a weighty step."""

import re
from datetime import timedelta

import pytest

from crisispool.domain.organisation import Role
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.services.sign_in.tries import FROM_ONE
from tests.support.authenticator import Authenticator
from tests.web.board import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORIGIN = "https://pool.example.org"


async def asked(live: Live, path: str, headers: dict[str, str] | None = None) -> str:
    """What the script is told to ask the browser."""
    async with live.client.post(path, headers=headers, allow_redirects=False) as response:
        assert (response.status, response.content_type) == (200, "application/json"), await response.text()
        return await response.text()


async def invite(live: Live, ask: InviteAsk) -> tuple[str, str]:
    """The id of an invitation and the path of its page."""
    coordinator = await live.app.accounts.actor_of("coordinator")
    assert coordinator is not None
    operation = f"invite-{live.app.ids.new()}"
    made = await live.app.invitations.invite(coordinator, operation, ask)
    assert made.page is not None and made.page.startswith(f"{ORIGIN}/invited/")
    return made.id, made.page.removeprefix(ORIGIN)


async def let_in(live: Live, phone: Authenticator, ask: InviteAsk) -> str:
    """Invited, come in, approved; the code that was shown on the way."""
    invitation_id, path = await invite(live, ask)
    answer = phone.make(await asked(live, f"{path}/question"))
    async with live.client.post(path, data={"answer": answer}) as response:
        page = await response.text()
        assert response.status == 200 and "set-cookie" not in response.headers
    [code] = re.findall(r'<dd class="code">(\d{4})</dd>', page)
    coordinator = await live.app.accounts.actor_of("coordinator")
    assert coordinator is not None
    await live.app.invitations.approve(coordinator, f"approve-{invitation_id}", invitation_id)
    return str(code)


async def test_outside_a_training_nobody_gets_in_without_proof(live: Live) -> None:
    async with live.client.post("/training/enter", data={"who": "calltaker"}) as response:
        assert response.status == 404 and "set-cookie" not in response.headers
    async with live.client.get("/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    async with live.client.get("/sign-in") as response:
        assert response.status == 200 and "oefening" not in (await response.text()).lower()


async def test_over_https_the_cookie_is_this_hosts_alone(live: Live) -> None:
    host = await live.cookie("calltaker")
    plain = {"Cookie": host["Cookie"].removeprefix("__Host-")}
    async with live.client.get("/account", headers=plain, allow_redirects=False) as response:
        assert response.status == 303, "a cookie that another host may have set is not looked at"
    sent = {"csrf": await live.token(host)}
    async with live.client.post("/sign-out", headers=host, data=sent, allow_redirects=False) as response:
        gone = response.cookies["__Host-crisispool_session"]
        assert (gone.value, gone["secure"], gone["path"], gone["max-age"]) == ("", True, "/", "0")


async def test_the_page_of_an_invitation_says_for_what_it_is_and_changes_nothing(live: Live) -> None:
    _, path = await invite(live, InviteAsk(Role.SUPPORT_WORKER, "caw"))
    for _ in range(2):
        async with live.client.get(path) as response:
            page = await response.text()
            assert response.status == 200 and "begeleider bij CAW" in page
    async with live.client.get(path[:-1] + "x") as response:
        assert response.status == 404 and "Deze uitnodiging werkt niet meer" in await response.text()


async def test_who_was_let_in_signs_in_and_comes_where_they_were_going(live: Live) -> None:
    phone = Authenticator(ORIGIN)
    await let_in(live, phone, InviteAsk(Role.SUPPORT_WORKER, "caw"))
    answer = phone.sign(await asked(live, "/sign-in/question"))
    form = {"answer": answer, "next": "/account"}
    async with live.client.post("/sign-in", data=form, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/account")
        cookie = response.cookies["__Host-crisispool_session"]
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    async with live.client.post("/sign-in", data=form, allow_redirects=False) as response:
        page = await response.text()
        assert response.status == 422 and "Dat lukte niet met deze passkey" in page
        assert 'name="next" value="/account"' in page and "set-cookie" not in response.headers


async def test_an_invitation_that_was_used_shows_nobody_its_code(live: Live) -> None:
    phone = Authenticator(ORIGIN)
    _, path = await invite(live, InviteAsk(Role.COUNCIL))
    answer = phone.make(await asked(live, f"{path}/question"))
    async with live.client.post(path, data={"answer": answer}) as response:
        assert response.status == 200
    for method in ("GET", "POST"):
        async with live.client.request(method, path, data={"answer": answer}) as response:
            assert response.status in {404, 405} and 'class="code"' not in await response.text()


async def test_a_weighty_step_asks_for_proof_that_is_five_minutes_old_at_most(live: Live) -> None:
    phone, laptop = Authenticator(ORIGIN), Authenticator(ORIGIN)
    await let_in(live, phone, InviteAsk(colleague_id="calltaker"))
    me = await live.cookie("calltaker", verified=True)
    token = {**me, "X-CSRF-Token": await live.token(me)}
    question = await asked(live, "/account/passkeys/question", token)
    live.clock.advance(timedelta(minutes=5))
    form = {"answer": laptop.make(question), "name": "Laptop"}
    for path in ("/account/passkeys/question", "/account/passkeys"):
        async with live.client.post(path, headers=token, data=form, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    async with live.client.get("/account", headers=me) as response:
        assert "Bevestig eerst dat jij het bent" in await response.text()

    answer = phone.sign(await asked(live, "/sign-in/question", token))
    proof = {"answer": answer, "next": "/account"}
    async with live.client.post("/sign-in", headers=token, data=proof, allow_redirects=False) as response:
        assert response.status == 303 and "set-cookie" not in response.headers, "the session stays"
    form["answer"] = laptop.make(await asked(live, "/account/passkeys/question", token))
    async with live.client.post("/account/passkeys", headers=token, data={**form, "name": ""}) as response:
        page = await response.text()
        assert response.status == 422 and 'id="wrong-name"' in page
    async with live.client.post("/account/passkeys", headers=token, data=form) as response:
        page = await response.text()
        assert "Passkey toegevoegd." in page and "<strong>Laptop</strong>" in page


async def test_the_last_passkey_stays_and_the_page_says_why(live: Live) -> None:
    phone = Authenticator(ORIGIN)
    await let_in(live, phone, InviteAsk(colleague_id="referrer"))
    me = await live.cookie("referrer", verified=True)
    entered = await live.app.web_sessions.find(me["Cookie"].partition("=")[2])
    assert entered is not None
    [only] = await live.app.passkeys.list(entered)
    form = {"csrf": entered.csrf}
    async with live.client.post(f"/account/passkeys/{only.id}/remove", headers=me, data=form) as response:
        assert response.status == 409 and "Dit is je laatste passkey" in await response.text()


async def test_without_script_the_form_says_what_is_missing(live: Live) -> None:
    async with live.client.post("/sign-in", data={"answer": ""}) as response:
        assert response.status == 422 and "Dit vraagt JavaScript" in await response.text()


async def test_too_many_tries_from_one_address_are_stopped_and_others_go_on(live: Live) -> None:
    tries = {"X-Forwarded-For": "192.0.2.7, 192.0.2.1"}
    for _ in range(FROM_ONE):
        await asked(live, "/sign-in/question", tries)
    async with live.client.post("/sign-in/question", headers=tries) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "60")
        assert "te vaak" in await response.text()
    async with live.client.post("/sign-in", headers=tries, data={"answer": "x"}) as response:
        assert response.status == 429
    await asked(live, "/sign-in/question", {"X-Forwarded-For": "192.0.2.1, 192.0.2.8"})
