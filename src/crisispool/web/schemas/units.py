"""Bodies about units and what their owners say."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from crisispool.domain.unit import UnitKind
from crisispool.services.asks import DoorAsk, StatusAsk, UnitAsk
from crisispool.web.fields import Day, Id, Line, Nis, People, Phone, Prose
from crisispool.web.schemas.base import Body, given


class StatusBody(Body):
    """What an owner says of a unit, and the version of it that the owner looked at.

    `since`: ``occupied`` from that night on instead of from tonight; ``free`` takes away what is planned to begin
    from then on, with `until` only what begins before that day.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "free", "version": 3}]})

    status: Literal["free", "occupied", "out_of_service", "turnover", "confirmed"]
    until: Day | None = None
    version: Annotated[int, Field(ge=0)]
    cleaned: bool | None = None
    since: Day | None = None

    def ask(self) -> StatusAsk:
        """What the service is asked."""
        return StatusAsk(**given(self))


CLEARABLE = ("free_until", "joined_on", "leaves_on")
"""Fields of a unit that null takes away."""


class UnitChangeBody(Body):
    """What changes of a unit; what is left out or null keeps its value, but null takes a date away.

    Owner, municipality and kind stay as they are.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"free_until": "2026-12-02"}]})

    label: Line | None = None
    places: Annotated[int, Field(ge=1, le=20)] | None = None
    cots: People | None = None
    rooms: Annotated[int, Field(ge=1, le=20)] | None = None
    step_free: bool | None = None
    pets: bool | None = None
    staffed: bool | None = None
    family: bool | None = None
    mandate: bool | None = None
    free_until: Day | None = None
    joined_on: Day | None = None
    leaves_on: Day | None = None
    rota_weeks: Annotated[tuple[Day, ...], Field(max_length=120)] | None = None

    def ask(self) -> UnitAsk:
        """What the service is asked."""
        clear = [name for name in CLEARABLE if name in self.model_fields_set and getattr(self, name) is None]
        return UnitAsk(**given(self, leave_out=("id",)), clear=tuple(clear))


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


class ImportRowBody(UnitChangeBody):
    """A row of a list of units; which fields a new unit needs is told when it is judged."""

    id: Id | None = None
    owner_id: Id | None = None
    nis: Nis | None = None
    kind: UnitKind | None = None

    @classmethod
    def of(cls, unit_id: str | None, ask: UnitAsk) -> "ImportRowBody":
        """The row that asks this."""
        return cls.model_construct(
            id=unit_id, **{name: getattr(ask, name) for name in cls.model_fields if name != "id"}
        )


class DoorBody(Body):
    """What only few may see of a unit; what is left out is not known. `seen` stands in the form that was shown."""

    address: Line
    key_instructions: Annotated[Prose, Field(max_length=500)] = ""
    backup_key_phone: Phone = ""
    night_contact: Phone = ""
    cleaning_contact: Phone = ""
    house_agreement: bool = False
    inspection_until: Day | None = None
    seen: Annotated[str, Field(max_length=64)] = ""

    def ask(self) -> DoorAsk:
        """What the service is asked."""
        return DoorAsk(**given(self))
