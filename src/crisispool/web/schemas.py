"""The bodies that calls take: what may be in each, and the ask of a service that it becomes."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crisispool.domain.handover import Outcome, Solved
from crisispool.domain.request import Need, RefusalCode, RequestKind
from crisispool.domain.unit import UnitKind
from crisispool.services.asks import (
    AcknowledgeAsk,
    BookingAsk,
    ExtendAsk,
    HoldAsk,
    IdentityAsk,
    OutcomeAsk,
    Override,
    PersonAsk,
    ReassignAsk,
    RefusalAsk,
    RequestAsk,
    ScreeningAsk,
    StatusAsk,
    UnitAsk,
)
from crisispool.web.fields import (
    Age,
    BirthDate,
    BirthYear,
    Code,
    Day,
    Id,
    Language,
    Line,
    Moment,
    Name,
    NightCount,
    Nis,
    Origin,
    People,
    Phone,
    Prose,
    Reason,
    problem,
)


class Body(BaseModel):
    """A JSON object in which every field is known and has exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Body):
    """An empty object, or no body at all."""


class IdentityBody(Body):
    """Who a person is: `birth_date`, or `birth_year` when that is all there is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"given_name": "Noor", "surname": "D’Hondt", "birth_date": "1990-05-17"}]
        }
    )

    given_name: Name
    surname: Name
    birth_date: BirthDate | None = None
    birth_year: BirthYear | None = None
    phone: Phone = ""
    language: Language = ""

    @model_validator(mode="after")
    def _one_birth(self) -> Self:
        if self.birth_date and self.birth_year and self.birth_date.year != self.birth_year:
            raise problem("contradicts")
        if not self.birth_date and not self.birth_year:
            raise problem("birth_missing")
        return self

    def ask(self) -> IdentityAsk:
        """What the service is asked."""
        return IdentityAsk(**_given(self))


class PersonBody(Body):
    """One person: an identity, or the earlier nights that the caller tells of."""

    adult: bool = True
    age: Age | None = None
    identity: IdentityBody | None = None
    claimed_nights: Annotated[list[Day], Field(max_length=31)] = []

    def ask(self) -> PersonAsk:
        """What the service is asked."""
        identity = self.identity.ask() if self.identity else None
        return PersonAsk(self.adult, self.age, identity, tuple(sorted(set(self.claimed_nights))))


class RequestBody(Body):
    """A question for a bed. Places are NIS codes; `origin` may also be ``outside`` or ``none``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "fire_water_closed",
                    "adults": 1,
                    "children": 2,
                    "ages": [6, 9],
                    "origin": "36007",
                    "whereabouts": "36007",
                    "needs": [],
                    "avoid": [],
                    "referrer": "police",
                    "persons": [{"adult": True, "claimed_nights": []}],
                }
            ]
        }
    )

    kind: RequestKind
    adults: People
    children: People = 0
    ages: Annotated[list[Age], Field(max_length=20)] = []
    origin: Origin | None = None
    whereabouts: Nis | None = None
    needs: Annotated[list[Need], Field(max_length=20)] = []
    avoid: Annotated[list[Nis], Field(max_length=50)] = []
    referrer: Id = "other"
    persons: Annotated[list[PersonBody], Field(max_length=40)] = []
    cots: People = 0
    night: Day | None = None
    expected_at: Moment | None = None
    contact_consent: bool | None = None
    language: Language = ""
    ethos: Annotated[int, Field(ge=1, le=7)] | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.adults + self.children < 1:
            raise problem("nobody")
        if self.ages and len(self.ages) != self.children:
            raise problem("ages_do_not_match_children")
        adults = sum(person.adult for person in self.persons)
        if adults > self.adults or len(self.persons) - adults > self.children:
            raise problem("more_persons_than_counted")
        return self

    def ask(self) -> RequestAsk:
        """What the service is asked."""
        return RequestAsk(**{**_given(self), "persons": tuple(person.ask() for person in self.persons)})


class ScreeningBody(Body):
    """Answers of the check-up by question; `overridden` names criteria passed over, with one reason."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answers": {"danger": "no", "elsewhere": "no", "unsafe": "none"}}]}
    )

    answers: Annotated[dict[Code, Code], Field(max_length=40)]
    overridden: Annotated[list[Code], Field(max_length=20)] = []
    reason: Prose = ""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.overridden and not self.reason:
            raise problem("reason_missing")
        return self

    def ask(self) -> ScreeningAsk:
        """What the service is asked."""
        return ScreeningAsk(dict(self.answers), tuple(self.overridden), self.reason)


class RefusalBody(Body):
    """How a request ends without a bed; `contact` is how to reach the person and is kept sealed."""

    code: RefusalCode
    contact_consent: bool
    alternative: Code | Literal[""] = ""
    tried: Annotated[list[Code], Field(max_length=20)] = []
    contact: Prose = ""

    def ask(self) -> RefusalAsk:
        """What the service is asked."""
        return RefusalAsk(**_given(self))


class HoldBody(Body):
    """A unit for a few minutes: without `night` the request's night, without `nights` one block."""

    request_id: Id
    unit_id: Id
    night: Day | None = None
    nights: NightCount | None = None

    def ask(self) -> HoldAsk:
        """What the service is asked."""
        return HoldAsk(**_given(self))


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
    persons: Annotated[list[Id], Field(max_length=40)] | None = None
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
        return BookingAsk(**{**_given(self), "override": self.override.ask() if self.override else None})


class ExtendBody(Body):
    """More nights from the check-out date on: one block unless `nights`, the same unit unless `unit_id`."""

    nights: NightCount | None = None
    unit_id: Id | None = None
    override: OverrideBody | None = None

    def ask(self) -> ExtendAsk:
        """What the service is asked."""
        return ExtendAsk(self.nights, self.unit_id, self.override.ask() if self.override else None)


class MoveBody(Body):
    """What is wrong at the door: the first unit is then out of service until the owner looked."""

    problem: Literal["key_fails", "not_in_order", "someone_inside"]


class BookingLinkBody(Body):
    """Which page of a booking: `access` (address and key), `identity` (who they are)."""

    purpose: Literal["access", "identity"]


class StatusBody(Body):
    """What an owner says of a unit, and the version of it that the owner looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "free", "version": 3}]})

    status: Literal["free", "occupied", "out_of_service", "turnover", "confirmed"]
    until: Day | None = None
    version: Annotated[int, Field(ge=0)]
    cleaned: bool | None = None

    def ask(self) -> StatusAsk:
        """What the service is asked."""
        return StatusAsk(**_given(self))


CLEARABLE = ("free_until", "leaves_on")
"""Fields of a unit that null takes away."""


class UnitChangeBody(Body):
    """What changes of a unit; what is left out or null keeps its value, but null takes a date away.

    Owner, municipality and kind stay as they are.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"free_until": "2026-12-02"}]})

    label: Line | None = None
    places: Annotated[int, Field(ge=1, le=20)] | None = None
    cots: People | None = None
    rooms: People | None = None
    step_free: bool | None = None
    pets: bool | None = None
    staffed: bool | None = None
    family: bool | None = None
    mandate: bool | None = None
    free_until: Day | None = None
    leaves_on: Day | None = None

    def ask(self) -> UnitAsk:
        """What the service is asked."""
        clear = [name for name in CLEARABLE if name in self.model_fields_set and getattr(self, name) is None]
        return UnitAsk(**_given(self, leave_out=("id",)), clear=tuple(clear))


class UnitBody(UnitChangeBody):
    """A new unit. Without `id` it gets one; without `owner_id` it belongs to the asker's organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"label": "Studio 4", "nis": "36008", "kind": "crisis_dwelling", "places": 2}]
        }
    )

    id: Id | None = None
    owner_id: Id | None = None
    label: Line
    nis: Nis
    kind: UnitKind
    places: Annotated[int, Field(ge=1, le=20)]


class AcknowledgeBody(Body):
    """A service takes a handover: `worker_id` names the worker, `named` false accepts without a name."""

    worker_id: Id | None = None
    named: bool = True

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.worker_id is not None and not self.named:
            raise problem("contradicts")
        return self

    def ask(self) -> AcknowledgeAsk:
        """What the service is asked."""
        return AcknowledgeAsk(self.worker_id, self.named)


class OutcomeBody(Body):
    """How outreach ended, and whether the crisis is solved."""

    outcome: Outcome
    solved: Solved | None = None
    contacted: bool = False

    def ask(self) -> OutcomeAsk:
        """What the service is asked."""
        return OutcomeAsk(**_given(self))


class ReassignBody(Body):
    """Another service, another worker, or both."""

    organisation_id: Id | None = None
    worker_id: Id | None = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if self.organisation_id is None and self.worker_id is None:
            raise problem("nobody")
        return self

    def ask(self) -> ReassignAsk:
        """What the service is asked."""
        return ReassignAsk(self.organisation_id, self.worker_id)


class ChatBody(Body):
    """One line (`say`) or one choice (`choose`, the id of a choice) of a conversation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"say": "bed"}, {"choose": "1"}]})

    say: Annotated[str, Field(max_length=2000)] | None = None
    choose: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.say is None) == (self.choose is None):
            raise problem("say_or_choose")
        return self


class ClockBody(Body):
    """Where the training clock goes: forward only."""

    now: Moment


class SignInBody(Body):
    """Enter the training as one of the demo people: ``calltaker``, ``calltaker_2``, ``referrer`` …"""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [{"as": "calltaker"}]})

    who: Annotated[Id, Field(alias="as")]


def _given(body: Body, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields as the asks have them: lists are tuples there."""
    values = {name: getattr(body, name) for name in type(body).model_fields if name not in leave_out}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
