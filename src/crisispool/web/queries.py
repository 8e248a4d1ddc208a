"""What may stand behind the question mark of a call, and how its text is read."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crisispool.domain.request import Need, RequestKind
from crisispool.domain.stay import StayPolicy
from crisispool.services.asks import SearchAsk
from crisispool.web.fields import Choice, Day, Digits, Id, Moment, NightCount, Nis, Origin, Parts


class Query(BaseModel):
    """Parameters of a query: each at most once, lists with commas."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """No parameters."""


class AvailabilityQuery(Query):
    """What must be free. With `request_id` everything else comes from the request, and the search is kept."""

    request_id: Id | None = None
    night: Day | None = None
    nights: Annotated[NightCount, Digits] | None = None
    persons: Annotated[int, Digits, Field(ge=1, le=40)] = 1
    cots: Annotated[int, Digits, Field(ge=0, le=20)] = 0
    needs: Annotated[tuple[Need, ...], Parts, Field(max_length=20)] = ()
    avoid: Annotated[tuple[Nis, ...], Parts, Field(max_length=50)] = ()
    whereabouts: Nis | None = None
    kind: RequestKind | None = None
    origin: Origin | None = None

    def ask(self) -> SearchAsk:
        """What the service is asked."""
        values: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return SearchAsk(**values)


class AllQuery(Query):
    """`all`: also what is over."""

    all: Annotated[bool, Choice] = False


class SureQuery(Query):
    """`sure`: also when nobody is left on the roster."""

    sure: Annotated[bool, Choice] = False


class DutyQuery(Query):
    """`at`: another moment than now. A plus sign in an offset is written %2B."""

    at: Moment | None = None


class StayQuery(Query):
    """The stay rule for one person who asks `nights` nights from `night` after the nights `used`."""

    night: Day
    nights: Annotated[NightCount, Digits] | None = None
    used: Annotated[tuple[Day, ...], Parts, Field(max_length=100)] = ()
    closed: Annotated[tuple[Day, ...], Parts, Field(max_length=100)] = ()
    policy: StayPolicy | None = None
