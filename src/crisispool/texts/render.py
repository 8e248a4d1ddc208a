"""Turns a text key and facts into one sentence; says dates, times and numbers the way people say them.

A catalogue is the folder of a language: `nl/stay.toml` holds the keys `stay.…`, a nested table adds a dot.
A sentence is a format string whose fields are names of facts. What can follow the colon of a field:

    {checkout:day}            maandag 30 november
    {nights:days}             vrijdag 27, zaterdag 28 en zondag 29 november
    {at:time}                 10 uur, 16.10 uur
    {at:moment}               maandag 30 november, 10 uur
    {day:weekday}             maandag
    {day:short}               ma 30
    {at:second}               02.04.10
    {n:count nacht|nachten}   1 nacht, 3 nachten
    {n:number nacht|nachten}  één nacht, drie nachten (in words up to twelve)
    {n:word nacht|nachten}    nacht, nachten
    {items:list}              a, b en c

Days, times and moments may also come as ISO strings, the form in which facts are stored. A fact may be a sentence
itself, as a key with its own facts (a `Say`, or one as JSON), or several one after the other: nothing that travels or
is kept is in one language; words are made here, for whoever reads them.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from babel.dates import format_date

from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.language import FIRST

AND = {"nl": "en", "fr": "et", "en": "and"}
TIME = {"nl": ("{} uur", "{}.{:02} uur"), "fr": ("{} h", "{} h {:02}"), "en": ("{}:00", "{}:{:02}")}

DAY = {"day": "EEEE d MMMM", "weekday": "EEEE", "short": "EEE d"}
SECOND = {"nl": "%H.%M.%S", "fr": "%H:%M:%S", "en": "%H:%M:%S"}

NUMBERS = {
    "nl": "nul één twee drie vier vijf zes zeven acht negen tien elf twaalf",
    # Only nights are counted in words, and a night is feminine.
    "fr": "zéro une deux trois quatre cinq six sept huit neuf dix onze douze",
    "en": "no one two three four five six seven eight nine ten eleven twelve",
}

SINGULAR = {"nl": (1,), "fr": (0, 1), "en": (1,)}
"""Numbers that go with the first of two forms."""

OF_OPERATORS = frozenset({"command", "region", "set_up"})
"""Groups of texts for who runs the program and no one else: in Dutch where a language does not have them."""


def render(key: str, facts: Mapping[str, object], language: str = "nl") -> str:
    """The sentence of `key` with `facts` filled in; facts it does not name are left out.

    KeyError: no such key, or a fact is missing. ValueError: a fact cannot be said in the asked form (the
    message names key and fact, never the value, which may be personal).
    """
    spoken = _spoken(key, language)
    return _Sentence(key, spoken).vformat(_template(key, spoken), (), facts)


def told(said: object, language: str = "nl") -> str:
    """A fact in words: a sentence by its key and facts, several one after the other, or words as they are."""
    match said:
        case Say():
            return render(said.key, said.facts, language)
        case {"key": str(key), "facts": Mapping() as facts}:
            return render(key, facts, language)
        case list() | tuple():
            return " ".join(told(each, language) for each in said)
    return str(said)


def has(key: str, language: str = "nl") -> bool:
    """Whether there is a sentence for this key."""
    return key in _catalogue(_spoken(key, language))


def keys(language: str = "nl") -> tuple[str, ...]:
    """All keys of a language, sorted."""
    return tuple(sorted(_catalogue(language)))


def fact_names(key: str, language: str = "nl") -> frozenset[str]:
    """The facts that the sentence of `key` needs."""
    return frozenset(
        name for _, name, _, _ in Formatter().parse(_template(key, language)) if name is not None
    )


def _spoken(key: str, language: str) -> str:
    """The language in which a sentence is said to who reads this one."""
    operators = key.partition(".")[0] in OF_OPERATORS
    return FIRST if operators and key not in _catalogue(language) else language


def _template(key: str, language: str) -> str:
    try:
        return _catalogue(language)[key]
    except KeyError:
        raise KeyError(f"no text {key!r} in language {language!r}") from None


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    if language not in AND:
        raise KeyError(f"no texts in language {language!r}")
    folder = files("crisispool.texts").joinpath(language)
    return {
        key: text
        for file in folder.iterdir()
        if file.name.endswith(".toml")
        for key, text in _flat(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
    }


def _flat(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{name}", value)
        elif isinstance(value, str):
            yield f"{prefix}.{name}", value
        else:
            raise ValueError(f"text {prefix}.{name} is not a sentence")


class _Sentence(Formatter):
    """Format strings with the forms above; a field is the plain name of a fact, never an attribute of it."""

    def __init__(self, key: str, language: str) -> None:
        self.key, self.language = key, language

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if field_name not in kwargs:
            raise KeyError(f"text {self.key!r} needs the fact {field_name!r}")
        return (field_name, kwargs[field_name]), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        name, fact = value
        try:
            return self._say(fact, format_spec)
        except (TypeError, ValueError):
            pass
        raise ValueError(f"text {self.key!r}: the fact {name!r} cannot be said as {format_spec!r}")

    def _say(self, fact: Any, form: str) -> str:
        match form.split(" ", 1):
            case ["day" | "weekday" | "short" as how]:
                return self._day(_as_day(fact), DAY[how])
            case ["days"]:
                return self._days([_as_day(item) for item in fact])
            case ["second"]:
                return _as_moment(fact).strftime(SECOND[self.language])
            case ["time"]:
                return self._time(_as_time(fact))
            case ["moment"]:
                moment = _as_moment(fact)
                return f"{self._day(moment.date())}, {self._time(moment.time())}"
            case ["count" | "number" | "word" as how, forms]:
                one, many = forms.split("|")
                word = one if fact in SINGULAR[self.language] else many
                number = {"count": f"{fact:d} ", "number": f"{self._number(fact)} ", "word": ""}[how]
                return number + word
            case ["list"]:
                return self._joined(told(item, self.language) for item in fact)
            case [""]:
                return told(fact, self.language)
        return format(fact, form)

    def _day(self, day: date, pattern: str = DAY["day"]) -> str:
        if self.language == "fr" and day.day == 1:
            pattern = pattern.replace(" d", " d'er'")
        return format_date(day, pattern, locale=self.language)

    def _days(self, days: Sequence[date]) -> str:
        """Names the month at the last day of that month, and the year too when the days span two years."""
        month = "EEEE d MMMM y" if len({day.year for day in days}) > 1 else "EEEE d MMMM"
        following = [*days, None][1:]
        return self._joined(
            self._day(day, "EEEE d" if after and _month(after) == _month(day) else month)
            for day, after in zip(days, following, strict=True)
        )

    def _time(self, at: time) -> str:
        whole, broken = TIME[self.language]
        return broken.format(at.hour, at.minute) if at.minute else whole.format(at.hour)

    def _number(self, number: int) -> str:
        words = NUMBERS[self.language].split()
        return words[number] if 0 <= number < len(words) else str(number)

    def _joined(self, items: Iterable[str]) -> str:
        *first, last = list(items) or [""]
        return f"{', '.join(first)} {AND[self.language]} {last}" if first else last


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _as_day(fact: object) -> date:
    if isinstance(fact, datetime) or (isinstance(fact, str) and len(fact) > len("2026-11-30")):
        return _as_moment(fact).date()
    if isinstance(fact, date):
        return fact
    if isinstance(fact, str):
        return date.fromisoformat(fact)
    raise TypeError("not a day")


def _as_time(fact: object) -> time:
    if isinstance(fact, time):
        return fact
    if isinstance(fact, str) and "-" not in fact:
        return time.fromisoformat(fact)
    return _as_moment(fact).time()


def _as_moment(fact: object) -> datetime:
    """The moment in local time; a moment without a zone is refused, for nobody knows which one it is."""
    moment = datetime.fromisoformat(fact) if isinstance(fact, str) else fact
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError("not a moment")
    return moment.astimezone(BRUSSELS)
