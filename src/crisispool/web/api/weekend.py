"""Closed days: the calls of weekend care, and the list of who has no bed until the next working day."""

from crisispool.services.answers import CareAnswer, WeekendLineAnswer
from crisispool.web.call import Call
from crisispool.web.queries import AllQuery, NoQuery
from crisispool.web.schemas import CareBody, LineBody


async def calls(call: Call[AllQuery]) -> list[CareAnswer]:
    """The open calls; with `all` also those of the last days."""
    return await call.app.care.list(call.actor, everything=call.given.all)


async def called(call: Call[CareBody]) -> CareAnswer:
    """What the desk found."""
    return await call.app.care.record(call.actor, call.operation_id, call.path["id"], call.given.answer)


async def listed(call: Call[NoQuery]) -> list[WeekendLineAnswer]:
    """The lines of the own cases, or all."""
    return await call.app.weekend.list(call.actor)


async def answered(call: Call[LineBody]) -> WeekendLineAnswer:
    """What was decided for one household."""
    return await call.app.weekend.answer(call.actor, call.operation_id, call.path["id"], call.given.answer)
