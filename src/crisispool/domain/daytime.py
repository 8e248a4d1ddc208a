"""Questions that come by day: what was asked, by which kind of asker, how it ended. Codes alone, nobody in them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from crisispool.domain.calendar import DAY

TAKEN_BACK_WITHIN: Final = timedelta(minutes=10)
"""How long whoever noted a question may take it back; afterwards it counts."""


class QuestionKind(StrEnum):
    """What was asked."""

    BED_TONIGHT = "bed_tonight"
    BED_SOON = "bed_soon"
    LONGER_DWELLING = "longer_dwelling"
    EVICTION = "eviction"
    HOW_IT_WORKS = "how_it_works"
    OTHER = "other"


class AskerKind(StrEnum):
    """Who asked, as a kind; the first is meant when nobody says."""

    PERSON = "person"
    OWN_NETWORK = "own_network"
    OCMW = "ocmw"
    CAW = "caw"
    POLICE = "police"
    CARE = "care"
    OTHER = "other"


class QuestionOutcome(StrEnum):
    """How it ended."""

    ANSWERED = "answered"
    TO_OCMW = "to_ocmw"
    TO_CAW = "to_caw"
    TO_DESK = "to_desk"
    ELSEWHERE = "elsewhere"
    NO_SOLUTION = "no_solution"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DaytimeQuestion:
    """One question. `day` is the local date; `by` the colleague who noted it, who alone may take it back."""

    id: str
    network_id: str
    day: date
    kind: QuestionKind
    asker: AskerKind
    outcome: QuestionOutcome
    by: str
    at: datetime


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of this day."""
    monday = day - DAY * day.weekday()
    return monday, monday + DAY * 6


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of its month."""
    first = day.replace(day=1)
    return first, (first + DAY * 31).replace(day=1) - DAY


def may_take_back(question: DaytimeQuestion, by: str, now: datetime) -> bool:
    """Whether this colleague may say that it was not so."""
    return question.by == by and now < question.at + TAKEN_BACK_WITHIN
