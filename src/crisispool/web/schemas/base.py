"""What every body is: an object in which each field is known and has exactly its type."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A JSON object in which every field is known and has exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Body):
    """An empty object, or no body at all."""


def given(body: Body, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields by name, as the asks take them."""
    return {name: getattr(body, name) for name in type(body).model_fields if name not in leave_out}
