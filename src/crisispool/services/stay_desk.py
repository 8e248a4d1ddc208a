"""Whether a household may stay, judged on the record under row locks, and what is kept of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import Booking, PersonNight, StayDecision
from crisispool.domain.calendar import DAY
from crisispool.domain.errors import Refusal
from crisispool.domain.granting import GiveCode, GiveVerdict, may_give
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request, RequestNote
from crisispool.domain.secret import Secret
from crisispool.domain.signals import signals
from crisispool.domain.stay import Granter, HouseholdVerdict, judge_household
from crisispool.ports import OneOf, Store, Transaction
from crisispool.services.asks import Override
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts
from crisispool.texts.stay import said_of_household, stay_answer, stay_facts

GRANTERS = {
    Role.COORDINATOR: Granter.COORDINATOR,
    Role.SUPPORT_WORKER: Granter.SUPPORT_WORKER,
    Role.CALLTAKER: Granter.CALLTAKER,
}


class StayRefused(Refusal):
    """The rule, or who may decide, says no; `decision` is what is kept of it once the rest is undone."""

    def __init__(self, decision: StayDecision, facts: dict[str, object]) -> None:
        super().__init__(decision.code, facts)
        self.decision = decision

    @property
    def sentence(self) -> tuple[Say, ...]:
        """What the asker is told."""
        said = self.facts["sentence"]
        return said if isinstance(said, tuple) else ()


@dataclass(frozen=True)
class Stay:
    """A stay that may be given: the household's verdict, by whose right, and what to say along."""

    household: HouseholdVerdict
    given: GiveVerdict
    role: Role
    sentence: tuple[Say, ...]
    signals: tuple[str, ...] = ()
    split: tuple[dict[str, Any], ...] = ()
    overridden: bool = False

    after: date | None = None
    before: date | None = None

    @property
    def nights(self) -> tuple[date, ...]:
        """The night labels given: from `after` on, and `before` this day."""
        return tuple(
            night
            for night in self.household.verdict.nights
            if (not self.after or night >= self.after) and (not self.before or night < self.before)
        )

    def without(self, nights: tuple[date, ...]) -> "Stay":
        """The same stay from the night after these on: they were slept elsewhere."""
        return replace(self, after=nights[-1] + DAY)

    def left_on(self, day: date) -> "Stay":
        """The same stay for who left on this day: later nights count for nobody."""
        return replace(self, before=day)


async def lock_persons(tx: Transaction, persons: Sequence[Person]) -> list[Person]:
    """Row locks on the people behind these references; the references fresh from under the lock."""
    locked: set[str] = set()
    # Two references may turn out to be one person while the lock is waited for.
    while not locked >= (wanted := {person.canonical_id for person in persons}):
        await tx.lock(Person, sorted(wanted))
        locked |= wanted
        ids = OneOf(tuple(person.id for person in persons))
        persons = await tx.find(Person, id=ids, order=("position",))
    return list(persons)


async def judge(
    tx: Transaction,
    parts: Parts,
    network: NetworkFacts,
    persons: Sequence[Person],
    night: date,
    nights: int | None,
    own_bookings: frozenset[str] = frozenset(),
) -> HouseholdVerdict:
    """The verdict for the adults among these persons; children never limit. Raises Refusal ``minor_alone``."""
    adults = [person for person in persons if person.adult]
    if not adults:
        raise Refusal("minor_alone")
    used = await parts.facts.used_nights(tx, adults, own_bookings)
    return judge_household(night, nights, used, network.calendar, network.policy.stay_policy)


async def grant(
    tx: Transaction,
    parts: Parts,
    network: NetworkFacts,
    actor: Actor,
    request: Request,
    persons: Sequence[Person],
    night: date,
    nights: int | None,
    override: Override | None,
    now: datetime,
) -> Stay:
    """The stay, when one of the asker's roles may give it. Persons must be locked.

    Refusals: ``stay_limit``, ``already_used``, ``stay_not_yours``, ``landing_refused``, ``reason_missing``; facts:
    the stay answer of the contract and ``split``.
    """
    household = await judge(tx, parts, network, persons, night, nights)
    verdict = household.verdict
    local = network.calendar.local(now)
    reason = bool(override and override.reason.strip())
    readmission_refused = await _readmission_refused(tx, persons, household)
    given: GiveVerdict | None = None
    for role, granter in GRANTERS.items():
        if not actor.is_(role):
            continue
        given = may_give(
            verdict,
            granter,
            network_time=not network.calendar.is_office_hours(now),
            landing=network.policy.landing,
            readmission_refused=readmission_refused,
            far_ahead=night > next_block_from(network, now),
            outreach_decides=local.time() < network.policy.outreach_decides_until,
            override=override is not None,
            reason=reason,
            # Who grants a stay that ends on a closed day meets the people, unless someone else is named.
            named_person=reason,
            coordinator_silent=night == network.calendar.night_of(now)
            and coordinator_silent(request, actor, network, now),
            override_nights=network.policy.override_nights,
        )
        if given.allowed:
            used = await parts.facts.used_nights(tx, [person for person in persons if person.adult])
            seen = {
                signal.code.value
                for nights_before in used.values()
                for signal in signals(nights_before, verdict.nights)
            }
            return Stay(
                household=household,
                given=given,
                role=role,
                sentence=said_of_household(household, planned_end=network.policy.checkout_at),
                signals=tuple(sorted(seen)),
                split=_split(household),
                overridden=given.override,
            )
    facts: dict[str, object] = {
        **stay_answer(verdict, planned_end=network.policy.checkout_at),
        "sentence": _why_not(household, given, network, refused=readmission_refused),
        "used": [night.isoformat() for night in verdict.used_in_run],
        "split": list(_split(household)),
    }
    if given is not None and given.needs is not None:
        facts["needs"] = given.needs
    decision = StayDecision(
        id=parts.ids.new(),
        request_id=request.id,
        booking_id=None,
        code=given.code if given else GiveCode.STAY_NOT_YOURS,
        facts={**stay_facts(verdict), "split": list(_split(household))},
        given_by_role=None,
        overridden=False,
        policy_version=network.policy.version,
        by=actor.colleague_id,
        at=now,
    )
    raise StayRefused(decision, facts)


async def keep_refusal(store: Store, refused: StayRefused) -> None:
    """A decision remembers its rule, also a refusal; what was asked along with it is undone by now."""
    said = refused.decision
    async with store.transaction() as tx:
        await tx.add(said)
        await tx.audit(said.by, "stay.refused", "request", said.request_id, said.at, {"code": said.code})


async def alongside(
    tx: Transaction,
    parts: Parts,
    network: NetworkFacts,
    actor: Actor,
    adults: Sequence[Person],
    night: date,
    nights: int,
    own_bookings: frozenset[str],
) -> Stay:
    """The stay of a second unit for people whose nights were given already, in `own_bookings`."""
    household = await judge(tx, parts, network, adults, night, nights, own_bookings)
    allowed = household.verdict.allowed
    return Stay(
        household=household,
        given=GiveVerdict(GiveCode.OK),
        role=next(role for role in GRANTERS if actor.is_(role)),
        sentence=said_of_household(household, planned_end=network.policy.checkout_at) if allowed else (),
        overridden=not allowed,
    )


def _why_not(
    household: HouseholdVerdict, given: GiveVerdict | None, network: NetworkFacts, *, refused: bool
) -> tuple[Say, ...]:
    """What the asker is told: what the rule says, or when that allows it who may give it."""
    verdict = household.verdict
    lands = verdict.allowed and (verdict.lands or verdict.shortened)
    if lands and given is not None and given.code is GiveCode.STAY_NOT_YOURS:
        if refused and given.needs is Granter.COORDINATOR:
            return (Say("refusal.readmission_refused"),)
        return (Say(f"stay.not_yours_{given.needs or Granter.COORDINATOR}"),)
    return said_of_household(household, planned_end=network.policy.checkout_at)


async def _readmission_refused(
    tx: Transaction, persons: Sequence[Person], household: HouseholdVerdict
) -> bool:
    """Whether outreach said "no readmission" in a run that these nights would be part of."""
    canonical = OneOf(tuple({person.canonical_id for person in persons}))
    references = await tx.find(Person, canonical_id=canonical)
    nights = {night for verdict in household.by_adult.values() for night in verdict.used_in_run}
    rows = await tx.find(
        PersonNight, person_id=OneOf(tuple(each.id for each in references)), night=OneOf(tuple(nights))
    )
    run = OneOf(tuple({row.booking_id for row in rows}))
    return bool(await tx.find(Booking, id=run, readmission_refused=True, limit=1))


def coordinator_silent(request: Request, actor: Actor, network: NetworkFacts, now: datetime) -> bool:
    """Whether the coordinators were asked this night, long enough ago, and none of them took the request over."""
    asked = request.coordinator_asked_at
    if asked is None or request.taken_by not in (None, actor.colleague_id):
        return False
    tonight = network.calendar.night_of(now) == network.calendar.night_of(asked)
    return tonight and asked + network.policy.coordinator_silent_after <= now


def next_block_from(network: NetworkFacts, now: datetime) -> date:
    """The first night after tonight's block: one block at a time is the calltaker's, what follows is outreach's."""
    return network.calendar.next_working_day(network.calendar.night_of(now))


async def keep(
    tx: Transaction,
    parts: Parts,
    network: NetworkFacts,
    actor: Actor,
    request: Request,
    booking: Booking,
    stay: Stay,
    override: Override | None,
    now: datetime,
) -> None:
    """Keep the verdict with its policy version; the reason of an override is sealed."""
    verdict = stay.household.verdict
    await tx.add(
        StayDecision(
            id=parts.ids.new(),
            request_id=request.id,
            booking_id=booking.id,
            code=stay.given.code,
            facts={**stay_facts(verdict), "split": list(stay.split)},
            given_by_role=stay.role,
            overridden=stay.overridden,
            policy_version=network.policy.version,
            by=actor.colleague_id,
            at=now,
            report_at=_next_morning(network, now) if stay.given.report else None,
        )
    )
    if override is not None and override.reason.strip():
        text = "\n".join(filter(None, (override.reason.strip(), override.met_by.strip())))
        await tx.add(
            RequestNote(parts.ids.new(), request.id, "override", Secret(text), actor.colleague_id, now)
        )


def _next_morning(network: NetworkFacts, now: datetime) -> datetime:
    """The next time that the coordinators are told what happened: 08:00, working day or not."""
    here = network.calendar.local(now)
    day = here.date() + DAY if here.time() >= network.policy.handover_at else here.date()
    return network.calendar.instant(day, network.policy.handover_at)


def _split(household: HouseholdVerdict) -> tuple[dict[str, Any], ...]:
    """What the rule says of each adult, when a household has several."""
    if len(household.by_adult) < 2:
        return ()
    return tuple(
        {
            "person": person_id,
            "allowed": verdict.allowed,
            "code": verdict.code.value,
            "hard_checkout": verdict.hard_checkout.isoformat() if verdict.hard_checkout else None,
        }
        for person_id, verdict in household.by_adult.items()
    )
