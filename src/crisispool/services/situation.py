"""What a talk may know besides what was said: read in one go, before a step."""

from datetime import datetime, timedelta

from crisispool.conversations.vocabulary import Colleague as OfTheService
from crisispool.conversations.vocabulary import Fallback, Referrer, Situation, StayFact
from crisispool.domain.admission import Criterion
from crisispool.domain.calendar import DAY, Night
from crisispool.domain.duty import Duty, FallbackPlace
from crisispool.domain.organisation import Actor, Colleague, Organisation, OrganisationKind, Role, RoleGrant
from crisispool.domain.request import Request, RequestState
from crisispool.domain.stay import LONGEST_RUN, judge_stay
from crisispool.ports import OneOf, Transaction
from crisispool.services.accounts import without_programs
from crisispool.services.duty import DutyDesk
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts
from crisispool.services.referring import home_of
from crisispool.texts.stay import said_of_stay

RECENT = timedelta(days=14)
"""How far back a service counts as one that called lately."""

NOT_CALLING = frozenset({OrganisationKind.MUNICIPALITY})
"""Kinds of organisation that own units and do not call the desk."""


async def situation_of(parts: Parts, duty: DutyDesk, actor: Actor) -> Situation:
    """The situation of this colleague now. Raises NotThere, Outage."""
    now = parts.now()
    async with parts.store.reading() as tx:
        network = await parts.facts.network(tx, actor.network_id)
        night = network.calendar.night_of(now)
        length = min(len(network.calendar.block(night)), LONGEST_RUN)
        office = network.calendar.is_office_hours(now)
        return Situation(
            now=now,
            night=night,
            nights=tuple(night + DAY * n for n in range(length)),
            checkout=night + DAY * length,
            contact_day=network.calendar.next_working_day(night),
            checkout_at=network.policy.checkout_at,
            today=network.calendar.local(now).date(),
            office_opens=network.calendar.office_opens,
            roles=tuple(sorted(actor.roles)),
            colleague_id=actor.colleague_id,
            on_duty=await duty.is_on_duty(tx, actor, now),
            office_hours=office,
            desk_phone=network.network.desk_phone,
            coordinator_phone=await _coordinator_phone(tx, duty, actor, now),
            municipalities=tuple(sorted(network.municipalities.values(), key=lambda town: town.name)),
            referrers=await _referrers(tx, actor, now),
            fallback=await _fallback(tx, actor),
            checklist=await _checklist(tx, actor),
            stay_after=_stays_after(network, night),
            colleagues=await _colleagues(tx, actor),
            home=await home_of(tx, actor, network, now),
            open_requests=await _open_requests(tx, actor),
            office_call=(await duty.who_in(tx, actor, network, now)).call if office else "",
        )


async def _coordinator_phone(tx: Transaction, duty: DutyDesk, actor: Actor, now: datetime) -> str:
    for colleague_id in await duty.on_duty(tx, actor.network_id, Duty.COORDINATOR, now):
        colleague = await tx.get(Colleague, colleague_id)
        if colleague is not None and colleague.phone:
            return colleague.phone.reveal()
    return ""


async def _referrers(tx: Transaction, actor: Actor, now: datetime) -> tuple[Referrer, ...]:
    """The services that may call: those that asked lately first, the others by name."""
    latest = await tx.find(Request, network_id=actor.network_id, order=("-created_at",), limit=20)
    recent = list(
        dict.fromkeys(
            request.referrer_organisation_id for request in latest if request.created_at > now - RECENT
        )
    )
    services = [
        each
        for each in await tx.find(Organisation, network_id=actor.network_id, order=("name",))
        if each.kind not in NOT_CALLING
    ]
    services.sort(key=lambda each: recent.index(each.id) if each.id in recent else len(recent))
    return tuple(
        Referrer(each.id, each.kind.value, each.name, each.nis, each.id in recent) for each in services
    )


async def _open_requests(tx: Transaction, actor: Actor) -> tuple[int, int]:
    """How many requests nobody took yet, and how many somebody works on; for the desk."""
    if not actor.is_(Role.CALLTAKER, Role.COORDINATOR):
        return 0, 0
    rows = await tx.find(Request, network_id=actor.network_id, state=RequestState.OPEN)
    untaken = sum(row.taken_by is None for row in rows)
    return untaken, len(rows) - untaken


async def _fallback(tx: Transaction, actor: Actor) -> tuple[Fallback, ...]:
    rows = await tx.find(FallbackPlace, network_id=actor.network_id, order=("position",))
    return tuple(Fallback(row.kind, row.name, row.phone) for row in rows)


async def _checklist(tx: Transaction, actor: Actor) -> tuple[Criterion, ...]:
    """The criteria of the newest version."""
    every = await tx.find(Criterion, network_id=actor.network_id, order=("-version", "position"))
    return tuple(criterion for criterion in every if criterion.version == every[0].version)


def _stays_after(network: NetworkFacts, night: Night) -> tuple[StayFact, ...]:
    """Whether tonight's block may follow on none to three nights in a row."""
    facts = []
    for used in range(4):
        before = [night - DAY * (n + 1) for n in range(used)]
        verdict = judge_stay(night, None, before, network.calendar, network.policy.stay_policy)
        said = said_of_stay(verdict, planned_end=network.policy.checkout_at)
        facts.append(StayFact(verdict.allowed, verdict.by, said))
    return tuple(facts)


async def _colleagues(tx: Transaction, actor: Actor) -> tuple[OfTheService, ...]:
    """Who else of the same service can be a support worker: labels, never names."""
    if actor.organisation_id is None or not actor.is_(Role.SUPPORT_WORKER):
        return ()
    rows = await tx.find(Colleague, organisation_id=actor.organisation_id, active=True, order=("label",))
    grants = await tx.find(
        RoleGrant, role=Role.SUPPORT_WORKER, colleague_id=OneOf(tuple(row.id for row in rows))
    )
    workers = await without_programs(tx, {grant.colleague_id for grant in grants}) - {actor.colleague_id}
    return tuple(OfTheService(row.id, row.label) for row in rows if row.id in workers)
