"""The board in words: what the template of it shows, in one language, for everybody who sees the same."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from crisispool.domain.availability import Freshness
from crisispool.domain.unit import UnitStatus
from crisispool.services.board import NOT_OFFERED, BoardAnswer, BoardUnit, Town
from crisispool.texts.render import has, render
from crisispool.web.board.region_map import Drawing, drawing

COUNTED: Final = (*[str(status) for status in (
    UnitStatus.FREE, UnitStatus.HELD, UnitStatus.BOOKED, UnitStatus.OCCUPIED, UnitStatus.TURNOVER,
    UnitStatus.OUT_OF_SERVICE,
)], NOT_OFFERED)  # fmt: skip
"""The order of the counts above the board."""


@dataclass(frozen=True)
class Stretch:
    """Nights that follow each other with the same status: how many, which, and what it is."""

    span: int
    when: str
    status: str
    words: str


@dataclass(frozen=True)
class Row:
    """A unit. `has` are the codes that can be filtered for; `until_at` is when a hold lapses, in seconds since 1970."""

    id: str
    label: str
    town: str
    offers: str
    status: str
    words: str
    more: tuple[str, ...]
    freshness: str
    stale: bool
    later: tuple[Stretch, ...]
    places: int
    has: frozenset[str]
    until_at: int | None


@dataclass(frozen=True)
class Section:
    """A municipality: its rows, how many are free, and where its circle stands."""

    nis: str
    name: str
    free: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Words:
    """The whole board. `rule` is the rule for tonight in one sentence; `at` the moment it was true."""

    at: datetime
    at_seconds: int
    rule: str
    counts: tuple[tuple[str, str], ...]
    nights: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...] | None
    free_in: tuple[Section, ...]
    drawing: Drawing
    duty: tuple[tuple[str, str], ...]
    call: str
    office_hours: bool
    requests: int | None


def words(board: BoardAnswer, language: str) -> Words:
    """The board in this language."""

    def say(key: str, **facts: object) -> str:
        return render(f"board.tonight.{key}", facts, language)

    towns = board.towns or ()
    sections = tuple(_section(town, board, language) for town in towns)
    people = (("calltaker", board.duty.calltakers), ("backup", board.duty.backups),
              ("coordinator", board.duty.coordinators))  # fmt: skip
    return Words(
        at=board.at,
        at_seconds=int(board.at.timestamp()),
        rule=say(
            "rule", nights=board.block, count=len(board.block), checkout=board.checkout, at=board.checkout_at
        ),
        counts=tuple(
            (status, say(f"count.{status}", n=board.counts[status]))
            for status in COUNTED
            if board.counts.get(status) or status == UnitStatus.FREE
        ),
        nights=tuple((say("night", day=night), say("night_long", day=night)) for night in board.nights[1:]),
        sections=sections if board.towns is not None else None,
        free_in=tuple(each for each in sections if each.free),
        drawing=drawing([(town.municipality.latitude, town.municipality.longitude) for town in towns]),
        duty=tuple(
            (say(f"on.{duty}"), say("list", items=labels) if labels else "") for duty, labels in people
        ),
        call=board.duty.call,
        office_hours=board.duty.office_hours,
        requests=board.requests,
    )


def _section(town: Town, board: BoardAnswer, language: str) -> Section:
    name = town.municipality.name
    rows = tuple(_row(each, name, board, language) for each in town.units)
    return Section(town.municipality.nis, name, town.free, rows)


def _row(row: BoardUnit, town: str, board: BoardAnswer, language: str) -> Row:
    unit, status = row.unit, row.tonight
    has_codes = {"family": unit.family, "step_free": unit.step_free, "pets": unit.pets, "cots": unit.cots > 0,
                 "free": status == UnitStatus.FREE}  # fmt: skip

    def say(key: str, **facts: object) -> str:
        return render(f"board.tonight.{key}", facts, language)

    offers = [say("places", n=unit.places)]
    if unit.cots:
        offers.append(say("cots", n=unit.cots))
    told = {"family": unit.family, "step_free": unit.step_free, "pets": unit.pets, "staffed": row.staffed,
            "no_mandate": not row.mandate}  # fmt: skip
    offers += [say(name) for name, is_so in told.items() if is_so]
    return Row(
        id=unit.id,
        label=within(town, unit.label),
        town=town,
        offers=" · ".join(offers),
        status=status,
        words=_status(unit.status, status, unit.until, language),
        more=_more(row, say),
        freshness=_freshness(unit.freshness, unit.confirmed_at, language),
        stale=unit.freshness == Freshness.STALE,
        later=_stretches(row.nights, board.nights[1:], language),
        places=unit.places,
        has=frozenset(name for name, is_so in has_codes.items() if is_so),
        until_at=_seconds(unit.until) if status == UnitStatus.HELD else None,
    )


def _status(status: str, shown: str, until: str | None, language: str) -> str:
    if shown == NOT_OFFERED:
        return render("board.tonight.status.not_offered", {}, language)
    if until and has(f"unit.status_until.{status}", language):
        return render(f"unit.status_until.{status}", {"until": until}, language)
    return render(f"unit.status.{status}", {}, language)


def _more(row: BoardUnit, say: Any) -> tuple[str, ...]:
    """What else there is to know tonight."""
    found = []
    if row.held_by:
        found.append(say("held_by", who=row.held_by))
    if row.tonight == UnitStatus.FREE and not row.unit.cleaned:
        found.append(say("not_cleaned"))
    if row.unit.persons is not None:
        found.append(say("inside", n=row.unit.persons))
    return tuple(found)


def within(town: str, label: str) -> str:
    """A label under the name of its municipality, which it need not say once more."""
    rest = label.removeprefix(town).lstrip(" ,:-") or label
    return rest[:1].upper() + rest[1:]


def _freshness(freshness: str, confirmed_at: datetime | None, language: str) -> str:
    known = freshness if confirmed_at is not None else Freshness.STALE
    return render(f"board.tonight.freshness.{known}", {"at": confirmed_at}, language)


def _stretches(statuses: tuple[str, ...], nights: tuple[date, ...], language: str) -> tuple[Stretch, ...]:
    found, first = [], 0
    for status, same in groupby(statuses):
        span = len(list(same))
        key = "when_one" if span == 1 else "when"
        facts = {"first": nights[first], "last": nights[first + span - 1]}
        when = render(f"board.tonight.{key}", facts, language)
        found.append(Stretch(span, when, status, render(f"board.tonight.status.{status}", {}, language)))
        first += span
    return tuple(found)


def _seconds(until: str | None) -> int | None:
    return int(datetime.fromisoformat(until).timestamp()) if until and "T" in until else None
