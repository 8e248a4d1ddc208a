"""Rosters: who is on duty, who comes next, where nobody is."""

from datetime import datetime, timedelta

from crisispool.domain.duty import (
    Duty,
    DutyShift,
    gaps,
    network_time,
    next_shift,
    on_duty,
    unfilled_nights,
)
from tests.domain.examples import CALENDAR, FRIDAY, MONDAY, SATURDAY, SUNDAY, at, day

EVENING, MORNING = at("2026-11-27 17:00"), at("2026-11-28 08:30")


def a_shift(
    shift_id: str, who: str, starts: datetime, ends: datetime, duty: Duty = Duty.CALLTAKER
) -> DutyShift:
    return DutyShift(shift_id, "n", duty, who, starts, ends)


NIGHT = a_shift("s1", "an", EVENING, MORNING)
DAYTIME = a_shift("s2", "bo", MORNING, MORNING + timedelta(hours=12))
SHIFTS = (DAYTIME, NIGHT, a_shift("s3", "cato", EVENING, MORNING, Duty.COORDINATOR))


def test_a_shift_holds_from_its_start_up_to_its_end() -> None:
    assert on_duty(SHIFTS, Duty.CALLTAKER, EVENING - timedelta(seconds=1)) == ()
    assert on_duty(SHIFTS, Duty.CALLTAKER, EVENING) == ("an",)
    assert on_duty(SHIFTS, Duty.CALLTAKER, MORNING) == ("bo",)


def test_each_roster_stands_alone() -> None:
    assert on_duty(SHIFTS, Duty.COORDINATOR, EVENING) == ("cato",)
    assert on_duty(SHIFTS, Duty.BACKUP, EVENING) == ()


def test_several_on_duty_come_in_order_of_arrival_and_once_each() -> None:
    late = a_shift("s0", "bo", EVENING + timedelta(hours=1), MORNING)
    twice = a_shift("s9", "an", EVENING + timedelta(hours=2), MORNING)
    assert on_duty((twice, late, NIGHT), Duty.CALLTAKER, EVENING + timedelta(hours=3)) == ("an", "bo")


def test_the_next_shift_is_the_first_that_has_not_begun() -> None:
    assert next_shift(SHIFTS, Duty.CALLTAKER, EVENING - timedelta(days=1)) == NIGHT
    assert next_shift(SHIFTS, Duty.CALLTAKER, EVENING) == DAYTIME
    assert next_shift(SHIFTS, Duty.CALLTAKER, MORNING) is None


def test_gaps_are_the_stretches_without_anyone() -> None:
    start, end = EVENING - timedelta(hours=1), MORNING + timedelta(hours=14)
    assert gaps(SHIFTS, Duty.CALLTAKER, start, end) == (
        (start, EVENING),
        (MORNING + timedelta(hours=12), end),
    )
    assert gaps(SHIFTS, Duty.CALLTAKER, EVENING, MORNING) == ()
    assert gaps((), Duty.CALLTAKER, EVENING, MORNING) == ((EVENING, MORNING),)
    inside = a_shift("s4", "bo", EVENING, EVENING + timedelta(hours=1))
    assert gaps((inside, NIGHT), Duty.CALLTAKER, EVENING, MORNING) == ()
    within = a_shift("s6", "bo", EVENING + timedelta(hours=1), EVENING + timedelta(hours=2))
    assert gaps((within, NIGHT), Duty.CALLTAKER, EVENING, MORNING) == ()
    later = a_shift("s5", "bo", MORNING + timedelta(days=2), MORNING + timedelta(days=3))
    assert gaps((NIGHT, later), Duty.CALLTAKER, EVENING, MORNING + timedelta(hours=1)) == (
        (MORNING, MORNING + timedelta(hours=1)),
    )


def test_network_time_has_no_gap_but_office_hours() -> None:
    assert network_time(FRIDAY, CALENDAR) == (at("2026-11-27 17:00"), at("2026-11-28 06:00"))
    assert network_time(SATURDAY, CALENDAR) == (at("2026-11-28 06:00"), at("2026-11-29 06:00"))
    assert network_time(SUNDAY, CALENDAR) == (at("2026-11-29 06:00"), at("2026-11-30 08:30"))
    assert network_time(MONDAY, CALENDAR) == (at("2026-11-30 17:00"), at("2026-12-01 08:30"))
    assert network_time(day("2027-10-30"), CALENDAR)[1] == at("2027-10-31 06:00")


def test_an_unfilled_night_is_named() -> None:
    weekend = a_shift("s1", "an", at("2026-11-27 17:00"), at("2026-11-29 20:00"))
    assert unfilled_nights([weekend], Duty.CALLTAKER, FRIDAY, 3, CALENDAR) == (SUNDAY,)
    assert unfilled_nights([weekend], Duty.COORDINATOR, FRIDAY, 2, CALENDAR) == (FRIDAY, SATURDAY)
