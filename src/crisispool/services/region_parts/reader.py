"""Reads the keys of a table strictly: each getter checks form and limits, reports what is wrong, goes on."""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from crisispool.domain.calendar import BRUSSELS
from crisispool.services.region_parts.forms import (
    ID,
    MAIL,
    NIS,
    PHONE,
    PREFIX,
    are_hours,
    as_clock,
    as_day,
    as_moment,
)
from crisispool.services.region_parts.mistakes import Notes, shown
from crisispool.services.region_parts.names import LONGEST, Names, like
from crisispool.services.region_parts.toml import Entry, Table, Unreadable

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
NO_DAY, NO_MOMENT = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)
"""Stand in for what could not be read; a file with a mistake is never loaded."""


class Reader:
    """One table of the file. A key without default must be there; `done` reports the keys nobody read."""

    def __init__(self, table: Table, path: str, notes: Notes) -> None:
        self.table, self.path, self.notes = table, path, notes
        self._asked: set[str] = set()
        self._missing: dict[str, str] = {}
        self._wrong: set[str] = set()

    # Where things are

    def line(self, key: str = "") -> int:
        """The line of a key, or of the table when it is not there."""
        entry = self.table.entries.get(key)
        return entry.line if entry else self.table.line

    def key(self, key: str = "") -> str:
        """The full name of a key."""
        return ".".join(part for part in (self.path, key) if part)

    def mistake(self, key: str, code: str, **facts: object) -> None:
        """Report a mistake at a key of this table; what follows from it at the same key is not reported."""
        if key in self._wrong:
            return
        self._wrong.add(key)
        self.notes.mistake(self.line(key), self.key(key), code, **facts)

    def warning(self, key: str, code: str, **facts: object) -> None:
        """Report a warning at a key of this table."""
        self.notes.warning(self.line(key), self.key(key), code, **facts)

    def has(self, key: str) -> bool:
        """Whether the key is in the file."""
        return key in self.table.entries

    def wrong(self, *keys: str) -> bool:
        """Whether something is wrong with one of these keys or its spelling: then nothing follows from it."""
        return any(
            key in self._wrong
            or key in self._missing
            or like(key, self.table.entries.keys() - self._asked)
            or (self.has(key) and isinstance(self.table.entries[key].value, Unreadable))
            for key in keys
        )

    def expects(self, *keys: str) -> None:
        """These keys may be there, although nobody reads them."""
        self._asked.update(keys)

    def plain(self, key: str) -> str:
        """The text of a key as it stands, empty when it is none: to know what others may refer to."""
        entry = self.table.entries.get(key)
        return entry.value if entry and isinstance(entry.value, str) else ""

    def done(self) -> None:
        """Report every key that nobody asked for, and every key that is missing, unless one is the other."""
        unused = {name for name in self._asked if name not in self.table.entries}
        for name, entry in self.table.entries.items():
            if name in self._asked:
                continue
            near = (
                self._like(name, self._missing) or self._like(name, unused) or self._like(name, self._asked)
            )
            self._missing.pop(near, None)
            if isinstance(entry.value, Unreadable):
                continue
            if near:
                self.mistake(name, "unknown_key_like", like=near)
            else:
                self.mistake(name, "unknown_key")
        for name, wanted in self._missing.items():
            self.mistake(name, "missing", wanted=wanted)

    # Tables

    def table_at(self, key: str) -> "Reader | None":
        """The table under a key; None when it is missing or something else, which is reported."""
        value = self._value(key, "table", lambda found: isinstance(found, Table), required=True)
        return Reader(value, self.key(key), self.notes) if isinstance(value, Table) else None

    def tables_at(self, key: str, name_by: str = "id", required: bool = False) -> "list[Reader]":
        """The tables under ``[[key]]``, each known by its `name_by` if that can be read, else by number."""
        value = self._value(
            key,
            "tables",
            lambda found: isinstance(found, list) and all(isinstance(item, Table) for item in found),
            required=required,
        )
        return [
            Reader(item, f"{self.key(key)}[{_name_of(item, name_by) or number}]", self.notes)
            for number, item in enumerate(value if isinstance(value, list) else [], start=1)
        ]

    # Texts

    def text(self, key: str, default: str | None = None, limit: int = 200) -> str:
        """A text on one line, trimmed. An empty text is a mistake where there must be one."""
        value = self._value(key, "text", lambda found: isinstance(found, str), required=default is None)
        if not isinstance(value, str):
            return default or ""
        if len(value) > limit:
            self.mistake(key, "too_long", limit=limit)
        elif any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn"} for sign in value):
            self.mistake(key, "hidden_signs")
        elif default is None and not value.strip():
            self.mistake(key, "empty")
        return unicodedata.normalize("NFC", value.strip())

    def formed(self, key: str, form: re.Pattern[str], code: str, default: str | None = None) -> str:
        """A text of a fixed form; `code` is the mistake when it has another."""
        before = len(self.notes.mistakes)
        value = self.text(key, default)
        if len(self.notes.mistakes) == before and self.has(key) and value and not form.fullmatch(value):
            self.mistake(key, code)
        return value

    def ident(self, key: str = "id", default: str | None = None) -> str:
        """An id: small letters, digits and single dashes."""
        value = self.formed(key, ID, "bad_id", default)
        if ID.fullmatch(value) and len(value) > LONGEST:
            self.mistake(key, "too_long", limit=LONGEST)
        return value

    def nis(self, key: str, default: str | None = None) -> str:
        """A NIS code of a municipality: five digits in quotes."""
        value = self.formed(key, NIS, "bad_nis", default)
        if NIS.fullmatch(value) and value.endswith("000"):
            self.mistake(key, "bad_nis")
        return value

    def prefix(self, key: str) -> str:
        """What booking references start with: 1 to 4 capitals, not the R of requests."""
        return self.formed(key, PREFIX, "bad_prefix")

    def phone(self, key: str, default: str | None = "") -> str:
        """A phone number: 3 to 15 digits, with spaces, dots, dashes or slashes between them."""
        value = self.formed(key, PHONE, "bad_phone", default)
        if PHONE.fullmatch(value) and not 3 <= sum(sign.isdigit() for sign in value) <= 15:
            self.mistake(key, "bad_phone")
        return value

    def mail(self, key: str, default: str | None = "") -> str:
        """A mail address."""
        return self.formed(key, MAIL, "bad_mail", default)

    def choice(self, key: str, options: type[E], default: E | None = None) -> E:
        """One of the codes of an enumeration."""
        value = self._value(key, "text", lambda found: isinstance(found, str), required=default is None)
        fallback = default or next(iter(options))
        return self._one_of(key, value, options) or fallback if isinstance(value, str) else fallback

    def choices(self, key: str, options: type[E]) -> tuple[E, ...]:
        """A list of codes of an enumeration, at least one, each once."""
        found = [self._one_of(key, item, options) for item in self.texts(key)]
        return tuple(item for item in found if item is not None)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, each once; at least one where there is no default."""
        value = self._value(
            key,
            "texts",
            lambda found: isinstance(found, list) and all(isinstance(item, str) for item in found),
            required=default is None,
        )
        if not isinstance(value, list):
            return default or ()
        if default is None and not value:
            self.mistake(key, "empty")
        return self._each_once(key, value)

    def refers(self, key: str, known: Names, what: str, default: str | None = None) -> str:
        """The id of something else in the file; `what` is the code of what it must be."""
        value = self.text(key, default)
        if value and value not in known.there and not known.may_mean(value):
            near = self._like(value, known.there)
            if near:
                self.mistake(key, "unknown_reference_like", value=shown(value), thing=what, like=near)
            else:
                self.mistake(key, "unknown_reference", value=shown(value), thing=what)
        return value

    # Numbers

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within limits."""
        value = self._value(key, "whole", lambda found: type(found) is int, required=default is None)
        return int(self._within(key, value, low, high)) if isinstance(value, int) else default or low

    def wholes(self, key: str, low: int, high: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """A list of whole numbers within limits, rising."""
        value = self._value(
            key, "wholes", lambda found: isinstance(found, list) and all(type(item) is int for item in found)
        )
        if not isinstance(value, list):
            return default
        if not value or any(not low <= item <= high for item in value):
            self.mistake(key, "out_of_range", low=low, high=high)
        elif any(later <= earlier for earlier, later in pairwise(value)):
            self.mistake(key, "not_rising")
        return tuple(value)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number within limits; never NaN or infinite."""
        value = self._value(
            key, "number", lambda found: type(found) in (int, float), required=default is None
        )
        return (
            float(self._within(key, value, low, high)) if isinstance(value, int | float) else default or low
        )

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._value(key, "flag", lambda found: isinstance(found, bool))
        return value if isinstance(value, bool) else default

    # Days and times

    def day(self, key: str, required: bool = False) -> date | None:
        """A date, as such or as a text."""
        value = self._value(key, "day", lambda found: as_day(found) is not None, required=required)
        day = as_day(value)
        return self._near_our_time(key, day) if day else None

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates, each once, in order."""
        value = self._value(
            key,
            "days",
            lambda found: isinstance(found, list) and all(as_day(item) is not None for item in found),
        )
        days = [day for item in value if (day := as_day(item))] if isinstance(value, list) else []
        return tuple(sorted(self._near_our_time(key, day) for day in self._each_once(key, days)))

    def clock(self, key: str, default: time) -> time:
        """A time of the day: "08:30"."""
        value = self._value(key, "clock", lambda found: as_clock(found) is not None)
        return as_clock(value) or default

    def moment(self, key: str, required: bool = False) -> datetime | None:
        """A local day and time, as UTC. A time that a clock change skips or repeats needs its offset."""
        value = self._value(key, "moment", lambda found: as_moment(found) is not None, required=required)
        wall = as_moment(value)
        if wall is None:
            return None
        self._near_our_time(key, wall.date())
        if wall.tzinfo is not None:
            return wall.astimezone(UTC)
        early, late = (wall.replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC) for fold in (0, 1))
        if early != late:
            self.mistake(key, "time_skipped" if late < early else "time_twice")
        return early

    def hours(self, key: str) -> dict[str, list[str]] | None:
        """Opening hours by weekday: ``opens.mon = ["08:30-12:00", "13:00-17:00"]``; None when not given."""
        self._asked.add(key)
        if not self.has(key):
            return None
        week = self.table_at(key)
        if week is None:
            return None
        opens = {day: list(week.texts(day, ())) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        for day, spans in opens.items():
            if not are_hours(spans):
                week.mistake(day, "bad_hours")
        week.done()
        return {day: spans for day, spans in opens.items() if spans}

    # The inside

    def _value(self, key: str, wanted: str, fits: Callable[[object], bool], required: bool = False) -> object:
        """The value of a key when it is there and fits; what is wrong is reported."""
        self._asked.add(key)
        entry: Entry | None = self.table.entries.get(key)
        if entry is None:
            if required:
                self._missing[key] = wanted
            return None
        if isinstance(entry.value, Unreadable):
            return None
        if not fits(entry.value):
            self.mistake(key, "wrong_type", wanted=wanted)
            return None
        return entry.value

    def _like(self, value: str, options: Collection[str]) -> str:
        return "" if self.notes.full else like(value, options)

    def _within(self, key: str, value: int | float, low: int | float, high: int | float) -> int | float:
        if not math.isfinite(value) or not low <= value <= high:
            self.mistake(key, "out_of_range", low=low, high=high)
            return low
        return value

    def _one_of(self, key: str, value: str, options: type[E]) -> E | None:
        codes = [option.value for option in options]
        if value in codes:
            return options(value)
        near = self._like(value, codes)
        if near:
            self.mistake(key, "not_one_of_like", value=shown(value), like=near)
        else:
            self.mistake(key, "not_one_of", value=shown(value), options=", ".join(codes))
        return None

    def _each_once(self, key: str, values: Iterable[T]) -> tuple[T, ...]:
        seen: dict[T, None] = {}
        for value in values:
            if value in seen:
                self.mistake(key, "named_twice", value=shown(value))
            seen[value] = None
        return tuple(seen)

    def _near_our_time(self, key: str, day: date) -> date:
        if not FIRST_DAY <= day <= LAST_DAY:
            self.mistake(key, "far_away", first=FIRST_DAY.year, last=LAST_DAY.year)
        return day


def names_of(readers: Iterable[Reader], key: str, form: re.Pattern[str]) -> Names:
    """The names that these tables have under `key`."""
    return Names.of([reader.plain(key) for reader in readers], form)


def first_of(readers: Iterable[Reader], key: str) -> None:
    """Report every table whose `key` has a value that an earlier table has too."""
    seen: dict[str, Reader] = {}
    for reader in readers:
        if value := reader.plain(key):
            first = seen.setdefault(value, reader)
            if first is not reader:
                reader.mistake(key, "duplicate", first=first.line(key))


def _name_of(table: Table, key: str) -> str:
    """What names a table in messages: only a well-formed name, so that nothing confidential slips in."""
    entry = table.entries.get(key)
    if entry and type(entry.value) is date:
        return entry.value.isoformat()
    value = str(entry.value) if entry and isinstance(entry.value, str) else ""
    return value if ID.fullmatch(value) or NIS.fullmatch(value) else ""
