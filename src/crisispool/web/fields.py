"""Kinds of fields that bodies and queries are made of: what may be in them, and how it is read."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from crisispool.domain.calendar import BRUSSELS

ID_PATTERN: Final = r"^[A-Za-z0-9._:-]{1,64}$"
FIRST_YEAR, LAST_YEAR = 2000, 2099
FIRST_BIRTH_YEAR: Final = 1900

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)
# Direction marks and zero-width spaces: unseen in a name, and two names that look the same would differ.
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def problem(code: str) -> PydanticCustomError:
    """What is wrong with a field, as a stable code; never the value."""
    return PydanticCustomError("crisispool", "{code}", {"code": code})


def _iso_date(value: object, first_year: int = FIRST_YEAR) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise problem("not_a_date")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise problem("not_a_date") from None
    if not first_year <= day.year <= LAST_YEAR:
        raise problem("out_of_range")
    return day


def _birth_date(value: object, info: ValidationInfo) -> date:
    day = _iso_date(value, FIRST_BIRTH_YEAR)
    today = (info.context or {}).get("today")
    if today is not None and day > today:
        raise problem("in_the_future")
    return day


def read_moment(value: object) -> datetime:
    """A moment with its offset, or the time on a Belgian clock when that happens exactly once; gives UTC."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > 40 or not _DATE.match(value) or len(value) < 16:
        raise problem("not_a_moment")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise problem("not_a_moment") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise problem("out_of_range")
    if moment.tzinfo is None:
        first, second = (moment.replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first != second:
            # Skipped when summer time begins, or there twice when it ends: only an offset tells which.
            raise problem("needs_offset")
        return first
    return moment.astimezone(UTC)


def _visible(text: str, allowed: str) -> str:
    if any(unicodedata.category(mark) in {"Cc", "Cs", "Co", "Cn"} and mark not in allowed for mark in text):
        raise problem("control_character")
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def _line(value: object) -> object:
    return " ".join(_visible(value, "").split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return _visible(value.replace("\r\n", "\n"), "\n\t").strip() if isinstance(value, str) else value


def _name(value: object) -> object:
    name = _line(value)
    if isinstance(name, str) and not any(mark.isalpha() for mark in name):
        raise problem("no_letters")
    return name


def _digits(value: object) -> object:
    """Query values are text; a whole number is digits and nothing else."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise problem("not_a_whole_number")
        return int(value)
    return value


def _parts(value: object) -> object:
    """A list in a query: parts between commas; an empty value is an empty list."""
    if isinstance(value, str):
        return [part for part in value.split(",") if part] if value.replace(",", "") else []
    return value


def _choice(value: object) -> object:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise problem("not_a_choice")
        return value == "true"
    return value


def _schema(format_name: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": format_name, **more})


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
"""An id or a region-file name of something."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Nis = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^([0-9]{5}|outside|none)$")]
Language = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z]{2,4})?)?$")]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+ ()./-]{0,30}$")]
Name = Annotated[str, BeforeValidator(_name), StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, BeforeValidator(_line), StringConstraints(min_length=1, max_length=200)]
Prose = Annotated[str, BeforeValidator(_lines), StringConstraints(max_length=2000)]
Reason = Annotated[str, BeforeValidator(_lines), StringConstraints(min_length=1, max_length=2000)]
Day = Annotated[date, BeforeValidator(_iso_date), _schema("date", examples=["2026-11-27"])]
BirthDate = Annotated[date, BeforeValidator(_birth_date), _schema("date", examples=["1990-05-17"])]
BirthYear = Annotated[int, Field(ge=FIRST_BIRTH_YEAR, le=LAST_YEAR)]
Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}",
            "maxLength": 40,
            "description": "ISO 8601. Without an offset: the time on a Belgian clock.",
            "examples": ["2026-11-30T08:00:00+01:00"],
        }
    ),
]
NightCount = Annotated[int, Field(ge=1, le=7)]
People = Annotated[int, Field(ge=0, le=20)]
Age = Annotated[int, Field(ge=0, le=17)]
Digits = BeforeValidator(_digits)
Parts = BeforeValidator(_parts)
Choice = BeforeValidator(_choice)
