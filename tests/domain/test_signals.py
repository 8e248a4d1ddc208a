"""Signals for a crisis consultation: what counts as a second run, many runs, many nights."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crisispool.domain.calendar import DAY
from crisispool.domain.signals import Signal, SignalCode, signals

START = date(2026, 11, 2)


def nights(*numbers: int) -> tuple[date, ...]:
    return tuple(START + timedelta(days=number) for number in numbers)


def codes(before: tuple[date, ...], new: tuple[date, ...]) -> list[SignalCode]:
    return [signal.code for signal in signals(before, new)]


def test_a_first_run_and_a_longer_run_are_no_signal() -> None:
    assert codes((), nights(0, 1, 2)) == []
    assert codes(nights(0, 1), nights(2)) == []
    assert codes(nights(0, 1, 10), nights(11)) == []
    assert codes(nights(0), ()) == []


def test_a_second_run_within_fourteen_days_is_a_signal_with_both_runs() -> None:
    assert signals(nights(0, 1, 2), nights(4)) == (Signal(SignalCode.SECOND_RUN, nights(0, 1, 2, 4), 2),)
    assert codes(nights(0, 1, 2), nights(16)) == [SignalCode.SECOND_RUN]
    assert codes(nights(0, 1, 2), nights(17)) == []


def test_the_order_of_booking_two_runs_makes_no_difference() -> None:
    assert signals(nights(4), nights(0, 1, 2)) == signals(nights(0, 1, 2), nights(4))


def test_a_booking_that_joins_two_runs_is_no_new_run() -> None:
    assert codes(nights(0, 2), nights(1)) == []


def test_three_runs_in_thirty_days_are_a_signal() -> None:
    assert signals(nights(0, 14), nights(29)) == (Signal(SignalCode.MANY_RUNS, nights(0, 14, 29), 3),)
    assert codes(nights(0, 15), nights(30)) == []
    assert codes(nights(0, 2), nights(20)) == [SignalCode.MANY_RUNS]
    assert codes(nights(0, 2), nights(4)) == [SignalCode.SECOND_RUN, SignalCode.MANY_RUNS]


def test_the_tenth_night_in_thirty_days_is_a_signal_once() -> None:
    before = nights(0, 1, 2, 15, 16, 17, 18)
    assert codes(before, nights(19)) == []
    assert codes((*before, *nights(19)), nights(28)) == [SignalCode.SECOND_RUN, SignalCode.MANY_RUNS]
    assert SignalCode.MANY_NIGHTS in codes((*before, *nights(19, 28)), nights(29))
    assert SignalCode.MANY_NIGHTS not in codes((*before, *nights(19, 28)), nights(30))
    assert codes((*before, *nights(19, 27, 28)), nights(29)) == []


@given(st.sets(st.integers(0, 60), max_size=25), st.integers(0, 60), st.integers(1, 5))
def test_many_nights_says_the_tenth_night_came_with_these(numbers: set[int], first: int, length: int) -> None:
    new = nights(*range(first, first + length))
    before = tuple(night for night in nights(*numbers) if night not in new)
    every = {*before, *new}

    def fullest(held: set[date]) -> int:
        starts = (START + DAY * n for n in range(-30, 70))
        return max(sum(start <= night < start + DAY * 30 for night in held) for start in starts)

    found = [signal for signal in signals(before, new) if signal.code is SignalCode.MANY_NIGHTS]
    if fullest(set(before)) < 10:
        assert bool(found) == (fullest(every) >= 10)
    for signal in found:
        assert len(signal.nights) >= 10 > len(set(signal.nights) - set(new))
        assert signal.nights[-1] - signal.nights[0] < timedelta(days=30)
