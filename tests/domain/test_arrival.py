"""Coming and going: when it is asked, and which nights count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crisispool.domain.arrival import (
    ask_arrival_at,
    cancellable_free,
    follows,
    inside,
    nights_after_leaving,
)
from crisispool.domain.booking import BookingState
from tests.domain.examples import (
    CALENDAR,
    FRIDAY,
    MONDAY,
    POLICY,
    SATURDAY,
    SATURDAY_NIGHT_CALL,
    SUNDAY,
    WEEKEND,
    a_booking,
    at,
    day,
)

QUARTER, LATER = timedelta(minutes=15), timedelta(minutes=90)


def test_arrival_is_asked_a_quarter_and_an_hour_and_a_half_after_it_was_expected_and_then_no_more() -> None:
    expected = at("2026-11-28 03:00")
    asked = [ask_arrival_at(a_booking(arrival_asked=n), expected, POLICY) for n in range(4)]
    assert asked == [expected + QUARTER, expected + LATER, None, None]


def test_without_an_expected_arrival_or_after_it_people_are_expected_from_the_booking_on() -> None:
    for expected in (None, at("2026-11-28 01:00")):
        assert ask_arrival_at(a_booking(), expected, POLICY) == SATURDAY_NIGHT_CALL + QUARTER


def test_who_is_known_to_be_inside_is_not_asked_for() -> None:
    assert ask_arrival_at(a_booking(arrival_known=True), None, POLICY) is None


@pytest.mark.parametrize(
    ("now", "free"),
    [
        ("2026-11-27 23:00", True),
        ("2026-11-28 05:59", True),
        ("2026-11-28 06:00", False),
        ("2026-11-30 07:00", False),
    ],
)
def test_a_cancellation_before_six_on_the_first_morning_counts_nothing(now: str, free: bool) -> None:
    assert cancellable_free(a_booking(), at(now), CALENDAR) is free


def test_who_arrived_cannot_be_cancelled_for_free_only_leave() -> None:
    now = at("2026-11-28 04:00")
    for arrived in (a_booking(state=BookingState.CHECKED_IN), a_booking(arrival_known=True)):
        assert not cancellable_free(arrived, now, CALENDAR)


@pytest.mark.parametrize(
    ("now", "counted"),
    [
        ("2026-11-27 23:00", ()),  # the bed is free for somebody else tonight
        ("2026-11-28 04:00", (FRIDAY,)),
        ("2026-11-28 14:00", (FRIDAY,)),
        ("2026-11-28 23:59", (FRIDAY,)),
        ("2026-11-29 00:01", (FRIDAY, SATURDAY)),
        ("2026-11-29 10:00", (FRIDAY, SATURDAY)),
        ("2026-11-30 09:00", WEEKEND),
        ("2026-12-02 09:00", WEEKEND),
    ],
)
def test_leaving_on_a_day_drops_the_nights_from_that_day_on(now: str, counted: tuple[date, ...]) -> None:
    assert nights_after_leaving(a_booking(), at(now), CALENDAR) == counted


def test_a_stay_that_began_on_monday_before_office_hours_belongs_to_sunday() -> None:
    booking = a_booking(SUNDAY, MONDAY)
    assert nights_after_leaving(booking, at("2026-11-30 07:30"), CALENDAR) == (SUNDAY,)
    assert not cancellable_free(booking, at("2026-11-30 07:30"), CALENDAR)


def test_six_o_clock_is_local_on_both_clock_changes() -> None:
    for night in ("2027-03-27", "2027-10-30"):
        booking = a_booking(day(night), day(night) + timedelta(days=2))
        six = CALENDAR.instant(day(night) + timedelta(days=1), CALENDAR.night_turns)
        assert cancellable_free(booking, six - timedelta(seconds=1), CALENDAR)
        assert not cancellable_free(booking, six, CALENDAR)


def test_people_are_inside_when_somebody_said_so_and_from_six_on_when_nobody_said_anything() -> None:
    night, six = at("2026-11-28 05:59"), at("2026-11-28 06:00")
    assert inside(a_booking(arrival_known=True, state=BookingState.CHECKED_IN), night, CALENDAR)
    assert not inside(a_booking(), night, CALENDAR) and inside(a_booking(), six, CALENDAR)
    assert inside(a_booking(state=BookingState.CHECKED_OUT), night, CALENDAR)
    for never in (BookingState.CANCELLED, BookingState.NO_SHOW):
        assert not inside(a_booking(state=never), six, CALENDAR)
        assert inside(a_booking(state=never, arrival_known=True), six, CALENDAR)


def test_a_booking_follows_one_in_which_people_were_before_it_was_made() -> None:
    first = a_booking()
    later = replace(first, id="later", at=first.at + LATER)
    assert not follows(later, [first, later])
    for arrived, expected in ((first.at + QUARTER, True), (later.at, True), (later.at + QUARTER, False)):
        assert follows(later, [replace(first, arrived_at=arrived), later]) is expected
    next_night = replace(later, night=SATURDAY)
    assert follows(next_night, [first, next_night]) and not follows(first, [first, next_night])
    for never in (BookingState.CANCELLED, BookingState.NO_SHOW):
        assert not follows(next_night, [replace(first, state=never), next_night])
