"""Bodies about people and their requests for a bed."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from crisispool.domain.request import Need, RefusalCode, RequestKind
from crisispool.services.asks import IdentityAsk, PersonAsk, RefusalAsk, RequestAsk, ScreeningAsk
from crisispool.web.fields import (
    Age,
    BirthDate,
    BirthYear,
    Code,
    Day,
    Id,
    Language,
    Moment,
    Name,
    Nis,
    Origin,
    People,
    Phone,
    Prose,
    problem,
)
from crisispool.web.schemas.base import Body, given


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
        return IdentityAsk(**given(self))


class PersonBody(Body):
    """One person: an identity, or the earlier nights that the caller tells of."""

    adult: bool = True
    age: Age | None = None
    identity: IdentityBody | None = None
    claimed_nights: Annotated[tuple[Day, ...], Field(max_length=31)] = ()

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
    ages: Annotated[tuple[Age, ...], Field(max_length=20)] = ()
    origin: Origin | None = None
    whereabouts: Nis | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=20)] = ()
    avoid: Annotated[tuple[Nis, ...], Field(max_length=50)] = ()
    referrer: Id = "other"
    persons: Annotated[tuple[PersonBody, ...], Field(max_length=40)] = ()
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
        return RequestAsk(**{**given(self), "persons": tuple(person.ask() for person in self.persons)})


class ScreeningBody(Body):
    """Answers of the check-up by question; `overridden` names criteria passed over, with one reason."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answers": {"danger": "no", "elsewhere": "no", "unsafe": "none"}}]}
    )

    answers: Annotated[dict[Code, Code], Field(max_length=40)]
    overridden: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    reason: Prose = ""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.overridden and not self.reason:
            raise problem("reason_missing")
        return self

    def ask(self) -> ScreeningAsk:
        """What the service is asked."""
        return ScreeningAsk(dict(self.answers), self.overridden, self.reason)


class RefusalBody(Body):
    """How a request ends without a bed; `contact` is how to reach the person and is kept sealed."""

    code: RefusalCode
    contact_consent: bool
    alternative: Code | Literal[""] = ""
    tried: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    contact: Prose = ""

    def ask(self) -> RefusalAsk:
        """What the service is asked."""
        return RefusalAsk(**given(self))
