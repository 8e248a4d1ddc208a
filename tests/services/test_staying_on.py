"""Who stays on: as the owner’s own, at night unless outreach said no, one night when nobody decides."""

from datetime import timedelta

import pytest

from crisispool.domain.booking import PersonNight, StayDecision, UnitNight
from crisispool.domain.request import RequestNote
from crisispool.domain.unit import Placement, Turnover
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import PersonAsk, ReadmissionAsk, StaysAsAsk
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night, day, local, refusal


async def stays_as(
    night: Night, booking: BookingAnswer, by: str = "owner_ingelmunster", *, until: str | None = None
) -> BookingAnswer:
    ask = StaysAsAsk(day(until) if until else None)
    return await night.app.stays_as.stays_as(await night.actor(by), night.op(), booking.id, ask)


async def readmission(
    night: Night, booking: BookingAnswer, *, allowed: bool, reason: str = "", by: str = "worker_caw"
) -> BookingAnswer:
    ask = ReadmissionAsk(allowed, reason)
    return await night.app.readmissions.decide(await night.actor(by), night.op(), booking.id, ask)


async def test_a_stay_becomes_the_owners_in_one_step_without_turnover(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 15:00")
    ended = await stays_as(night, booking)
    assert (ended.state, ended.checkout, ended.nights) == ("checked_out", SATURDAY, (FRIDAY,))
    unit = await night.unit("in-house", "owner_ingelmunster")
    assert (unit.status, unit.until) == ("occupied", None)
    [placement] = await night.rows(Placement)
    assert (placement.starts_on, placement.until, placement.booking_id) == (SATURDAY, None, booking.id)
    assert await night.rows(Turnover) == []
    assert [row.night for row in await night.rows(UnitNight)] == [FRIDAY]
    assert "in-house" not in await night.proposed(await night.request())
    assert await night.app.view.differences(night.clock.now()) == []
    await night.until("2026-11-30 08:00")
    # The case goes over all the same: outreach still looks for a way out.
    assert len(await night.handovers()) == 1
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_the_unit_is_the_owners_at_once_also_before_the_night_turns(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-29 02:00")
    ended = await stays_as(night, booking)
    assert ended.nights == (FRIDAY, SATURDAY)
    assert (await night.unit("in-house")).status == "occupied"


@pytest.mark.parametrize("by", ["coordinator", "owner_ingelmunster"])
async def test_the_owner_hears_that_they_stay_whoever_said_so(night: Night, by: str) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 15:00")
    await stays_as(night, booking, by)
    assert await night.told("stays_as_owner") == [("ocmw_ingelmunster", "stays_as_owner")]


async def test_their_worker_hears_that_they_stay_where_they_are(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 09:00")
    await stays_as(night, booking, until="2026-12-24")
    told = await night.told("stays_as")
    assert told == [("caw", "stays_as"), ("ocmw_ingelmunster", "stays_as")]
    assert (await night.unit("in-house", "owner_ingelmunster")).until == "2026-12-24"


async def test_nobody_stays_on_who_did_not_sleep_there_or_where_others_come(night: Night) -> None:
    request = await night.request()
    booking = await night.book(request, "in-house")
    assert (await refusal(stays_as(night, booking))).code == "not_begun"
    await night.until("2026-11-28 15:00")
    next_ones = await night.book(
        await night.request(), "in-house", "coordinator", night=MONDAY + timedelta(days=1), nights=1
    )
    no = await refusal(stays_as(night, booking))
    assert (no.code, no.facts["earliest"]) == ("booked_until", str(next_ones.checkout))
    assert (await night.view(booking)).state == "booked"
    assert (await stays_as(night, booking, until="2026-12-01")).state == "checked_out"
    assert (await refusal(stays_as(night, booking))).code == "booking_over"


async def test_only_the_owner_of_that_unit_and_the_coordinator_keep_people(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 15:00")
    assert (await refusal(stays_as(night, booking, "owner_izegem"))).code == "not_there"
    for who in ("calltaker", "worker_caw", "referrer"):
        assert (await refusal(stays_as(night, booking, who))).code == "not_your_role"
    assert (await stays_as(night, booking, "coordinator")).state == "checked_out"


async def test_what_outreach_said_of_a_readmission_holds_for_the_whole_run(night: Night) -> None:
    night.at("2026-11-23 20:00")
    booking = await night.book(await night.request_of_jan(), "in-house")
    await night.until("2026-11-24 11:00")
    no = await refusal(readmission(night, booking, allowed=False))
    assert no.code == "reason_missing"
    await readmission(night, booking, allowed=False, reason="Canary: er is een plek bij familie.")
    [note] = await night.rows(RequestNote)
    assert note.purpose == "readmission" and "Canary" not in repr(note)
    await night.check_out(booking, "worker_caw")
    await night.until("2026-11-24 20:00")
    again = await night.request_of_jan()
    refused = await refusal(night.book(again, "iz-studio"))
    assert (refused.code, refused.facts["needs"]) == ("stay_not_yours", "coordinator")
    await readmission(night, booking, allowed=True)
    assert (await night.book(again, "iz-studio")).nights == (day("2026-11-24"),)


async def test_a_run_that_ended_is_not_held_against_anybody(night: Night) -> None:
    night.at("2026-11-23 20:00")
    booking = await night.book(await night.request_of_jan(), "in-house")
    await night.until("2026-11-24 11:00")
    await readmission(night, booking, allowed=False, reason="opgelost")
    await night.until("2026-11-25 20:00")
    assert (await night.book(await night.request_of_jan(), "iz-studio")).state == "booked"


async def test_what_no_coordinator_answers_in_time_is_one_night_at_the_desk(night: Night) -> None:
    night.at("2026-11-26 20:00")
    told = PersonAsk(claimed_nights=(day("2026-11-24"), day("2026-11-25")))
    request = await night.request(persons=(told,))
    desk = await night.actor("calltaker")
    booking = await night.book(request, "in-house")
    assert booking.nights == (day("2026-11-26"),)
    await night.until("2026-11-27 20:00")
    again = await night.request(
        persons=(PersonAsk(claimed_nights=(*told.claimed_nights, day("2026-11-26"))),)
    )
    # Three nights in a row: of the weekend two more are within the limit, and they end on a closed day.
    no = await refusal(night.book(again, "iz-house", nights=1))
    assert (no.code, no.facts["needs"]) == ("stay_not_yours", "coordinator")
    asked = await night.app.stay_talk.ask_coordinator(desk, "ask-1", again.id)
    assert asked == await night.app.stay_talk.ask_coordinator(desk, "ask-1", again.id)
    assert await night.told("decide_stay") == [("coordinator", "decide_stay")]
    night.later(minutes=14)
    assert (await refusal(night.book(again, "iz-house", nights=1))).code == "stay_not_yours"
    night.later(minutes=1)
    assert night.clock.now() == asked.alone_from
    assert (await refusal(night.book(again, "iz-house", nights=2))).code == "stay_not_yours"
    given = await night.book(again, "iz-house", nights=1)
    assert given.nights == (FRIDAY,)
    [decision] = await night.rows(StayDecision, booking_id=given.id)
    assert decision.report_at == local("2026-11-28 08:00")
    await night.until("2026-11-28 07:59")
    assert await night.told("given_in_silence") == []
    await night.until("2026-11-28 08:00")
    await night.until("2026-11-29 08:00")
    assert await night.told("given_in_silence") == [("coordinator", "given_in_silence")]


async def test_beyond_the_limit_nobody_at_the_desk_gives_a_night_whoever_is_silent(night: Night) -> None:
    night.at("2026-11-25 20:00")
    told = PersonAsk(claimed_nights=tuple(day(f"2026-11-{n}") for n in (22, 23, 24)))
    request = await night.request(persons=(told,))
    await night.app.stay_talk.ask_coordinator(await night.actor("calltaker"), "ask-1", request.id)
    night.later(minutes=20)
    assert (await refusal(night.book(request, "in-house", nights=1))).code == "stay_limit"


async def test_a_coordinator_who_took_the_question_over_is_not_silent(night: Night) -> None:
    night.at("2026-11-27 20:00")
    told = PersonAsk(claimed_nights=tuple(day(f"2026-11-{n}") for n in (24, 25, 26)))
    request = await night.request(persons=(told,))
    await night.app.stay_talk.ask_coordinator(await night.actor("calltaker"), "ask-1", request.id)
    await night.app.intake.take(await night.actor("coordinator"), "take-1", request.id)
    night.later(minutes=20)
    assert (await refusal(night.book(request, "in-house", nights=1))).code == "stay_not_yours"


async def test_silence_gives_tonight_and_not_the_night_after_it_too(night: Night) -> None:
    night.at("2026-11-27 20:00")
    told = PersonAsk(claimed_nights=tuple(day(f"2026-11-{n}") for n in (24, 25, 26)))
    request = await night.request(persons=(told,))
    await night.app.stay_talk.ask_coordinator(await night.actor("calltaker"), "ask-1", request.id)
    night.later(minutes=20)
    given = await night.book(request, "in-house", nights=1)
    assert (await refusal(night.extend(given, nights=1))).code == "stay_not_yours"


async def test_a_family_over_two_units_is_still_in_the_other_when_one_becomes_the_owners(
    night: Night,
) -> None:
    request = await night.request(adults=2, children=5)
    first = await night.book(request, "iz-house")
    second = await night.book(request, "in-house", persons=())
    await night.until("2026-11-28 15:00")
    await stays_as(night, first, "owner_izegem")
    assert set((await night.view(second)).persons) == set(request.persons[:2])
    rows = await night.rows(PersonNight, booking_id=second.id)
    assert {row.night for row in rows} == {SATURDAY, SUNDAY}
    assert (await night.extend(second, "coordinator")).checkout == day("2026-12-01")
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_people_who_go_on_elsewhere_keep_that_bed_when_the_first_unit_is_left(night: Night) -> None:
    request = await night.request(adults=2, children=5)
    first = await night.book(request, "iz-house")
    second = await night.book(request, "in-house", persons=())
    await night.until("2026-11-30 11:00")
    onward = await night.extend(first, "worker_caw", unit_id="wi-house")
    assert (await night.extend(second, "worker_caw")).checkout == onward.checkout
    left = await night.check_out(first, "worker_caw")
    assert left.state == "checked_out"
    assert (await night.view(onward)).persons == first.persons


async def test_who_stayed_on_past_the_check_out_gets_more_nights_where_they_are_and_those_count(
    night: Night,
) -> None:
    booking = await night.book(await night.request_of_jan(), "in-house")
    await night.until("2026-12-01 11:00")
    assert booking.checkout == MONDAY
    extended = await night.extend(booking, "worker_caw")
    assert (extended.checkout, len(extended.nights)) == (day("2026-12-02"), 5)
    assert [row.night for row in await night.rows(PersonNight)] == list(extended.nights)
    await night.until("2026-12-03 11:00")
    assert (await refusal(night.extend(booking, "worker_caw"))).code == "stay_limit"
    assert (await night.extend(booking, "coordinator", reason="ziek")).checkout == day("2026-12-04")
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_who_stayed_on_and_goes_elsewhere_slept_there_until_then(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-12-01 11:00")
    onward = await night.extend(booking, "worker_caw", unit_id="wi-flat")
    assert onward.nights == (day("2026-12-01"),)
    assert (await night.view(booking)).checkout == day("2026-12-01")
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_what_is_allowed_again_is_allowed_for_the_whole_run_also_after_a_move(night: Night) -> None:
    night.at("2026-11-23 20:00")
    booking = await night.book(await night.request_of_jan(), "in-house")
    await night.until("2026-11-24 11:00")
    await readmission(night, booking, allowed=False, reason="opgelost")
    night.at("2026-11-24 07:00")
    moved = await night.move(booking)
    await readmission(night, moved, allowed=True)
    await night.until("2026-11-24 20:00")
    assert (await night.extend(moved)).checkout == day("2026-11-25")
