"""Signed in with a browser: for two hours without use and fourteen at most, and not a moment longer than wanted."""

from dataclasses import replace

import pytest

from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.record import AuditEntry
from crisispool.domain.web_session import WebSession
from crisispool.services.web_sessions import Entered, WebSessions
from tests.support.night import Night, refusal


@pytest.fixture
def sessions(night: Night) -> WebSessions:
    return night.app.web_sessions


async def who(sessions: WebSessions, secret: str) -> Entered:
    entered = await sessions.find(secret)
    assert entered is not None
    return entered


async def test_a_browser_is_whose_it_was_signed_in_for(night: Night, sessions: WebSessions) -> None:
    mine, other = await sessions.open("calltaker"), await sessions.open("coordinator")
    entered = await who(sessions, mine)
    assert entered.actor == await night.actor("calltaker")
    assert (entered.label, entered.organisation) == ("calltaker", "CAW")
    assert entered.csrf != (await who(sessions, other)).csrf
    assert entered.csrf == (await who(sessions, mine)).csrf
    assert await sessions.find(mine + "x") is None


async def test_nothing_that_is_kept_opens_a_session(night: Night, sessions: WebSessions) -> None:
    secret = await sessions.open("calltaker")
    token = (await who(sessions, secret)).csrf
    kept = repr([await night.rows(WebSession), await night.rows(AuditEntry)])
    assert secret not in kept and token not in kept


async def test_two_hours_without_use_end_it(night: Night, sessions: WebSessions) -> None:
    secret = await sessions.open("calltaker")
    for _ in range(3):
        night.later(minutes=119)
        await who(sessions, secret)
    night.later(minutes=120)
    assert await sessions.find(secret) is None


async def test_a_page_that_stands_open_keeps_nobody_signed_in(night: Night, sessions: WebSessions) -> None:
    secret = await sessions.open("calltaker")
    for _ in range(11):
        night.later(minutes=10)
        assert await sessions.find(secret, by_itself=True) is not None
    night.later(minutes=10)
    assert await sessions.find(secret, by_itself=True) is None


async def test_fourteen_hours_end_it_however_much_it_is_used(night: Night, sessions: WebSessions) -> None:
    secret = await sessions.open("calltaker")
    for _ in range(13):
        night.later(minutes=60)
        await who(sessions, secret)
    night.later(minutes=59)
    await who(sessions, secret)
    night.later(minutes=1)
    assert await sessions.find(secret) is None
    await sessions.open("coordinator")
    assert len(await night.rows(WebSession)) == 1, "what is over is cleared away"


async def test_use_is_written_down_once_a_minute(night: Night, sessions: WebSessions) -> None:
    secret = await sessions.open("calltaker")
    made = night.clock.now()
    night.later(seconds=59)
    await who(sessions, secret)
    assert [each.seen_at for each in await night.rows(WebSession)] == [made]
    night.later(seconds=1)
    await who(sessions, secret)
    assert [each.seen_at for each in await night.rows(WebSession)] == [night.clock.now()]


async def test_who_does_not_work_here_any_more_is_out_at_the_next_request(
    night: Night, sessions: WebSessions
) -> None:
    secret = await sessions.open("calltaker")
    async with night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="calltaker")
        await tx.save(replace(colleague, active=False))
    assert await sessions.find(secret) is None
    assert isinstance(await refusal(sessions.open("calltaker")), NotThere)


async def test_a_role_that_is_taken_away_is_gone_at_the_next_request(
    night: Night, sessions: WebSessions
) -> None:
    secret = await sessions.open("calltaker")
    async with night.store.transaction() as tx:
        await tx.remove(*await tx.find(RoleGrant, colleague_id="calltaker", role=Role.CALLTAKER))
    assert (await who(sessions, secret)).actor.roles == frozenset()


async def test_a_session_is_ended_by_whose_it_is_and_by_nobody_else(
    night: Night, sessions: WebSessions
) -> None:
    here, there = await sessions.open("calltaker"), await sessions.open("calltaker")
    mine = await who(sessions, here)
    other = (await who(sessions, there)).session_id
    stranger = await night.actor("coordinator")
    assert isinstance(await refusal(sessions.end(stranger, other)), NotThere)
    assert isinstance(await refusal(sessions.end(mine.actor, "nothing")), NotThere)
    assert [each.this for each in await sessions.list(mine)].count(True) == 1
    for _ in range(2):
        await sessions.end(mine.actor, other)
    assert await sessions.find(there) is None
    assert [each.id for each in await sessions.list(mine)] == [mine.session_id]
    assert [each.subject_id for each in await night.rows(AuditEntry, action="session.ended")] == [other]


async def test_all_other_browsers_can_be_signed_out_at_once(night: Night, sessions: WebSessions) -> None:
    here, *others = [await sessions.open("calltaker") for _ in range(3)]
    colleague = await sessions.open("calltaker_2")
    await sessions.end_others(await who(sessions, here))
    assert [await sessions.find(each) for each in others] == [None, None]
    await who(sessions, here)
    await who(sessions, colleague)


async def test_who_just_proved_who_they_are_is_fresh_for_five_minutes(
    night: Night, sessions: WebSessions
) -> None:
    secret = await sessions.open("calltaker", verified=True)
    night.later(minutes=4, seconds=59)
    assert (await who(sessions, secret)).fresh
    night.later(seconds=1)
    assert not (await who(sessions, secret)).fresh
    assert not (await who(sessions, await sessions.open("calltaker"))).fresh
