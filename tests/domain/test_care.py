"""Weekend care and the list before closed days: who is called, what follows, who is on the list."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.calendar import BRUSSELS, NetworkCalendar
from crisispool.domain.care import CareCall, CareResult, CareState, after_step, is_called, opened, recorded
from crisispool.domain.policy import Policy
from crisispool.domain.weekend import LineReason, nights_to_bridge, reason_for

CALENDAR, POLICY = NetworkCalendar(LegalHolidays()), Policy()
SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 28, hour, minute, tzinfo=BRUSSELS)


def booking(night: str, checkout: str, state: BookingState = BookingState.BOOKED) -> Booking:
    begins, ends = date.fromisoformat(night), date.fromisoformat(checkout)
    return Booking("b", "net", "c", "r", "u", "IZ-7F3K", begins, ends, state, 1, "x", at(2))


CALL = opened(CareCall("call", "net", "b", SATURDAY, CareState.OPEN, at(16)), CALENDAR, POLICY)


def stands(call: CareCall) -> tuple[str, str | None, str | None]:
    due = call.next_action_at
    return call.state, call.next_step, f"{due.astimezone(BRUSSELS):%H:%M}" if due else None


def record(call: CareCall, result: str, *when: int) -> CareCall:
    return recorded(call, CareResult(result), "calltaker", at(*when), CALENDAR, POLICY)


@pytest.mark.parametrize(
    ("stay", "called"),
    [
        (booking("2026-11-27", "2026-11-30"), True),
        (booking("2026-11-28", "2026-11-30"), False),
        (booking("2026-11-27", "2026-11-28"), True),
        # The stay is over, and nobody said that they left.
        (booking("2026-11-25", "2026-11-27"), True),
        (replace(booking("2026-11-25", "2026-11-27"), overstay_at=at(10)), True),
        (booking("2026-11-27", "2026-11-30", BookingState.CHECKED_IN), True),
        (booking("2026-11-27", "2026-11-30", BookingState.CHECKED_OUT), False),
        (booking("2026-11-27", "2026-11-30", BookingState.NO_SHOW), False),
    ],
)
def test_who_slept_there_and_is_still_inside_is_called(stay: Booking, called: bool) -> None:
    assert is_called(stay, stay.night, SATURDAY) is called


def test_who_goes_on_somewhere_else_that_day_is_no_newcomer() -> None:
    moved = booking("2026-11-28", "2026-11-30")
    assert is_called(moved, date(2026, 11, 27), SATURDAY)
    # More nights that begin later: they are not there yet.
    assert not is_called(booking("2026-11-29", "2026-11-30"), date(2026, 11, 27), SATURDAY)


def test_nothing_recorded_is_overdue_at_six_and_not_called_at_ten() -> None:
    assert stands(CALL) == ("open", "overdue", "18:00")
    overdue = after_step(CALL, CALENDAR, POLICY)
    assert stands(overdue) == ("open", "close", "22:00")
    assert stands(after_step(overdue, CALENDAR, POLICY)) == ("not_called", None, None)


def test_no_answer_is_asked_again_in_the_evening_and_then_it_was_the_last_try() -> None:
    tried = record(CALL, "no_answer", 16, 20)
    assert (stands(tried), tried.tries) == (("open", "again", "20:00"), 1)
    # Once more by day is no evening yet.
    assert stands(record(tried, "no_answer", 19, 59)) == ("open", "again", "20:00")
    again = after_step(tried, CALENDAR, POLICY)
    assert stands(again) == ("open", "close", "22:00")
    assert stands(record(again, "no_answer", 20, 15)) == ("no_answer", None, None)
    assert stands(after_step(again, CALENDAR, POLICY)) == ("no_answer", None, None)


@pytest.mark.parametrize("result", ["well", "help", "left"])
def test_an_answer_ends_the_call_and_a_later_word_replaces_it(result: str) -> None:
    ended = record(record(CALL, "no_answer", 16, 20), result, 20, 30)
    assert stands(ended) == (result, None, None)
    assert stands(record(ended, "well", 21)) == ("well", None, None)
    assert (ended.answered_by, ended.answered_at) == ("calltaker", at(20, 30))


@pytest.mark.parametrize(
    ("stay", "day", "reason"),
    [
        (booking("2026-11-24", "2026-11-27"), "2026-11-27", LineReason.ENDS_TODAY),
        (booking("2026-11-23", "2026-11-26"), "2026-11-27", LineReason.ENDS_TODAY),
        (booking("2026-11-24", "2026-11-29"), "2026-11-27", LineReason.ENDS_ON_CLOSED_DAY),
        (booking("2026-11-25", "2026-11-30"), "2026-11-27", None),
        (booking("2026-12-22", "2026-12-24"), "2026-12-24", LineReason.ENDS_TODAY),
        (booking("2026-12-22", "2026-12-27"), "2026-12-24", LineReason.ENDS_ON_CLOSED_DAY),
        (booking("2026-12-24", "2026-12-28"), "2026-12-24", None),
        (booking("2027-03-24", "2027-03-29"), "2027-03-26", LineReason.ENDS_ON_CLOSED_DAY),
        (booking("2026-11-24", "2026-11-27", BookingState.CHECKED_OUT), "2026-11-27", None),
    ],
)
def test_who_has_no_bed_until_the_next_working_day_is_on_the_list(
    stay: Booking, day: str, reason: LineReason | None
) -> None:
    assert reason_for(stay, date.fromisoformat(day), CALENDAR) is reason


def test_the_nights_to_bridge_run_from_the_end_of_the_stay_or_from_tonight() -> None:
    monday = date(2026, 11, 30)
    assert nights_to_bridge(date(2026, 11, 27), date(2026, 11, 27), monday) == (date(2026, 11, 27), 3)
    assert nights_to_bridge(date(2026, 11, 25), date(2026, 11, 27), monday) == (date(2026, 11, 27), 3)
    assert nights_to_bridge(SUNDAY, date(2026, 11, 27), monday) == (SUNDAY, 1)
    assert nights_to_bridge(monday, date(2026, 11, 27), monday) == (monday, 0)
