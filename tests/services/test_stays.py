"""Coming and going: cancelling, not coming, leaving, trouble at the door, and which nights count."""

import asyncio

import pytest

from crisispool.domain.booking import Booking, PersonNight, UnitNight
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, Handover
from crisispool.domain.record import Message
from crisispool.domain.request import Request, RequestKind
from crisispool.domain.unit import OutOfService, Turnover
from crisispool.services.answers import BookingAnswer
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night, day, local, refusal
from tests.support.region import IZEGEM


async def counting(night: Night) -> list[str]:
    """The nights that count for people, as dates."""
    return sorted(row.night.isoformat() for row in await night.rows(PersonNight))


async def test_cancelled_before_six_counts_nothing_and_the_request_is_open_again(night: Night) -> None:
    request = await night.request()
    booking = await night.book(request, "in-house")
    night.at("2026-11-28 05:59")
    assert (await night.cancel(booking)).state == "cancelled"
    assert await counting(night) == [] and await night.rows(UnitNight) == []
    assert (await night.unit("in-house")).status == "free"
    assert (await night.app.intake.view(await night.actor("calltaker"), request.id)).state == "open"
    again = await night.book(request, "in-studio")
    assert again.case_id == booking.case_id
    assert (await refusal(night.cancel(booking))).code == "booking_over"
    assert await night.told("cancelled") == [("ocmw_ingelmunster", "cancelled")]


async def test_cancelled_later_counts_as_leaving(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    night.at("2026-11-28 06:00")
    left = await night.cancel(booking)
    assert (left.state, left.nights) == ("checked_out", (FRIDAY,))
    assert await counting(night) == ["2026-11-27"]
    await night.until("2026-11-30 08:00")
    assert len(await night.handovers()) == 1


async def test_leaving_on_the_first_evening_counts_no_night_and_gives_the_bed_to_others(night: Night) -> None:
    night.at("2026-11-27 20:00")
    booking = await night.book(await night.request(), "in-house")
    await night.check_in(booking)
    night.later(hours=3)
    left = await night.check_out(booking)
    assert (left.state, left.nights, left.checkout) == ("checked_out", (), FRIDAY)
    assert (await night.unit("in-house")).status == "turnover"
    await night.say("in-house", "free", "owner_ingelmunster")
    again = await night.book(await night.request(), "in-house")
    assert again.nights[0] == FRIDAY
    await night.until("2026-11-30 08:00")
    assert len(await night.handovers()) == 2
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_leaving_at_four_in_the_morning_counts_one_night(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.check_in(booking)
    night.at("2026-11-28 04:00")
    left = await night.check_out(booking)
    assert (left.state, left.checkout) == ("checked_out", SATURDAY)
    assert await counting(night) == ["2026-11-27"]
    assert (await night.unit("in-house")).status == "turnover"
    [turnover] = await night.rows(Turnover)
    assert turnover.due_at == local("2026-11-30 16:00")
    assert not turnover.key_code_must_change


@pytest.mark.parametrize(
    ("left_at", "counted"),
    [("2026-11-29 10:00", 2), ("2026-11-30 09:00", 3), ("2026-12-01 09:00", 3)],
)
async def test_a_check_out_drops_the_nights_from_that_day_on(
    night: Night, left_at: str, counted: int
) -> None:
    booking = await night.book(await night.request(), "in-house")
    night.at(left_at)
    await night.check_out(booking, "coordinator")
    assert len(await counting(night)) == len(await night.rows(UnitNight)) == counted


async def test_a_landlord_says_that_they_left_and_not_that_they_have_to(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    assert (await refusal(night.check_out(booking, "owner_ingelmunster"))).code == "booked_until"
    night.at("2026-11-30 11:00")
    assert (await night.check_out(booking, "owner_ingelmunster")).state == "checked_out"


async def test_a_referrer_gives_a_bed_back_and_ends_no_stay(night: Night) -> None:
    request = await night.request("referrer")
    booking = await night.book(request, "in-house")
    await night.check_in(booking)
    assert (await refusal(night.cancel(booking, "referrer"))).code == "already_inside"
    assert (await refusal(night.move(booking, by="referrer"))).code == "already_inside"
    assert (await night.view(booking)).state == "checked_in"


async def test_the_people_of_a_cancelled_unit_go_on_in_their_second_one(night: Night) -> None:
    request = await night.request(adults=2, children=5)
    first = await night.book(request, "in-house")
    second = await night.book(request, "iz-house", persons=())
    await night.cancel(first)
    assert (await night.view(second)).persons == first.persons
    assert {row.booking_id for row in await night.rows(PersonNight)} == {second.id}
    assert len(await night.rows(PersonNight)) == 2 * 3


async def test_people_who_go_on_in_their_second_unit_in_the_middle_of_a_stay_break_no_rule(
    night: Night,
) -> None:
    request = await night.request(adults=2, children=5)
    first = await night.book(request, "in-house")
    second = await night.book(request, "iz-house", persons=())
    await night.until("2026-11-28 15:00")
    await night.check_out(first)
    assert (await night.view(second)).persons == first.persons
    slept = {(row.night, row.booking_id) for row in await night.rows(PersonNight)}
    assert slept == {(FRIDAY, first.id), (SATURDAY, second.id), (SUNDAY, second.id)}
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_unit_that_two_households_left_is_made_ready_once(night: Night) -> None:
    one = await night.book(await night.request(), "in-house", "coordinator", nights=1, reason="want")
    hiding = await night.request(kind=RequestKind.VIOLENCE, origin=IZEGEM, night=SUNDAY)
    other = await night.book(hiding, "in-house", "coordinator")
    await night.until("2026-11-28 11:00")
    await night.check_out(one)
    await night.until("2026-11-30 09:00")
    await night.check_out(other)
    [turnover] = await night.rows(Turnover, done_at=None)
    assert (turnover.booking_id, turnover.key_code_must_change) == (other.id, True)
    assert (await night.say("in-house", "free", "owner_ingelmunster")).status == "free"


async def test_who_leaves_before_the_first_night_was_never_there(night: Night) -> None:
    request = await night.request(night=MONDAY)
    booking = await night.book(request, "in-house", "coordinator")
    assert (await night.check_out(booking)).state == "cancelled"
    assert await counting(night) == [] and await night.rows(Turnover) == []


async def test_who_does_not_come_counts_nothing_and_is_not_handed_over(night: Night) -> None:
    request = await night.request()
    booking = await night.book(request, "in-house")
    assert (await night.no_show(booking)).state == "no_show"
    assert await counting(night) == []
    assert (await night.unit("in-house")).status == "free"
    assert [row.state for row in await night.rows(Request)] == ["withdrawn"]
    await night.until("2026-12-01 12:00")
    assert await night.rows(Handover) == []
    inside = await night.book(await night.request(), "in-studio")
    await night.check_in(inside)
    assert (await refusal(night.no_show(inside))).code == "already_inside"


async def test_silence_keeps_the_bed_counts_and_is_handed_over_as_unknown(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "in-house")
    await night.until("2026-11-30 08:00")
    assert (
        await night.told("arrival_question")
        == [(who, "arrival_question") for who in ("calltaker", "referrer")] * 2
    )
    assert (await night.view(booking)).state == "booked"
    assert len(await counting(night)) == 3
    [handover] = await night.handovers()
    assert handover.arrival_unknown


async def test_arrival_is_asked_a_quarter_and_an_hour_and_a_half_after_it_was_expected(night: Night) -> None:
    request = await night.request(expected_at=local("2026-11-28 03:00"))
    booking = await night.book(request, "in-house")
    moments = []
    for moment in ("03:14", "03:15", "04:29", "04:30", "09:00"):
        await night.until(f"2026-11-28 {moment}")
        moments.append(len(await night.told("arrival_question")))
    assert moments == [0, 1, 1, 2, 2]
    desk = await night.actor("calltaker")
    await night.app.stays.still_on_the_way(desk, night.op(), booking.id)
    await night.until("2026-11-28 10:30")
    assert len(await night.told("arrival_question")) == 3
    await night.check_in(booking)
    await night.until("2026-11-29 12:00")
    assert len(await night.told("arrival_question")) == 3


async def test_a_referrer_who_cancels_leaves_the_request_to_the_desk_not_to_nobody(night: Night) -> None:
    request = await night.request("referrer")
    booking = await night.book(request, "in-house")
    await night.cancel(booking, "referrer")
    [row] = await night.rows(Request)
    assert (row.state, row.taken_by, row.next_step) == ("open", None, "desk")
    taken = await night.app.intake.take(await night.actor("calltaker_2"), night.op(), request.id)
    assert taken.taken_by == "calltaker_2"


async def test_a_case_that_came_to_nothing_and_begins_again_is_handed_over_on_its_own_day(
    night: Night,
) -> None:
    request = await night.request()
    await night.cancel(await night.book(request, "in-house"))
    await night.until("2026-11-30 20:00")
    [case] = await night.rows(Case)
    assert case.closed_at is not None and await night.rows(Handover) == []
    booking = await night.book(request, "in-house")
    assert (booking.case_id, booking.nights) == (case.id, (MONDAY,))
    await night.until("2026-12-01 08:00")
    [handover] = await night.handovers()
    assert (handover.case_id, handover.due_at, handover.night) == (case.id, local("2026-12-01 08:00"), MONDAY)


async def test_a_cancelled_bed_that_ends_in_a_refusal_with_contact_is_handed_over(night: Night) -> None:
    request = await night.request()
    await night.cancel(await night.book(request, "in-house"))
    await night.until("2026-11-30 09:00")
    assert (await night.refuse(request, "other")).case_id is not None
    await night.until("2026-11-30 09:01")
    [handover] = await night.handovers()
    assert not handover.admitted


async def test_trouble_at_the_door_is_one_tap_one_case_one_handover_and_no_night_twice(night: Night) -> None:
    booking = await night.book(await night.request(children=2), "in-house")
    await night.check_in(booking)
    moved = await night.move(booking, "not_in_order", "calltaker_2")
    assert moved.unit_id == "iz-house" and moved.id != booking.id
    assert (moved.case_id, moved.nights, moved.state) == (
        booking.case_id,
        (FRIDAY, SATURDAY, SUNDAY),
        "booked",
    )
    assert not moved.arrival_known
    assert (await night.view(booking)).state == "cancelled"
    assert (await night.unit("in-house")).status == "out_of_service"
    assert [row.reason for row in await night.rows(OutOfService)] == ["not_in_order"]
    assert len(await counting(night)) == len(await night.rows(UnitNight)) == 3
    assert (await refusal(night.move(booking))).code == "booking_over"
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    assert (handover.case_id, handover.checkout) == (booking.case_id, MONDAY)
    assert await night.told("unit_out_of_service", "booking_moved") == [
        ("ocmw_izegem", "booking_moved"), ("ocmw_ingelmunster", "unit_out_of_service"),
    ]  # fmt: skip
    assert (await night.say("in-house", "free", "owner_ingelmunster")).status == "free"


async def test_trouble_at_the_door_is_told_of_who_is_to_come_there_later(night: Night) -> None:
    later = await night.request(kind=RequestKind.VIOLENCE, origin=IZEGEM, night=MONDAY)
    await night.book(later, "in-house", "calltaker_2")
    await night.book(await night.request(), "in-studio", "calltaker_2")
    booking = await night.book(await night.request(), "in-house")
    await night.move(booking)
    [to_coordinator, to_booker] = [
        row for row in await night.rows(Message) if row.key == "message.bed_closed"
    ]
    assert {to_coordinator.recipient_id, to_booker.recipient_id} == {"calltaker_2", "coordinator"}
    # Where they will hide is not in it.
    assert set(to_booker.facts) == {"reference", "night"}
    assert to_booker.facts["night"] == MONDAY.isoformat()
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_move_in_the_middle_of_a_stay_keeps_the_nights_that_were_slept(night: Night) -> None:
    booking = await night.book(await night.request(), "in-studio")
    await night.until("2026-11-30 08:10")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    await night.extend(booking, "coordinator")
    night.at("2026-11-30 21:00")
    moved = await night.move(booking, "someone_inside")
    assert moved.nights == (MONDAY,)
    before = await night.view(booking)
    assert (before.state, before.nights) == ("checked_out", (FRIDAY, SATURDAY, SUNDAY))
    assert await counting(night) == [f"2026-11-{n}" for n in (27, 28, 29, 30)]
    assert ("worker_caw", "case_moved") in await night.told("case_moved")


async def test_two_who_move_to_the_last_unit_at_once_do_not_collide(night: Night) -> None:
    await night.only_free("iz-room", "in-studio", "wi-flat")
    bookings = [await night.book(await night.request(), each) for each in ("iz-room", "in-studio")]
    processes = (night, night.another_process())
    done = await asyncio.gather(
        *(process.move(booking) for process, booking in zip(processes, bookings, strict=True)),
        return_exceptions=True,
    )
    [moved] = [each for each in done if isinstance(each, BookingAnswer)]
    [no] = [each for each in done if isinstance(each, Refusal)]
    assert (moved.unit_id, no.code) == ("wi-flat", "no_unit")
    live = [row for row in await night.rows(Booking) if row.state == "booked"]
    # Who has nowhere to go keeps the bed there is, and its unit stays in service.
    assert len(live) == 2 and len(await counting(night)) == 6
    assert await night.rows(OutOfService, reason="key_fails", unit_id=moved.unit_id) == []


async def test_one_of_two_units_of_a_household_moves_to_one_of_its_own_size(night: Night) -> None:
    request = await night.request(adults=1, children=8)
    await night.book(request, "wi-house")
    second = await night.book(request, "in-house", persons=())
    moved = await night.move(second)
    assert (moved.unit_id, moved.persons) == ("iz-house", ())


async def test_a_problem_nobody_knows_or_a_booking_that_is_over_moves_nothing(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    assert (await refusal(night.move(booking, "too_ugly"))).code == "bad_input"
    night.at("2026-12-02 20:00")
    assert (await refusal(night.move(booking))).code == "booking_over"
    assert (await night.unit("in-house")).status == "booked"
    assert (await night.view(booking)).checkout == day("2026-11-30")


async def test_a_bed_after_the_case_was_closed_is_a_new_request(night: Night) -> None:
    request = await night.request()
    booking = await night.book(request, "in-house")
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    await night.outcome(handover, "worker_caw", outcome="own_network", solved="yes")
    await night.check_out(booking, "coordinator")
    night.at("2026-12-01 20:00")
    assert (await refusal(night.book(request, "iz-house"))).code == "request_closed"


async def test_a_referrer_does_not_read_why_a_request_was_refused(night: Night) -> None:
    request = await night.request("referrer")
    await night.refuse(request, "stay_limit", contact=False)
    seen = await night.app.intake.view(await night.actor("referrer"), request.id)
    assert (seen.state, seen.refusal, seen.taken_by) == ("refused", None, None)
