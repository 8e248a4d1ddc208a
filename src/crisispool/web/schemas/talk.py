"""Bodies of the talk and of the training."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from crisispool.web.fields import Id, Moment, problem
from crisispool.web.schemas.base import Body


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


class LanguageBody(Body):
    """What someone reads."""

    language: Literal["nl", "fr", "en"]


class ClockBody(Body):
    """Where the training clock goes: forward only."""

    now: Moment


class SignInBody(Body):
    """Enter the training as one of the demo people: ``calltaker``, ``calltaker_2``, ``referrer`` …"""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [{"as": "calltaker"}]})

    who: Annotated[Id, Field(alias="as")]
