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
        assert "Bevestig eerst dat jij het bent;" in await response.text()

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


async def test_an_address_made_up_above_the_one_of_the_server_in_front_counts_for_nothing(live: Live) -> None:
    answered = []
    for number in range(FROM_ONE + 1):
        both = [("X-Forwarded-For", f"198.51.100.{number}"), ("X-Forwarded-For", "192.0.2.9")]
        async with live.client.post("/sign-in/question", headers=both) as response:
            answered.append(response.status)
    assert answered == [200] * FROM_ONE + [429]


async def form(live: Live, me: dict[str, str], page: str, path: str, **fields: str) -> tuple[int, str]:
    """Send the form of this page that goes to this path; status and page that come of it."""
    async with live.client.get(page, headers=me) as response:
        shown = await response.text()
    inside = shown[shown.index(f'action="{path}"') :]
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside.partition("</form>")[0])
    )
    async with live.client.post(path, headers=me, data={**hidden, **fields}) as response:
        return response.status, await response.text()


async def test_a_coordinator_invites_hears_the_code_and_lets_in(live: Live) -> None:
    me, phone = await live.cookie("coordinator", verified=True), Authenticator(ORIGIN)
    chosen = {"role": "unit_manager", "organisation_id": "ocmw_izegem"}
    status, page = await form(live, me, "/access", "/access/invitations", **chosen)
    [path] = re.findall(rf"{ORIGIN}(/invited/\w+)", page)
    assert status == 200
    answer = phone.make(await asked(live, f"{path}/question"))
    async with live.client.post(path, data={"answer": answer}) as response:
        [code] = re.findall(r'<dd class="code">(\d{4})</dd>', await response.text())
    async with live.client.get("/access", headers=me) as response:
        page = await response.text()
    [waiting] = re.findall(
        rf'{code}</strong>.*?action="(/access/invitations/\w+/approve)"', page, flags=re.DOTALL
    )
    assert "Toegelaten." in (await form(live, me, "/access", waiting))[1]
    sent = {"answer": phone.sign(await asked(live, "/sign-in/question"))}
    async with live.client.post("/sign-in", data=sent, allow_redirects=False) as response:
        assert response.status == 303


async def test_an_invitation_for_a_role_without_its_service_says_so(live: Live) -> None:
    me = await live.cookie("coordinator", verified=True)
    status, page = await form(live, me, "/access", "/access/invitations", role="unit_manager")
    assert status == 409 and "Zeg erbij voor welke organisatie" in page
    assert re.search(r'<option value="unit_manager" selected>', page), "what was chosen stays chosen"


async def test_giving_access_asks_for_proof_and_comes_back_to_where_it_was_asked(live: Live) -> None:
    me = await live.cookie("coordinator")
    sent = {"csrf": await live.token(me), "role": "council", "operation": "an-operation-of-mine"}
    headers = {**me, "Referer": f"{ORIGIN}/access"}
    async with live.client.post(
        "/access/invitations", headers=headers, data=sent, allow_redirects=False
    ) as response:
        assert (response.status, response.headers["Location"]) == (303, "/sign-in?next=/access")
    async with live.client.get("/access", headers=me) as response:
        page = await response.text()
        assert "/sign-in?next=/access" in page and "/access/invitations" not in page


async def test_a_colleague_who_lost_everything_starts_over(live: Live) -> None:
    me, lost = await live.cookie("coordinator", verified=True), Authenticator(ORIGIN)
    await let_in(live, lost, InviteAsk(colleague_id="nurse"))
    theirs = await live.cookie("nurse")
    async with live.client.get("/access/nurse", headers=me) as response:
        page = await response.text()
    # The second form of the page: its own operation.
    inside = page[page.index('name="anew"') - 400 :]
    [operation] = re.findall(r'name="operation" value="([^"]+)"', inside)[:1]
    sent = {"csrf": await live.token(me), "operation": operation, "anew": "yes"}
    async with live.client.post("/access/nurse/invite", headers=me, data=sent) as response:
        assert response.status == 200 and f"{ORIGIN}/invited/" in await response.text()
    async with live.client.get("/account", headers=theirs, allow_redirects=False) as response:
        assert response.status == 303, "they are signed out at once"
    answer = {"answer": lost.sign(await asked(live, "/sign-in/question"))}
    async with live.client.post("/sign-in", data=answer) as response:
        assert response.status == 422
