"""Questions by day."""

from crisispool.services.daytime import DaytimeAnswer, QuestionAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import QuestionBody


async def counts(call: Call[NoQuery]) -> DaytimeAnswer:
    """How many this week and this month."""
    return await call.app.daytime.counts(call.actor)


async def noted(call: Call[QuestionBody]) -> QuestionAnswer:
    """One more."""
    return await call.app.daytime.note(call.actor, call.operation_id, call.given.ask())


async def taken_back(call: Call[NoQuery]) -> QuestionAnswer:
    """It was not so."""
    return await call.app.daytime.take_back(call.actor, call.operation_id, call.path["id"])
