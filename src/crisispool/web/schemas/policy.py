"""Forms about the settings of a network."""

from typing import Annotated, Literal

from pydantic import Field

from crisispool.domain.errors import BadInput
from crisispool.services.policies import SettingAsk
from crisispool.web.fields import Day, Line
from crisispool.web.schemas.base import Body


class SettingBody(Body):
    """A setting as somebody typed it, one text a part; what is decided has a name and a day."""

    value: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=10)] = ()
    decision: Literal["decided", "provisional"]
    decided_by: Line | None = None
    decided_on: Day | None = None
    version: Annotated[int, Field(ge=1)]

    def ask(self) -> SettingAsk:
        """What the service is asked. Raises BadInput: a decision without its day."""
        if self.decision == "provisional":
            return SettingAsk(self.value, "", None, self.version)
        if self.decided_on is None:
            raise BadInput("decided_on", "missing")
        return SettingAsk(self.value, self.decided_by or "", self.decided_on, self.version)
