"""Units and what their owners say about them."""

from crisispool.services.answers import UnitAnswer
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import StatusBody, UnitBody, UnitChangeBody


async def listed(call: Call[NoQuery]) -> list[UnitAnswer]:
    """The units that the asker may see."""
    return await call.app.units.all(call.actor)


async def shown(call: Call[NoQuery]) -> UnitAnswer:
    """One unit."""
    return await call.app.units.view(call.actor, call.path["id"])


async def made(call: Call[UnitBody]) -> UnitAnswer:
    """A new unit. An id that is not given follows from the operation: a repeat makes no second one."""
    unit_id = call.given.id or f"unit-{call.operation_id.rpartition(':')[2][:16]}"
    return await call.app.units.create(call.actor, call.operation_id, unit_id, call.given.ask())


async def changed(call: Call[UnitChangeBody]) -> UnitAnswer:
    """What a unit offers."""
    return await call.app.units.change(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def said(call: Call[StatusBody]) -> UnitAnswer:
    """What the owner says of a unit."""
    return await call.app.units.say(call.actor, call.operation_id, call.path["id"], call.given.ask())
