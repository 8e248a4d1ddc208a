"""The open board: sent to whoever sees the same once it is another one, and to nobody else."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crisispool.domain.duty import DutyShift
from crisispool.domain.organisation import Network, Role
from crisispool.domain.unit import UnitStatus
from crisispool.web.board.live import BOARDS
from crisispool.web.hub import PER_COLLEAGUE, Pace
from tests.support.events import Ear, serving
from tests.support.night import Night


async def board(ear: Ear) -> str:
    """The next board that comes; in between it is said that the one that is there is up to date."""
    while (event := await ear.next()).kind == "now":
        assert event.data["seen"].startswith("bijgewerkt")
    pool: str = event.data["pool"]
    return pool


async def test_a_change_brings_the_board_to_whom_it_is_one(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        desk, owner = await one.watch("calltaker"), await one.watch("owner_ingelmunster")
        first = await board(desk)
        assert "Kamer" in first and "Kamer" not in await board(owner)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        assert await board(desk) != first
        await night.say("in-studio", UnitStatus.OCCUPIED, "owner_ingelmunster")
        # The first one after its own is the next that the owner is sent.
        assert 'data-status="occupied"' in await board(owner)


async def test_who_has_the_board_already_is_sent_no_other(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        desk = await one.watch("calltaker")
        await board(desk)
        again = await one.watch("calltaker_2", desk.last)
        assert (await again.next()).kind == "now"
        await night.say("iz-room", UnitStatus.OCCUPIED)
        assert await board(desk) == await board(again)


async def test_what_only_time_changes_is_seen_without_a_change(night: Night) -> None:
    async with serving(night, pace=Pace(beat=timedelta(milliseconds=20))) as one:
        desk = await one.watch("calltaker")
        friday = await board(desk)
        night.at("2026-11-28 06:00")
        saturday = await board(desk)
        assert "za 28" in friday and "za 28" not in saturday


async def test_who_goes_on_duty_sees_the_units_at_once_and_who_goes_off_no_more(
    night: Night, redis_socket: Path
) -> None:
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker_2"))
    async with serving(night, where=redis_socket) as one:
        other = await one.watch("calltaker_2")
        assert "Kamer" not in await board(other)
        who = await night.actor("calltaker_2")
        await night.app.shifts.go_on(who, night.op())
        assert "Kamer" in await board(other)
        await night.app.shifts.go_off(who, night.op(), sure=True)
        assert "Kamer" not in await board(other)


async def test_a_board_ends_when_its_session_does(night: Night) -> None:
    soon = timedelta(milliseconds=20)
    async with serving(night, pace=Pace(beat=soon, recheck=soon)) as one:
        desk = await one.watch("coordinator")
        entered = await one.app.web_sessions.find(one.secrets["coordinator"])
        assert entered is not None
        await one.app.web_sessions.end(entered.actor, entered.session_id)
        assert await desk.ended()


@pytest.mark.parametrize("who", ["referrer", "council", "admin"])
async def test_the_board_is_streamed_to_nobody_who_may_not_see_it(night: Night, who: str) -> None:
    async with serving(night) as one:
        with pytest.raises(AssertionError, match="404"):
            await one.watch(who)
        one.secrets[who] = "x"
        with pytest.raises(AssertionError, match="401"):
            await one.watch(who)


async def test_one_board_is_made_for_all_who_see_the_same(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        desks = [await one.watch(who) for who in ("calltaker", "calltaker_2") for _ in range(10)]
        for desk in desks:
            await board(desk)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        assert len({await board(desk) for desk in desks}) == 1
        assert len(one.server[BOARDS]._kept) == 1


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_thousand_open_boards_show_a_change_at_once(night: Night, redis_socket: Path) -> None:
    people = [
        await night.app.accounts.token_for_role(Role.SUPPORT_WORKER, "caw")
        for _ in range(1000 // PER_COLLEAGUE)
    ]
    async with serving(night, where=redis_socket) as one:
        ears = [await one.watch(made.colleague_id) for made in people for _ in range(PER_COLLEAGUE)]
        await asyncio.gather(*(board(ear) for ear in ears))
        began = time.monotonic()
        await night.say("iz-room", UnitStatus.OCCUPIED)
        boards = await asyncio.gather(*(board(ear) for ear in ears))
        took = time.monotonic() - began
    print(f"{len(boards)} boards after {took:.2f} s")
    assert len(set(boards)) == 1
    # Half of it is this process reading a thousand times what it wrote.
    assert took < 4
