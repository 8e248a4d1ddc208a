"""The next working day: who takes a case, who spoke with the person, how it ended."""

from crisispool.services.answers import HandoverAnswer, LinkAnswer
from crisispool.services.asks import OutcomeAsk
from crisispool.web.call import Call
from crisispool.web.queries import AllQuery
from crisispool.web.schemas import AcknowledgeBody, Nothing, OutcomeBody, ReassignBody


async def listed(call: Call[AllQuery]) -> list[HandoverAnswer]:
    """The handovers of the asker's service; with `all` also closed ones."""
    return await call.app.handovers.list(call.actor, open_only=not call.given.all)


async def acknowledged(call: Call[AcknowledgeBody]) -> HandoverAnswer:
    """A service takes it."""
    return await call.app.handovers.acknowledge(
        call.actor, call.operation_id, call.path["id"], call.given.ask()
    )


async def contacted(call: Call[Nothing]) -> HandoverAnswer:
    """Somebody spoke with the person for the first time."""
    return await call.app.handovers.outcome(
        call.actor, call.operation_id, call.path["id"], OutcomeAsk(contacted=True)
    )


async def ended(call: Call[OutcomeBody]) -> HandoverAnswer:
    """How it ended."""
    return await call.app.handovers.outcome(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def reassigned(call: Call[ReassignBody]) -> HandoverAnswer:
    """Another service or worker."""
    return await call.app.handovers.reassign(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def linked(call: Call[Nothing]) -> LinkAnswer:
    """A one-time page with what a support worker needs."""
    return await call.app.pages.link(call.actor, call.operation_id, "case", call.path["id"])
