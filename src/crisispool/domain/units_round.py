"""The owners' round of a working day: what an owner is asked to confirm, and on which days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crisispool.domain.availability import UnitState
from crisispool.domain.unit import UnitStatus

COUNTED = {
    "free": frozenset({UnitStatus.FREE}),
    "turnover": frozenset({UnitStatus.TURNOVER}),
    "busy": frozenset({UnitStatus.OCCUPIED, UnitStatus.BOOKED, UnitStatus.HELD}),
    "out": frozenset({UnitStatus.OUT_OF_SERVICE}),
}
"""The statuses that an owner is told together, by one word."""

OPEN = frozenset({UnitStatus.FREE, UnitStatus.HELD, UnitStatus.TURNOVER})
"""What may be something else tomorrow without anybody having said so."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many units of an owner are what, in the words of the question."""

    free: int
    turnover: int
    busy: int
    out: int


def counts(states: Sequence[UnitState]) -> Counts:
    """All units of one owner, counted."""
    return Counts(**{word: sum(state.status in those for state in states) for word, those in COUNTED.items()})


def can_change(state: UnitState, next_round: date) -> bool:
    """Whether a unit may be something else before the next round: open, or its use ends by then."""
    if state.status in OPEN:
        return state.offered
    until = state.until.date() if isinstance(state.until, datetime) else state.until
    return until is not None and until <= next_round


def is_asked(states: Sequence[UnitState], next_round: date, *, this_week: bool) -> bool:
    """Whether an owner is asked today: about units that can change on every working day, about others once a week.

    `this_week`: they were asked since Monday. Policy: freshness, section 6.
    """
    return bool(states) and (not this_week or any(can_change(state, next_round) for state in states))
