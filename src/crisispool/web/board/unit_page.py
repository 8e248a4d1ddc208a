"""One unit: its coming nights, what it offers, whether it takes part."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from crisispool.domain.calendar import DAY
from crisispool.services.asks import UnitAsk
from crisispool.services.unit_details import UnitDetails
from crisispool.web import problems
from crisispool.web.board.page import Visit
from crisispool.web.board.unit_words import row_of
from crisispool.web.schemas import UnitBody, UnitChangeBody
from crisispool.web.schemas.units import CLEARABLE

WEEK: Final = timedelta(days=7)
FILLED_IN: Final = ("label", "places", "cots", "rooms")
WEEKS_AHEAD: Final = 12
"""Weeks of a rota unit that can be ticked; the later ones stay as they are."""


async def shown(visit: Visit) -> web.StreamResponse:
    """One unit."""
    details = await visit.app.keeping.details.view(visit.actor, visit.path["id"])
    mondays = _mondays(details)
    return visit.show(
        "board/unit.html",
        unit=row_of(details.found, visit.language),
        details=details,
        it=details.unit,
        weeks=_weeks(details),
        mondays=mondays,
        later=[monday for monday in details.unit.rota_weeks if monday not in mondays],
        tomorrow=details.today + DAY,
    )


async def changed(visit: Visit) -> web.StreamResponse:
    """What the unit offers from now on; a date that was made empty is taken away."""
    _must_be_filled_in(visit)
    ask = visit.given(UnitChangeBody).ask()
    empty = tuple(name for name in CLEARABLE if name in visit.form and not visit.form[name].strip())
    ask = replace(ask, clear=(*ask.clear, *empty))
    if "in_turns" in visit.form and ask.rota_weeks is None:
        ask = replace(ask, rota_weeks=())
    unit_id = visit.path["id"]
    await visit.app.units.change(visit.actor, visit.operation_id, unit_id, ask)
    return visit.go(f"/units/{unit_id}", done="unit_changed")


async def empty(visit: Visit) -> web.StreamResponse:
    """A form for a new unit."""
    [region] = await visit.app.regions.list(visit.actor)
    towns = [(each.nis, each.name) for each in region.municipalities]
    return visit.show(
        "board/unit_new.html", towns=towns, owners=await visit.app.keeping.pool.owners(visit.actor)
    )


async def made(visit: Visit) -> web.StreamResponse:
    """A new unit, on its page."""
    ask: UnitAsk = visit.given(UnitBody).ask()
    operation_id = visit.operation_id
    unit_id = f"unit-{operation_id.rpartition(':')[2][:16]}"
    await visit.app.units.create(visit.actor, operation_id, unit_id, ask)
    return visit.go(f"/units/{unit_id}", done="unit_made")


def _must_be_filled_in(visit: Visit) -> None:
    """A field of the form that was made empty is no field that was left out. Raises `problems.Invalid`."""
    bare = [name for name in FILLED_IN if name in visit.form and not visit.form[name].strip()]
    if bare:
        raise problems.Invalid([{"field": name, "problem": "missing"} for name in bare])


def _weeks(details: UnitDetails) -> list[list[tuple[date, str]]]:
    """The nights in weeks from Monday on; those that are past have no use."""
    [first, *_], uses = details.nights[0], dict(details.nights)
    monday = first - DAY * first.weekday()
    last = details.nights[-1][0]
    weeks = []
    while monday <= last:
        weeks.append([(monday + DAY * n, uses.get(monday + DAY * n, "")) for n in range(7)])
        monday += WEEK
    return weeks


def _mondays(details: UnitDetails) -> list[date]:
    """The weeks that can be ticked of a unit that is offered in turns."""
    first = details.today - DAY * details.today.weekday()
    return [first + WEEK * n for n in range(WEEKS_AHEAD)] if details.in_turns else []
