"""The planned end of a stay: whether they left is recorded or asked at 10:00, and nobody is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from crisispool.domain.booking import Booking
from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Colleague
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import StaysAsAsk
from tests.services.test_weekend_care import absent
from tests.support.night import Night, refusal

KEYS = ("checkout_question", "checkout_question_owner", "checkout_unanswered", "overstay")


async def weekday_stay(night: Night) -> BookingAnswer:
    """From Monday evening to Tuesday 24 November."""
    night.at("2026-11-23 21:00")
    return await night.book(await night.request("referrer"), "in-house")


async def asks_at(night: Night) -> str | None:
    [row] = await night.rows(Booking, unit_id="in-house")
    return f"{night.brussels(row.ask_checkout_at):%d %H:%M}" if row.ask_checkout_at else None


async def test_owner_and_worker_are_asked_at_ten_whether_they_left(night: Night) -> None:
    await weekday_stay(night)
    assert await asks_at(night) == "24 10:00"
    await night.until("2026-11-24 08:10")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_ingelmunster")
    await night.until("2026-11-24 09:59")
    assert await night.told(*KEYS) == []
    await night.until("2026-11-24 10:00")
    assert sorted(await night.told(*KEYS)) == [
        ("ocmw_ingelmunster", "checkout_question_owner"), ("worker_ingelmunster", "checkout_question"),
    ]  # fmt: skip
    assert (await night.unit("in-house")).status == "booked"


async def test_nobody_is_asked_about_who_left_or_may_stay_longer(night: Night) -> None:
    booking = await weekday_stay(night)
    await night.until("2026-11-24 09:00")
    await night.extend(booking, "worker_ingelmunster")
    assert await asks_at(night) == "25 10:00"
    await night.until("2026-11-25 09:30")
    assert await night.told(*KEYS) == []
    await night.check_out(booking, "owner_ingelmunster")
    assert await asks_at(night) is None
    await night.until("2026-11-26 12:00")
    assert await night.told(*KEYS) == []


async def test_every_end_of_a_stay_clears_the_question(night: Night) -> None:
    for end in (night.cancel, night.no_show, night.move):
        night.at("2026-11-23 21:00")
        booking = await night.book(await night.request(), "in-house")
        await end(booking)
        [row] = await night.rows(Booking, id=booking.id)
        assert row.ask_checkout_at is None
        for out in await night.rows(Booking, moved_from=booking.id):
            assert out.ask_checkout_at is not None


async def test_who_stays_on_as_the_owners_own_is_not_asked_about(night: Night) -> None:
    booking = await weekday_stay(night)
    night.at("2026-11-24 09:00")
    owner = await night.actor("owner_ingelmunster")
    await night.app.stays_as.stays_as(owner, night.op(), booking.id, StaysAsAsk())
    assert await asks_at(night) is None


async def test_not_yet_left_is_known_at_once_and_asked_again_the_next_day(night: Night) -> None:
    booking = await weekday_stay(night)
    assert (await refusal(night.not_yet_left(booking))).code == "booked_until"
    await night.until("2026-11-24 10:05")
    said = await night.not_yet_left(booking)
    assert said.state == "booked"
    assert sorted(await night.told("overstay")) == [
        ("caw", "overstay"), ("coordinator", "overstay"), ("ocmw_ingelmunster", "overstay"),
    ]  # fmt: skip
    # Again, and by others, on the same day tells nobody twice.
    night.later(hours=1)
    for who in ("owner_ingelmunster", "worker_ingelmunster", "coordinator", "calltaker"):
        await night.not_yet_left(booking, who)
    assert len(await night.told("overstay")) == 3
    assert await asks_at(night) == "25 10:00"
    unit = await night.unit("in-house")
    assert unit.status == "booked"
    assert "in-house" not in await night.proposed(await night.request())
    # Wednesday: asked again; said again, told again.
    await night.until("2026-11-25 10:00")
    assert len(await night.told("checkout_question_owner")) == 2
    assert await night.told("checkout_unanswered") == []
    await night.not_yet_left(booking)
    assert len(await night.told("overstay")) == 6
    await night.check_out(booking, "owner_ingelmunster")
    assert (await night.unit("in-house")).status == "turnover"
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_others_than_owner_desk_and_worker_cannot_say_that_they_are_still_there(night: Night) -> None:
    booking = await weekday_stay(night)
    await night.until("2026-11-24 10:05")
    for who, code in (
        ("referrer", "not_your_role"), ("council", "not_your_role"),
        ("owner_izegem", "not_there"), ("worker_izegem", "not_there"),
    ):  # fmt: skip
        assert (await refusal(night.not_yet_left(booking, who))).code == code
    await night.check_out(booking, "coordinator")
    assert (await refusal(night.not_yet_left(booking, "coordinator"))).code == "booking_over"


async def test_who_is_extended_after_all_is_no_overstay(night: Night) -> None:
    booking = await weekday_stay(night)
    await night.until("2026-11-24 10:05")
    await night.not_yet_left(booking)
    await night.extend(booking, "worker_ingelmunster")
    [row] = await night.rows(Booking, unit_id="in-house")
    assert (row.overstay_at, await asks_at(night)) == (None, "25 10:00")


async def test_a_coordinator_alone_is_asked_and_told_that_nobody_answers(night: Night) -> None:
    await absent(night, Duty.CALLTAKER, Duty.BACKUP)
    night.at("2026-11-26 21:00")
    await night.book(await night.request("coordinator"), "in-house", "coordinator")
    await night.until("2026-11-28 12:00")
    told = await night.told("checkout_question", "checkout_unanswered")
    assert [key for who, key in told if who == "coordinator"] == ["checkout_question", "checkout_unanswered"]


async def test_a_question_nobody_answers_comes_back_each_day_and_the_coordinator_hears_it(
    night: Night,
) -> None:
    await weekday_stay(night)
    await night.until("2026-11-26 10:30")
    assert len(await night.told("checkout_question_owner")) == 3
    assert await night.told("checkout_unanswered") == [("coordinator", "checkout_unanswered")] * 2


@pytest.mark.parametrize(
    ("gone", "asked"),
    [
        ((), ["calltaker"]),
        ((Duty.CALLTAKER,), ["calltaker_2"]),
        ((Duty.CALLTAKER, Duty.BACKUP), ["coordinator"]),
        (tuple(Duty), ["coordinator", "coordinator_2"]),
    ],
)
async def test_on_a_closed_day_the_desk_is_asked_or_whoever_is_there(
    night: Night, gone: Sequence[Duty], asked: list[str]
) -> None:
    night.at("2026-12-24 21:00")
    await night.book(await night.request(), "in-house", "coordinator", nights=2, reason="dan naar familie")
    await absent(night, *gone)
    await night.until("2026-12-26 10:00")
    assert [who for who, _ in await night.told("checkout_question")] == asked


async def test_a_worker_who_is_gone_is_skipped_for_the_services_that_have_the_case(night: Night) -> None:
    await weekday_stay(night)
    await night.until("2026-11-24 08:10")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_ingelmunster")
    async with night.store.transaction() as tx:
        [worker] = await tx.find(Colleague, id="worker_ingelmunster")
        await tx.save(replace(worker, active=False))
    await night.until("2026-11-24 10:00")
    asked = {who for who, _ in await night.told("checkout_question")}
    assert asked == {"caw", "ocmw_ingelmunster"}


async def test_down_from_friday_noon_to_monday_it_is_asked_once_by_all_processes(night: Night) -> None:
    night.at("2026-11-26 21:00")
    request = await night.request()
    await night.book(request, "in-house", "coordinator", nights=3, reason="dan naar familie")
    await night.app.sweep.run()
    night.at("2026-11-30 09:00")
    processes = [night, *(night.another_process() for _ in range(3))]
    for _ in range(3):
        await asyncio.gather(*(process.app.sweep.run() for process in processes))
    assert await night.told("checkout_question_owner") == [("ocmw_ingelmunster", "checkout_question_owner")]
    assert await asks_at(night) == "01 10:00"
