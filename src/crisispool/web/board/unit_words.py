"""Units in words, for whoever keeps them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from crisispool.domain.availability import Freshness
from crisispool.domain.unit import UnitStatus
from crisispool.services.answers import UnitAnswer
from crisispool.services.own_pool import PoolUnit
from crisispool.services.owners_word import CONFIRMED
from crisispool.texts.render import has, render

COUNTED: Final = (
    UnitStatus.FREE,
    UnitStatus.TURNOVER,
    UnitStatus.HELD,
    UnitStatus.BOOKED,
    UnitStatus.OCCUPIED,
    UnitStatus.OUT_OF_SERVICE,
)
"""The order of the counts above the list."""
GIVEN: Final = frozenset({UnitStatus.BOOKED, UnitStatus.HELD})
"""What is not the owner's to end."""


@dataclass(frozen=True)
class Way:
    """One button: what it says of the unit, and its words. `main`: what mostly comes next."""

    status: str
    words: str
    main: bool = False


@dataclass(frozen=True)
class Row:
    """A unit. `more`: what else there is to know; `ways`: what can be said of it now, one click each."""

    id: str
    label: str
    version: int
    status: str
    words: str
    more: tuple[str, ...]
    freshness: str
    stale: bool
    ways: tuple[Way, ...]
    may_be_used: bool


@dataclass(frozen=True)
class Section:
    """The units of one owner in one town; `own`: the reader's."""

    heading: str
    own: bool
    rows: tuple[Row, ...]


def sections_of(units: Iterable[PoolUnit], language: str) -> tuple[Section, ...]:
    """The units under the names of their towns, with the owner where that is somebody else."""
    return tuple(
        Section(_heading(*names, language), not names[1], tuple(row_of(each, language) for each in group))
        for names, group in groupby(units, key=lambda each: (each.town, "" if each.own else each.owner))
    )


def counts_of(units: Iterable[PoolUnit], language: str) -> str:
    """How many there are of each status that there is."""
    number = Counter(each.unit.status for each in units)
    said = [_say("count", language, n=number[status], what=_status(status, language)) for status in COUNTED]
    return " · ".join(words for words, status in zip(said, COUNTED, strict=True) if number[status])


def row_of(found: PoolUnit, language: str) -> Row:
    """A unit as it is now."""
    unit = found.unit
    return Row(
        id=unit.id,
        label=unit.label,
        version=unit.version,
        status=unit.status if unit.offered or unit.status != UnitStatus.FREE else "not_offered",
        words=status_words(unit, language),
        more=tuple(_more(unit, language)),
        freshness=_freshness(unit, language),
        stale=unit.freshness != Freshness.CONFIRMED,
        ways=tuple(Way(status, _say(f"way.{words}", language), main) for status, words, main in _ways(found)),
        may_be_used=unit.status not in GIVEN,
    )


def status_words(unit: UnitAnswer, language: str) -> str:
    """What a unit is, and until when."""
    if unit.until and has(f"unit.status_until.{unit.status}", language):
        return render(f"unit.status_until.{unit.status}", {"until": unit.until}, language)
    return _status(unit.status, language)


def _status(status: str, language: str) -> str:
    return render(f"unit.status.{status}", {}, language)


def _heading(town: str, owner: str, language: str) -> str:
    return _say("town_owner", language, town=town, owner=owner) if owner else town


def _more(unit: UnitAnswer, language: str) -> Iterable[str]:
    if unit.persons is not None and unit.checkout is not None:
        yield _say("inside", language, n=unit.persons, checkout=unit.checkout)
    if unit.status == UnitStatus.FREE and not unit.cleaned:
        yield _say("not_cleaned", language)
    if not unit.offered:
        yield _say("not_offered", language)
    elif unit.leaves_on:
        yield _say("leaves", language, day=unit.leaves_on)


def _freshness(unit: UnitAnswer, language: str) -> str:
    if unit.confirmed_at is None:
        return _say("never_confirmed", language)
    return render(f"unit.freshness.{unit.freshness}", {"at": unit.confirmed_at}, language)


def _ways(found: PoolUnit) -> Iterable[tuple[str, str, bool]]:
    unit = found.unit
    if unit.status in GIVEN:
        yield CONFIRMED, "confirmed", False
        return
    if found.key_code:
        yield UnitStatus.FREE, "ready_with_key", True
    elif unit.status == UnitStatus.TURNOVER or (unit.status == UnitStatus.FREE and not unit.cleaned):
        yield UnitStatus.FREE, "ready", True
    elif unit.status == UnitStatus.FREE:
        yield CONFIRMED, "still_free", False
    else:
        yield UnitStatus.FREE, "free", True
    if unit.status == UnitStatus.OCCUPIED:
        yield CONFIRMED, "still_occupied", False
    else:
        yield UnitStatus.OCCUPIED, "occupied", False
    if unit.status != UnitStatus.TURNOVER:
        yield UnitStatus.TURNOVER, "turnover", False
    if unit.status != UnitStatus.OUT_OF_SERVICE:
        yield UnitStatus.OUT_OF_SERVICE, "out_of_service", False


def _say(key: str, language: str, **facts: object) -> str:
    return render(f"board.units.{key}", facts, language)
