"""Who people are: told late, told twice, merged over two references; what that changes and what it never does."""

import pytest

from crisispool.domain.booking import BookingPerson, PersonNight
from crisispool.domain.household import Person, PersonIdentity, PersonMerge
from crisispool.domain.request import RequestKind
from crisispool.services.asks import IdentityAsk, PersonAsk, RequestAsk
from crisispool.texts.render import told
from tests.support.night import JAN, Night, day, refusal
from tests.support.region import INGELMUNSTER


async def test_a_late_identity_that_breaks_the_limit_raises_an_alert_and_puts_nobody_out(
    night: Night,
) -> None:
    night.at("2026-11-23 20:00")
    first = await night.book(await night.request_of_jan(), "iz-studio")
    for _ in range(2):
        night.later(days=1)
        await night.extend(first)
    night.at("2026-11-26 20:00")
    unknown = await night.book(await night.request(), "in-studio")
    said = await night.identify(unknown)
    assert (said.known, said.alert) == (True, True)
    assert "Niemand moet weg" in told(said.sentence) and "Jan" not in told(said.sentence)
    assert (await night.view(unknown)).state == "booked"
    assert await night.told("stay_alert") == [("coordinator", "stay_alert")]
    await night.identify(unknown)
    assert len(await night.told("stay_alert")) == 1
    again = await night.request_of_jan(night=day("2026-11-27"))
    no = await refusal(night.book(again, "in-house", "coordinator", night=day("2026-11-27"), nights=1))
    assert (no.code, len(no.facts["used"])) == ("stay_limit", 4)  # type: ignore[arg-type]  # a list


async def test_two_beds_on_one_night_come_to_light_with_the_identity(night: Night) -> None:
    bookings = [await night.book(await night.request(), unit) for unit in ("iz-studio", "in-studio")]
    assert not (await night.identify(bookings[0])).known
    said = await night.identify(bookings[1])
    assert said.known and said.alert
    assert [(await night.view(each)).state for each in bookings] == ["booked", "booked"]


async def test_an_identity_within_the_limit_alerts_nobody(night: Night) -> None:
    booking = await night.book(await night.request(), "in-studio")
    said = await night.identify(booking)
    assert (said.known, said.alert) == (False, False)
    assert await night.told("stay_alert") == []


async def test_a_run_is_computed_over_both_references_of_one_person_and_no_night_is_rewritten(
    night: Night,
) -> None:
    night.at("2026-11-23 20:00")
    first = await night.book(await night.request(), "iz-studio")
    night.later(days=1)
    second = await night.book(await night.request(), "in-studio")
    before = await night.rows(PersonNight)
    await night.identify(first)
    assert (await night.identify(second)).known
    assert await night.rows(PersonNight) == before
    one, other = first.persons[0], second.persons[0]
    [merge] = await night.rows(PersonMerge)
    assert (merge.person_id, merge.from_canonical_id, merge.to_canonical_id) == (other, other, one)
    assert {row.canonical_id for row in await night.rows(Person)} == {one}
    night.later(days=1)
    third = await night.book(await night.request_of_jan(), "wi-flat")
    assert len(third.nights) == 1
    night.later(days=1)
    no = await refusal(night.book(await night.request_of_jan(), "in-house"))
    assert no.facts["used"] == ["2026-11-23", "2026-11-24", "2026-11-25"]


async def test_a_mistaken_identity_put_right_parts_the_two_again(night: Night) -> None:
    night.at("2026-11-23 20:00")
    jan = await night.book(await night.request_of_jan(), "iz-studio")
    night.later(days=1)
    piet = await night.book(await night.request_of_jan(), "in-studio")
    assert piet.nights == (day("2026-11-24"),)
    said = await night.identify(piet, IdentityAsk("Piet", "Canary-Maes", day("1990-01-01")))
    assert not said.known
    one, other = jan.persons[0], piet.persons[0]
    assert {row.id: row.canonical_id for row in await night.rows(Person)} == {one: one, other: other}


async def test_the_first_reference_put_right_leaves_the_others_together(night: Night) -> None:
    night.at("2026-11-23 20:00")
    bookings = []
    for unit_id in ("iz-studio", "in-studio", "wi-flat"):
        bookings.append(await night.book(await night.request_of_jan(), unit_id))
        night.later(days=1)
    await night.identify(bookings[0], IdentityAsk("Piet", "Canary-Maes", day("1990-01-01")))
    first, second, third = (each.persons[0] for each in bookings)
    assert {row.id: row.canonical_id for row in await night.rows(Person)} == {
        first: first, second: second, third: second,
    }  # fmt: skip


async def test_an_identity_is_sealed_and_can_be_put_right(night: Night) -> None:
    booking = await night.book(await night.request(), "in-studio")
    await night.identify(booking, IdentityAsk("Jan", "Peters", birth_year=1980))
    await night.identify(booking)
    [kept] = await night.rows(PersonIdentity)
    assert (kept.surname.reveal(), kept.birth_date.reveal()) == ("Canary-Peeters", "1980-05-17")
    assert "Canary" not in repr(kept)
    [person] = await night.rows(Person)
    assert person.digest is not None and "Canary" not in repr(person)


@pytest.mark.parametrize(
    ("identity", "problem"),
    [
        (IdentityAsk("123", "Peeters", day("1980-05-17")), "name_without_letters"),
        (IdentityAsk("Jan", "'", day("1980-05-17")), "name_without_letters"),
        (IdentityAsk("Jan", "Peeters"), "birth_missing"),
    ],
)
async def test_an_identity_that_tells_nothing_is_bad_input(
    night: Night, identity: IdentityAsk, problem: str
) -> None:
    booking = await night.book(await night.request(), "in-studio")
    no = await refusal(night.identify(booking, identity))
    assert (no.code, no.facts["problem"]) == ("bad_input", problem)
    assert await night.rows(PersonIdentity) == []


async def test_only_people_of_the_booking_are_identified_and_only_by_who_may(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "in-studio")
    other = await night.book(await night.request(), "in-house")
    desk = await night.actor("calltaker")
    assert (
        await refusal(night.app.identities.put(desk, "op", booking.id, other.persons[0], JAN))
    ).code == "not_there"
    assert (await refusal(night.identify(other, JAN, "referrer"))).code == "not_there"
    assert (await refusal(night.identify(booking, JAN, "owner_ingelmunster"))).code == "not_your_role"
    assert (await night.identify(booking, JAN, "referrer")).known is False


async def test_what_is_asked_anew_keeps_the_people_and_takes_the_nights_told_last(night: Night) -> None:
    night.at("2026-11-26 20:00")
    told = PersonAsk(claimed_nights=tuple(day(f"2026-11-{n}") for n in (23, 24, 25)))
    request = await night.request(persons=(told,))
    desk = await night.actor("calltaker")
    assert (await refusal(night.book(request, "in-house"))).code == "stay_limit"

    async def anew(adults: int, *persons: PersonAsk) -> tuple[str, ...]:
        ask = RequestAsk(
            RequestKind.CONFLICT, adults, origin=INGELMUNSTER, referrer="police", persons=persons
        )
        return (await night.app.intake.update(desk, night.op(), request.id, ask)).persons

    more = await anew(2)
    assert more[0] == request.persons[0] and len(more) == 2
    booking = await night.book(request, "in-house")
    await night.cancel(booking)
    # Two had a bed for a moment: both stay on record.
    assert await anew(1) == more
    assert len(await night.rows(BookingPerson)) == 2
    await anew(1, told)
    assert (await refusal(night.book(request, "in-house"))).code == "stay_limit"


async def test_a_later_request_of_the_same_person_is_linked(night: Night) -> None:
    first = await night.book(await night.request_of_jan(), "in-studio")
    await night.until("2026-12-02 20:00")
    again = await night.book(await night.request_of_jan(), "in-house")
    assert again.case_id != first.case_id
    await night.until("2026-12-03 08:00")
    handovers = {each.case_id: each for each in await night.handovers()}
    assert handovers[again.case_id].previous_case_id == first.case_id
    assert handovers[first.case_id].previous_case_id is None


async def test_a_later_request_is_linked_also_when_the_name_comes_after_the_bed(night: Night) -> None:
    first = await night.book(await night.request_of_jan(), "in-studio")
    await night.until("2026-12-02 20:00")
    again = await night.book(await night.request(), "in-house")
    await night.until("2026-12-03 08:00")
    await night.identify(again)
    handovers = {each.case_id: each for each in await night.handovers()}
    assert handovers[again.case_id].previous_case_id == first.case_id


async def test_nights_told_of_somebody_who_is_recognised_are_judged_at_once(night: Night) -> None:
    night.at("2026-11-23 20:00")
    first = await night.book(await night.request_of_jan(), "iz-studio")
    for _ in range(2):
        night.later(days=1)
        await night.extend(first)
    told = PersonAsk(identity=JAN, claimed_nights=(day("2026-11-22"),))
    await night.request(persons=(told,))
    assert await night.told("stay_alert") == [("coordinator", "stay_alert")]
    broken = {each.rule for each in await night.app.invariants.broken(night.clock.now())}
    assert "stay_limit" not in broken
