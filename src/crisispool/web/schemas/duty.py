"""Bodies about shifts and rosters."""

from crisispool.domain.duty import Duty
from crisispool.web.fields import Id, Moment
from crisispool.web.schemas.base import Body


class EndShiftBody(Body):
    """Off duty; `sure`: also when nobody is left at the desk."""

    sure: bool = False


class GiveBody(Body):
    """All that is in hand to a colleague."""

    to_id: Id


class OfferBody(Body):
    """An own shift: to one colleague, or without `to_id` to the first who takes it."""

    shift_id: Id
    to_id: Id | None = None


class SubstituteBody(Body):
    """Somebody else in a shift."""

    shift_id: Id
    colleague_id: Id


class FillBody(Body):
    """A colleague for a stretch in which nobody is on this roster."""

    duty: Duty
    colleague_id: Id
    starts_at: Moment
    ends_at: Moment
