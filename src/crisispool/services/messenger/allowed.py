"""What a messenger or a mail may carry, as one table: each fact by name, and what it has to be."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from crisispool.domain.ids import is_reference

LARGEST: Final = 999
"""No count of ours is larger; a birth year or the code of a door is."""

BACK, AHEAD = timedelta(days=400), timedelta(days=800)
"""How far from now a day of ours may lie: a birth date lies further back."""

_PHONE: Final = re.compile(r"(?P<from_here>0)[0-9 ./()]+|\+[0-9 ./()]+|1[0-9]{2}|1712|1813")
_DIGITS: Final = {True: range(9, 11), False: range(3, 14)}
"""Figures of a number that is dialled from here with its zero, and of another: a date has eight, a national
number eleven."""

_ENTRY_CODE: Final = re.compile(r"([0-9]{4})?")


class Kind(StrEnum):
    """What a fact has to be."""

    NUMBER = "number"
    WHEN = "when"
    REFERENCE = "reference"
    PHONE = "phone"
    ENTRY_CODE = "entry_code"
    """What a newcomer reads to the coordinator: a fact of this name and no other may be such a number."""

    LABEL = "label"
    """A name that the record knows: of a municipality, a service, a unit, a roster; never of a person helped."""


NAMES: Final[Mapping[Kind, str]] = {
    Kind.NUMBER: """
        adults bookings busy children coming count done free given_nights hard_nights holds least lines
        most n number out overlap_count persons places position requests run_nights runs taken total
        turnover untaken used_count
    """,
    Kind.WHEN: """
        asked_at at back before checkout confirmed_at day days due earliest hard_checkout morning next night opens
        overlap since until used working_day
    """,
    Kind.REFERENCE: "beds reference references request",
    Kind.PHONE: "call call_back coordinator desk phone",
    Kind.ENTRY_CODE: "entry_code",
    Kind.LABEL: """
        by from labels municipality name organisation other_municipality others taken_label to town unit
        units who
    """,
}
ALLOWED: Final[Mapping[str, Kind]] = {name: kind for kind, names in NAMES.items() for name in names.split()}
"""A fact that is not here goes nowhere; neither does one that is here and is something else."""

BOTH: Final = frozenset({"nights"})
"""Counted in one sentence, named in another."""


def kinds_of(name: str) -> tuple[Kind, ...]:
    """What a fact of this name may be; nothing when there is no such fact."""
    if name in BOTH:
        return (Kind.NUMBER, Kind.WHEN)
    return (ALLOWED[name],) if name in ALLOWED else ()


def fits(kind: Kind, value: object, now: datetime) -> bool:
    """Whether a value is what it has to be. Of a label only that it is a text: the record knows which there are."""
    match kind:
        case Kind.NUMBER:
            return isinstance(value, int) and 0 <= value <= LARGEST
        case Kind.WHEN:
            return _is_near(value, now.date())
        case Kind.REFERENCE:
            return isinstance(value, str) and is_reference(value)
        case Kind.PHONE:
            return value in ("", "–") or (isinstance(value, str) and _is_phone(value))
        case Kind.ENTRY_CODE:
            return isinstance(value, str) and _ENTRY_CODE.fullmatch(value) is not None
        case Kind.LABEL:
            return isinstance(value, str)


def items(value: object) -> Iterable[object]:
    """The single values of a fact."""
    return value if isinstance(value, list | tuple) else (value,)


def _is_phone(text: str) -> bool:
    found = _PHONE.fullmatch(text)
    return found is not None and sum(map(str.isdigit, text)) in _DIGITS[bool(found["from_here"])]


def _is_near(value: object, today: date) -> bool:
    """Whether this is a time of day, or a day or moment that somebody has to do with now."""
    read = _read(value) if isinstance(value, str) else value
    if isinstance(read, time):
        return True
    day = read.date() if isinstance(read, datetime) else read
    return isinstance(day, date) and today - BACK <= day <= today + AHEAD


def _read(text: str) -> date | time | None:
    if "-" not in text and ":" not in text:
        return None  # ISO knows shorter forms, which look like the code of a door
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None
