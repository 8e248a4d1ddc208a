"""The sweep: safe to run twice, late, in two processes, and when one thing of many fails; the view beside it."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from crisispool.adapters.redis_pool import RedisPool
from crisispool.domain.errors import Outage
from crisispool.domain.handover import Case, Handover
from crisispool.domain.organisation import Network
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from tests.support.night import Night, local


async def test_a_sweep_that_comes_again_does_nothing_again(night: Night) -> None:
    await night.hold(await night.request(), "iz-room")
    await night.book(await night.request("referrer"), "in-house")
    await night.request("nurse")
    night.at("2026-11-30 18:00")
    await night.app.sweep.run()
    # What a step owes after it may be due at once; then everything is done.
    while await night.app.sweep.run():
        pass
    before = len(await night.rows(Message)), len(await night.rows(AuditEntry))
    assert [await night.app.sweep.run() for _ in range(3)] == [0, 0, 0]
    assert (len(await night.rows(Message)), len(await night.rows(AuditEntry))) == before
    due = await night.app.sweep.next_due()
    assert due is None or due > night.clock.now()


async def test_sweeps_of_several_processes_at_once_tell_everybody_once(night: Night) -> None:
    await night.book(await night.request("referrer"), "in-house")
    await night.request("nurse")
    processes = [night, *(night.another_process() for _ in range(3))]
    for moment in ("2026-11-28 02:30", "2026-11-28 04:00", "2026-11-30 08:00", "2026-11-30 12:30"):
        night.at(moment)
        for _ in range(5):
            await asyncio.gather(*(process.app.sweep.run() for process in processes))
    told = [
        (message.recipient_id, message.key, message.about_id)
        for message in await night.rows(Message)
        if message.key != "message.arrival_question"
    ]
    assert len(told) == len(set(told)) == 23
    asked = await night.told("arrival_question")
    assert sorted(asked) == sorted([(who, "arrival_question") for who in ("calltaker", "referrer")] * 2)
    assert len(await night.rows(Handover)) == 1


async def test_a_case_that_cannot_be_handed_over_holds_up_no_other(night: Night) -> None:
    broken = await night.request()
    await night.book(broken, "in-house")
    await night.book(await night.request(), "iz-house")
    async with night.store.transaction() as tx:
        [case] = await tx.find(Case, request_id=broken.id)
        # A network that says nothing of its policy any more.
        await tx.add(Network("gone", "Elders", "EL", "", "caw", 99))
        await tx.save(replace(case, network_id="gone"))
    night.at("2026-11-30 08:00")
    with structlog.testing.capture_logs() as logs:
        await night.app.sweep.run()
    assert [(each["event"], each["id"]) for each in logs] == [("sweep_failed", case.id)]
    assert len(await night.rows(Handover)) == 1


async def test_the_view_equals_the_record_after_everything_that_happens(night: Night) -> None:
    async def same() -> bool:
        return await night.app.view.differences(night.clock.now()) == []

    hold = await night.hold(await night.request(), "iz-room")
    assert await same()
    await night.release(hold)
    assert await same()
    await night.hold(await night.request(), "iz-room")
    booking = await night.book(await night.request(), "in-house")
    assert await same()
    night.later(minutes=11)
    await night.app.sweep.run()
    assert await same()
    moved = await night.move(booking)
    assert await same()
    await night.cancel(moved)
    assert await same()
    await night.say("iz-studio", "occupied")
    assert await same()
    await night.until("2026-11-29 12:00")
    assert await same()


async def test_every_change_of_a_unit_has_its_own_version(night: Night) -> None:
    async def version() -> int:
        [unit] = await night.rows(Unit, id="iz-room")
        return unit.version

    seen = [await version()]
    hold = await night.hold(await night.request(), "iz-room")
    seen.append(await version())
    await night.release(hold)
    seen.append(await version())
    await night.hold(await night.request(), "iz-room")
    seen.append(await version())
    night.later(minutes=11)
    await night.app.sweep.run()
    seen.append(await version())
    booking = await night.book(await night.request(), "iz-room")
    seen.append(await version())
    await night.cancel(booking)
    seen.append(await version())
    assert seen == list(range(seen[0], seen[0] + 7))


async def test_an_emptied_view_comes_back_with_the_next_sweep(night: Night, live_pool: RedisPool) -> None:
    await live_pool._client.flushall()
    with pytest.raises(Outage):
        await night.app.view.differences(night.clock.now())
    found = await night.search(await night.request())
    assert found.slow and found.proposals
    await night.app.sweep.run()
    assert await night.app.view.differences(night.clock.now()) == []
    assert not (await night.search()).slow


async def test_what_a_sweep_did_is_in_the_audit_chain(night: Night) -> None:
    await night.request("referrer")
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 12:30")
    actions = {row.action for row in await night.rows(AuditEntry, actor="crisispool")}
    assert {"request.backup", "request.fallback", "handover.made", "handover.coordinator"} <= actions
    assert await night.app.invariants.broken(night.clock.now()) == []
    [waiting] = await night.rows(Request, state="open")
    assert waiting.next_action_at == local("2026-12-01 08:00")
