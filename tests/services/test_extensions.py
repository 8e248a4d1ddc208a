"""More nights: by night and by day, in the same unit and in another, and for the second unit of a big household."""

from dataclasses import replace

from crisispool.domain.booking import Booking, PersonNight
from crisispool.domain.handover import Case, Handover
from crisispool.domain.unit import Unit
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night, day, refusal


async def test_at_night_the_desk_gives_one_block_more_and_no_more(night: Night) -> None:
    night.at("2026-11-24 20:00")
    booking = await night.book(await night.request(), "in-house")
    assert booking.checkout == day("2026-11-25")
    longer = await night.extend(booking)
    assert (longer.id, longer.checkout) == (booking.id, day("2026-11-26"))
    assert (await refusal(night.extend(booking, nights=4))).code in ("stay_limit", "stay_not_yours")
    assert (await refusal(night.extend(booking))).code == "stay_not_yours", "outreach has not been there yet"
    await night.until("2026-11-25 20:00")
    last = await night.extend(booking)
    assert last.checkout == day("2026-11-27")
    no = await refusal(night.extend(booking))
    assert (no.code, no.facts["used"]) == ("stay_limit", ["2026-11-24", "2026-11-25", "2026-11-26"])
    assert len(await night.rows(PersonNight)) == 3
    assert len(await night.rows(Case)) == 1


async def test_by_day_outreach_extends_and_the_desk_does_not(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 10:30")
    assert (await refusal(night.extend(booking))).code == "stay_not_yours"
    longer = await night.extend(booking, "worker_caw")
    assert (longer.checkout, longer.case_id) == (day("2026-12-01"), booking.case_id)
    night.at("2026-11-30 15:00")
    assert (await refusal(night.extend(booking, "worker_caw"))).code == "stay_not_yours"
    assert (await refusal(night.extend(booking, "worker_izegem"))).code == "not_there"
    assert (await refusal(night.extend(booking, "owner_ingelmunster"))).code == "not_your_role"


async def test_the_unit_is_not_offered_to_others_before_people_left(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 11:00")
    other = await night.request("coordinator")
    assert "in-house" not in await night.proposed(other)
    assert (await refusal(night.book(other, "in-house", "coordinator", night=MONDAY))).code == "unit_booked"
    await night.check_out(booking, "worker_caw")
    await night.say("in-house", "free", "owner_ingelmunster")
    assert (await night.book(other, "in-house", "coordinator", night=MONDAY)).nights == (MONDAY,)


async def test_where_the_unit_is_taken_more_nights_are_given_in_another(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    async with night.store.transaction() as tx:
        unit = await tx.get(Unit, "in-house")
        assert unit is not None
        await tx.save(replace(unit, free_until=MONDAY, version=unit.version + 1))
    await night.until("2026-11-30 10:30")
    assert (await refusal(night.extend(booking, "worker_caw"))).code == "unit_promised"
    second = await night.extend(booking, "worker_caw", unit_id="iz-house")
    assert second.id != booking.id and second.case_id == booking.case_id
    assert (second.nights, second.unit_id) == ((MONDAY,), "iz-house")
    assert await night.told("extended") == [
        ("caw", "extended"), ("ocmw_ingelmunster", "extended"), ("ocmw_izegem", "extended"),
    ]  # fmt: skip
    assert len(await night.rows(Handover)) == 1
    [row] = await night.rows(Booking, id=second.id)
    assert row.ask_arrival_at is not None and row.ask_arrival_at > night.clock.now()


async def test_nobody_is_asked_whether_they_arrived_before_their_first_evening(night: Night) -> None:
    request = await night.request()
    tonight = await night.book(request, "in-house", "coordinator", nights=1, reason="Ik vang hen op.")
    await night.check_in(tonight)
    await night.extend(tonight, "coordinator", unit_id="iz-house", nights=2)
    await night.until("2026-11-28 05:59")
    assert await night.told("arrival_question") == []
    await night.until("2026-11-28 06:15")
    assert [each for each, _ in await night.told("arrival_question")] == ["calltaker", "coordinator"]


async def test_a_big_household_gets_a_second_unit_for_the_same_nights(night: Night) -> None:
    request = await night.request(adults=1, children=8)
    assert (await refusal(night.book(request, "wi-house", persons=()))).facts["field"] == "persons"
    first = await night.book(request, "wi-house")
    second = await night.book(request, "iz-house", persons=())
    assert (second.nights, second.persons) == (first.nights, ())
    assert second.case_id == first.case_id and second.reference != first.reference
    assert len(await night.rows(PersonNight)) == 3
    no = await refusal(night.book(request, "in-house", persons=(), nights=4))
    assert (no.code, no.facts["field"]) == ("bad_input", "persons")
    await night.until("2026-11-30 10:30")
    assert (await refusal(night.extend(second, "worker_caw"))).code == "bad_input"
    assert (await night.extend(first, "worker_caw")).checkout == day("2026-12-01")
    longer = await night.extend(second, "worker_caw")
    assert (longer.id, longer.checkout) == (second.id, day("2026-12-01"))
    assert len(await night.handovers()) == 1


async def test_two_adults_may_sleep_in_two_units(night: Night) -> None:
    request = await night.request(adults=2, children=6)
    one, other = request.persons
    first = await night.book(request, "wi-house", persons=(one,))
    second = await night.book(request, "in-house")
    assert (first.persons, second.persons) == ((one,), (other,))
    assert (await refusal(night.book(request, "iz-house"))).code == "already_used"
    assert first.nights == second.nights == (FRIDAY, SATURDAY, SUNDAY)


async def test_a_calltaker_adds_one_block_in_a_night_and_not_a_second(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    extended = await night.extend(booking)
    assert extended.checkout == day("2026-12-01")
    assert (await refusal(night.extend(extended))).code == "stay_not_yours"


async def test_a_coordinator_takes_over_what_a_calltaker_took(night: Night) -> None:
    request = await night.request()
    taken = await night.app.intake.take(await night.actor("coordinator"), "take-1", request.id)
    assert taken.taken_by == "coordinator"
