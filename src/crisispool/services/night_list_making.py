"""The night list made: everything the desk needs for the nights until the next working day, written down and sealed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from pydantic import TypeAdapter

from crisispool.domain.admission import Criterion
from crisispool.domain.availability import NotGiven, UnitFacts, can_be_given, freshness
from crisispool.domain.calendar import DAY, Night
from crisispool.domain.duty import Duty, FallbackPlace, network_time, standing
from crisispool.domain.night_list import (
    KEPT_FOR,
    ListedCriterion,
    ListedNight,
    ListedPlace,
    ListedShift,
    ListedStay,
    ListedTown,
    ListedTurnover,
    ListedUnit,
    NightList,
    NightListContent,
    covered,
)
from crisispool.domain.organisation import Colleague
from crisispool.domain.secret import Secret
from crisispool.domain.stay import LONGEST_RUN, judge_stay
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.ports import OneOf, Transaction
from crisispool.services.board import counted
from crisispool.services.facts import NetworkFacts
from crisispool.services.handover_rows import SYSTEM
from crisispool.services.messages import tell
from crisispool.services.parts import Parts
from crisispool.services.roster_rows import shifts_between
from crisispool.texts.stay import said_of_stay

CONTENT: Final = TypeAdapter(NightListContent)
KEY: Final = "message.night_list"
FEATURES: Final = ("family", "step_free", "pets", "smoking", "staffed", "meals")
USED_BEFORE: Final = (1, 2, 3, 4)
"""How many nights in a row somebody may have used before: with five only a coordinator goes beyond the limit."""


class NightListMaking:
    """Makes the list inside a transaction of its caller. What a paper may hold is said in the README."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """The list of this working day, once; whoever is on a roster in its nights hears that it is there."""
        network_id = network.network.id
        nights = covered(day, now, network.calendar)
        if not nights or await tx.find(NightList, network_id=network_id, day=day):
            return
        content = await self._content(tx, network, nights, now)
        sealed = Secret(CONTENT.dump_json(content).decode())
        made = NightList(self._parts.ids.new(), network_id, day, nights[0], now, now + KEPT_FOR, sealed)
        await tx.add(made)
        facts, about = {"nights": [night.isoformat() for night in nights]}, ("night_list", made.id)
        for who in await on_roster(tx, network, nights):
            ids, mark = self._parts.ids, f"night_list:{day}"
            await tell(tx, ids, network_id, ("colleague", who), KEY, facts, about, mark, now)

    async def _content(
        self, tx: Transaction, network: NetworkFacts, nights: Sequence[Night], now: datetime
    ) -> NightListContent:
        ids = await self._parts.facts.unit_ids(tx, network.network.id)
        facts = list((await self._parts.facts.units(tx, ids, now)).values())
        why = {
            each.unit.id: [can_be_given(each, (night,), now, network.calendar) for night in nights]
            for each in facts
        }
        towns = {nis: each.name for nis, each in network.municipalities.items()}
        facts.sort(key=lambda each: (towns[each.unit.nis], counted(each.unit.label), each.unit.id))
        open_ = [each for each in facts if None in why[each.unit.id]]
        ready_soon = [each for each in facts if set(why[each.unit.id]) == {NotGiven.TURNOVER}]
        told = {each.unit.id for each in (*open_, *ready_soon)}
        not_free: dict[str, list[str]] = defaultdict(list)
        for each in facts:
            # What an owner does not offer in these nights is no dwelling of the network tonight.
            if each.unit.id not in told and set(why[each.unit.id]) != {NotGiven.NOT_OFFERED}:
                not_free[towns[each.unit.nis]].append(each.unit.label)
        access = await _access(tx, tuple(told))
        shared = await _shared(tx, tuple(told))
        policy = network.policy
        return NightListContent(
            network=network.network.name,
            nights=tuple(_night(night, network) for night in nights),
            contact_day=network.calendar.next_working_day(nights[-1]),
            checkout_at=policy.checkout_at,
            desk_phone=network.network.desk_phone,
            cold_weather=policy.cold_weather,
            shifts=await _shifts(tx, network, nights),
            units=tuple(
                _unit(
                    each,
                    towns[each.unit.nis],
                    access[each.unit.id],
                    tuple(no is None for no in why[each.unit.id]),
                    network,
                    now,
                    shared=each.unit.id in shared,
                )
                for each in open_
            ),
            turnovers=tuple(
                ListedTurnover(
                    towns[each.unit.nis], each.unit.label, access[each.unit.id].night_contact.reveal()
                )
                for each in ready_soon
            ),
            not_free=tuple(ListedTown(town, tuple(labels)) for town, labels in not_free.items()),
            criteria=await _criteria(tx, network.network.id),
            places=tuple(
                ListedPlace(each.kind, each.name, each.phone)
                for each in await tx.find(FallbackPlace, network_id=network.network.id, order=("position",))
            ),
        )


async def clear_night_list(tx: Transaction, list_id: str, now: datetime) -> int:
    """Take away a list whose time is over."""
    gone = [each for each in await tx.lock(NightList, [list_id]) if each.clear_at <= now]
    await tx.remove(*gone)
    for each in gone:
        await tx.audit(SYSTEM, "page.night_list_cleared", "night_list", each.id, now)
    return len(gone)


async def on_roster(tx: Transaction, network: NetworkFacts, nights: Sequence[Night]) -> tuple[str, ...]:
    """Ids of the active colleagues who are on any roster in these nights."""
    start, end = network_time(nights[0], network.calendar)[0], network_time(nights[-1], network.calendar)[1]
    shifts = await shifts_between(tx, network.network.id, start, end)
    named = {each.colleague_id for each in shifts if each.starts_at < end and each.ends_at > start}
    found = await tx.find(Colleague, id=OneOf(tuple(sorted(named))), active=True, order=("id",))
    return tuple(each.id for each in found)


async def _shifts(tx: Transaction, network: NetworkFacts, nights: Sequence[Night]) -> tuple[ListedShift, ...]:
    start, end = network_time(nights[0], network.calendar)[0], network_time(nights[-1], network.calendar)[1]
    shifts = await shifts_between(tx, network.network.id, start, end)
    named = OneOf(tuple(sorted({each.colleague_id for each in shifts})))
    people = {each.id: each for each in await tx.find(Colleague, id=named, active=True)}
    return tuple(
        ListedShift(
            duty,
            people[each.colleague_id].label,
            people[each.colleague_id].phone.reveal(),
            max(each.starts_at, start),
            min(each.ends_at, end),
        )
        for duty in Duty
        for each in sorted(standing(shifts, duty), key=lambda shift: (shift.starts_at, shift.id))
        if each.colleague_id in people and each.starts_at < end and each.ends_at > start
    )


async def _access(tx: Transaction, unit_ids: tuple[str, ...]) -> Mapping[str, UnitAccess]:
    nothing = Secret("")
    empty = {each: UnitAccess(each, nothing, nothing, nothing, nothing, nothing) for each in unit_ids}
    return {**empty, **{each.unit_id: each for each in await tx.find(UnitAccess, unit_id=OneOf(unit_ids))}}


async def _shared(tx: Transaction, unit_ids: tuple[str, ...]) -> set[str]:
    """Ids of the units that another network has too: on paper nobody sees what the other one gives."""
    rows = Counter(row.unit_id for row in await tx.find(UnitNetwork, unit_id=OneOf(unit_ids)))
    return {unit_id for unit_id, count in rows.items() if count > 1}


async def _criteria(tx: Transaction, network_id: str) -> tuple[ListedCriterion, ...]:
    """The newest version of the checklist."""
    every = await tx.find(Criterion, network_id=network_id, order=("-version", "position"))
    return tuple(
        ListedCriterion(each.question, each.fails_on, each.action, each.refusal)
        for each in every
        if each.version == every[0].version
    )


def _unit(
    facts: UnitFacts,
    town: str,
    access: UnitAccess,
    free: tuple[bool, ...],
    network: NetworkFacts,
    now: datetime,
    *,
    shared: bool,
) -> ListedUnit:
    unit: Unit = facts.unit
    stale_after = network.policy.stale_after_working_days
    return ListedUnit(
        town=town,
        label=unit.label,
        places=unit.places,
        cots=unit.cots,
        features=tuple(name for name in FEATURES if getattr(unit, name)),
        freshness=freshness(unit.confirmed_at, now, network.calendar, stale_after),
        confirmed_at=unit.confirmed_at,
        cleaned=unit.cleaned,
        mandate=unit.mandate,
        shared=shared,
        free=free,
        address=access.address.reveal(),
        night_contact=access.night_contact.reveal(),
        key_phone=access.backup_key_phone.reveal(),
    )


def _night(night: Night, network: NetworkFacts) -> ListedNight:
    calendar, policy = network.calendar, network.policy
    nights = calendar.block(night)[:LONGEST_RUN]
    after = []
    for used in USED_BEFORE:
        before = [night - DAY * (n + 1) for n in range(used)]
        verdict = judge_stay(night, None, before, calendar, policy.stay_policy)
        said = said_of_stay(verdict, planned_end=policy.checkout_at)
        after.append(ListedStay(used, verdict.allowed, verdict.by, tuple(each.plain() for each in said)))
    return ListedNight(night, nights, nights[-1] + DAY, tuple(after))
