"""Programs with a token: made and shown once by who gives access, seen with their last day of use, ended at once."""

import re
from datetime import date, timedelta

import pytest

from crisispool.domain.organisation import ApiToken, Colleague, Role, ServiceAccount
from crisispool.domain.record import AuditEntry, Operation
from crisispool.services.messages import having
from crisispool.services.messenger.invitations import InviteAsk
from tests.support.night import refusal
from tests.web.board import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = {"name": "Canary dispatch", "role": "referrer", "organisation_id": "police", "until": "2027-11-30"}


async def send(
    live: Live, me: dict[str, str], path: str = "/tokens", operation: str = "", **fields: str
) -> tuple[int, str]:
    """A form of these pages; status and page that come of it."""
    sent = {"csrf": await live.token(me), "operation": operation or live.app.ids.new(), **fields}
    async with live.client.post(path, headers=me, data=sent) as response:
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, await response.text()


async def called(live: Live, token: str) -> int:
    """What a program gets that calls with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with live.client.get("/api/v1/requests", headers=headers) as response:
        return response.status


async def listed(live: Live, me: dict[str, str], name: str) -> str:
    """What the page says about a program, empty when it is not there."""
    async with live.client.get("/tokens", headers=me) as response:
        page = await response.text()
    return next((row for row in page.split("<li>") if f"<strong>{name}</strong>" in row), "")


async def test_a_program_gets_a_token_that_is_shown_once_works_until_its_day_and_ends_at_once(
    live: Live,
) -> None:
    me = await live.cookie("coordinator", verified=True)
    status, page = await send(live, me, operation="make-this-one-once", **NEW)
    [token] = set(re.findall(r"Bearer (\w{48})", page))
    assert status == 200 and "dinsdag 30 november 2027" in page
    assert (await send(live, me, operation="make-this-one-once", **NEW))[1].count(token) == 2, (
        "once, however often"
    )
    row = await listed(live, me, "Canary dispatch")
    assert "door coordinator" in row and "nog niet gebruikt" in row and token not in row

    assert await called(live, token) == 200
    assert "laatst gebruikt op maandag 30 november" in await listed(live, me, "Canary dispatch")
    async with live.app.store.reading() as tx:
        kept = repr([await tx.find(kind) for kind in (ApiToken, ServiceAccount, AuditEntry, Operation)])
        [program] = await tx.find(ServiceAccount)
        assert program.colleague_id not in await having(tx, "net", Role.REFERRER), (
            "nobody is told things there"
        )
    assert token not in kept and "Canary" not in kept

    at = re.findall(r'action="(/tokens/\w+/end)"', await listed(live, me, "Canary dispatch"))[0]
    assert "Dat token opent niets meer" in (await send(live, me, at))[1]
    assert await called(live, token) == 401 and not await listed(live, me, "Canary dispatch")
    assert (await send(live, me, at))[0] == 404
    async with live.app.store.reading() as tx:
        assert [each.active for each in await tx.find(Colleague, id=program.colleague_id)] == [False]
        told = [each.action for each in await tx.find(AuditEntry, subject_id=program.colleague_id)]
    assert told == ["colleague.made", "token.made", "token.revoked"]


async def test_a_token_works_up_to_and_including_its_last_day(live: Live) -> None:
    me = await live.cookie("coordinator", verified=True)
    today = live.app.service_accounts.today()
    _, page = await send(live, me, **{**NEW, "name": "Today", "until": today.isoformat()})
    [token] = set(re.findall(r"Bearer (\w{48})", page))
    live.clock.advance(timedelta(hours=13, minutes=59))
    assert await called(live, token) == 200
    live.clock.advance(timedelta(minutes=1))
    assert await called(live, token) == 401, "it is midnight in Brussels"
    me = await live.cookie("coordinator", verified=True)
    assert "werkt niet meer" in await listed(live, me, "Today")


async def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(live: Live) -> None:
    me = await live.cookie("coordinator", verified=True)
    today: date = live.app.service_accounts.today()
    for field, value in (
        ("name", ""),
        ("name", "a\u202eb"),
        ("until", (today - timedelta(days=1)).isoformat()),
        ("until", (today + timedelta(days=367)).isoformat()),
        ("until", "morgen"),
    ):
        status, page = await send(live, me, **{**NEW, field: value})
        assert status == 422 and f'id="wrong-{field}"' in page, (field, value)
        assert '<option value="police" selected>' in page
    status, page = await send(live, me, **{**NEW, "role": "unit_manager", "organisation_id": ""})
    assert status == 409 and "voor welke organisatie" in page
    assert (await send(live, me, **{**NEW, "organisation_id": "far_police"}))[0] == 404


async def test_nobody_gives_a_program_what_they_may_not_give_a_person(live: Live) -> None:
    for who, refused in (
        ("coordinator", {"coordinator", "admin"}),
        ("admin", {"coordinator", "admin", "calltaker", "support_worker"}),
    ):
        me = await live.cookie(who, verified=True)
        async with live.client.get("/tokens", headers=me) as response:
            choice = (await response.text()).partition('name="role"')[2].partition("</select>")[0]
        offered = set(re.findall(r'value="(\w+)"', choice))
        assert offered == {each.value for each in Role} - refused, who
        for role in refused:
            form = {**NEW, "role": role, "organisation_id": "caw"}
            assert (await send(live, me, **form))[0] == 404, (who, role)


async def test_a_change_asks_for_proof_and_a_token_of_another_network_is_not_there(live: Live) -> None:
    me = await live.cookie("coordinator")
    sent = {"csrf": await live.token(me), "operation": live.app.ids.new(), **NEW}
    async with live.client.post("/tokens", headers=me, data=sent, allow_redirects=False) as response:
        assert response.status == 303 and response.headers["Location"].startswith("/sign-in")
    far = await live.app.accounts.token_for("far_coordinator")
    async with live.app.store.reading() as tx:
        token = (await tx.find(ApiToken, colleague_id=far.colleague_id, order=("created_at",)))[-1]
    me = await live.cookie("coordinator", verified=True)
    assert (await send(live, me, f"/tokens/{token.id}/end"))[0] == 404
    assert await live.app.accounts.actor_of_token(far.token) is not None


async def test_a_token_of_a_person_is_there_to_be_ended_and_says_nothing_of_when_it_was_used(
    live: Live,
) -> None:
    mine = await live.app.accounts.token_for("calltaker_off")
    await live.app.accounts.actor_of_token(mine.token)
    me = await live.cookie("coordinator", verified=True)
    row = await listed(live, me, "calltaker_off")
    assert "met een commando" in row and "gebruikt" not in row
    [at] = re.findall(r'action="(/tokens/\w+/end)"', row)
    await send(live, me, at)
    assert await live.app.accounts.actor_of_token(mine.token) is None
    assert await live.app.accounts.actor_of("calltaker_off") is not None, "the person stays"


async def test_nobody_is_invited_as_a_program(live: Live) -> None:
    me = await live.cookie("coordinator", verified=True)
    await send(live, me, **{**NEW, "name": "Inside"})
    async with live.app.store.reading() as tx:
        program = (await tx.find(ServiceAccount))[-1].colleague_id
    for place in ("/access", "/people"):
        async with live.client.get(f"{place}/{program}", headers=me) as response:
            assert response.status == 404
        async with live.client.get(place, headers=me) as response:
            assert response.status == 200 and program not in await response.text()
    coordinator = await live.app.accounts.actor_of("coordinator")
    assert coordinator is not None
    no = await refusal(live.app.invitations.invite(coordinator, "invite-it", InviteAsk(colleague_id=program)))
    assert no.code == "not_there"
