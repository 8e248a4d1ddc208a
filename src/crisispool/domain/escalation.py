"""What happens with a handover when nobody acts: backup, coordinator, and at noon the coordinator decides."""

from collections.abc import Collection
from datetime import datetime, time

from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.handover import Handover, HandoverRecipient, HandoverState, HandoverStep
from crisispool.domain.policy import Policy

FIRST_STEP = HandoverStep.BACKUP
"""The step that a fresh handover starts from in `next_step`."""


def backups_owed(
    told: Collection[HandoverRecipient], with_backup: Collection[str]
) -> tuple[HandoverRecipient, ...]:
    """The services that have the handover and whose backup exists and was not told yet."""
    return tuple(
        r
        for r in told
        if r.delivered_at is not None and r.backup_told_at is None and r.organisation_id in with_backup
    )


def next_step(
    handover: Handover,
    told: Collection[HandoverRecipient],
    with_backup: Collection[str],
    calendar: NetworkCalendar,
    policy: Policy,
    start: HandoverStep | None,
) -> tuple[HandoverStep, datetime] | None:
    """The first step from `start` on that is still owed, and when; None when nothing is owed any more.

    09:15 not accepted: the backup of each service that has it; 10:00 no named worker: the coordinator; 12:00
    no first contact: the coordinator decides. A time that has passed is returned as it is, so that the step
    happens at once; a step whose reason is gone, or whose backup does not exist, is not owed.
    `start` is `FIRST_STEP` at delivery, the handover's own `next_step` after any change, and `step_after` a
    step that was done. Policy: section 7.
    """
    steps = list(HandoverStep)
    for step in steps[steps.index(start) :] if start else ():
        if _is_owed(step, handover, told, with_backup):
            return step, _step_at(step, handover, calendar, policy)
    return None


def step_after(step: HandoverStep) -> HandoverStep | None:
    """The step that follows, None after the last."""
    following = list(HandoverStep)[list(HandoverStep).index(step) + 1 :]
    return following[0] if following else None


def still_to_come(
    handover: Handover, calendar: NetworkCalendar, policy: Policy, now: datetime
) -> HandoverStep:
    """The first step whose time has not passed. When all have passed it is the last one: a handover that came too
    late for its morning is an alarm for the coordinator alone, once."""
    steps = list(HandoverStep)
    return next((step for step in steps if _step_at(step, handover, calendar, policy) > now), steps[-1])


def late(
    handover: Handover, calendar: NetworkCalendar, policy: Policy, now: datetime
) -> tuple[HandoverStep, datetime] | None:
    """What should have happened by now and did not: the last step that the people in it were late for, and when that
    was; None when everything is in time."""
    for step in reversed(HandoverStep):
        at = _step_at(step, handover, calendar, policy)
        if at <= now and _is_missing(step, handover):
            return step, at
    return None


def _is_owed(
    step: HandoverStep, handover: Handover, told: Collection[HandoverRecipient], with_backup: Collection[str]
) -> bool:
    if step is HandoverStep.BACKUP and not backups_owed(told, with_backup):
        return False
    return _is_missing(step, handover)


def _is_missing(step: HandoverStep, handover: Handover) -> bool:
    """Whether nobody did yet what this step is there for."""
    if handover.contacted_at is not None or handover.state is HandoverState.CLOSED:
        return False
    if step is HandoverStep.BACKUP:
        return handover.accepted_by is None
    return step is HandoverStep.CONTACT_OVERDUE or handover.worker_id is None


def _step_at(step: HandoverStep, handover: Handover, calendar: NetworkCalendar, policy: Policy) -> datetime:
    at: dict[HandoverStep, time] = {
        HandoverStep.BACKUP: policy.backup_at,
        HandoverStep.COORDINATOR: policy.coordinator_at,
        HandoverStep.CONTACT_OVERDUE: policy.first_contact_by,
    }
    return calendar.instant(calendar.local(handover.due_at).date(), at[step])
