"""What the talks of owners, outreach and the coordinator want, done by the services, as plain JSON for the talk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from crisispool.conversations import intents as i
from crisispool.domain.booking import OwnersWord
from crisispool.domain.organisation import Actor
from crisispool.services.asks import StatusAsk, StaysAsAsk, UnitAsk
from crisispool.services.own_units import own_units
from crisispool.services.owners_asked import OwnersAsked
from crisispool.services.parts import Parts
from crisispool.services.stays import Stays
from crisispool.services.stays_as import StaysAs
from crisispool.services.units import Units


@dataclass(frozen=True)
class ErrandsByDay:
    """The services that these talks may send on an errand."""

    parts: Parts
    units: Units
    stays: Stays
    stays_as: StaysAs
    owners_asked: OwnersAsked

    async def list_units(self, actor: Actor, operation_id: str, intent: i.ListUnits) -> list[dict[str, Any]]:
        """The units of the asker's organisation, with who is there and what can be said of them."""
        answers = [each for each in await self.units.all(actor) if each.owner_id == actor.organisation_id]
        async with self.parts.store.reading() as tx:
            return await own_units(tx, self.parts, answers)


ErrandByDay = Callable[[ErrandsByDay, Actor, str, Any], Awaitable[Any]]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


BY_DAY: dict[type[Any], ErrandByDay] = {
    i.ListUnits: ErrandsByDay.list_units,
    i.SayStatus: lambda e, actor, op, it: e.units.say(
        actor, op, it.unit_id, StatusAsk(it.status, _day(it.until), since=_day(it.since))
    ),
    i.ConfirmUnits: lambda e, actor, op, it: e.units.confirm_all(actor, op, asked_on=_day(it.asked_on)),
    i.WithdrawUnit: lambda e, actor, op, it: e.units.change(
        actor, op, it.unit_id, UnitAsk(leaves_on=_day(it.from_day))
    ),
    i.LendAgain: lambda e, actor, op, it: e.units.change(
        actor, op, it.unit_id, UnitAsk(clear=("leaves_on",))
    ),
    i.AnswerHold: lambda e, actor, op, it: e.owners_asked.answer(actor, op, it.hold_id, OwnersWord(it.said)),
    i.NotYetLeft: lambda e, actor, op, it: e.stays.not_yet_left(actor, op, it.booking_id),
    i.StaysAs: lambda e, actor, op, it: e.stays_as.stays_as(actor, op, it.booking_id, StaysAsAsk()),
}
"""Who does what: one service method for each intent."""
