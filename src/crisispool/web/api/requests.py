"""Requests for a bed: ask, take, check, refuse, withdraw."""

from crisispool.services.answers import AskedAnswer, LinkAnswer, RefusalAnswer, RequestAnswer, ScreeningAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import Nothing, RefusalBody, RequestBody, ScreeningBody


async def listed(call: Call[NoQuery]) -> list[RequestAnswer]:
    """The open requests that the asker may see."""
    return await call.app.intake.open(call.actor)


async def made(call: Call[RequestBody]) -> RequestAnswer:
    """A new request; every person gets a reference."""
    return await call.app.intake.request(call.actor, call.operation_id, call.given.ask())


async def shown(call: Call[NoQuery]) -> RequestAnswer:
    """One request."""
    return await call.app.intake.view(call.actor, call.path["id"])


async def withdrawn(call: Call[Nothing]) -> RequestAnswer:
    """The bed is not needed any more."""
    return await call.app.intake.withdraw(call.actor, call.operation_id, call.path["id"])


async def taken(call: Call[Nothing]) -> RequestAnswer:
    """A calltaker takes the request."""
    return await call.app.intake.take(call.actor, call.operation_id, call.path["id"])


async def screened(call: Call[ScreeningBody]) -> ScreeningAnswer:
    """The check-up against the admission criteria."""
    return await call.app.checkup.screen(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def refused(call: Call[RefusalBody]) -> RefusalAnswer:
    """The request ends without a bed, with its reason."""
    return await call.app.checkup.refuse(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def coordinator_asked(call: Call[Nothing]) -> AskedAnswer:
    """The coordinators on call are asked to decide on the stay."""
    return await call.app.stay_talk.ask_coordinator(call.actor, call.operation_id, call.path["id"])


async def linked(call: Call[Nothing]) -> LinkAnswer:
    """A one-time page for how to reach a refused person."""
    return await call.app.pages.link(call.actor, call.operation_id, "contact", call.path["id"])
