"""Weekend care: on every closed day each household is asked about, and nothing waits for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from crisispool.domain.care import CareCall
from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.organisation import ClosingDay, Colleague, Network, Role, RoleGrant
from crisispool.domain.request import RequestKind
from crisispool.domain.rounds import Round
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Turnover
from crisispool.services.answers import BookingAnswer
from crisispool.services.rounds import retime
from tests.support.night import Night, day, refusal

DESK_AND_UP = ("calltaker", "calltaker_2", "coordinator", "coordinator_2")


async def booked(night: Night, unit_id: str = "in-house", by: str = "referrer") -> BookingAnswer:
    return await night.book(await night.request(by), unit_id)


async def absent(night: Night, *duties: Duty) -> None:
    """Nobody is on these rosters; a second coordinator is on none."""
    label = "coordinator_2"
    await night.add(Colleague(label, "net", None, label, Secret(""), Secret("")))
    await night.add(RoleGrant(label, label, Role.COORDINATOR))
    async with night.store.transaction() as tx:
        for duty in duties:
            await tx.remove(*await tx.find(DutyShift, duty=duty))


async def calls(night: Night, **where: object) -> list[tuple[date, str, str | None]]:
    rows = await night.rows(CareCall, order=("day", "booking_id"), **where)
    return [(row.day, row.state, row.next_step) for row in rows]


async def care_told(night: Night) -> list[tuple[str, str]]:
    return [(who, key) for who, key in await night.told() if key.startswith("care_")]


async def test_every_closed_day_of_christmas_each_household_is_asked_about(night: Night) -> None:
    night.at("2026-12-24 20:00")
    booking, other = await booked(night), await booked(night, "iz-house")
    assert booking.checkout == day("2026-12-28")
    await night.until("2026-12-25 15:59")
    assert await care_told(night) == []
    await night.until("2026-12-25 16:00")
    assert await care_told(night) == [("calltaker", "care_ask")] * 2
    desk = await night.actor("calltaker")
    assert {each.reference for each in await night.app.care.list(desk)} == {
        booking.reference, other.reference,
    }  # fmt: skip
    for each in (booking, other):
        assert (await night.care(each, "well")).state == "well"
    assert await night.app.care.list(desk) == []
    await night.until("2026-12-28 12:00")
    days = [day(f"2026-12-{n}") for n in (25, 25, 26, 26, 27, 27)]
    assert [each for each, _, _ in await calls(night)] == days
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_who_came_today_who_left_and_an_empty_second_unit_are_not_asked_about(night: Night) -> None:
    inside = await booked(night, "iz-room")
    left = await booked(night, "iz-studio")
    await night.check_in(left)
    request = await night.request(adults=4, children=3)
    first = await night.book(request, "wi-house")
    await night.book(request, "in-house", persons=())
    night.at("2026-11-28 11:00")
    await night.check_out(left)
    late = await night.book(await night.request(), "in-studio")
    assert late.nights[0] == day("2026-11-28")
    await night.until("2026-11-28 16:00")
    open_calls = await night.app.care.list(await night.actor("coordinator"))
    assert {each.booking_id for each in open_calls} == {inside.id, first.id}
    await night.until("2026-11-29 16:00")
    sunday = await night.app.care.list(await night.actor("coordinator"))
    assert {each.booking_id for each in sunday} == {inside.id, first.id, late.id}


async def test_the_call_of_a_household_that_is_moved_goes_with_them(night: Night) -> None:
    booking, silent = await booked(night), await booked(night, "iz-house")
    await night.check_in(booking)
    await night.until("2026-11-28 16:05")
    await night.care(silent, "no_answer")
    moved, elsewhere = await night.move(booking, "not_in_order"), await night.move(silent, "not_in_order")
    desk = await night.actor("calltaker")
    assert {each.booking_id for each in await night.app.care.list(desk)} == {moved.id, elsewhere.id}
    assert (await night.care(moved, "well")).state == "well"
    await night.until("2026-11-28 20:00")
    assert (await care_told(night))[2:] == [("calltaker", "care_again")]
    assert (await night.care(elsewhere, "no_answer")).tries == 2
    assert len(await calls(night)) == 2
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_who_was_moved_earlier_that_day_is_called_where_they_are_now(night: Night) -> None:
    booking = await booked(night)
    await night.check_in(booking)
    night.at("2026-11-28 15:00")
    moved = await night.move(booking, "not_in_order")
    await night.until("2026-11-28 16:00")
    assert [row.booking_id for row in await night.rows(CareCall)] == [moved.id]


async def test_who_was_moved_earlier_that_day_is_on_record_when_nothing_ran(night: Night) -> None:
    booking = await booked(night)
    await night.check_in(booking)
    await night.app.sweep.run()
    night.at("2026-11-28 15:00")
    moved = await night.move(booking, "not_in_order")
    night.at("2026-11-29 12:00")
    await night.app.sweep.run()
    assert [(row.booking_id, row.state) for row in await night.rows(CareCall)] == [(moved.id, "not_called")]


async def test_who_stays_silent_after_the_end_is_presumed_inside_and_called(night: Night) -> None:
    night.at("2026-11-26 20:00")
    booking = await booked(night)
    await night.check_in(booking)
    assert booking.checkout == day("2026-11-27")
    await night.until("2026-11-28 16:00")
    assert await care_told(night) == [("calltaker", "care_ask")]
    await night.care(booking, "left")
    assert (await night.view(booking)).checkout == day("2026-11-27")
    await night.until("2026-11-29 18:00")
    assert len(await calls(night)) == 1


async def test_a_silent_household_that_nothing_called_is_on_record(night: Night) -> None:
    night.at("2026-11-26 20:00")
    booking = await booked(night)
    await night.until("2026-11-27 12:00")
    night.at("2026-11-29 12:00")
    await night.app.sweep.run()
    assert [(row.booking_id, row.state) for row in await night.rows(CareCall)] == [(booking.id, "not_called")]


async def test_one_household_in_two_units_one_after_the_other_is_called_once(night: Night) -> None:
    night.at("2026-11-26 20:00")
    booking = await booked(night)
    onward = await night.extend(booking, "coordinator", unit_id="wi-house", nights=3)
    # Nobody said that they left the first unit.
    assert (booking.checkout, onward.checkout) == (day("2026-11-27"), day("2026-11-30"))
    await night.until("2026-11-28 16:00")
    assert [row.booking_id for row in await night.rows(CareCall)] == [onward.id]


async def test_two_households_in_two_units_of_one_case_are_two_calls(night: Night) -> None:
    request = await night.request(adults=2)
    one = await night.book(request, "iz-room", persons=(request.persons[0],))
    two = await night.book(request, "in-studio", persons=(request.persons[1],))
    assert one.case_id == two.case_id
    await night.until("2026-11-28 16:00")
    assert {row.booking_id for row in await night.rows(CareCall)} == {one.id, two.id}


async def test_nothing_recorded_by_six_goes_to_the_coordinator_and_closes_as_not_called(night: Night) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 17:59")
    assert await care_told(night) == [("calltaker", "care_ask")]
    await night.until("2026-11-28 18:00")
    assert (await care_told(night))[1:] == [("calltaker", "care_overdue"), ("coordinator", "care_overdue")]
    await night.until("2026-11-28 22:00")
    assert await calls(night) == [(day("2026-11-28"), "not_called", None)]
    desk = await night.actor("calltaker")
    assert await night.app.care.list(desk) == []
    [seen] = await night.app.care.list(desk, everything=True)
    assert (seen.reference, seen.state) == (booking.reference, "not_called")
    # Whoever called late still says so, until the night is over.
    night.at("2026-11-29 00:30")
    assert (await night.care(booking, "well")).state == "well"
    night.at("2026-11-29 06:30")
    assert (await refusal(night.care(booking, "well"))).code == "not_there"


async def test_no_answer_is_asked_again_in_the_evening_then_who_asked_for_the_bed_hears_it(
    night: Night,
) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 16:30")
    answer = await night.care(booking, "no_answer")
    assert (answer.state, answer.next_step, answer.tries) == ("open", "again", 1)
    await night.until("2026-11-28 19:59")
    assert await care_told(night) == [("calltaker", "care_ask")]
    await night.until("2026-11-28 20:00")
    assert (await care_told(night))[1:] == [("calltaker", "care_again")]
    night.later(minutes=10)
    assert (await night.care(booking, "no_answer")).state == "no_answer"
    assert (await care_told(night))[2:] == [("referrer", "care_unreached")]
    await night.until("2026-11-29 12:00")
    assert len(await care_told(night)) == 3


async def test_an_evening_call_that_nobody_makes_ends_with_who_asked_for_the_bed(night: Night) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 16:30")
    await night.care(booking, "no_answer")
    await night.until("2026-11-28 22:00")
    assert (await care_told(night))[1:] == [("calltaker", "care_again"), ("referrer", "care_unreached")]
    assert await calls(night) == [(day("2026-11-28"), "no_answer", None)]


async def test_help_tells_the_coordinator_on_call_at_once(night: Night) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 16:30")
    assert (await night.care(booking, "help", op="help")).state == "help"
    await night.care(booking, "help", op="help")
    assert (await care_told(night))[1:] == [("coordinator", "care_help")]
    night.later(hours=1)
    assert (await night.care(booking, "well", "coordinator")).state == "well"
    await night.until("2026-11-28 23:00")
    assert len(await care_told(night)) == 2


async def test_who_left_leaves_the_unit_free_and_not_cleaned(night: Night) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 16:30")
    assert (await night.care(booking, "left")).state == "left"
    unit = await night.unit("in-house")
    assert (unit.status, unit.cleaned) == ("free", False)
    ended = await night.view(booking)
    assert (ended.state, ended.checkout) == ("checked_out", day("2026-11-28"))
    assert await night.rows(Turnover) == []
    assert await night.app.view.differences(night.clock.now()) == []
    assert ("ocmw_ingelmunster", "left_not_cleaned") in await night.told()
    # It is offered last, with that word, and can be given tonight.
    found = (await night.search(await night.request(adults=2, children=2))).proposals
    assert (found[-1].unit_id, found[-1].cleaned) == ("in-house", False)
    assert (await refusal(night.care(booking, "well"))).code == "booking_over"
    await night.until("2026-11-30 12:00")
    assert await night.told("checkout_question", "checkout_question_owner") == []
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_where_somebody_hid_the_key_code_is_changed_before_the_unit_is_free(night: Night) -> None:
    request = await night.request("referrer", kind=RequestKind.VIOLENCE, origin="36008", whereabouts="36008")
    booking = await night.book(request, "in-studio")
    await night.until("2026-11-28 16:30")
    await night.care(booking, "left")
    assert (await night.unit("in-studio")).status == "turnover"
    [turnover] = await night.rows(Turnover)
    assert turnover.key_code_must_change


@pytest.mark.parametrize(
    ("gone", "desk", "coordinator"),
    [
        ((), ["calltaker"], ["coordinator"]),
        ((Duty.CALLTAKER,), ["calltaker_2"], ["coordinator"]),
        ((Duty.CALLTAKER, Duty.BACKUP), ["coordinator"], ["coordinator"]),
        ((Duty.COORDINATOR,), ["calltaker"], ["coordinator", "coordinator_2"]),
        (tuple(Duty), ["coordinator", "coordinator_2"], ["coordinator", "coordinator_2"]),
    ],
)
async def test_every_step_skips_whoever_is_absent(
    night: Night, gone: Sequence[Duty], desk: list[str], coordinator: list[str]
) -> None:
    silent = await booked(night)
    helped = await night.book(await night.request(referrer="gp"), "iz-house")
    await absent(night, *gone)

    async def asked(key: str) -> list[str]:
        return [who for who, _ in await night.told(key)]

    await night.until("2026-11-28 16:00")
    assert await asked("care_ask") == [who for who in desk for _ in range(2)] or len(desk) > 1
    assert set(await asked("care_ask")) == set(desk)
    await night.care(helped, "help")
    assert await asked("care_help") == coordinator
    await night.until("2026-11-28 18:00")
    assert set(await asked("care_overdue")) == {*desk, *coordinator}
    await night.care(silent, "no_answer")
    await night.care(helped, "no_answer")
    await night.until("2026-11-28 20:00")
    assert set(await asked("care_again")) == set(desk)
    await night.care(helped, "no_answer")
    # A bed that was asked by phone: the desk rings that service.
    assert await asked("care_unreached_desk") == desk
    assert {*await asked("care_ask"), *await asked("care_again")} <= set(DESK_AND_UP)


async def test_who_is_inactive_on_a_roster_is_absent(night: Night) -> None:
    await booked(night)
    async with night.store.transaction() as tx:
        [gone] = await tx.find(Colleague, id="calltaker")
        await tx.save(replace(gone, active=False))
    await night.until("2026-11-28 16:00")
    assert await night.told("care_ask") == [("calltaker_2", "care_ask")]


async def test_a_referrer_who_works_there_no_more_is_skipped_for_colleagues_of_the_service(
    night: Night,
) -> None:
    booking = await booked(night)
    async with night.store.transaction() as tx:
        [gone] = await tx.find(Colleague, id="referrer")
        await tx.save(replace(gone, active=False))
    await night.add(Colleague("officer", "net", "police", "officer", Secret(""), Secret("")))
    await night.add(RoleGrant("officer", "officer", Role.REFERRER))
    await night.until("2026-11-28 20:10")
    await night.care(booking, "no_answer")
    assert await night.told("care_unreached", "care_unreached_desk") == [("officer", "care_unreached")]


async def test_sweeps_of_several_processes_at_once_ask_once(night: Night) -> None:
    await booked(night)
    await night.app.sweep.run()
    processes = [night, *(night.another_process() for _ in range(3))]
    for moment in ("16:00", "18:00", "22:00"):
        night.at(f"2026-11-28 {moment}")
        for _ in range(2):
            await asyncio.gather(*(process.app.sweep.run() for process in processes))
    assert await care_told(night) == [
        ("calltaker", "care_ask"), ("calltaker", "care_overdue"), ("coordinator", "care_overdue"),
    ]  # fmt: skip
    assert len(await night.rows(CareCall)) == 1


async def test_down_from_friday_noon_to_monday_the_calls_nobody_made_are_on_record(night: Night) -> None:
    night.at("2026-11-26 21:00")
    booking = await booked(night)
    await night.extend(booking, "coordinator", nights=3)
    night.at("2026-11-27 12:00")
    await night.app.sweep.run()
    night.at("2026-11-30 08:30")
    await night.app.sweep.run()
    assert await care_told(night) == [("coordinator", "care_missed")]
    assert await night.told("weekend_list", "weekend_list_open") == []
    assert await calls(night) == [(day(f"2026-11-{n}"), "not_called", None) for n in (28, 29)]
    await night.app.sweep.run()
    assert await night.app.invariants.broken(night.clock.now()) == []
    due = {row.kind: f"{night.brussels(row.due_at):%d %H:%M}" for row in await night.rows(Round)}
    assert due == {
        "care": "05 16:00",
        "weekend_list": "04 13:00",
        "weekend_list_open": "04 16:00",
        "units": "30 15:30",
        "roster": "30 16:00",
        "night_list": "30 16:30",
    }


async def test_down_until_sunday_afternoon_the_calls_of_that_day_are_made_at_once(night: Night) -> None:
    await booked(night)
    await night.app.sweep.run()
    night.at("2026-11-29 17:00")
    await night.app.sweep.run()
    assert await calls(night) == [
        (day("2026-11-28"), "not_called", None), (day("2026-11-29"), "open", "overdue"),
    ]  # fmt: skip
    assert await care_told(night) == [("calltaker", "care_ask"), ("coordinator", "care_missed")]


async def due_of_care(night: Night) -> str:
    [care] = await night.rows(Round, id="net:care")
    return f"{night.brussels(care.due_at):%m-%d %H:%M}"


async def test_rounds_follow_a_calendar_that_changes(night: Night) -> None:
    night.at("2026-11-30 09:00")
    await night.app.sweep.run()
    night.at("2026-11-30 20:00")
    await booked(night)
    await night.extend(await booked(night, "iz-house"), "coordinator", nights=2)
    # Today, a Tuesday, closes at 17:00 on the day itself: what would have been due at 16:00 is done at once.
    night.at("2026-12-01 17:00")
    await night.app.sweep.run()
    assert await care_told(night) == []
    async with night.store.transaction() as tx:
        await tx.add(ClosingDay("closed", "net", None, day("2026-12-01"), "sluiting"))
        await retime(tx, "net", night.clock.now())
    await night.app.sweep.run()
    assert [each[0] for each in await calls(night)] == [day("2026-12-01")] * 2
    # And a day that is open after all asks nobody.
    async with night.store.transaction() as tx:
        await tx.add(ClosingDay("closed-2", "net", None, day("2026-12-02"), "sluiting"))
        await retime(tx, "net", night.clock.now())
    await night.app.sweep.run()
    assert await due_of_care(night) == "12-02 16:00"
    async with night.store.transaction() as tx:
        await tx.remove(*await tx.find(ClosingDay, id="closed-2"))
        await retime(tx, "net", night.clock.now())
    await night.app.sweep.run()
    assert await due_of_care(night) == "12-05 16:00"


async def test_only_the_desk_on_duty_records_a_call(night: Night) -> None:
    booking = await booked(night)
    await night.until("2026-11-28 16:00")
    for who in ("referrer", "owner_ingelmunster", "worker_caw", "council"):
        assert (await refusal(night.care(booking, "well", who))).code == "not_your_role"
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker"))
    for doing in (night.care(booking, "well"), night.app.care.list(await night.actor("calltaker"))):
        assert (await refusal(doing)).code == "not_on_duty"
    assert (await night.care(booking, "well", "calltaker_2")).state == "well"


async def test_who_left_the_first_of_two_units_is_on_record_in_the_second(night: Night) -> None:
    request = await night.request(adults=2, children=5)
    first = await night.book(request, "iz-house")
    second = await night.book(request, "in-house", persons=())
    await night.until("2026-11-28 16:05")
    await night.care(first, "left")
    assert (await night.view(first)).state == "checked_out"
    assert (await night.view(second)).persons == first.persons
    await night.until("2026-11-29 16:05")
    await night.care(second, "well")
    assert await night.app.invariants.broken(night.clock.now()) == []
