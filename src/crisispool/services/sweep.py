"""Due and not done: every timer of the record, swept. Safe to run twice, late, or in two processes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from crisispool.domain.booking import LIVE_STATES, Booking, Hold, StayDecision
from crisispool.domain.care import CareCall
from crisispool.domain.duty import Duty
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.handover import Case, Handover, HandoverRecipient, handover_due
from crisispool.domain.night_list import NightList
from crisispool.domain.organisation import Colleague
from crisispool.domain.request import Request, RequestState
from crisispool.domain.rounds import Round
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.booking_news import tell_given_in_silence
from crisispool.services.booking_rows import next_question
from crisispool.services.care_calls import CareCalls
from crisispool.services.departures import ask_whether_they_left
from crisispool.services.duty import DutyDesk
from crisispool.services.handover_rows import SYSTEM, HandoverRows
from crisispool.services.holds import end_hold
from crisispool.services.messages import tell
from crisispool.services.night_list_making import clear_night_list
from crisispool.services.parts import Parts
from crisispool.services.reaching import reachable
from crisispool.services.rounds import Rounds
from crisispool.services.unit_changes import next_version
from crisispool.services.waiting import go_on

log = structlog.get_logger(__name__)

Step = Callable[[Transaction, str, datetime], Awaitable[int]]


@dataclass(frozen=True)
class Timer:
    """A column that says when something is due, what says that it is not done yet, and what is done then."""

    kind: type[Any]
    column: str
    still_open: Mapping[str, Any]
    do: Step

    def due_by(self, moment: datetime) -> dict[str, Any]:
        """What is due by this moment, as conditions of `Transaction.find`."""
        return {self.column: AtMost(moment), **self.still_open}


class Sweep:
    """Finds what is due and does it, one transaction each, so that one that fails holds up no other."""

    def __init__(self, parts: Parts, rows: HandoverRows, duty: DutyDesk) -> None:
        self._parts = parts
        self._rows = rows
        self._duty = duty
        self._rounds = Rounds(parts)
        self._calls = CareCalls(parts)
        self._freed: set[str] = set()

    def _timers(self) -> tuple[Timer, ...]:
        live = {"state": OneOf(tuple(LIVE_STATES))}
        return (
            Timer(Hold, "until", {"ended_at": None}, self._lapse),
            Timer(Booking, "ask_arrival_at", live, self._ask_arrival),
            Timer(Request, "next_action_at", {"state": RequestState.OPEN}, self._waiting),
            Timer(Case, "handover_due_at", {"handed_over_at": None, "closed_at": None}, self._hand_over),
            Timer(HandoverRecipient, "deliver_at", {"delivered_at": None}, self._deliver),
            Timer(Handover, "next_action_at", {"closed_at": None}, self._escalate),
            Timer(Booking, "ask_checkout_at", live, self._ask_checkout),
            Timer(Round, "due_at", {}, self._rounds.step),
            Timer(CareCall, "next_action_at", {}, self._calls.step),
            Timer(StayDecision, "report_at", {}, self._report),
            Timer(NightList, "clear_at", {}, clear_night_list),
        )

    async def run(self, now: datetime | None = None) -> int:
        """Do all that is due; how many things were done. Raises Outage when the record is away."""
        now = now or self._parts.now()
        done = 0
        broken: Exception | None = None
        async with self._parts.store.reading() as tx:
            missing = await self._rounds.missing(tx)
            due_at_first = [await self._due(tx, timer, now) for timer in self._timers()]
        await self._rounds.make(missing, now)
        # What is done here may have more fall due: from then on each timer is read anew.
        read_anew = bool(missing)
        for timer, due in zip(self._timers(), due_at_first, strict=True):
            kind, ids = timer.kind, due
            if read_anew:
                async with self._parts.store.reading() as tx:
                    ids = await self._due(tx, timer, now)
            for row_id in ids:
                read_anew = True
                try:
                    async with self._parts.store.transaction() as tx:
                        done += await timer.do(tx, row_id, now)
                except Conflict:
                    # Another process was first with the same row: that is what unique rules are for.
                    log.info("sweep_conflict", kind=kind.__name__)
                except Exception as failed:  # noqa: BLE001  # one that fails holds up no other
                    log.error("sweep_failed", kind=kind.__name__, id=row_id, error=type(failed).__name__)
                    broken = failed
        freed, self._freed = self._freed, set()
        await self._parts.view.refresh(freed, now)
        await self._parts.view.look_after(now)
        if isinstance(broken, Outage):
            raise broken
        return done

    async def _due(self, tx: Transaction, timer: Timer, now: datetime) -> list[str]:
        due: list[Any] = await tx.find(timer.kind, order=(timer.column,), **timer.due_by(now))
        return [row.id for row in due]

    async def next_due(self) -> datetime | None:
        """The earliest moment at which something is due."""
        moments = []
        async with self._parts.store.reading() as tx:
            for timer in self._timers():
                far = timer.due_by(self._parts.now() + timedelta(days=400))
                first: list[Any] = await tx.find(timer.kind, order=(timer.column,), limit=1, **far)
                moments += [getattr(row, timer.column) for row in first]
        return min(moments, default=None)

    async def _lapse(self, tx: Transaction, hold_id: str, now: datetime) -> int:
        hold = await tx.get(Hold, hold_id)
        if hold is None or hold.ended_at is not None:
            return 0
        await next_version(tx, hold.unit_id)
        await end_hold(tx, hold_id, now)
        self._freed.add(hold.unit_id)
        await tx.audit(SYSTEM, "unit.lapsed", "unit", hold.unit_id, now, {"hold": hold_id})
        return 1

    async def _ask_arrival(self, tx: Transaction, booking_id: str, now: datetime) -> int:
        [booking] = await tx.lock(Booking, [booking_id])
        if booking.state not in LIVE_STATES or booking.ask_arrival_at is None or booking.ask_arrival_at > now:
            return 0
        request = await tx.get(Request, booking.request_id)
        network = await self._parts.facts.network(tx, booking.network_id)
        asked = replace(booking, arrival_asked=booking.arrival_asked + 1, version=booking.version + 1)
        again = next_question(asked, request.expected_at if request else None, network)
        await tx.save(replace(asked, ask_arrival_at=again))
        asked_of = {booking.by, *([request.created_by] if request else [])}
        there = {duty: await self._duty.on_duty(tx, booking.network_id, duty, now) for duty in Duty}
        if not any(booking.by in on_roster for on_roster in there.values()):
            # Who gave the bed went home: the desk is asked too.
            asked_of.update(there[Duty.CALLTAKER])
        # Of who does not work here any more nobody hears an answer.
        at_work = [each.id for each in await tx.find(Colleague, id=OneOf(tuple(asked_of)), active=True)]
        for colleague_id in sorted(at_work or await reachable(tx, booking.network_id, Duty.CALLTAKER, now)):
            await tell(
                tx,
                self._parts.ids,
                booking.network_id,
                ("colleague", colleague_id),
                "message.arrival_question",
                {"reference": booking.reference},
                ("booking", booking.id),
                f"arrival:{booking.id}:{asked.arrival_asked}",
                now,
                urgent=True,
            )
        return 1

    async def _waiting(self, tx: Transaction, request_id: str, now: datetime) -> int:
        [request] = await tx.lock(Request, [request_id])
        due = request.next_action_at
        if request.state is not RequestState.OPEN or due is None or due > now:
            return 0
        network = await self._parts.facts.network(tx, request.network_id)
        await tx.save(await go_on(tx, self._parts.ids, self._duty, request, network, now))
        return 1

    async def _hand_over(self, tx: Transaction, case_id: str, now: datetime) -> int:
        [case] = await tx.lock(Case, [case_id])
        if case.handed_over_at is not None or case.handover_due_at > now:
            return 0
        network = await self._parts.facts.network(tx, case.network_id)
        due = handover_due(case.night, network.calendar, network.policy)
        if due > now:
            # The calendar changed while the bed was being given.
            await tx.save(replace(case, handover_due_at=due))
            return 1
        await self._rows.hand_over(tx, case, now)
        return 1

    async def _deliver(self, tx: Transaction, recipient_id: str, now: datetime) -> int:
        [recipient] = await tx.lock(HandoverRecipient, [recipient_id])
        if recipient.delivered_at is not None or recipient.deliver_at > now:
            return 0
        await self._rows.deliver(tx, recipient, now)
        return 1

    async def _ask_checkout(self, tx: Transaction, booking_id: str, now: datetime) -> int:
        return await ask_whether_they_left(tx, self._parts, booking_id, now)

    async def _report(self, tx: Transaction, decision_id: str, now: datetime) -> int:
        [decision] = await tx.lock(StayDecision, [decision_id])
        if decision.report_at is None or decision.report_at > now:
            return 0
        await tx.save(replace(decision, report_at=None))
        booking = await tx.get(Booking, decision.booking_id)
        if booking is not None:
            await tell_given_in_silence(tx, self._parts.ids, booking, now)
        return 1

    async def _escalate(self, tx: Transaction, handover_id: str, now: datetime) -> int:
        """All steps whose time has passed, one after the other."""
        done = 0
        for _ in range(4):
            [handover] = await tx.lock(Handover, [handover_id])
            if handover.next_action_at is None or handover.next_action_at > now:
                break
            await self._rows.step(tx, handover, now)
            done += 1
        return done
