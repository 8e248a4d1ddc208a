"""A request that waits always has a next step, with a time and somebody who is told."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisispool.domain.calendar import DAY
from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Role
from crisispool.domain.policy import Policy
from crisispool.domain.request import Request
from crisispool.ports import Ids, Transaction
from crisispool.services.duty import DutyDesk
from crisispool.services.facts import NetworkFacts
from crisispool.services.handover_rows import SYSTEM
from crisispool.services.messages import having, tell
from crisispool.services.reaching import reachable


class Wait(StrEnum):
    """What happens next when nothing else happens. Policy: nobody answers, section 5."""

    DESK = "desk"  # the desk hears of it
    BACKUP = "backup"
    COORDINATOR = "coordinator"
    FALLBACK = "fallback"  # who asked hears where else to turn
    CALL_BACK = "call_back"  # a pause is over
    BED = "bed"  # taken, and still without a bed or a reason
    UNDECIDED = "undecided"  # desk and coordinator hear of it; every evening until a working morning
    OVERDUE = "overdue"  # every working morning, until it has an end


UNTAKEN = (Wait.BACKUP, Wait.COORDINATOR, Wait.FALLBACK)
"""The steps of a request that nobody takes, each with its time in the policy."""


ROSTERS = {Wait.DESK: Duty.CALLTAKER, Wait.BACKUP: Duty.BACKUP, Wait.COORDINATOR: Duty.COORDINATOR}
"""Whose roster a step tells."""


def untaken(request: Request, network: NetworkFacts, now: datetime) -> Request:
    """The desk hears of it now; one registered early counts from the start of the shift."""
    start = now
    if network.calendar.is_office_hours(now):
        start = network.calendar.instant(network.calendar.local(now).date(), network.calendar.office_closes)
    return replace(request, taken_by=None, taken_at=None, next_step=Wait.DESK, next_action_at=start)


def in_hand(request: Request, by: str, policy: Policy, now: datetime) -> Request:
    """Somebody of the desk works on it."""
    due = now + policy.untaken_steps[-1]
    return replace(request, taken_by=by, taken_at=now, next_step=Wait.BED, next_action_at=due)


def paused(request: Request, until: datetime) -> Request:
    """Kept open until then, when the desk calls back."""
    return replace(request, next_step=Wait.CALL_BACK, next_action_at=until)


async def go_on(
    tx: Transaction, ids: Ids, duty: DutyDesk, request: Request, network: NetworkFacts, now: datetime
) -> Request:
    """Tell who must hear of it now; the request with what follows.

    A step at which nobody is there goes on to the next at once; the times of the others count from the call all
    the same. Who asked hears who was told, who is next, and which number to call.
    """
    step, due = Wait(request.next_step or Wait.OVERDUE), request.next_action_at or now
    call = due - _after_the_call(step, network.policy)
    told = await _do(tx, ids, duty, request, network, step, due, now)
    while not told and step in ROSTERS:
        step = _next(step)
        told = await _do(tx, ids, duty, request, network, step, due, now)
    following = _following(step, call, network, now)
    if step in (Wait.BACKUP, Wait.COORDINATOR) and request.created_by not in told:
        facts = {
            "request": request.reference,
            "phone": network.network.desk_phone,
            "next": following[1].isoformat(),
        }
        asked, mark = ("colleague", request.created_by), f"told_{step}:{request.id}:{due.isoformat()}"
        about, key = ("request", request.id), f"message.request_told_{step}"
        await tell(tx, ids, request.network_id, asked, key, facts, about, mark, now, urgent=True)
    return replace(request, next_step=following[0], next_action_at=following[1])


async def _do(
    tx: Transaction,
    ids: Ids,
    duty: DutyDesk,
    request: Request,
    network: NetworkFacts,
    step: Wait,
    due: datetime,
    now: datetime,
) -> tuple[str, ...]:
    """Do one step; ids of the colleagues who were there to hear it."""
    facts: dict[str, object] = {"request": request.reference, "phone": network.network.desk_phone}
    mark, about = f"{step}:{request.id}:{due.isoformat()}", ("request", request.id)
    key = f"message.request_{step}"
    there = await _there(tx, duty, request, step, now)
    heard = there
    if step is Wait.OVERDUE or (step is Wait.COORDINATOR and not there):
        # Without a coordinator on call all of them hear it, and nobody waits for an answer.
        heard = await having(tx, request.network_id, Role.COORDINATOR)
    elif step is Wait.UNDECIDED:
        desk = await reachable(tx, request.network_id, Duty.CALLTAKER, now)
        heard = tuple(dict.fromkeys((*desk, *await reachable(tx, request.network_id, Duty.COORDINATOR, now))))
    for colleague_id in heard:
        recipient = ("colleague", colleague_id)
        await tell(tx, ids, request.network_id, recipient, key, facts, about, mark, now, urgent=True)
    await tx.audit(SYSTEM, f"request.{step}", "request", request.id, now, {"told": len(heard)})
    return there


async def _there(
    tx: Transaction, duty: DutyDesk, request: Request, step: Wait, now: datetime
) -> tuple[str, ...]:
    if step in ROSTERS:
        return await duty.on_duty(tx, request.network_id, ROSTERS[step], now)
    if step is Wait.FALLBACK:
        return (request.created_by,)
    if step in (Wait.CALL_BACK, Wait.BED):
        desk = await reachable(tx, request.network_id, Duty.CALLTAKER, now)
        if request.taken_by is None:
            return desk
        standing_by = await duty.on_duty(tx, request.network_id, Duty.BACKUP, now)
        # Who took it may have gone home since: then the desk hears it too.
        return (request.taken_by,) if request.taken_by in (*desk, *standing_by) else (request.taken_by, *desk)
    return ()


def _next(step: Wait) -> Wait:
    """The step after one that tells a roster."""
    return UNTAKEN[UNTAKEN.index(step) + 1] if step in UNTAKEN else UNTAKEN[0]


def _after_the_call(step: Wait, policy: Policy) -> timedelta:
    """How long after the call an untaken step is due."""
    return policy.untaken_steps[UNTAKEN.index(step)] if step in UNTAKEN else timedelta()


def _following(step: Wait, call: datetime, network: NetworkFacts, now: datetime) -> tuple[Wait, datetime]:
    if step in ROSTERS:
        then = _next(step)
        return then, call + _after_the_call(then, network.policy)
    calendar = network.calendar
    today = calendar.local(now).date()
    if step in (Wait.CALL_BACK, Wait.BED):
        shift = calendar.instant(today, calendar.office_closes) if calendar.is_office_hours(now) else now
        return Wait.UNDECIDED, shift + network.policy.untaken_steps[-1]
    morning = calendar.instant(today, network.policy.handover_at)
    if morning <= now or not calendar.is_working_day(today):
        morning = calendar.instant(calendar.next_working_day(today), network.policy.handover_at)
    evening = calendar.instant(today, calendar.office_closes)
    if evening <= now:
        evening = calendar.instant(today + DAY, calendar.office_closes)
    if step is Wait.OVERDUE and calendar.is_working_day(today + DAY):
        # All coordinators heard it at the start of a working day: the next one is soon enough.
        return Wait.OVERDUE, morning
    return min((Wait.OVERDUE, morning), (Wait.UNDECIDED, evening), key=lambda each: each[1])
