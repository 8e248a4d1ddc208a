"""Gaps in the rosters: one that a coordinator fills, and one that comes when somebody is taken off."""

from datetime import datetime

from crisispool.domain.duty import (
    ROLES,
    Duty,
    DutyShift,
    OfferState,
    ShiftOffer,
    able_to_fill,
    gaps,
    open_stretches,
    standing,
)
from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.organisation import Actor, Colleague, Network, Role
from crisispool.ports import Transaction
from crisispool.services.duty_answers import ShiftAnswer
from crisispool.services.messages import having, tell, tell_role
from crisispool.services.parts import Parts, require
from crisispool.services.roster_rows import (
    is_soon,
    labels,
    shift_answer,
    shifts_between,
    span_of,
    tell_no_backup,
)
from crisispool.services.rosters import end_offers


class RosterGaps:
    """Who is put where nobody was, and who is taken off. Only a coordinator does either."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def fill(
        self,
        actor: Actor,
        operation_id: str,
        duty: Duty,
        colleague_id: str,
        starts_at: datetime,
        ends_at: datetime,
    ) -> ShiftAnswer:
        """A colleague gets a stretch in which nobody is on this roster; what has begun counts from now.

        The colleague hears it, loudly when it begins within a day. Refusals: ``not_there``, ``shift_over``,
        ``gap_filled`` (`by`: the label of who was first), ``on_duty_then``.
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()
        if ends_at <= starts_at:
            raise BadInput("ends_at", "before_start")

        async def work(tx: Transaction) -> ShiftAnswer:
            if ends_at <= now:
                raise Refusal("shift_over")
            # Two who fill one gap do so one after the other; nobody can lock a shift that is not there yet.
            await tx.lock(Network, [actor.network_id])
            await tx.lock(Colleague, [colleague_id])
            # After the locks: somebody may just have left.
            able = await having(tx, actor.network_id, ROLES[duty])
            if colleague_id not in able:
                raise NotThere("colleague")
            start = max(starts_at, now)
            people = await labels(tx, actor.network_id)
            around = await shifts_between(tx, actor.network_id, start, ends_at)
            if gaps(around, duty, start, ends_at) != ((start, ends_at),):
                there = (s for s in standing(around, duty) if s.starts_at < ends_at and s.ends_at > start)
                raise Refusal("gap_filled", {"by": people.get(next(there).colleague_id, "")})
            if colleague_id not in able_to_fill(able, around, duty, start, ends_at):
                raise Refusal("on_duty_then")
            shift = DutyShift(parts.ids.new(), actor.network_id, duty, colleague_id, start, ends_at)
            await tx.add(shift)
            await tx.audit(actor.colleague_id, "shift.filled", "shift", shift.id, now, {"to": colleague_id})
            if colleague_id != actor.colleague_id:
                facts = {**span_of(shift), "by": people.get(actor.colleague_id, "")}
                recipient, about, mark = ("colleague", colleague_id), ("shift", shift.id), f"gap:{shift.id}"
                key, whose, urgent = "message.gap_filled", actor.network_id, is_soon(start, now)
                await tell(tx, parts.ids, whose, recipient, key, facts, about, mark, now, urgent=urgent)
            calendar = (await parts.facts.network(tx, actor.network_id)).calendar
            await tell_no_backup(tx, parts.ids, calendar, shift, now)
            return shift_answer(actor, shift, None, people)

        content = [duty, colleague_id, starts_at.isoformat(), ends_at.isoformat()]
        return await parts.operations.once(operation_id, "shift.fill", content, now, ShiftAnswer, work)

    async def take_off(
        self, actor: Actor, operation_id: str, shift_id: str, *, sure: bool = False
    ) -> ShiftAnswer:
        """A shift that has not begun goes off the roster. Whoever had it and all coordinators hear it.

        Refusals: ``not_there``, ``shift_begun``, ``makes_gap`` (unless `sure`).
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> ShiftAnswer:
            # Of two who take off the last two at once, the second one makes the gap.
            await tx.lock(Network, [actor.network_id])
            found = await tx.lock(DutyShift, [shift_id])
            if not found or found[0].network_id != actor.network_id:
                raise NotThere("shift")
            [shift] = found
            if shift.starts_at <= now:
                raise Refusal("shift_begun")
            alone = await makes_gap(tx, parts, shift, shift.starts_at)
            if alone and not sure:
                raise Refusal("makes_gap")
            off_id = await take_off(tx, parts, shift, actor.colleague_id, now, alone=alone)
            people = await labels(tx, actor.network_id)
            had = people.get(shift.colleague_id, "")
            facts = {**span_of(shift), "by": people.get(actor.colleague_id, ""), "from": had}
            key = "message.shift_taken_off_open" if alone else "message.shift_taken_off"
            about, mark, urgent = ("shift", shift.id), f"taken_off:{off_id}", is_soon(shift.starts_at, now)
            recipient, whose, ids = ("colleague", shift.colleague_id), actor.network_id, parts.ids
            await tell(tx, ids, whose, recipient, key, facts, about, mark, now, urgent=urgent)
            await tell_role(tx, ids, whose, Role.COORDINATOR, key, facts, about, mark, now)
            return shift_answer(actor, shift, None, people)

        content = [shift_id, sure]
        return await parts.operations.once(operation_id, "shift.take_off", content, now, ShiftAnswer, work)


async def makes_gap(tx: Transaction, parts: Parts, shift: DutyShift, since: datetime) -> bool:
    """Whether nobody else is on this roster for a part of what is left of the shift from `since` on."""
    calendar = (await parts.facts.network(tx, shift.network_id)).calendar
    around = await shifts_between(tx, shift.network_id, since, shift.ends_at)
    stretch = (shift.duty, since, shift.ends_at, calendar)
    left = open_stretches([each for each in around if each.id != shift.id], *stretch)
    return left != open_stretches(around, *stretch)


async def take_off(
    tx: Transaction, parts: Parts, shift: DutyShift, by: str, now: datetime, *, alone: bool
) -> str:
    """A shift that has not begun goes off the roster, and no file puts it back; the id of what is kept of it."""
    await end_offers(tx, shift, now)
    off = ShiftOffer(
        parts.ids.new(), shift.network_id, shift.id, shift.colleague_id, None, by,
        now, OfferState.TAKEN_OFF, None, now,
    )  # fmt: skip
    await tx.add(off)
    await tx.remove(shift)
    details = {"from": shift.colleague_id, "alone": alone}
    await tx.audit(by, "shift.taken_off", "shift", shift.id, now, details)
    return off.id
