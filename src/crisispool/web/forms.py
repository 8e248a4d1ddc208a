"""Forms of one-time pages: read with the same rules as the interface, with what is wrong beside the field."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from crisispool.domain.errors import BadInput, NotThere
from crisispool.services.asks import IdentityAsk
from crisispool.web import problems
from crisispool.web.fields import ID_PATTERN
from crisispool.web.schemas import IdentityBody

FIELDS = ("given_name", "surname", "birth_date", "birth_year", "phone", "language")
LONGEST_TEXT = 2000

_OPERATION = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SPOKEN_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def operation_of(form: Mapping[str, str]) -> str:
    """The name of this change, fresh in every form that is shown: sending it twice is one change."""
    if not _OPERATION.fullmatch(form.get("operation", "")):
        raise BadInput("operation", "missing")
    return form["operation"]


def person_of(form: Mapping[str, str]) -> str:
    """The reference of the person that an identity form is about. NotThere when it cannot be one."""
    if not re.fullmatch(ID_PATTERN, form.get("person", "")):
        raise NotThere("person")
    return form["person"]


def identity_of(form: Mapping[str, str], today: date) -> IdentityAsk:
    """Who a person is. A date may also be written as people write it. Raises `problems.Invalid` by field."""
    given: dict[str, Any] = {name: form[name] for name in FIELDS if form.get(name, "").strip()}
    if spoken := _SPOKEN_DATE.fullmatch(given.get("birth_date", "").strip()):
        day, month, year = spoken.groups()
        given["birth_date"] = f"{year}-{month:0>2}-{day:0>2}"
    if "birth_year" in given:
        year_text = str(given["birth_year"]).strip()
        if not re.fullmatch(r"[0-9]{4}", year_text):
            raise problems.Invalid([{"field": "birth_year", "problem": "out_of_range"}])
        given["birth_year"] = int(year_text)
    try:
        return IdentityBody.model_validate(given, context={"today": today}).ask()
    except ValidationError as error:
        raise problems.invalid(error, IdentityBody) from None


def prose_of(form: Mapping[str, str]) -> str:
    """Free text. Raises BadInput: missing, too_long, control_character."""
    prose = form.get("text", "").replace("\r\n", "\n").strip()
    if not prose:
        raise BadInput("text", "missing")
    if len(prose) > LONGEST_TEXT:
        raise BadInput("text", "too_long")
    if _CONTROL.search(prose):
        raise BadInput("text", "control_character")
    return prose
