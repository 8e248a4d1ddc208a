"""Shifts and colleagues as the services of the rosters read and say them."""

from collections.abc import Mapping
from datetime import datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.duty import ROLES, Duty, DutyShift, ShiftOffer, open_stretches
from crisispool.domain.organisation import Actor, Colleague, Role
from crisispool.ports import AtLeast, AtMost, Ids, Transaction
from crisispool.services.duty_answers import LabelledAnswer, ShiftAnswer
from crisispool.services.messages import having, tell_role


def may_take(actor: Actor, offer: ShiftOffer, shift: DutyShift | None) -> bool:
    """Whether the offer is to the asker: in person, or to all who can be on that roster."""
    if shift is None or offer.network_id != actor.network_id or offer.from_id == actor.colleague_id:
        return False
    return actor.is_(ROLES[shift.duty]) and offer.to_id in (None, actor.colleague_id)


def shift_answer(
    actor: Actor, shift: DutyShift, offer: ShiftOffer | None, people: Mapping[str, str]
) -> ShiftAnswer:
    """A shift as the asker sees it."""
    for_me = offer is not None and may_take(actor, offer, shift)
    return ShiftAnswer(
        id=shift.id,
        duty=shift.duty,
        who=people.get(shift.colleague_id, ""),
        mine=shift.colleague_id == actor.colleague_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        offered=offer is not None,
        offer_id=offer.id if offer is not None and for_me else None,
        own_offer_id=offer.id if offer is not None and offer.offered_by == actor.colleague_id else None,
    )


def span_of(shift: DutyShift) -> dict[str, object]:
    """A shift as a message says it."""
    duty = Say(f"duty.name.{shift.duty}").plain()
    return {"duty": duty, "since": shift.starts_at.isoformat(), "until": shift.ends_at.isoformat()}


async def shifts_between(tx: Transaction, network_id: str, start: datetime, end: datetime) -> list[DutyShift]:
    """The shifts that touch this stretch of time, the first first."""
    return await tx.find(
        DutyShift, network_id=network_id, starts_at=AtMost(end), ends_at=AtLeast(start), order=("starts_at",)
    )


async def labels(tx: Transaction, network_id: str) -> dict[str, str]:
    """The label of each colleague."""
    return {each.id: each.label for each in await tx.find(Colleague, network_id=network_id)}


async def able_on(
    tx: Transaction, actor: Actor, duty: Duty, people: Mapping[str, str]
) -> tuple[LabelledAnswer, ...]:
    """Who can be on a roster, by label."""
    able = await having(tx, actor.network_id, ROLES[duty])
    return tuple(LabelledAnswer(each, people[each]) for each in sorted(able, key=lambda each: people[each]))


def is_soon(start: datetime, now: datetime) -> bool:
    """Whether a shift begins so soon that whoever hears of it is woken."""
    return start - now <= DAY


async def tell_no_backup(
    tx: Transaction, ids: Ids, calendar: NetworkCalendar, shift: DutyShift, now: datetime
) -> None:
    """Who stood behind the desk and now takes its calls is no backup in those hours: all coordinators hear once
    that nobody else is."""
    if shift.duty is not Duty.CALLTAKER:
        return
    start, who = max(shift.starts_at, now), shift.colleague_id
    around = await shifts_between(tx, shift.network_id, start, shift.ends_at)
    open_ = [
        stretch
        for each in around
        if each.duty is Duty.BACKUP and each.colleague_id == who
        for stretch in open_stretches(
            around, Duty.BACKUP, max(start, each.starts_at), min(shift.ends_at, each.ends_at), calendar
        )
    ]
    if not open_:
        return
    since, until = open_[0][0], open_[-1][1]
    people = await labels(tx, shift.network_id)
    facts = {"by": people.get(who, ""), "since": since.isoformat(), "until": until.isoformat()}
    about, mark = ("shift", shift.id), f"no_backup:{shift.id}:{who}"
    key, role, urgent = "message.no_backup", Role.COORDINATOR, is_soon(since, now)
    await tell_role(tx, ids, shift.network_id, role, key, facts, about, mark, now, urgent=urgent)
