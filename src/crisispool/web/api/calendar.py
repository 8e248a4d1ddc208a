"""Closed days that people enter."""

from crisispool.services.answers import ClosingDayAnswer, ClosingDayChangeAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import ClosingDayBody


async def closing_days(call: Call[NoQuery]) -> list[ClosingDayAnswer]:
    """Closed days from today on, apart from legal holidays."""
    return await call.app.closing_days.list(call.actor)


async def entered(call: Call[ClosingDayBody]) -> ClosingDayChangeAnswer:
    """A closed day, and what it touches of what was given already."""
    return await call.app.closing_days.enter(call.actor, call.operation_id, call.given.ask())


async def taken_away(call: Call[NoQuery]) -> ClosingDayChangeAnswer:
    """The day is not closed after all, and what that touches."""
    return await call.app.closing_days.take_away(call.actor, call.operation_id, call.path["id"])
