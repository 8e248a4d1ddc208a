"""What a unit is at a moment, and for which nights it may be given."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisispool.domain.availability import (
    Freshness,
    NotGiven,
    UnitFacts,
    can_be_given,
    earliest_placement,
    free_nights,
    freshness,
    status,
)
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.unit import OutOfService, UnitSource, UnitStatus
from tests.domain.examples import (
    CALENDAR,
    DAY,
    FRIDAY,
    MONDAY,
    SATURDAY,
    SATURDAY_NIGHT_CALL,
    SUNDAY,
    WEEKEND,
    a_booking,
    a_hold,
    a_placement,
    a_turnover,
    a_unit,
    at,
    booked,
    day,
    facts_of,
    held,
)

NOW = SATURDAY_NIGHT_CALL


def why_not(facts: UnitFacts, *nights: date, when: str = "2026-11-28 02:04") -> NotGiven | None:
    return can_be_given(facts, nights or WEEKEND, at(when), CALENDAR)


def out_of_service(starts: str) -> UnitFacts:
    return facts_of(out_of_service=OutOfService("o1", "u1", at(starts), "leak"))


def test_the_first_match_of_out_of_service_occupied_booked_held_turnover_free_is_the_status() -> None:
    everything = UnitFacts(
        unit=a_unit(),
        out_of_service=OutOfService("o1", "u1", at("2026-11-27 09:00"), "leak"),
        placements=(a_placement("2026-11-01", "2026-12-02"),),
        bookings=(a_booking(),),
        nights_taken={FRIDAY: "held"},
        hold_until=NOW + timedelta(minutes=5),
        turnover=a_turnover(),
    )
    without: list[dict[str, Any]] = [
        {},
        {"out_of_service": None},
        {"placements": ()},
        {"bookings": ()},
        {"nights_taken": {}},
        {"turnover": None},
    ]
    found = []
    for changes in without:
        everything = replace(everything, **changes)
        state = status(everything, NOW, CALENDAR)
        found.append((state.status, state.until))
    assert found == [
        (UnitStatus.OUT_OF_SERVICE, None),
        (UnitStatus.OCCUPIED, day("2026-12-02")),
        (UnitStatus.BOOKED, MONDAY),
        (UnitStatus.HELD, NOW + timedelta(minutes=5)),
        (UnitStatus.TURNOVER, at("2026-11-30 16:00")),
        (UnitStatus.FREE, None),
    ]


def test_a_free_unit_says_by_which_morning_it_must_be_empty_again() -> None:
    def until(facts: UnitFacts) -> object:
        return status(facts, NOW, CALENDAR).until

    assert until(facts_of(a_unit(free_until=day("2026-12-02")))) == day("2026-12-02")
    assert until(facts_of(placements=(a_placement("2026-12-01"),))) == day("2026-12-01")
    assert until(facts_of(nights_taken={FRIDAY: "held", MONDAY: "booked"}, hold_until=NOW)) == MONDAY


def test_free_but_not_cleaned_is_free_with_that_word() -> None:
    state = status(facts_of(a_unit(cleaned=False)), NOW, CALENDAR)
    assert (state.status, state.cleaned) == (UnitStatus.FREE, False)


def test_a_placement_begins_and_ends_with_its_nights_not_at_midnight() -> None:
    ending = facts_of(placements=(a_placement("2026-11-01", "2026-12-02"),))
    starting = facts_of(placements=(a_placement("2026-12-02"),))
    for moment, before in (
        ("2026-12-02 01:00", True),
        ("2026-12-02 08:29", True),
        ("2026-12-02 08:30", False),
    ):
        occupied = status(ending, at(moment), CALENDAR).status is UnitStatus.OCCUPIED
        assert occupied is before
        assert (status(starting, at(moment), CALENDAR).status is UnitStatus.FREE) is before


def test_a_unit_whose_placement_ends_on_a_day_is_free_for_the_night_of_that_day() -> None:
    facts = facts_of(placements=(a_placement("2026-11-01", "2026-11-28"),))
    assert why_not(facts, FRIDAY) == "occupied"
    assert why_not(facts, SATURDAY, SUNDAY) is None


def test_an_open_placement_blocks_for_good() -> None:
    assert free_nights(facts_of(placements=(a_placement("2026-12-01"),)), FRIDAY, 20, NOW, CALENDAR) == {
        FRIDAY, SATURDAY, SUNDAY, MONDAY,
    }  # fmt: skip


def test_a_held_unit_cannot_be_held_twice() -> None:
    assert why_not(held(a_hold())) == "held"
    assert why_not(held(a_hold(nights=1)), SATURDAY, SUNDAY) is None


def test_a_hold_is_not_in_the_way_of_its_own_booking() -> None:
    hold = a_hold()
    assert can_be_given(held(hold), WEEKEND, NOW, CALENDAR, own_hold=hold) is None
    longer = (*WEEKEND, MONDAY)
    facts = replace(held(hold), nights_taken={**held(hold).nights_taken, MONDAY: "held"})
    assert can_be_given(facts, longer, NOW, CALENDAR, own_hold=hold) == "held"


def test_a_lapsed_hold_is_in_nobodys_way() -> None:
    facts = held(a_hold(until=NOW))
    assert why_not(facts) is None
    assert status(facts, NOW, CALENDAR).status is UnitStatus.FREE


def test_an_open_turnover_blocks_every_night_until_a_person_ends_it() -> None:
    facts = facts_of(turnover=a_turnover())
    assert free_nights(facts, FRIDAY, 30, NOW, CALENDAR) == frozenset()
    assert why_not(facts, day("2026-12-20"), when="2026-12-20 20:00") == "turnover"


def test_a_live_booking_blocks_its_nights() -> None:
    facts = booked(a_booking())
    assert why_not(facts, SUNDAY) == "booked"
    assert why_not(facts, day("2026-12-01")) is None


def test_nobody_is_presumed_gone_on_the_morning_of_the_check_out() -> None:
    facts = booked(a_booking())
    for moment in ("2026-11-28 02:04", "2026-11-30 07:00", "2026-11-30 11:00", "2026-11-30 23:00"):
        assert why_not(facts, MONDAY, when=moment) == "booked"
    assert status(facts, at("2026-11-30 11:00"), CALENDAR).status is UnitStatus.BOOKED


def test_who_stays_over_keeps_the_unit_booked_night_after_night() -> None:
    facts = booked(a_booking())
    tuesday = MONDAY + DAY
    assert status(facts, at("2026-12-01 20:00"), CALENDAR).status is UnitStatus.BOOKED
    assert why_not(facts, tuesday, when="2026-12-01 20:00") == "booked"
    assert why_not(facts, tuesday + DAY, when="2026-12-01 20:00") is None


def test_an_extension_is_not_in_its_own_way_but_in_that_of_others() -> None:
    own, after = a_booking(), a_booking(MONDAY + DAY, MONDAY + 2 * DAY, id="b2")
    alone = booked(own)
    assert can_be_given(alone, (MONDAY,), at("2026-11-30 11:00"), CALENDAR, own_booking_id="b1") is None
    assert can_be_given(alone, (MONDAY,), at("2026-11-30 11:00"), CALENDAR, own_booking_id="b2") == "booked"
    both = UnitFacts(
        unit=a_unit(),
        bookings=(own, after),
        nights_taken=dict.fromkeys((*own.nights, *after.nights), "booked"),
    )
    nights = (MONDAY, MONDAY + DAY)
    assert can_be_given(both, nights[:1], at("2026-11-30 11:00"), CALENDAR, own_booking_id="b1") is None
    assert can_be_given(both, nights, at("2026-11-30 11:00"), CALENDAR, own_booking_id="b1") == "booked"


def test_a_night_that_still_counts_after_an_early_leave_is_not_given_again() -> None:
    left = facts_of(nights_taken={FRIDAY: "booked"}, turnover=None)
    assert why_not(left, FRIDAY) == "booked"
    assert why_not(left, SATURDAY) is None


def test_a_stay_ends_on_the_promised_morning_at_the_latest() -> None:
    promised = facts_of(a_unit(free_until=SUNDAY))
    assert why_not(promised, FRIDAY, SATURDAY) is None
    assert why_not(promised, *WEEKEND) == "promised"


def test_a_unit_is_offered_from_joining_until_the_morning_it_leaves() -> None:
    facts = facts_of(a_unit(joined_on=SATURDAY, leaves_on=MONDAY))
    assert free_nights(facts, FRIDAY, 10, NOW, CALENDAR) == {SATURDAY, SUNDAY}
    assert why_not(facts, FRIDAY) == "not_offered"
    assert not status(facts, NOW, CALENDAR).offered


def test_a_rota_unit_is_offered_only_on_the_nights_of_its_weeks() -> None:
    facts = facts_of(a_unit(source=UnitSource.ROTA, rota_weeks=(day("2026-11-23"), day("2026-12-07"))))
    assert free_nights(facts, FRIDAY, 21, NOW, CALENDAR) == {
        *WEEKEND, *(day("2026-12-07") + DAY * n for n in range(7)),
    }  # fmt: skip
    never = facts_of(a_unit(source=UnitSource.ROTA))
    assert why_not(never, FRIDAY) == "not_offered"
    assert status(never, NOW, CALENDAR).status is UnitStatus.FREE


def test_what_is_out_of_service_from_a_moment_on_blocks_from_that_night_on() -> None:
    assert why_not(out_of_service("2026-11-28 02:00"), FRIDAY) == "out_of_service"
    works = out_of_service("2026-11-30 09:00")
    assert why_not(works, *WEEKEND) is None
    assert why_not(works, MONDAY) == "out_of_service"
    assert status(works, NOW, CALENDAR).status is UnitStatus.FREE


def test_a_night_that_is_over_is_not_given() -> None:
    assert why_not(facts_of(), FRIDAY, when="2026-11-28 05:59") is None
    assert why_not(facts_of(), FRIDAY, when="2026-11-28 06:00") == "night_past"
    assert why_not(facts_of(), SUNDAY, when="2026-11-30 08:29") is None
    assert why_not(facts_of(), SUNDAY, when="2026-11-30 08:30") == "night_past"


def test_the_first_impossible_night_says_why() -> None:
    facts = facts_of(a_unit(free_until=MONDAY), nights_taken={SUNDAY: "booked"})
    assert why_not(facts, MONDAY, SUNDAY, SATURDAY) == "booked"


@given(
    night=st.dates(date(2026, 11, 27), date(2026, 12, 20)),
    placement=st.dates(date(2026, 11, 20), date(2026, 12, 20)),
    checkout=st.integers(1, 5),
    free_until=st.none() | st.dates(date(2026, 11, 27), date(2026, 12, 20)),
)
def test_a_night_is_free_in_the_view_exactly_when_it_may_be_given(
    night: date, placement: date, checkout: int, free_until: date | None
) -> None:
    booking = a_booking(SATURDAY, SATURDAY + DAY * checkout)
    facts = replace(
        booked(booking, a_unit(free_until=free_until)),
        placements=(a_placement(placement.isoformat(), (placement + 3 * DAY).isoformat()),),
    )
    free = free_nights(facts, FRIDAY, 30, NOW, CALENDAR)
    assert (night in free) is (can_be_given(facts, (night,), NOW, CALENDAR) is None)


@pytest.mark.parametrize(
    ("said", "now", "expected"),
    [
        ("2026-11-27 16:10", "2026-11-28 02:04", Freshness.CONFIRMED),
        ("2026-11-27 00:00", "2026-11-28 02:04", Freshness.CONFIRMED),
        ("2026-11-26 23:59", "2026-11-28 02:04", Freshness.UNCONFIRMED),
        ("2026-11-27 16:10", "2026-11-30 16:59", Freshness.CONFIRMED),  # Monday's round still runs
        ("2026-11-27 16:10", "2026-11-30 17:00", Freshness.UNCONFIRMED),
        ("2026-11-28 11:00", "2026-11-30 02:00", Freshness.CONFIRMED),
        ("2026-11-20 16:00", "2026-11-27 16:00", Freshness.UNCONFIRMED),  # four rounds missed
        ("2026-11-20 16:00", "2026-11-27 17:00", Freshness.STALE),
        ("2026-12-24 16:00", "2026-12-27 20:00", Freshness.CONFIRMED),  # Christmas and a weekend
        ("2027-03-26 16:00", "2027-03-28 03:30", Freshness.CONFIRMED),  # summer time begins
        ("2027-10-29 16:00", "2027-10-31 02:30", Freshness.CONFIRMED),
    ],
)
def test_who_missed_no_round_is_confirmed_and_who_missed_five_is_stale(
    said: str, now: str, expected: Freshness
) -> None:
    assert freshness(at(said), at(now), CALENDAR) is expected


def test_a_unit_nobody_ever_confirmed_is_stale() -> None:
    assert status(facts_of(a_unit(confirmed_at=None)), NOW, CALENDAR).freshness is Freshness.STALE


def test_a_closing_day_of_outreach_has_no_round_to_miss() -> None:
    closed = NetworkCalendar(CALENDAR.legal_holidays, frozenset({FRIDAY}))
    assert freshness(at("2026-11-26 16:00"), NOW, CALENDAR) is Freshness.UNCONFIRMED
    assert freshness(at("2026-11-26 16:00"), NOW, closed) is Freshness.CONFIRMED


def test_an_owner_places_someone_at_any_time_but_never_over_a_hold_or_a_booking() -> None:
    def earliest(facts: UnitFacts, starts: date, until: date | None = None, when: str = "") -> date:
        return earliest_placement(facts, starts, until, at(when or "2026-11-28 02:04"), CALENDAR)

    assert earliest(facts_of(), SATURDAY) == SATURDAY
    assert earliest(booked(a_booking()), SATURDAY) == MONDAY
    assert earliest(booked(a_booking()), MONDAY) == MONDAY
    assert earliest(booked(a_booking()), MONDAY, when="2026-11-30 11:00") == MONDAY + DAY
    assert earliest(held(a_hold()), FRIDAY) == MONDAY
    later = booked(a_booking(day("2026-12-04"), day("2026-12-07")))
    assert earliest(later, MONDAY, day("2026-12-04")) == MONDAY
    assert earliest(later, MONDAY, day("2026-12-05")) == day("2026-12-07")
