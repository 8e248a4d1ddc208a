"""Units as whoever keeps them sees them: how each stands, changed with one click."""

from dataclasses import replace

from aiohttp import web

from crisispool.domain.organisation import Role
from crisispool.services.owners_word import CONFIRMED
from crisispool.web.board import unit_page
from crisispool.web.board.page import Visit
from crisispool.web.board.unit_words import counts_of, row_of, sections_of
from crisispool.web.schemas import StatusBody

HERE = "/units"


async def shown(visit: Visit) -> web.StreamResponse:
    """All own units; for a coordinator those of everybody."""
    # Before the list: what comes in between is heard, and looked at once more.
    seq = await visit.app.changes.head()
    units = await visit.app.keeping.pool.all(visit.actor)
    return visit.show(
        "board/units.html",
        seq=seq,
        sections=sections_of(units, visit.language),
        counts=counts_of(units, visit.language),
        mine=all(each.own for each in units) if units else not visit.actor.is_(Role.COORDINATOR),
    )


async def said(visit: Visit) -> web.StreamResponse:
    """What somebody says of one unit."""
    ask = visit.given(StatusBody).ask()
    if ask.status == CONFIRMED:
        ask = replace(ask, until=None, since=None)
    await visit.app.units.say(visit.actor, visit.operation_id, visit.path["id"], ask)
    return await _row(visit) if visit.by_htmx else visit.go(back_of(visit), done="unit_said")


async def not_said(visit: Visit) -> web.StreamResponse:
    """Why it cannot be, beside that unit; all others as they are."""
    if visit.by_htmx:
        return await _row(visit)
    return await (shown(visit) if back_of(visit) == HERE else unit_page.shown(visit))


async def confirmed(visit: Visit) -> web.StreamResponse:
    """Everything is as it stands there."""
    await visit.app.units.confirm_all(visit.actor, visit.operation_id)
    return visit.go(HERE, done="units_confirmed")


def back_of(visit: Visit) -> str:
    """Where the form stood: in the list or on the page of the unit."""
    of_unit = f"{HERE}/{visit.path['id']}"
    return of_unit if visit.form.get("back") == "unit" else HERE


async def _row(visit: Visit) -> web.StreamResponse:
    """The unit alone, and the counts, which stand elsewhere on the page."""
    units = await visit.app.keeping.pool.all(visit.actor)
    found = await visit.app.keeping.pool.one(visit.actor, visit.path["id"])
    return visit.show(
        "board/unit_row.html",
        block="row",
        unit=row_of(found, visit.language),
        counts=counts_of(units, visit.language),
        swapped=True,
        alone=False,
    )
