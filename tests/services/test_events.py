"""The stream of events: heard at once, in whatever process; nothing missed, nobody held up."""

import asyncio
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crisispool.domain.errors import Outage
from crisispool.domain.news import News, NewsKind
from crisispool.domain.organisation import Role
from crisispool.domain.unit import UnitStatus
from crisispool.services.changes import Batch, Changes
from crisispool.web.hub import PER_COLLEAGUE, Hub, Pace
from tests.support.events import PATIENCE_SECONDS, Ear, deaf, serving
from tests.support.night import Night
from tests.support.redis_server import RedisServer

NEVER = timedelta(hours=1)
ONLY_THE_BELL = Pace(look=NEVER)
"""Who listens hears only what somebody rings for."""

MANY = tuple(News(NewsKind.UNITS, frozenset({"net"}), f"unit-{number}") for number in range(2000))


async def kinds(ear: Ear, count: int) -> dict[str, list[str]]:
    found = [await ear.next() for _ in range(count)]
    return {event.kind: event.ids for event in found}


async def test_a_change_of_another_process_is_heard_at_once(night: Night, redis_socket: Path) -> None:
    other = night.another_process()
    async with (
        serving(night, pace=ONLY_THE_BELL, where=redis_socket) as one,
        serving(other, where=redis_socket),
    ):
        desk, owner = await one.listen("calltaker"), await one.listen("owner_izegem")
        began = time.monotonic()
        await other.say("iz-room", UnitStatus.OCCUPIED)
        assert await kinds(desk, 1) == await kinds(owner, 1) == {"units": ["iz-room"]}
        assert time.monotonic() - began < 1
        await other.hold(await other.request(), "in-house")
        assert await kinds(desk, 2) == {"requests": [], "units": ["in-house"]}
        await other.say("iz-room", UnitStatus.FREE)
        assert await kinds(owner, 1) == {"units": ["iz-room"]}


async def test_without_redis_a_change_is_heard_all_the_same(night: Night) -> None:
    redis = RedisServer()
    redis.start()
    other = night.another_process()
    async with serving(night, where=redis.path) as one:
        desk = await one.listen("calltaker")
        redis.close()
        for status in (UnitStatus.OCCUPIED, UnitStatus.FREE):
            await other.say("iz-room", status)
            assert await kinds(desk, 1) == {"units": ["iz-room"]}


async def test_who_comes_back_missed_nothing(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        ear = await one.listen("coordinator")
        await night.say("iz-room", UnitStatus.OCCUPIED)
        await ear.next()
        ear.answer.close()
        await night.say("iz-studio", UnitStatus.OCCUPIED)
        await night.say("in-studio", UnitStatus.OCCUPIED, "owner_ingelmunster")
        again = await one.listen("coordinator", ear.last)
        heard = (await again.next()).ids
        assert {"iz-studio", "in-studio"} <= set(heard)
        assert again.last == str(await night.app.changes.head())


async def test_who_opened_a_page_hears_what_changed_before_its_line_was_open(night: Night) -> None:
    async with serving(night) as one:
        read_at = str(await one.app.changes.head())
        await night.say("iz-room", UnitStatus.OCCUPIED)
        desk = await one.listen("calltaker", since=read_at)
        assert await kinds(desk, 1) == {"units": ["iz-room"]}
        again = await one.listen("calltaker", last=desk.last, since=read_at)
        await night.say("in-studio", UnitStatus.OCCUPIED, "owner_ingelmunster")
        assert await kinds(again, 1) == {"units": ["in-studio"]}
        assert (await one.ask("calltaker", since="x&y=1")).status == 422


async def test_who_comes_back_to_another_process_missed_nothing(night: Night) -> None:
    other = night.another_process()
    async with serving(night) as one, serving(other) as two:
        ear = await one.listen("coordinator")
        await two.listen("calltaker")
        await night.say("iz-room", UnitStatus.OCCUPIED)
        again = await two.listen("coordinator", ear.last)
        assert await kinds(again, 1) == {"units": ["iz-room"]}


@pytest.mark.parametrize("last", ["999999", "-4", "mandarin", "٣"])
async def test_who_comes_back_with_a_number_that_is_none_looks_at_everything(night: Night, last: str) -> None:
    async with serving(night) as one:
        ear = await one.listen("coordinator", last)
        assert await kinds(ear, 1) == {"everything": []}
        assert ear.last == str(await night.app.changes.head())


async def test_who_may_not_see_does_not_hear(night: Night) -> None:
    async with serving(night) as one:
        ears = {
            who: await one.listen(who) for who in ("nurse", "owner_ingelmunster", "council", "worker_caw")
        }
        await night.say("iz-room", UnitStatus.OCCUPIED)
        booking = await night.book(await night.request(), "iz-studio")
        await night.check_in(booking)
        # All of them hear this one, and before it nothing that is not theirs.
        await night.app.shifts.go_off(await night.actor("calltaker"), night.op(), sure=True)
        for who, ear in ears.items():
            heard = [await ear.next()]
            while heard[-1].kind != "duty":
                heard.append(await ear.next())
            told = {event.kind for event in heard}
            assert told == ({"units", "cases", "duty"} if who == "worker_caw" else {"duty"}), who


async def test_nobody_listens_without_being_signed_in(night: Night) -> None:
    async with serving(night) as one:
        one.tokens["nobody"] = "x" * 30
        assert (await one.ask("nobody")).status == 401


async def test_a_line_ends_when_its_token_does(night: Night) -> None:
    soon = timedelta(milliseconds=20)
    async with serving(night, pace=Pace(beat=soon, recheck=soon)) as one:
        ear = await one.listen("coordinator")
        await one.app.accounts.revoke(one.tokens["coordinator"])
        assert await ear.ended()


async def test_a_line_ends_at_once_when_its_token_is_revoked(night: Night, redis_socket: Path) -> None:
    async with serving(night, where=redis_socket) as one:
        ear = await one.listen("coordinator")
        await one.app.accounts.revoke(one.tokens["coordinator"])
        assert await ear.ended()


class Record(Changes):
    """The end of the chain, which may be away."""

    away = False

    async def head(self) -> int:
        if self.away:
            raise Outage("record", "away")
        return await super().head()

    async def since(self, seq: int) -> Batch | None:
        if self.away:
            raise Outage("record", "away")
        return await super().since(seq)


async def test_a_clock_that_was_moved_is_told_also_when_the_record_was_away_then(night: Night) -> None:
    record = Record(night.app.changes._parts)
    hub = Hub(replace(night.app, changes=record))
    with hub.place("coordinator") as place:
        await hub.begin(place, None)
        await hub._look()
        night.later(hours=1)
        record.away = True
        with pytest.raises(Outage):
            await hub._look()
        assert not place.everything
        record.away = False
        await hub._look()
        assert place.everything


async def test_a_quiet_line_says_that_it_is_there(night: Night) -> None:
    async with serving(night, pace=Pace(beat=timedelta(milliseconds=5))) as one:
        ear = await one.listen("coordinator")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await ear.answer.content.readline() != b":\n":
                pass


async def test_all_lines_end_when_the_server_stops(night: Night) -> None:
    async with serving(night) as one:
        ear = await one.listen("coordinator")
        began = time.monotonic()
        await one.runner.cleanup()
        assert time.monotonic() - began < 1
        assert await ear.ended()


async def test_one_person_has_so_many_lines_and_a_process_too(night: Night) -> None:
    async with serving(night, event_streams=PER_COLLEAGUE + 1) as one:
        for _ in range(PER_COLLEAGUE):
            await one.listen("coordinator")
        refused = await one.ask("coordinator")
        assert (refused.status, (await refused.json())["code"]) == (429, "too_many_streams")
        await one.listen("calltaker")
        assert (await one.ask("worker_caw")).status == 503


async def test_who_never_reads_holds_up_nobody_and_is_cut_off(night: Night) -> None:
    async with serving(night, pace=Pace(patience=timedelta(milliseconds=200))) as one:
        line = await deaf(one.url, await one.token("calltaker"))
        desk = await one.listen("coordinator")
        async with asyncio.timeout(PATIENCE_SECONDS):
            [place] = [each for each in one.hub._places if each.colleague_id == "calltaker"]
            while place in one.hub._places:
                place.missed = MANY
                place.woken.set()
                await asyncio.sleep(0)
        await night.say("iz-room", UnitStatus.OCCUPIED)
        assert await kinds(desk, 1) == {"units": ["iz-room"]}
        line.close()


async def test_two_hundred_hear_a_change_as_one(night: Night) -> None:
    await all_hear(night, 200)


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_thousand_hear_a_change_within_a_second(night: Night, redis_socket: Path) -> None:
    assert await all_hear(night, 1000, redis_socket) < 1


async def all_hear(night: Night, count: int, where: Path | None = None) -> float:
    """Seconds until so many have heard of a change."""
    people = [
        await night.app.accounts.token_for_role(Role.SUPPORT_WORKER, "caw")
        for _ in range(count // PER_COLLEAGUE)
    ]
    async with serving(night, where=where) as one:
        one.tokens = {made.colleague_id: made.token for made in people}
        ears = [await one.listen(who) for who in one.tokens for _ in range(PER_COLLEAGUE)]
        assert len(ears) == count
        began = time.monotonic()
        await night.say("iz-room", UnitStatus.OCCUPIED)
        heard = await asyncio.gather(*(ear.next() for ear in ears))
        took = time.monotonic() - began
    assert all((event.kind, event.ids) == ("units", []) for event in heard)
    return took


async def test_a_service_that_was_closed_hears_of_its_case_when_it_comes_to_its_list(
    night: Night, redis_socket: Path
) -> None:
    await night.close_day(date(2026, 11, 30), organisation_id="ocmw_ingelmunster")
    await night.check_in(await night.book(await night.request(), "iz-studio"))
    await night.until("2026-12-01 07:59")
    assert not await night.handovers("worker_ingelmunster")
    night.at("2026-12-01 08:00")
    async with serving(night, pace=ONLY_THE_BELL, where=redis_socket) as one:
        ear = await one.listen("worker_ingelmunster")
        await night.app.sweep.run()
        assert (await ear.next()).kind == "cases"
        assert len(await night.handovers("worker_ingelmunster")) == 1
