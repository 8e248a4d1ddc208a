"""Forms read as bodies of the interface: the same fields, the same rules, the same names for what is wrong."""

import json
import re
from datetime import date
from typing import Any, TypeVar

from multidict import MultiMapping
from pydantic import BaseModel, ValidationError

from crisispool.web import problems

M = TypeVar("M", bound=BaseModel)

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")


def read(form: MultiMapping[str], model: type[M], today: date) -> M:
    """The form as this body. A field left empty was not given; a list is given by fields of one name; what the body
    does not know (the token, where to go on to) belongs to the form.

    Raises `problems.Invalid` with every mistake by field.
    """
    shapes = model.model_json_schema()["properties"]
    given: dict[str, Any] = {}
    for name in dict.fromkeys(form):
        values = [each for each in form.getall(name) if each.strip()]
        if name in shapes and values:
            given[name] = _as(shapes[name], values)
    try:
        return model.model_validate_json(json.dumps(given), context={"today": today})
    except ValidationError as error:
        raise problems.invalid(error, model) from None


def _as(shape: dict[str, Any], values: list[str]) -> Any:
    """What was typed as the kind of value that the field takes; what cannot be one stays text, and is told so."""
    shapes: list[dict[str, Any]] = [shape, *shape.get("anyOf", ())]
    kinds = {each.get("type") for each in shapes}
    for items in (each["items"] for each in shapes if "items" in each):
        return [_as(items, [each]) for each in values]
    value = values[-1]
    if "boolean" in kinds and value in {"true", "false", "on"}:
        return value != "false"
    if "integer" in kinds and _WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    return value
