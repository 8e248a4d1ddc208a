"""The word of an owner on a unit without mandate that is held: yes, or not in these nights."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from crisispool.domain.booking import Hold, OwnersWord
from crisispool.domain.calendar import DAY
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import Placement, StatusEvent, Unit, UnitStatus
from crisispool.ports import Transaction
from crisispool.services.holds import end_hold
from crisispool.services.messages import tell
from crisispool.services.parts import Parts, require


@dataclass(frozen=True, slots=True)
class OwnersAnswer:
    """What the owner said of a held unit; `until`: the morning up to which it stays theirs after a no."""

    hold_id: str
    unit: str
    said: OwnersWord
    until: date


class OwnersAsked:
    """Policy: owner and mandate, section 5: an owner can refuse a unit, never a person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def answer(self, actor: Actor, operation_id: str, hold_id: str, said: OwnersWord) -> OwnersAnswer:
        """Whoever holds the unit hears it at once. After a no the unit is the owner's own in these nights, so that
        nobody is offered it. Refusals: ``not_there``, ``no_longer_held`` (booked, released or lapsed).
        """
        require(actor, Role.UNIT_MANAGER)
        parts, now = self._parts, self._parts.now()
        touched: set[str] = set()

        async def work(tx: Transaction) -> OwnersAnswer:
            found = await tx.get(Hold, hold_id)
            # Holds are given, released and booked under the lock of their unit; at the end of a shift they change
            # hands under their own.
            [unit] = await tx.lock(Unit, [found.unit_id]) if found else [None]
            [hold] = await tx.lock(Hold, [hold_id]) if found else [None]
            if hold is None or unit is None or unit.owner_id != actor.organisation_id:
                raise NotThere("hold")
            if hold.owner_asked_at is None or hold.ended_at is not None or hold.until <= now:
                raise Refusal("no_longer_held", {"unit": unit.label})
            answer = OwnersAnswer(hold.id, unit.label, said, hold.night + DAY * hold.nights)
            touched.add(unit.id)
            if hold.owner_said is said:
                return answer
            await tx.save(replace(hold, owner_said=said))
            if said is OwnersWord.NO:
                await self._keep_it(tx, actor, hold, answer.until, now)
            await tx.save(replace(unit, confirmed_at=now, version=unit.version + 1))
            await self._tell_desk(tx, hold, said, now)
            await tx.audit(actor.colleague_id, f"unit.owner_{said}", "unit", unit.id, now, {"hold": hold.id})
            return answer

        content = {"hold": hold_id, "said": said}
        answer = await parts.operations.once(operation_id, "owners_word", content, now, OwnersAnswer, work)
        await parts.view.refresh(touched, now)
        return answer

    async def _keep_it(self, tx: Transaction, actor: Actor, hold: Hold, until: date, now: datetime) -> None:
        ids = self._parts.ids
        await end_hold(tx, hold.id, now)
        await tx.add(Placement(ids.new(), hold.unit_id, hold.night, until))
        said = UnitStatus.OCCUPIED
        await tx.add(StatusEvent(ids.new(), hold.unit_id, said, until, actor.colleague_id, now))

    async def _tell_desk(self, tx: Transaction, hold: Hold, said: OwnersWord, now: datetime) -> None:
        request = await tx.get(Request, hold.request_id)
        facts: dict[str, object] = {"request": request.reference if request else ""}
        holder, key = ("colleague", hold.by), f"message.owner_{said}"
        about, mark = ("request", hold.request_id), f"owner_{said}:{hold.id}"
        await tell(tx, self._parts.ids, hold.network_id, holder, key, facts, about, mark, now, urgent=True)
