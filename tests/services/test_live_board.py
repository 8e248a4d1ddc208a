"""The open board: sent to whoever sees the same once it is another one, and to nobody else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from aiohttp import ClientSession, TCPConnector, web

from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.organisation import Network, Role
from crisispool.domain.unit import UnitStatus
from crisispool.web.board.live import BOARDS
from crisispool.web.hub import PER_COLLEAGUE, Pace
from tests.support.events import PATIENCE_SECONDS, Ear, Process, serving
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


async def test_who_was_handed_a_board_is_not_handed_it_again(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        worker = await one.watch("worker_caw")
        await board(worker)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        await board(worker)
        assert (await worker.next()).kind == "now"
        # The desk has an open request more; a worker is shown nothing of it.
        await night.request()
        assert (await worker.next()).kind == "now"


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


async def shifts(night: Night, **hours: tuple[float, float]) -> None:
    """Outside training; nobody is on duty save these, from and until so many hours from now."""
    now = night.clock.now()
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        await tx.remove(*await tx.find(DutyShift))
        for who, (begins, ends) in hours.items():
            from_, until = now + timedelta(hours=begins), now + timedelta(hours=ends)
            await tx.add(DutyShift(f"of {who}", "net", Duty.CALLTAKER, who, from_, until))


async def opened(one: Process, who: str) -> str:
    """The page that this person opens now."""
    assert one.session is not None
    headers = {"Cookie": f"crisispool_session={one.secrets[who]}"}
    async with one.session.get(one.url + "/tonight", headers=headers) as answer:
        return await answer.text()


@pytest.mark.parametrize(
    ("hours", "sees"),
    [
        ({"calltaker": (-1, 1), "calltaker_2": (-1, 8)}, {"calltaker": False, "calltaker_2": True}),
        ({"calltaker": (1, 8)}, {"calltaker": True, "calltaker_2": False}),
    ],
)
async def test_when_the_hour_of_a_shift_comes_each_is_shown_the_board_that_is_theirs(
    night: Night, redis_socket: Path, hours: dict[str, tuple[int, int]], sees: dict[str, bool]
) -> None:
    await shifts(night, **hours)
    async with serving(night, where=redis_socket) as one:
        ears = [(who, await one.watch(who)) for who in ("calltaker",) * 6 + ("calltaker_2",)]
        for _, ear in ears:
            await board(ear)
        night.later(minutes=61)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        for who, ear in ears:
            assert ("Kamer" in await board(ear)) == sees[who], who
        for who, shown in sees.items():
            assert ("Kamer" in await opened(one, who)) == shown, who


async def test_a_shift_that_ends_without_a_word_takes_the_board_with_it(
    night: Night, redis_socket: Path
) -> None:
    await shifts(night, calltaker=(-1, 3 / 3600), calltaker_2=(-1, 8))
    async with serving(night, where=redis_socket) as one:
        stays, leaves = await one.watch("calltaker_2"), await one.watch("calltaker")
        assert "Kamer" in await board(stays) and "Kamer" in await board(leaves)
        # So little that nobody looks at everything anew.
        night.later(seconds=4)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        assert "Kamer" in await board(stays)
        assert "Kamer" not in await board(leaves)


async def test_a_board_made_while_a_shift_ends_is_kept_for_nobody(night: Night) -> None:
    await shifts(night, calltaker=(-1, 1), calltaker_2=(-1, 8))
    async with serving(night) as one:
        leaves, stays = await night.actor("calltaker"), await night.actor("calltaker_2")
        both = await one.app.board.audience(leaves)
        assert both == await one.app.board.audience(stays)
        night.later(minutes=61)
        shared = one.server[BOARDS].of(leaves, both)
        assert "Kamer" not in (await shared.shown(leaves, 0)).board.pool
        assert "Kamer" in (await shared.shown(stays, 0)).board.pool


async def test_a_board_that_could_not_be_made_anew_is_handed_to_nobody_as_the_newest(night: Night) -> None:
    await shifts(night, calltaker=(-1, 3 / 3600), calltaker_2=(-1, 8))
    async with serving(night) as one:
        leaves = await night.actor("calltaker")
        shared = one.server[BOARDS].of(leaves, await one.app.board.audience(leaves))
        before = await one.app.changes.head()
        await shared.shown(leaves, before)
        night.later(seconds=4)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        after = await one.app.changes.head()
        # Who made the last one is not one of them any more.
        await shared.renew(after)
        assert shared.ready(before) is not None and shared.ready(after) is None


async def test_a_board_ends_when_its_session_does(night: Night) -> None:
    soon = timedelta(milliseconds=20)
    async with serving(night, pace=Pace(beat=soon, recheck=soon)) as one:
        desk = await one.watch("coordinator")
        entered = await one.app.web_sessions.find(one.secrets["coordinator"])
        assert entered is not None
        await one.app.web_sessions.end(entered.actor, entered.session_id)
        assert await desk.ended()


async def test_who_signed_out_is_sent_no_board_any_more(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        left, stays = await one.watch("coordinator"), await one.watch("calltaker")
        await board(left)
        await board(stays)
        entered = await one.app.web_sessions.find(one.secrets["coordinator"])
        assert entered is not None
        await one.app.web_sessions.end(entered.actor, entered.session_id)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        await board(stays)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert b"event: board" not in await left.answer.content.read()


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
        assert len(one.server[BOARDS]._shared) == 1


class Direct:
    """A server that knows nothing: it writes what it is given to all who are there, one after the other."""

    def __init__(self) -> None:
        self._open: list[web.StreamResponse] = []
        self._over = asyncio.Event()

    async def write(self, text: bytes) -> None:
        for response in self._open:
            await response.write(text)

    async def _stay(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._open.append(response)
        await response.write(b":\n\n")
        await self._over.wait()
        return response

    @asynccontextmanager
    async def ears(self, count: int) -> AsyncIterator[list[Ear]]:
        """So many who listen."""
        server = web.Application()
        server.router.add_get("/", self._stay)
        runner = web.AppRunner(server, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with ClientSession(connector=TCPConnector(limit=0)) as session:
            yield [Ear(await session.get(url)) for _ in range(count)]
            self._over.set()
        await runner.cleanup()


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_thousand_open_boards_show_a_change_nearly_as_soon_as_bytes_can_be_written_to_them(
    night: Night, redis_socket: Path
) -> None:
    people = [
        await night.app.accounts.token_for_role(Role.SUPPORT_WORKER, "caw")
        for _ in range(1000 // PER_COLLEAGUE)
    ]
    direct = Direct()
    async with serving(night, where=redis_socket) as one, direct.ears(1000) as bare:
        ears = [await one.watch(made.colleague_id) for made in people for _ in range(PER_COLLEAGUE)]
        await asyncio.gather(*(board(ear) for ear in ears))
        took: list[tuple[float, float, float]] = []
        committed: list[float] = []
        heard = night.store.ring

        def ring() -> None:
            committed.append(time.monotonic())
            heard()

        night.store.ring = ring
        for turn in range(7):
            began = time.monotonic()
            await night.say("iz-room", UnitStatus.FREE if turn % 2 else UnitStatus.OCCUPIED)
            shown = await asyncio.gather(*(board(ear) for ear in ears))
            assert len(set(shown)) == 1
            ours, changed = time.monotonic() - began, committed[-1] - began
            boards = one.server[BOARDS]
            [shared] = boards._shared.values()
            text = (await shared.shown(await night.actor("coordinator"), 0)).event + boards.beat("nl")
            began = time.monotonic()
            await direct.write(text)
            await asyncio.gather(*(board(ear) for ear in bare))
            took.append((ours, changed, time.monotonic() - began))
    ours, changed, floor = (median(each) for each in zip(*took, strict=True))
    print(
        f"1 000 boards after {ours:.3f} s, {changed:.3f} of it until the change stood, bytes after {floor:.3f} s"
    )
    print(f"{ours / floor:.2f}, from where the change stood {(ours - changed) / floor:.2f}")
    assert ours - changed < 1.4 * floor
