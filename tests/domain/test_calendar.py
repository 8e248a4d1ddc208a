"""Night labels, working days, blocks and office hours: holidays, closing days and both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import DAY, NetworkCalendar

CALENDAR = NetworkCalendar(LegalHolidays())
BRIDGE_CLOSED = NetworkCalendar(LegalHolidays(), frozenset({date(2027, 5, 7)}))
DATES = st.dates(date(2026, 1, 1), date(2036, 12, 31))
MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2036, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    """A local moment in Brussels; the first of two when it comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-11-28 02:04", "2026-11-27"),  # Saturday night is still Friday's
        ("2026-11-28 05:59", "2026-11-27"),
        ("2026-11-28 06:00", "2026-11-28"),
        ("2026-11-28 07:00", "2026-11-28"),  # Saturday morning, nobody works
        ("2026-11-29 23:30", "2026-11-29"),
        ("2026-11-30 02:00", "2026-11-29"),
        ("2026-11-30 07:00", "2026-11-29"),  # Monday morning before the offices open
        ("2026-11-30 08:29", "2026-11-29"),
        ("2026-11-30 08:30", "2026-11-30"),
        ("2026-11-11 07:00", "2026-11-11"),  # a holiday on a Wednesday
        ("2026-11-12 07:00", "2026-11-11"),
        ("2027-03-28 01:59", "2027-03-27"),
        ("2027-03-28 03:00", "2027-03-27"),
        ("2027-10-31 02:30", "2027-10-30"),
        ("2027-10-31 06:00", "2027-10-31"),
        ("2027-01-01 03:00", "2026-12-31"),
        ("2027-01-01 06:00", "2027-01-01"),
    ],
)
def test_a_call_belongs_to_the_night_of_the_evening_before_until_the_morning(moment: str, night: str) -> None:
    assert CALENDAR.night_of(at(moment)) == date.fromisoformat(night)


def test_both_times_half_past_two_belong_to_the_same_night() -> None:
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    for moment in (first, first + timedelta(hours=1)):
        assert CALENDAR.local(moment).time() == time(2, 30)
        assert CALENDAR.night_of(moment) == date(2027, 10, 30)


def test_a_closed_bridge_day_turns_the_night_at_six() -> None:
    assert CALENDAR.night_of(at("2027-05-07 07:00")) == date(2027, 5, 6)
    assert BRIDGE_CLOSED.night_of(at("2027-05-07 07:00")) == date(2027, 5, 7)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-27", True),
        ("2026-11-28", False),
        ("2026-11-29", False),
        ("2026-11-11", False),
        ("2026-11-02", True),  # the day after All Saints' is no legal holiday
        ("2026-12-26", False),  # a Saturday
        ("2027-03-29", False),  # Easter Monday
        ("2027-05-06", False),  # Ascension
        ("2027-05-07", True),
        ("2027-12-27", True),  # Christmas on a Saturday does not move to Monday
    ],
)
def test_a_working_day_is_monday_to_friday_and_no_legal_holiday(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_a_closing_day_is_no_working_day_and_no_holiday() -> None:
    assert not BRIDGE_CLOSED.is_working_day(date(2027, 5, 7))
    assert not BRIDGE_CLOSED.is_holiday(date(2027, 5, 7))


@pytest.mark.parametrize(
    ("night", "bridge"),
    [
        ("2026-11-26", False),
        ("2026-11-27", True),
        ("2026-11-28", True),
        ("2026-11-29", False),  # Sunday: Monday works
        ("2026-11-10", True),  # eve of a holiday
        ("2026-11-11", False),  # the night of the holiday itself
        ("2026-12-24", True),
        ("2026-12-25", True),
        ("2027-03-28", True),  # Easter Sunday: Monday is a holiday
    ],
)
def test_a_bridge_night_has_no_working_day_the_next_morning(night: str, bridge: bool) -> None:
    assert CALENDAR.is_bridge_night(date.fromisoformat(night)) is bridge


@pytest.mark.parametrize(
    ("night", "calendar", "length", "morning"),
    [
        ("2026-11-24", CALENDAR, 1, "2026-11-25"),
        ("2026-11-27", CALENDAR, 3, "2026-11-30"),
        ("2026-11-28", CALENDAR, 2, "2026-11-30"),
        ("2026-11-29", CALENDAR, 1, "2026-11-30"),
        ("2026-12-24", CALENDAR, 4, "2026-12-28"),
        ("2026-12-31", CALENDAR, 4, "2027-01-04"),
        ("2027-03-26", CALENDAR, 4, "2027-03-30"),  # Easter, with the clocks going forward
        ("2027-10-29", CALENDAR, 4, "2027-11-02"),  # All Saints, with the clocks going back
        ("2027-05-05", CALENDAR, 2, "2027-05-07"),
        ("2027-05-05", BRIDGE_CLOSED, 5, "2027-05-10"),
        ("2027-05-06", BRIDGE_CLOSED, 4, "2027-05-10"),
    ],
)
def test_a_block_lasts_until_the_next_working_day(
    night: str, calendar: NetworkCalendar, length: int, morning: str
) -> None:
    label = date.fromisoformat(night)
    assert calendar.block(label) == tuple(label + DAY * n for n in range(length))
    assert calendar.next_working_day(label) == date.fromisoformat(morning)


def test_the_handover_of_a_call_on_monday_at_two_is_that_same_monday() -> None:
    night = CALENDAR.night_of(at("2026-11-30 02:00"))
    assert CALENDAR.next_working_day(night) == date(2026, 11, 30)


def test_the_previous_working_day_jumps_over_weekend_and_holiday() -> None:
    assert CALENDAR.previous_working_day(date(2026, 11, 30)) == date(2026, 11, 27)
    assert CALENDAR.previous_working_day(date(2026, 11, 12)) == date(2026, 11, 10)
    assert CALENDAR.previous_working_day(date(2026, 11, 29)) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("moment", "office"),
    [
        ("2026-11-27 08:29", False),
        ("2026-11-27 08:30", True),
        ("2026-11-27 16:59", True),
        ("2026-11-27 17:00", False),
        ("2026-11-28 10:00", False),
        ("2026-11-11 10:00", False),
    ],
)
def test_office_hours_are_those_of_a_working_day(moment: str, office: bool) -> None:
    assert CALENDAR.is_office_hours(at(moment)) is office


@pytest.mark.parametrize(
    ("day", "wall", "instant"),
    [
        ("2026-11-30", "08:00", "2026-11-30T07:00:00+00:00"),
        ("2026-07-01", "08:00", "2026-07-01T06:00:00+00:00"),
        ("2027-03-28", "01:59", "2027-03-28T00:59:00+00:00"),
        ("2027-03-28", "02:00", "2027-03-28T01:00:00+00:00"),  # skipped: forward to 03:00
        ("2027-03-28", "02:30", "2027-03-28T01:00:00+00:00"),
        ("2027-03-28", "02:59:59", "2027-03-28T01:00:00+00:00"),
        ("2027-03-28", "03:00", "2027-03-28T01:00:00+00:00"),
        ("2027-10-31", "02:30", "2027-10-31T00:30:00+00:00"),  # twice: the first
        ("2027-10-31", "03:00", "2027-10-31T02:00:00+00:00"),
        ("2027-10-31", "08:00:30", "2027-10-31T07:00:30+00:00"),
    ],
)
def test_a_local_time_is_one_instant_also_when_the_clock_changes(day: str, wall: str, instant: str) -> None:
    moment = CALENDAR.instant(date.fromisoformat(day), time.fromisoformat(wall))
    assert moment == datetime.fromisoformat(instant)
    assert moment.tzinfo is UTC


def test_the_second_half_past_two_is_not_reached_by_a_local_time() -> None:
    assert CALENDAR.instant(date(2027, 10, 31), time(2, 30, fold=1)) == datetime(
        2027, 10, 31, 0, 30, tzinfo=UTC
    )


@given(DATES, st.times())
def test_every_local_time_becomes_an_instant_of_its_day_and_later_times_never_an_earlier_one(
    day: date, wall: time
) -> None:
    moment = CALENDAR.instant(day, wall)
    assert CALENDAR.local(moment).date() == day
    assert CALENDAR.instant(day, time.min) <= moment <= CALENDAR.instant(day, time.max)


@given(MOMENTS)
def test_every_moment_has_one_night_and_the_nights_follow_each_other(moment: datetime) -> None:
    night = CALENDAR.night_of(moment)
    assert CALENDAR.local(moment).date() - night in (timedelta(0), DAY)
    assert CALENDAR.night_of(moment + timedelta(hours=20)) - night in (timedelta(0), DAY)
    assert CALENDAR.night_of(moment + timedelta(hours=28)) > night


@given(DATES)
def test_the_blocks_from_a_night_and_from_the_night_after_end_on_the_same_morning_inside_a_block(
    night: date,
) -> None:
    block = CALENDAR.block(night)
    assert CALENDAR.is_working_day(block[-1] + DAY)
    assert [CALENDAR.is_bridge_night(each) for each in block] == [True] * (len(block) - 1) + [False]
    assert all(CALENDAR.block(each)[-1] == block[-1] for each in block)


def test_a_moment_without_zone_is_refused() -> None:
    naive = datetime(2026, 11, 28, 2, 4)  # noqa: DTZ001
    for question in (CALENDAR.night_of, CALENDAR.is_office_hours, CALENDAR.local):
        with pytest.raises(ValueError, match="time zone"):
            question(naive)
    with pytest.raises(ValueError, match="no time zone"):
        CALENDAR.instant(date(2026, 11, 28), time(2, 4, tzinfo=UTC))


def test_a_calendar_without_working_days_is_refused_instead_of_searched_forever() -> None:
    closed = NetworkCalendar(LegalHolidays(), frozenset(date(2026, 11, 1) + DAY * n for n in range(100)))
    with pytest.raises(ValueError, match="no working day within 60 days of 2026-11-03"):
        closed.block(date(2026, 11, 3))
    with pytest.raises(ValueError, match="no working day"):
        NetworkCalendar(frozenset()).next_working_day(date.max)
