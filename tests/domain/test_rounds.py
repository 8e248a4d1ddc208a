"""Rounds: when weekend care and the list before closed days come back, and what is done of what was missed."""

from datetime import date, datetime, time, timedelta

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import BRUSSELS, NetworkCalendar
from crisispool.domain.policy import Policy
from crisispool.domain.rounds import RoundKind, moments, next_moment, still_makes_sense

CARE, LIST, OPEN = RoundKind.CARE, RoundKind.WEEKEND_LIST, RoundKind.WEEKEND_LIST_OPEN
UNITS, ROSTER, PAPER = RoundKind.UNITS, RoundKind.ROSTER, RoundKind.NIGHT_LIST
POLICY = Policy()


def calendar(*closing: date) -> NetworkCalendar:
    return NetworkCalendar(LegalHolidays(), frozenset(closing))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


def said(moment: datetime) -> str:
    return f"{moment.astimezone(BRUSSELS):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("kind", "after", "due"),
    [
        # An ordinary weekend.
        (CARE, "2026-11-23 09:00", ["11-28 16:00", "11-29 16:00", "12-05 16:00"]),
        (LIST, "2026-11-23 09:00", ["11-27 13:00", "12-04 13:00"]),
        (OPEN, "2026-11-27 13:00", ["11-27 16:00", "12-04 16:00"]),
        (LIST, "2026-11-27 13:00", ["12-04 13:00"]),
        (LIST, "2026-11-27 12:59", ["11-27 13:00"]),
        (UNITS, "2026-11-26 15:30", ["11-27 15:30", "11-30 15:30"]),
        (ROSTER, "2026-11-27 15:59", ["11-27 16:00", "11-28 16:00", "11-29 16:00", "11-30 16:00"]),
        (UNITS, "2026-11-10 15:29", ["11-10 15:30", "11-12 15:30"]),
        # A holiday on a Wednesday; Christmas on a Friday; New Year on the next.
        (CARE, "2026-11-09 00:00", ["11-11 16:00", "11-14 16:00"]),
        (LIST, "2026-11-09 00:00", ["11-10 13:00", "11-13 13:00"]),
        (CARE, "2026-12-24 09:00", ["12-25 16:00", "12-26 16:00", "12-27 16:00"]),
        (LIST, "2026-12-21 09:00", ["12-24 13:00"]),
    ],
)
def test_a_round_comes_back_at_its_time_on_its_days(kind: RoundKind, after: str, due: list[str]) -> None:
    moment, found = at(after), []
    for _ in due:
        moment = next_moment(kind, moment, calendar(), POLICY)
        found.append(said(moment).removeprefix("2026-"))
    assert found == due


def test_rounds_keep_their_local_time_when_the_clock_changes() -> None:
    # Easter 2027 and All Saints 2027: summer time begins on Easter Sunday, and ends on the last day of October.
    easter = moments(CARE, at("2027-03-26 12:00"), at("2027-03-30 12:00"), calendar(), POLICY)
    assert [said(each) for each in easter] == [f"2027-03-{day} 16:00" for day in (27, 28, 29)]
    assert [each.hour for each in easter] == [15, 14, 14]
    saints = moments(CARE, at("2027-10-29 12:00"), at("2027-11-02 12:00"), calendar(), POLICY)
    assert [said(each) for each in saints] == [f"2027-{day} 16:00" for day in ("10-30", "10-31", "11-01")]
    assert [each.hour for each in saints] == [14, 15, 15]
    for first, last, hours in (
        ("2027-03-25", "2027-03-31", [14, 14, 13, 13]),
        ("2027-10-28", "2027-11-03", [13, 13, 14, 14]),
    ):
        round_ = moments(UNITS, at(f"{first} 09:00"), at(f"{last} 18:00"), calendar(), POLICY)
        assert [said(each)[11:] for each in round_] == ["15:30"] * 4
        assert [each.hour for each in round_] == hours
    for kind, hour in ((LIST, 13), (OPEN, 16)):
        assert said(next_moment(kind, at("2027-03-22 09:00"), calendar(), POLICY)) == f"2027-03-26 {hour}:00"
        assert said(next_moment(kind, at("2027-10-25 09:00"), calendar(), POLICY)) == f"2027-10-29 {hour}:00"


def test_a_closing_day_of_outreach_brings_care_and_moves_the_list() -> None:
    friday = date(2026, 11, 27)
    after = at("2026-11-26 09:00")
    assert said(next_moment(LIST, after, calendar(friday), POLICY)) == "2026-11-26 13:00"
    assert said(next_moment(CARE, after, calendar(friday), POLICY)) == "2026-11-27 16:00"


def test_the_times_are_settings() -> None:
    policy = Policy(
        care_at=time(15, 30),
        weekend_list_at=time(11),
        weekend_list_until=time(14),
        units_round_at=time(14, 30),
    )
    after = at("2026-11-27 09:00")
    found = [said(next_moment(kind, after, calendar(), policy)) for kind in RoundKind]
    assert found == [
        "2026-11-28 15:30",
        "2026-11-27 11:00",
        "2026-11-27 14:00",
        "2026-11-27 14:30",
        "2026-11-27 16:00",
        "2026-11-27 16:30",
    ]


@pytest.mark.parametrize(
    ("kind", "due", "now", "serves"),
    [
        (CARE, "2026-11-28 16:00", "2026-11-28 21:59", True),
        (CARE, "2026-11-28 16:00", "2026-11-28 22:00", False),
        (CARE, "2026-11-28 16:00", "2026-11-29 09:00", False),
        (UNITS, "2026-11-27 15:30", "2026-11-27 23:59", True),
        (UNITS, "2026-11-27 15:30", "2026-11-28 00:00", False),
        (ROSTER, "2026-11-27 16:00", "2026-11-27 23:59", True),
        (ROSTER, "2026-11-27 16:00", "2026-11-28 00:00", False),
        (LIST, "2026-11-27 13:00", "2026-11-28 09:00", True),
        (LIST, "2026-11-27 13:00", "2026-11-29 23:59", True),
        (LIST, "2026-11-27 13:00", "2026-11-30 00:00", False),
        (OPEN, "2026-12-24 16:00", "2026-12-27 10:00", True),
        (OPEN, "2026-12-24 16:00", "2026-12-28 08:00", False),
        (PAPER, "2026-11-27 16:30", "2026-11-30 08:29", True),
        (PAPER, "2026-11-27 16:30", "2026-11-30 08:30", False),
    ],
)
def test_a_late_round_is_done_as_long_as_it_serves(kind: RoundKind, due: str, now: str, serves: bool) -> None:
    assert still_makes_sense(kind, at(due), at(now), calendar(), POLICY) is serves


def test_a_calendar_without_such_a_day_is_told_apart() -> None:
    every = [date(2026, 11, 1) + timedelta(days=n) for n in range(300)]
    with pytest.raises(ValueError, match="check the closing days"):
        next_moment(LIST, at("2026-11-23 09:00"), calendar(*every), POLICY)
