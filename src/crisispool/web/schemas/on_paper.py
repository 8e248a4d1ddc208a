"""The body of a booking that stood on paper."""

from typing import Annotated

from pydantic import Field

from crisispool.domain.on_paper import REFERENCES
from crisispool.domain.request import RequestKind
from crisispool.services.asks import Override
from crisispool.services.on_paper_rows import PaperAsk, PaperState
from crisispool.web.fields import Day, Id, Moment, NightCount, Origin, People, Phone, Prose
from crisispool.web.schemas.base import Body, given

MOST_BEFORE = 7


class PaperBody(Body):
    """One line of the form on the night list; `reason` and `met_by` when a coordinator goes beyond the rule."""

    happened_at: Moment
    paper: Annotated[str, Field(max_length=max(len(each) for each in REFERENCES))]
    unit_id: Id
    adults: Annotated[int, Field(ge=1, le=20)]
    children: People = 0
    nights: NightCount | None = None
    kind: RequestKind
    referrer: Id
    phone: Phone = ""
    origin: Origin | None = None
    slept_before: Annotated[int, Field(ge=0, le=MOST_BEFORE)] = 0
    state: PaperState = PaperState.UNKNOWN
    left_on: Day | None = None
    contact_declined: bool = False
    checked: bool = False
    other_people: bool = False
    reason: Prose = ""
    met_by: Prose = ""

    def ask(self) -> PaperAsk:
        """What the service is asked."""
        override = Override(self.reason, self.met_by) if self.reason else None
        return PaperAsk(**given(self, ("reason", "met_by")), override=override)
