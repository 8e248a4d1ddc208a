"""A calltaker's own shift: going on and off duty, and giving what is in hand to who goes on with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import Booking, BookingState, Hold
from crisispool.domain.duty import Duty, DutyShift, network_time, next_shift, open_stretches
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor, Colleague, Network, Role
from crisispool.domain.request import HIDING_KINDS, Request, RequestState
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.accounts import must_be_a_person, still_here
from crisispool.services.duty import present
from crisispool.services.duty_answers import GivenAnswer, LabelledAnswer, OwnShiftAnswer
from crisispool.services.messages import having, tell
from crisispool.services.parts import Parts, require
from crisispool.services.reaching import reach
from crisispool.services.roster_rows import shifts_between


class Shifts:
    """Going on and off duty. Policy: the on-call desk, section 1; nobody answers, section 5."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def view(self, actor: Actor) -> OwnShiftAnswer:
        """The own duty now and what is in hand."""
        require(actor, Role.CALLTAKER)
        async with self._parts.store.reading() as tx:
            return await self._answer(tx, actor, self._parts.now())

    async def go_on(self, actor: Actor, operation_id: str) -> OwnShiftAnswer:
        """On duty from now to the end of tonight, or to the next shift of the roster. On duty already: as it is."""
        require(actor, Role.CALLTAKER)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OwnShiftAnswer:
            await must_be_a_person(tx, actor)
            await still_here(tx, actor)
            shifts = await _around(tx, actor.network_id, now)
            if not _mine(shifts, actor, now):
                calendar = (await parts.facts.network(tx, actor.network_id)).calendar
                ends_at = network_time(calendar.night_of(now), calendar)[1]
                following = next_shift(shifts, Duty.CALLTAKER, now)
                if following is not None:
                    ends_at = min(ends_at, following.starts_at)
                who = actor.colleague_id
                shift = DutyShift(parts.ids.new(), actor.network_id, Duty.CALLTAKER, who, now, ends_at)
                await tx.add(shift)
                await tx.audit(who, "shift.begun", "shift", shift.id, now)
            return await self._answer(tx, actor, now)

        return await parts.operations.once(operation_id, "shift.on", "", now, OwnShiftAnswer, work)

    async def go_off(self, actor: Actor, operation_id: str, *, sure: bool = False) -> OwnShiftAnswer:
        """Off duty from now, for all that is left of the shift. Who leaves nobody at the desk for a part of that
        says so twice, and the coordinator on call hears it.

        Refusals: ``not_on_duty``, ``last_on_duty`` (`since`, `until`: when nobody else is there; unless `sure`).
        """
        require(actor, Role.CALLTAKER)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OwnShiftAnswer:
            # Two who go at once: the second one sees that the first is gone.
            await tx.lock(Network, [actor.network_id])
            mine = _mine(await _around(tx, actor.network_id, now), actor, now)
            if not mine:
                raise Refusal("not_on_duty")
            left = await self._left_open(tx, mine, now)
            if left and not sure:
                raise Refusal("last_on_duty", {"since": left[0].isoformat(), "until": left[1].isoformat()})
            running = await tx.lock(DutyShift, [each.id for each in mine])
            # What was passed on before the lock was had runs on, with who has it now.
            for shift in _mine(running, actor, now):
                await (tx.save(replace(shift, ends_at=now)) if shift.starts_at < now else tx.remove(shift))
                details = {"alone": left is not None}
                await tx.audit(actor.colleague_id, "shift.ended", "shift", shift.id, now, details)
                if left:
                    key, facts = _what_is_open(*left, now)
                    about, mark = ("shift", shift.id), f"desk_empty:{shift.id}"
                    whose = actor.network_id
                    await reach(tx, parts.ids, whose, Duty.COORDINATOR, key, facts, about, mark, now)
            return await self._answer(tx, actor, now)

        return await parts.operations.once(operation_id, "shift.off", sure, now, OwnShiftAnswer, work)

    async def give(self, actor: Actor, operation_id: str, to_id: str) -> GivenAnswer:
        """Everything that is in the asker's hands goes to a colleague of the desk at once, who is told.

        A bed where people hide stays with who gave it, because its unit is known to few: the desk is asked about
        the arrival all the same. Refusals: ``not_there``, ``nothing_in_hand``.
        """
        require(actor, Role.CALLTAKER)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> GivenAnswer:
            me = actor.colleague_id
            if to_id == me or to_id not in await having(tx, actor.network_id, Role.CALLTAKER):
                raise NotThere("colleague")
            people = {each.id: each for each in await tx.find(Colleague, id=OneOf((me, to_id)))}
            # Bookings before requests, as everywhere; what changed before the lock was had is not given.
            bookings = await tx.lock(Booking, [each.id for each in await _bookings(tx, me)])
            bookings = [each for each in bookings if each.by == me and each.state is BookingState.BOOKED]
            requests = await tx.lock(Request, [each.id for each in await _requests(tx, me)])
            requests = [each for each in requests if _in_hand(each, me)]
            holds = await tx.lock(Hold, [each.id for each in await _holds(tx, me, now)])
            holds = [each for each in holds if each.by == me and each.ended_at is None]
            if not (requests or bookings or holds):
                raise Refusal("nothing_in_hand")
            for request in requests:
                await tx.save(replace(request, taken_by=to_id))
                await tx.audit(me, "request.given", "request", request.id, now, {"to": to_id})
            for booking in bookings:
                await tx.save(replace(booking, by=to_id, version=booking.version + 1))
                await tx.audit(me, "booking.given", "booking", booking.id, now, {"to": to_id})
            for hold in holds:
                await tx.save(replace(hold, by=to_id))
                await tx.audit(
                    me, "unit.hold_given", "unit", hold.unit_id, now, {"to": to_id, "hold": hold.id}
                )
            counted = {"requests": len(requests), "bookings": len(bookings), "holds": len(holds)}
            facts = {"by": people[me].label, **counted}
            recipient, about, mark = ("colleague", to_id), ("colleague", me), f"shift_given:{operation_id}"
            key, whose = "message.shift_given", actor.network_id
            await tell(tx, parts.ids, whose, recipient, key, facts, about, mark, now, urgent=True)
            return GivenAnswer(people[to_id].label, **counted)

        return await parts.operations.once(operation_id, "shift.give", to_id, now, GivenAnswer, work)

    async def _left_open(
        self, tx: Transaction, ending: Sequence[DutyShift], now: datetime
    ) -> tuple[datetime, datetime] | None:
        """From when to when nobody would be at the desk without these shifts, first to last; None when somebody
        always is."""
        network_id, until = ending[0].network_id, max(each.ends_at for each in ending)
        around = [each for each in await shifts_between(tx, network_id, now, until) if each not in ending]
        who = OneOf(tuple({each.colleague_id for each in around}))
        active = {each.id for each in await tx.find(Colleague, id=who, active=True)}
        others = [each for each in around if each.colleague_id in active]
        calendar = (await self._parts.facts.network(tx, network_id)).calendar
        open_ = open_stretches(others, Duty.CALLTAKER, now, until, calendar)
        return (open_[0][0], open_[-1][1]) if open_ else None

    async def _answer(self, tx: Transaction, actor: Actor, now: datetime) -> OwnShiftAnswer:
        me = actor.colleague_id
        shifts = await _around(tx, actor.network_id, now)
        mine = _mine(shifts, actor, now)
        there = await present(tx, actor.network_id, Duty.CALLTAKER, now)
        behind = await present(tx, actor.network_id, Duty.BACKUP, now)
        following = next_shift(shifts, Duty.CALLTAKER, now)
        # Who is there comes first, then who comes next, then who stands behind the desk.
        coming = (following.colleague_id,) if following else ()
        wanted = tuple(each for each in dict.fromkeys((*there, *coming, *behind)) if each != me)
        people = {each.id: each.label for each in await tx.find(Colleague, id=OneOf(wanted), active=True)}
        return OwnShiftAnswer(
            on=bool(mine),
            until=max((each.ends_at for each in mine), default=None),
            others=tuple(people[each] for each in there if each in people),
            requests=len(await _requests(tx, me)),
            bookings=len(await _bookings(tx, me)),
            holds=len(await _holds(tx, me, now)),
            to=tuple(LabelledAnswer(each, people[each]) for each in wanted if each in people),
        )


def _what_is_open(since: datetime, until: datetime, now: datetime) -> tuple[str, dict[str, object]]:
    """What the coordinator on call is told: nobody is there now, or nobody will be later on."""
    if since <= now:
        return "message.desk_empty", {"until": until.isoformat()}
    duty = Say(f"duty.name.{Duty.CALLTAKER}").plain()
    return "message.roster_gap", {"duty": duty, "since": since.isoformat(), "until": until.isoformat()}


async def _around(tx: Transaction, network_id: str, now: datetime) -> list[DutyShift]:
    return await tx.find(DutyShift, network_id=network_id, ends_at=AtLeast(now), order=("starts_at",))


def _mine(shifts: list[DutyShift], actor: Actor, now: datetime) -> list[DutyShift]:
    """The own shifts at the desk that run."""
    return [
        each
        for each in shifts
        if each.duty is Duty.CALLTAKER
        and each.colleague_id == actor.colleague_id
        and each.starts_at <= now < each.ends_at
    ]


def _in_hand(request: Request, who: str) -> bool:
    return request.state is RequestState.OPEN and request.taken_by == who


async def _requests(tx: Transaction, who: str) -> list[Request]:
    return await tx.find(Request, taken_by=who, state=RequestState.OPEN)


async def _bookings(tx: Transaction, who: str) -> list[Booking]:
    """Beds of which nobody said whether people arrived, without those where people hide."""
    rows = await tx.find(Booking, by=who, state=BookingState.BOOKED, arrival_known=False)
    asked = {
        each.id: each for each in await tx.find(Request, id=OneOf(tuple(row.request_id for row in rows)))
    }
    return [row for row in rows if asked[row.request_id].kind not in HIDING_KINDS]


async def _holds(tx: Transaction, who: str, now: datetime) -> list[Hold]:
    return await tx.find(Hold, by=who, ended_at=None, until=AtLeast(now))
