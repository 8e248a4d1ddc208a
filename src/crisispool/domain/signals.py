"""Signals: patterns of stays that propose a crisis consultation and refuse nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from crisispool.domain.calendar import Night
from crisispool.domain.stay import runs

SECOND_RUN_WITHIN = timedelta(days=14)
WINDOW = timedelta(days=30)
MANY_RUNS = 3
MANY_NIGHTS = 10


class SignalCode(StrEnum):
    """What was seen."""

    SECOND_RUN = "second_run"
    MANY_RUNS = "many_runs"
    MANY_NIGHTS = "many_nights"


@dataclass(frozen=True)
class Signal:
    """What was seen, from which nights, and in how many runs."""

    code: SignalCode
    nights: tuple[Night, ...]
    runs: int


def signals(nights_before: Collection[Night], new_nights: Collection[Night]) -> tuple[Signal, ...]:
    """What the nights `new_nights` add for a person whose other live nights are `nights_before`.

    Policy: gap, section 4. What counts:
    - `second_run`: the new nights are a run of their own, and at most 14 days lie between the last night of
      the earlier run and its first one (or between its last night and the first of a run that was booked
      for later).
    - `many_runs`: they are a run of their own, and some 30 days in a row with one of them touch 3 runs or
      more.
    - `many_nights`: the fullest 30 days in a row with one of them hold 10 nights or more, and would hold
      fewer without the new ones.
    Nights that only make a run longer therefore never count as a run, and a signal is not raised twice.
    """
    new = frozenset(new_nights)
    nights = tuple(sorted({*nights_before, *new}))
    # The fullest 30 days can always be shifted to start on a night, so no other start needs a look.
    windows = [
        window
        for start in nights
        if not new.isdisjoint(window := tuple(night for night in nights if start <= night < start + WINDOW))
    ]
    found = []
    own = next((run for run in runs(nights) if new.issuperset(run)), None)
    if own:
        near = [run for run in runs(nights) if run != own and _apart(run, own) <= SECOND_RUN_WITHIN]
        if near:
            found.append(Signal(SignalCode.SECOND_RUN, tuple(sorted(sum(near, own))), 1 + len(near)))
        busiest = max(windows, key=lambda window: len(runs(window)))
        if len(runs(busiest)) >= MANY_RUNS:
            found.append(Signal(SignalCode.MANY_RUNS, busiest, len(runs(busiest))))
    fullest = max(windows, key=len, default=())
    if len(fullest) >= MANY_NIGHTS > len(set(fullest) - new):
        found.append(Signal(SignalCode.MANY_NIGHTS, fullest, len(runs(fullest))))
    return tuple(found)


def _apart(one: tuple[Night, ...], other: tuple[Night, ...]) -> timedelta:
    """From the last night of the first of two runs to the first night of the second."""
    return max(one[0] - other[-1], other[0] - one[-1])
