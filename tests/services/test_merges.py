"""Two references that are one person: merged by a coordinator on a working day, and parted again."""

from dataclasses import replace

import pytest

from crisispool.domain.booking import PersonNight, StayAlert
from crisispool.domain.household import Person, PersonMerge
from crisispool.domain.request import RequestKind
from crisispool.services.answers import BookingAnswer, MergeAnswer
from crisispool.services.asks import IdentityAsk, MergeAsk, RequestAsk
from tests.support.night import JAN, Night, day, refusal
from tests.support.region import INGELMUNSTER

YANN = replace(JAN, given_name="Yann")


async def merge(night: Night, one: str, other: str, by: str = "coordinator") -> MergeAnswer:
    return await night.app.merges.merge(await night.actor(by), night.op(), MergeAsk(one, other))


async def undo(night: Night, merged: MergeAnswer, by: str = "coordinator") -> MergeAnswer:
    return await night.app.merges.undo(await night.actor(by), night.op(), merged.id)


async def alike(night: Night) -> set[frozenset[str]]:
    pairs = await night.app.merges.alike(await night.actor("coordinator"))
    return {frozenset((pair.person_id, pair.into_person_id)) for pair in pairs}


async def canonical(night: Night) -> dict[str, str]:
    return {row.id: row.canonical_id for row in await night.rows(Person)}


async def four_nights_as_two_people(night: Night) -> list[BookingAnswer]:
    """Monday and Tuesday under one reference, Wednesday and Thursday under another; it is Thursday evening."""
    bookings = []
    night.at("2026-11-23 20:00")
    for evening, unit_id in ((23, "iz-studio"), (25, "in-studio")):
        await night.until(f"2026-11-{evening} 20:00")
        booking = await night.book(await night.request(), unit_id)
        await night.until(f"2026-11-{evening + 1} 20:00")
        bookings.append(await night.extend(booking))
    return bookings


async def test_a_merge_that_breaks_the_limit_alerts_once_and_puts_nobody_out(night: Night) -> None:
    bookings = await four_nights_as_two_people(night)
    before = await night.rows(PersonNight)
    (one,), (other,) = (booking.persons for booking in bookings)
    merged = await merge(night, one, other)
    assert merged.persons == (one,) and merged.alerts == (bookings[1].id,)
    assert await canonical(night) == {one: other, other: other}
    assert await night.rows(PersonNight) == before
    [alert] = await night.rows(StayAlert)
    assert (alert.booking_id, alert.cause, len(alert.run)) == (bookings[1].id, "merge", 4)
    assert await night.told("stay_alert") == [("coordinator", "stay_alert")]
    assert (await night.view(bookings[1])).state == "booked"
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_who_moves_after_an_alert_raises_no_other_one(night: Night) -> None:
    bookings = await four_nights_as_two_people(night)
    (one,), (other,) = (booking.persons for booking in bookings)
    await merge(night, one, other)
    moved = await night.move(bookings[1])
    assert await night.app.invariants.broken(night.clock.now()) == []
    await night.identify(moved, YANN)
    assert len(await night.rows(StayAlert)) == 1


async def test_two_of_one_booking_are_one_person_counted_twice_and_nobody_in_two_beds(night: Night) -> None:
    booking = await night.book(await night.request(adults=2), "in-house")
    await night.until("2026-11-30 09:00")
    assert (await merge(night, *booking.persons)).alerts == ()
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_after_a_merge_the_run_is_judged_over_both(night: Night) -> None:
    bookings = await four_nights_as_two_people(night)
    (one,), (other,) = (booking.persons for booking in bookings)
    await merge(night, one, other)
    no = await refusal(night.extend(bookings[1], "coordinator"))
    assert (no.code, len(no.facts["used"])) == ("stay_limit", 4)  # type: ignore[arg-type]  # a list


async def test_undoing_a_merge_gives_each_their_own_nights_again(night: Night) -> None:
    bookings = await four_nights_as_two_people(night)
    (one,), (other,) = (booking.persons for booking in bookings)
    merged = await merge(night, one, other)
    parted = await undo(night, merged)
    assert parted.persons == merged.persons
    assert await canonical(night) == {one: one, other: other}
    [row] = await night.rows(PersonMerge)
    assert row.undone_at == night.clock.now()
    night.at("2026-11-27 11:00")
    assert (await night.extend(bookings[1], "coordinator")).checkout == day("2026-11-30")
    assert (await undo(night, merged)).persons == merged.persons


async def test_who_was_recognised_meanwhile_parts_with_the_one_they_are(night: Night) -> None:
    night.at("2026-11-23 20:00")
    jan = await night.book(await night.request_of_jan(), "iz-studio")
    yann = await night.book(await night.request(), "in-studio")
    await night.identify(yann, YANN)
    merged = await merge(night, jan.persons[0], yann.persons[0])
    night.at("2026-11-24 20:00")
    again = await night.book(await night.request_of_jan(), "wi-flat")
    assert (await canonical(night))[again.persons[0]] == yann.persons[0]
    await undo(night, merged)
    assert await canonical(night) == {
        jan.persons[0]: jan.persons[0],
        yann.persons[0]: yann.persons[0],
        again.persons[0]: jan.persons[0],
    }


async def test_decisions_about_people_are_undone_in_the_opposite_order(night: Night) -> None:
    night.at("2026-11-23 20:00")
    units = ("iz-studio", "in-studio", "wi-flat")
    persons = [(await night.book(await night.request(), unit)).persons[0] for unit in units]
    first = await merge(night, persons[0], persons[1])
    second = await merge(night, persons[1], persons[2])
    assert set(second.persons) == set(persons[:2])
    assert (await refusal(undo(night, first))).code == "merged_since"
    await undo(night, second)
    await undo(night, first)
    assert await canonical(night) == {person: person for person in persons}


@pytest.mark.parametrize("moment", ["2026-11-28 12:00", "2026-12-25 12:00"])
async def test_people_are_merged_on_working_days_only(night: Night, moment: str) -> None:
    bookings = [await night.book(await night.request(), unit) for unit in ("iz-studio", "in-studio")]
    night.at(moment)
    persons = [booking.persons[0] for booking in bookings]
    assert (await refusal(merge(night, *persons))).code == "not_a_working_day"
    assert await night.rows(PersonMerge) == []


async def test_only_a_coordinator_merges_and_only_two_people_of_the_network(night: Night) -> None:
    night.at("2026-11-24 12:00")
    booking = await night.book(await night.request(children=1), "in-house")
    other = await night.book(await night.request(), "iz-studio")
    grown, child = booking.persons[0], (await night.rows(Person, adult=False))
    assert child == []
    for who in ("calltaker", "worker_caw", "owner_izegem", "referrer", "admin"):
        assert (await refusal(merge(night, grown, other.persons[0], who))).code == "not_your_role"
    assert (await refusal(merge(night, grown, "nobody"))).code == "not_there"
    await merge(night, grown, other.persons[0])
    no = await refusal(merge(night, other.persons[0], grown))
    assert (no.code, no.facts["problem"]) == ("bad_input", "one_person_already")


async def test_a_coarse_likeness_only_proposes(night: Night) -> None:
    bookings = [
        await night.book(await night.request(), unit) for unit in ("iz-studio", "in-studio", "wi-flat")
    ]
    await night.identify(bookings[0], JAN)
    await night.identify(bookings[1], IdentityAsk("Jan", "Claes", birth_year=1980))
    await night.identify(bookings[2], IdentityAsk("Jan", "Cools", day("1980-01-01")))
    jan, maybe, other = (booking.persons[0] for booking in bookings)
    # A name may be spelled in two ways, and a birth year fits several.
    assert await alike(night) == {frozenset((jan, maybe)), frozenset((maybe, other)), frozenset((jan, other))}
    assert await canonical(night) == {jan: jan, maybe: maybe, other: other}
    night.at("2026-11-30 12:00")
    await merge(night, maybe, jan)
    assert frozenset((jan, maybe)) not in await alike(night)


async def test_a_merge_is_undone_also_when_one_of_them_turned_out_to_be_somebody_else(night: Night) -> None:
    night.at("2026-11-23 20:00")
    units = ("iz-studio", "in-studio", "wi-flat")
    bookings = [await night.book(await night.request(), unit) for unit in units]
    one, same, other = (booking.persons[0] for booking in bookings)
    for booking in bookings[:2]:
        await night.identify(booking, JAN)
    merged = await merge(night, one, other)
    assert set(merged.persons) == {one, same}
    await night.identify(bookings[1], IdentityAsk("Piet", "Canary-Maes", day("1990-01-01")))
    await undo(night, merged)
    assert await canonical(night) == {one: one, same: same, other: other}


async def test_a_reference_that_was_merged_stays_on_record_when_fewer_people_come(night: Night) -> None:
    night.at("2026-11-24 12:00")
    request = await night.request(adults=2)
    other = (await night.book(await night.request(), "iz-studio")).persons[0]
    await merge(night, request.persons[1], other)
    ask = RequestAsk(RequestKind.CONFLICT, 1, origin=INGELMUNSTER, referrer="police")
    kept = await night.app.intake.update(await night.actor("calltaker"), night.op(), request.id, ask)
    assert kept.adults == 1 and request.persons[1] in {row.id for row in await night.rows(Person)}


async def test_an_override_excuses_the_run_it_was_given_for_and_no_longer_one(night: Night) -> None:
    night.at("2026-11-23 20:00")
    first = await night.book(await night.request(), "iz-studio", "coordinator", nights=4, reason="ziek")
    await night.until("2026-11-27 20:00")
    other = await night.book(await night.request(), "in-studio", "coordinator", nights=3)
    merged = await merge_next_morning(night, first.persons[0], other.persons[0])
    assert merged.alerts == (other.id,)
    assert [len(row.run) for row in await night.rows(StayAlert)] == [7]


async def test_two_beds_on_one_night_are_told_whatever_was_overridden(night: Night) -> None:
    night.at("2026-11-23 20:00")
    bookings = [
        await night.book(await night.request(), unit, "coordinator", nights=4, reason="ziek")
        for unit in ("iz-studio", "in-studio")
    ]
    merged = await merge_next_morning(night, *(booking.persons[0] for booking in bookings))
    assert len(merged.alerts) == 1


async def merge_next_morning(night: Night, one: str, other: str) -> MergeAnswer:
    while night.brussels(night.clock.now()).weekday() > 4:
        night.later(days=1)
    return await merge(night, one, other)


async def test_a_night_after_two_beds_were_told_is_no_new_alert(night: Night) -> None:
    night.at("2026-11-23 20:00")
    bookings = [await night.book(await night.request(), unit) for unit in ("iz-studio", "in-studio")]
    night.at("2026-11-24 11:00")
    merged = await merge(night, *(booking.persons[0] for booking in bookings))
    assert len(merged.alerts) == 1
    night.at("2026-11-24 20:00")
    await night.app.sweep.run()
    await night.extend(bookings[0])
    assert len(await night.rows(StayAlert)) == 1
    assert await night.app.invariants.broken(night.clock.now()) == []
