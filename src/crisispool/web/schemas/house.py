"""Bodies about the calendar and about references to people."""

from typing import Self

from pydantic import ConfigDict, model_validator

from crisispool.services.asks import ClosingDayAsk, MergeAsk
from crisispool.web.fields import Day, Id, Line, problem
from crisispool.web.schemas.base import Body, given


class ClosingDayBody(Body):
    """A closed day: of the outreach calendar, or with `organisation_id` of that one alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"day": "2026-12-31", "name": "Oudejaarsdag"}]})

    day: Day
    name: Line
    organisation_id: Id | None = None

    def ask(self) -> ClosingDayAsk:
        """What the service is asked."""
        return ClosingDayAsk(**given(self))


class MergeBody(Body):
    """Two references to one person: what was known of `person_id` goes on under `into_person_id`."""

    person_id: Id
    into_person_id: Id

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.person_id == self.into_person_id:
            raise problem("one_person_already")
        return self

    def ask(self) -> MergeAsk:
        """What the service is asked."""
        return MergeAsk(self.person_id, self.into_person_id)
