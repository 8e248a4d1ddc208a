"""A request that waits always has a next step, with a time and somebody who is told."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Role
from crisispool.domain.policy import Policy
from crisispool.domain.request import Request
from crisispool.ports import Ids, Transaction
from crisispool.services.duty import DutyDesk
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell, tell_role


class Wait(StrEnum):
    """What happens next when nothing else happens. Policy: nobody answers, section 5."""

    DESK = "desk"  # the desk hears of it
    BACKUP = "backup"
    COORDINATOR = "coordinator"
    FALLBACK = "fallback"  # who asked hears where else to turn
    CALL_BACK = "call_back"  # a pause is over
    BED = "bed"  # taken, and still without a bed or a reason
    OVERDUE = "overdue"  # every working morning, until it has an end


UNTAKEN = (Wait.BACKUP, Wait.COORDINATOR, Wait.FALLBACK)
"""The steps of a request that nobody takes, each with its time in the policy."""


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
    """Tell who must hear of it now; the request with what follows."""
    step, due = Wait(request.next_step or Wait.OVERDUE), request.next_action_at or now
    facts: dict[str, object] = {"request": request.reference, "phone": network.network.desk_phone}
    mark, about = f"{step}:{request.id}:{due.isoformat()}", ("request", request.id)
    key = f"message.request_{step}"
    if step is Wait.OVERDUE:
        everyone = Role.COORDINATOR
        await tell_role(tx, ids, request.network_id, everyone, key, facts, about, mark, now, urgent=True)
    for colleague_id in await _told(tx, duty, request, step, now):
        recipient = ("colleague", colleague_id)
        await tell(tx, ids, request.network_id, recipient, key, facts, about, mark, now, urgent=True)
    following = _following(step, due, network, now)
    return replace(request, next_step=following[0], next_action_at=following[1])


async def _told(
    tx: Transaction, duty: DutyDesk, request: Request, step: Wait, now: datetime
) -> tuple[str, ...]:
    rosters = {Wait.DESK: Duty.CALLTAKER, Wait.BACKUP: Duty.BACKUP, Wait.COORDINATOR: Duty.COORDINATOR}
    if step in rosters:
        return await duty.on_duty(tx, request.network_id, rosters[step], now)
    if step is Wait.FALLBACK:
        return (request.created_by,)
    if step in (Wait.CALL_BACK, Wait.BED):
        present = await duty.on_duty(tx, request.network_id, Duty.CALLTAKER, now)
        return (request.taken_by,) if request.taken_by else present
    return ()


def _following(step: Wait, due: datetime, network: NetworkFacts, now: datetime) -> tuple[Wait, datetime]:
    times = network.policy.untaken_steps
    if step is Wait.DESK:
        return UNTAKEN[0], due + times[0]
    if step in UNTAKEN[:-1]:
        position = UNTAKEN.index(step)
        return UNTAKEN[position + 1], due + times[position + 1] - times[position]
    calendar = network.calendar
    morning = calendar.next_working_day(calendar.local(now).date())
    return Wait.OVERDUE, calendar.instant(morning, network.policy.handover_at)
