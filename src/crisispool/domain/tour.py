"""The guided tour of a night, in a training: how far somebody is, from what is there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.handover import Case, Handover, HandoverState
from crisispool.domain.request import Request, RequestState


class TourStep(StrEnum):
    """What comes next. `night`: first the offices must be closed; `done`: the case is."""

    NIGHT = "night"
    ASK = "ask"
    CHOOSE = "choose"
    ARRIVE = "arrive"
    MORNING = "morning"
    TAKE = "take"
    CONTACT = "contact"
    CLOSE = "close"
    DONE = "done"


COUNTED: Final = tuple(step for step in TourStep if step not in (TourStep.NIGHT, TourStep.DONE))
"""The steps that have a number."""

_OF_A_HANDOVER: Final = {
    HandoverState.DELIVERED: TourStep.TAKE,
    HandoverState.ACCEPTED: TourStep.CONTACT,
    HandoverState.CONTACTED: TourStep.CLOSE,
    HandoverState.CLOSED: TourStep.DONE,
}


@dataclass(frozen=True)
class SoFar:
    """What there is of the night: the request of the tour and what came of it; None what is not there yet."""

    office_hours: bool
    request: Request | None = None
    booking: Booking | None = None
    case: Case | None = None
    handover: Handover | None = None


def next_step(so_far: SoFar) -> TourStep:
    """What comes next."""
    if so_far.handover is not None:
        return _OF_A_HANDOVER[so_far.handover.state]
    if so_far.booking is not None:
        waits = so_far.booking.state is BookingState.BOOKED
        return TourStep.ARRIVE if waits else TourStep.MORNING
    if so_far.request is not None:
        # Without a bed there is a case too, when somebody wants to be called; so there is after they left early.
        over = so_far.case is not None and so_far.request.state is not RequestState.OPEN
        return TourStep.MORNING if over else TourStep.CHOOSE
    return TourStep.NIGHT if so_far.office_hours else TourStep.ASK
