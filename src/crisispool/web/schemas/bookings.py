"""Bodies about holds and bookings."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from crisispool.services.asks import BookingAsk, ExtendAsk, HoldAsk, Override, ReadmissionAsk, StaysAsAsk
from crisispool.web.fields import Day, Id, NightCount, Prose, Reason, problem
from crisispool.web.schemas.base import Body, given


class HoldBody(Body):
    """A unit for a few minutes: without `night` the request's night, without `nights` one block."""

    request_id: Id
    unit_id: Id
    night: Day | None = None
    nights: NightCount | None = None

    def ask(self) -> HoldAsk:
        """What the service is asked."""
        return HoldAsk(**given(self))


class OverrideBody(Body):
    """A coordinator goes beyond the rule: why, and who meets a household that leaves on a closed day."""

    reason: Reason
    met_by: Prose = ""

    def ask(self) -> Override:
        """What the service is asked."""
        return Override(self.reason, self.met_by)


class BookingBody(Body):
    """`hold_id`, or `request_id` and `unit_id`; without `persons` all who have no bed that night."""

    hold_id: Id | None = None
    request_id: Id | None = None
    unit_id: Id | None = None
    night: Day | None = None
    nights: NightCount | None = None
    persons: Annotated[tuple[Id, ...], Field(max_length=40)] | None = None
    override: OverrideBody | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        direct = (self.request_id, self.unit_id)
        if self.hold_id is not None:
            if any(part is not None for part in (*direct, self.night, self.nights)):
                raise problem("hold_or_unit_not_both")
        elif None in direct:
            raise problem("hold_or_request_and_unit")
        if self.persons and len(set(self.persons)) != len(self.persons):
            raise problem("person_twice")
        return self

    def ask(self) -> BookingAsk:
        """What the service is asked."""
        return BookingAsk(**{**given(self), "override": self.override.ask() if self.override else None})


class ExtendBody(Body):
    """More nights from the check-out date on: one block unless `nights`, the same unit unless `unit_id`."""

    nights: NightCount | None = None
    unit_id: Id | None = None
    override: OverrideBody | None = None

    def ask(self) -> ExtendAsk:
        """What the service is asked."""
        return ExtendAsk(self.nights, self.unit_id, self.override.ask() if self.override else None)


class StaysAsBody(Body):
    """The people stay as the owner's own: `until` the morning on which they leave, open without it."""

    until: Day | None = None

    def ask(self) -> StaysAsAsk:
        """What the service is asked."""
        return StaysAsAsk(self.until)


class ReadmissionBody(Body):
    """Whether the night desk may give another block; when not, the reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"allowed": True}]})

    allowed: bool
    reason: Prose = ""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if not self.allowed and not self.reason:
            raise problem("reason_missing")
        return self

    def ask(self) -> ReadmissionAsk:
        """What the service is asked."""
        return ReadmissionAsk(self.allowed, self.reason)


class MoveBody(Body):
    """What is wrong at the door: the first unit is then out of service until the owner looked."""

    problem: Literal["key_fails", "not_in_order", "someone_inside"]


class BookingLinkBody(Body):
    """Which page of a booking: `access` (address and key), `identity` (who they are)."""

    purpose: Literal["access", "identity"]
