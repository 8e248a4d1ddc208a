"""How long someone may stay: three nights, five to get over a weekend, in whatever units and requests."""

import asyncio
from datetime import date, timedelta

import pytest

from crisispool.domain.booking import Booking, PersonNight, StayDecision
from crisispool.domain.errors import Refusal
from crisispool.domain.household import Person
from crisispool.domain.request import RequestNote
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import IdentityAsk, PersonAsk
from crisispool.texts.render import told
from tests.support.night import JAN, Night, day, refusal

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, 23) + timedelta(days=n) for n in range(5))
UNITS = ("iz-room", "in-studio", "wi-flat", "in-house", "iz-studio", "iz-house", "wi-house")


@pytest.fixture(autouse=True)
def monday_evening(night: Night) -> None:
    night.at("2026-11-23 20:00")


async def nights_in(night: Night, *nights: date) -> list[BookingAnswer]:
    """Jan sleeps on these nights, each in another unit and another request, given by the coordinator."""
    given = []
    for unit_id, each in zip(UNITS, nights, strict=False):
        request = await night.request_of_jan(night=each)
        given.append(await night.book(request, unit_id, "coordinator", night=each, nights=1))
    return given


async def test_three_nights_in_three_units_refuse_a_fourth_and_say_which(night: Night) -> None:
    await nights_in(night, MONDAY, TUESDAY, WEDNESDAY)
    night.at("2026-11-26 20:00")
    request = await night.request_of_jan()
    before = len(await night.rows(PersonNight))
    for by in ("calltaker", "coordinator"):
        no = await refusal(night.book(request, "in-house", by))
        assert no.code == "stay_limit"
        assert no.facts["used"] == ["2026-11-23", "2026-11-24", "2026-11-25"]
        assert (no.facts["longest_checkout"], no.facts["hard_checkout"]) == (None, None)
        assert "maandag 23, dinsdag 24 en woensdag 25 november" in told(no.facts["sentence"])
        assert no.facts["needs"] == "coordinator"
    assert len(await night.rows(PersonNight)) == before
    assert (await night.unit("in-house")).status == "free"


async def test_a_night_elsewhere_begins_a_new_run_with_a_signal(night: Night) -> None:
    await nights_in(night, MONDAY, TUESDAY, WEDNESDAY)
    night.at("2026-11-27 20:00")
    booking = await night.book(await night.request_of_jan(), "in-house")
    assert (len(booking.nights), booking.signals) == (3, ("second_run",))
    assert await night.told("consultation_proposed") == [("coordinator", "consultation_proposed")]


async def test_a_booking_that_joins_two_older_ones_into_too_long_a_run_is_refused(night: Night) -> None:
    await nights_in(night, MONDAY, TUESDAY, THURSDAY)
    no = await refusal(
        night.book(await night.request_of_jan(), "in-house", "coordinator", night=WEDNESDAY, nights=1)
    )
    assert no.code == "stay_limit"
    assert no.facts["used"] == ["2026-11-23", "2026-11-24", "2026-11-26"]


async def test_a_night_asked_twice_is_a_night_used(night: Night) -> None:
    await nights_in(night, MONDAY)
    no = await refusal(night.book(await night.request_of_jan(), "in-studio"))
    assert (no.code, no.facts["code"]) == ("already_used", "already_used")
    assert "maandag 23 november" in told(no.facts["sentence"])


async def test_eight_bookings_of_one_person_at_once_never_pass_the_limit(night: Night) -> None:
    nights = [MONDAY + timedelta(days=n) for n in range(4)] * 2
    requests = [await night.request_of_jan() for _ in nights]
    processes = [night, night.another_process()]
    done = await asyncio.gather(
        *(
            processes[n % 2].book(request, UNITS[n % 7], "coordinator", night=nights[n], nights=1)
            for n, request in enumerate(requests)
        ),
        return_exceptions=True,
    )
    given = sorted(each.nights[0] for each in done if isinstance(each, BookingAnswer))
    assert len(given) == len(set(given)) == 3
    refused = {each.code for each in done if isinstance(each, Refusal)}
    assert refused <= {"stay_limit", "already_used", "unit_booked", "no_longer_free"}
    assert sum(isinstance(each, Refusal) for each in done) == 5
    assert sorted(row.night for row in await night.rows(PersonNight)) == given


async def test_the_same_person_in_two_requests_at_once_gets_one_bed(night: Night) -> None:
    requests = [await night.request_of_jan() for _ in range(4)]
    done = await asyncio.gather(
        *(night.book(request, UNITS[n]) for n, request in enumerate(requests)), return_exceptions=True
    )
    assert sum(isinstance(each, BookingAnswer) for each in done) == 1
    assert {each.code for each in done if isinstance(each, Refusal)} == {"already_used"}


@pytest.mark.parametrize("spelled", ["JAN", "  jan ", "Ján", "Jan\u200f"])
async def test_a_name_is_recognised_however_it_is_written(night: Night, spelled: str) -> None:
    await nights_in(night, MONDAY)
    again = IdentityAsk(spelled, "canary peeters", JAN.birth_date)
    request = await night.request(persons=(PersonAsk(identity=again),))
    assert (await refusal(night.book(request, "in-studio"))).code == "already_used"


async def test_a_coarse_identity_only_proposes(night: Night) -> None:
    await nights_in(night, MONDAY)
    coarse = IdentityAsk("Jan", "Canary-Peeters", birth_year=1980)
    request = await night.request(persons=(PersonAsk(identity=coarse),))
    booking = await night.book(request, "in-studio")
    [same] = await night.rows(Person, id=booking.persons[0])
    assert same.canonical_id == same.id and same.coarse_digest is not None


async def test_nights_that_the_caller_tells_of_count(night: Night) -> None:
    night.at("2026-11-26 20:00")
    told = (MONDAY, TUESDAY, WEDNESDAY)
    request = await night.request(persons=(PersonAsk(claimed_nights=told),))
    no = await refusal(night.book(request, "in-house"))
    assert (no.code, no.facts["used"]) == ("stay_limit", [each.isoformat() for each in told])


async def test_the_household_is_split_and_the_strictest_adult_governs(night: Night) -> None:
    night.at("2026-11-26 20:00")
    told = PersonAsk(claimed_nights=(MONDAY, TUESDAY, WEDNESDAY))
    request = await night.request(adults=2, children=1, persons=(PersonAsk(), told))
    first, second = request.persons
    no = await refusal(night.book(request, "in-house"))
    assert no.code == "stay_limit"
    assert no.facts["split"] == [
        {"person": first, "allowed": True, "code": "ok", "hard_checkout": "2026-12-01"},
        {"person": second, "allowed": False, "code": "stay_limit", "hard_checkout": None},
    ]
    booking = await night.book(request, "in-house", persons=(first,))
    assert booking.persons == (first,) and len(booking.nights) == 1
    given = await night.book(request, "in-studio", "coordinator", reason="Het vriest.", persons=(second,))
    assert given.overridden and given.case_id == booking.case_id
    fresh = await night.request(adults=2, persons=(PersonAsk(claimed_nights=(WEDNESDAY,)), PersonAsk()))
    shown = await night.book(fresh, "iz-studio")
    assert [each["allowed"] for each in shown.split] == [True, True]


async def test_only_a_coordinator_with_a_reason_goes_beyond_the_limit_up_to_seven_nights(
    night: Night,
) -> None:
    await nights_in(night, MONDAY, TUESDAY, WEDNESDAY)
    night.at("2026-11-26 20:00")
    request = await night.request_of_jan()
    assert (await refusal(night.book(request, "in-house", reason="Omdat."))).code == "stay_limit"
    for empty in ("", "  "):
        assert (await refusal(night.book(request, "in-house", "coordinator", reason=empty))).code == (
            "reason_missing"
        )
    given = await night.book(request, "in-house", "coordinator", reason="canary-reason", nights=4)
    assert given.overridden and given.nights[-1] == day("2026-11-29")
    [kept] = await night.rows(StayDecision, booking_id=given.id)
    assert (kept.overridden, kept.given_by_role, kept.code) == (True, "coordinator", "ok")
    assert kept.policy_version == 1 and "canary-reason" not in repr(kept)
    [note] = await night.rows(RequestNote, request_id=request.id)
    assert (note.purpose, note.text.reveal()) == ("override", "canary-reason")
    no = await refusal(night.extend(given, "coordinator", reason="Nog."))
    assert (no.code, no.facts.get("needs")) == ("stay_limit", None)


async def test_only_a_coordinator_lets_a_stay_end_on_a_closed_day(night: Night) -> None:
    night.at("2026-11-27 20:00")
    request = await night.request()
    no = await refusal(night.book(request, "in-house", nights=1))
    assert (no.code, no.facts["needs"]) == ("stay_not_yours", "coordinator")
    assert (await refusal(night.book(request, "in-house", "coordinator", nights=1))).code == "reason_missing"
    given = await night.book(request, "in-house", "coordinator", nights=1, reason="Ik vang hen op.")
    assert given.checkout == day("2026-11-28") and not given.overridden


async def test_a_decision_remembers_its_policy(night: Night) -> None:
    await night.decide(stay_policy="weekend_label", override_nights=5)
    request = await night.request()
    await refusal(night.book(request, "in-house", nights=4))
    booking = await night.book(request, "in-house")
    decided = {row.booking_id: row for row in await night.rows(StayDecision)}
    assert set(decided) == {None, booking.id}
    assert {row.policy_version for row in decided.values()} == {2}
    refused = decided[None]
    assert (refused.code, refused.given_by_role, refused.request_id) == ("stay_limit", None, request.id)
    assert refused.facts["nights"] == [f"2026-11-{n}" for n in (23, 24, 25, 26)]
    assert [row.policy_version for row in await night.rows(Booking)] == [2]


async def test_minors_alone_get_no_bed_here(night: Night) -> None:
    request = await night.request(adults=0, children=2)
    assert (await refusal(night.book(request, "in-house"))).code == "minor_alone"
    child = PersonAsk(adult=False, age=9)
    family = await night.request(children=1, persons=(PersonAsk(), child))
    assert (await refusal(night.book(family, "in-house", persons=family.persons[1:]))).code == "minor_alone"
    booking = await night.book(family, "in-house")
    assert booking.persons == family.persons


async def test_who_a_booking_is_for_must_be_of_its_request(night: Night) -> None:
    request, other = await night.request(), await night.request()
    assert (await refusal(night.book(request, "in-house", persons=other.persons))).code == "bad_input"
