"""The rosters: who is on now, the coming weeks with their gaps, the own shifts, and those on offer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from aiohttp import web

from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Role
from crisispool.services.duty_answers import GapAnswer, RosterAnswer, RosterNightAnswer, ShiftAnswer
from crisispool.services.rosters import NIGHTS
from crisispool.web.board.own_shift import own_shift
from crisispool.web.board.page import Visit
from crisispool.web.schemas import FillBody, OfferBody

HERE: Final = "/duty"
OFF: Final = f"{HERE}/off"
SHOWN: Final = 28
"""Nights on the page; those within `NIGHTS` must be filled."""


@dataclass(frozen=True)
class Piece:
    """A stretch of one roster in one night: a shift, or a gap. `whole`: it is the only one, so its times say nothing.
    `pressing`: a gap in a night that must be filled by now. `first`: the shift does not stand in a night before."""

    starts_at: datetime
    ends_at: datetime
    whole: bool
    shift: ShiftAnswer | None = None
    gap: GapAnswer | None = None
    pressing: bool = False
    first: bool = False


@dataclass(frozen=True)
class NightRow:
    """One night: the pieces of each roster, in order of `Duty`."""

    night: date
    duties: tuple[tuple[str, tuple[Piece, ...]], ...]


@dataclass(frozen=True)
class Week:
    """The nights of one week, which begins on `monday`; how many of them have a gap that presses."""

    monday: date
    nights: tuple[NightRow, ...]
    open: int


async def shown(visit: Visit) -> web.StreamResponse:
    """The rosters as they are now."""
    roster = await visit.app.rosters.roster(visit.actor, SHOWN)
    shifts = {shift.id: shift for night in roster.nights for shift in night.shifts}
    mine = [shift for shift in shifts.values() if shift.mine]
    offers = [shift for shift in shifts.values() if shift.offer_id]
    buttons = {f"{HERE}/shifts/{each.id}/offer" for each in mine if not each.own_offer_id}
    buttons |= {f"{HERE}/offers/{each.own_offer_id}/keep" for each in mine if each.own_offer_id}
    buttons |= {f"{HERE}/offers/{each.offer_id}/take" for each in offers}
    buttons |= {OFF}
    now_on = await visit.app.duty.who(visit.actor)
    return visit.show(
        "board/duty.html",
        now_on=now_on,
        own=await own_shift(visit, now_on.desk_phone),
        off=OFF,
        weeks=list(_weeks(roster)),
        mine=mine,
        offers=offers,
        colleagues=roster.colleagues,
        fills=visit.actor.is_(Role.COORDINATOR),
        # The button may be gone by now: somebody else was first.
        refused="" if visit.request.path in buttons else visit.wrong.get("body", ""),
        feed=await visit.app.calendar_feeds.address(visit.actor),
    )


async def offered(visit: Visit) -> web.StreamResponse:
    """An own shift may be taken over."""
    given = OfferBody(shift_id=visit.path["id"], to_id=visit.form.get("to_id") or None)
    await visit.app.rosters.offer(visit.actor, visit.operation_id, given.shift_id, given.to_id)
    return visit.go(HERE, done="shift_offered")


async def kept(visit: Visit) -> web.StreamResponse:
    """It stays with who offered it."""
    await visit.app.rosters.take_back(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="shift_kept")


async def taken(visit: Visit) -> web.StreamResponse:
    """The asker has it now."""
    await visit.app.rosters.accept(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="shift_taken")


async def filled(visit: Visit) -> web.StreamResponse:
    """A coordinator puts somebody where nobody was."""
    ask = visit.given(FillBody)
    await visit.app.roster_gaps.fill(
        visit.actor, visit.operation_id, ask.duty, ask.colleague_id, ask.starts_at, ask.ends_at
    )
    return visit.go(HERE, done="gap_filled")


async def feed_made(visit: Visit) -> web.StreamResponse:
    """A secret address for the own calendar; the one before shows nothing any more."""
    await visit.app.calendar_feeds.make(visit.actor, visit.operation_id)
    return visit.go(HERE, done="feed_made")


async def feed_ended(visit: Visit) -> web.StreamResponse:
    """No calendar reads along any more."""
    await visit.app.calendar_feeds.end(visit.actor)
    return visit.go(HERE, done="feed_ended")


async def feed_read(visit: Visit) -> web.StreamResponse:
    """The own shifts, for whoever has the address."""
    calendar = await visit.app.calendar_feeds.read(visit.path["token"])
    return web.Response(text=calendar, content_type="text/calendar", charset="utf-8")


def _weeks(roster: RosterAnswer) -> Iterator[Week]:
    seen: set[str] = set()
    last = roster.nights[0].night + timedelta(days=NIGHTS) if roster.nights else date.max
    for monday, nights in groupby(roster.nights, key=lambda each: _monday(each.night)):
        rows = tuple(_row(night, seen, pressing=night.night < last) for night in nights)
        pressing = sum(any(piece.pressing for _, pieces in row.duties for piece in pieces) for row in rows)
        yield Week(monday, rows, pressing)


def _monday(night: date) -> date:
    return night - timedelta(days=night.weekday())


def _row(night: RosterNightAnswer, seen: set[str], *, pressing: bool) -> NightRow:
    return NightRow(
        night.night, tuple((duty.value, _pieces(night, duty, seen, pressing=pressing)) for duty in Duty)
    )


def _pieces(night: RosterNightAnswer, duty: Duty, seen: set[str], *, pressing: bool) -> tuple[Piece, ...]:
    shifts = [each for each in night.shifts if each.duty == duty]
    gaps = [each for each in night.open if each.duty == duty]
    whole = len(shifts) + len(gaps) == 1
    pieces = [
        Piece(each.starts_at, each.ends_at, whole, shift=each, first=each.id not in seen) for each in shifts
    ]
    seen.update(each.id for each in shifts)
    pieces += [Piece(each.starts_at, each.ends_at, whole, gap=each, pressing=pressing) for each in gaps]
    return tuple(sorted(pieces, key=lambda each: each.starts_at))
