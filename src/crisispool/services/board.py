"""The pool tonight and in the nights after it, as the desk, outreach and an owner may see it. Never an address."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from crisispool.domain.availability import NotGiven, UnitFacts, can_be_given, network_of
from crisispool.domain.booking import Hold
from crisispool.domain.calendar import DAY, Night
from crisispool.domain.news import Listener, listener
from crisispool.domain.organisation import Actor, Colleague, Municipality, Role
from crisispool.domain.request import Request, RequestState
from crisispool.domain.unit import UnitStatus
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.answers import DutyAnswer, UnitAnswer
from crisispool.services.duty import DutyDesk, is_on_duty
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts
from crisispool.services.units import Units

SEERS: Final = (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER, Role.UNIT_MANAGER)
DESK: Final = (Role.CALLTAKER, Role.COORDINATOR)
NIGHTS_AFTER: Final = 4

NOT_OFFERED: Final = "not_offered"
HIDDEN: Final = "hidden"
"""A night of which this asker is not told: it would say until when somebody stays."""

ORDER: Final = (
    UnitStatus.FREE,
    UnitStatus.TURNOVER,
    UnitStatus.HELD,
    UnitStatus.BOOKED,
    UnitStatus.OCCUPIED,
    UnitStatus.OUT_OF_SERVICE,
)
"""What can be given soonest stands first."""


@dataclass(frozen=True)
class Audience:
    """Whoever sees the very same board: what they may see decides, not who they are."""

    listener: Listener
    roles: frozenset[Role]
    organisation_id: str | None
    language: str


@dataclass(frozen=True)
class BoardUnit:
    """A unit tonight, and what it is in each of the nights after (a status, `NOT_OFFERED` or `HIDDEN`).

    `held_by` is the label of the colleague who holds it, for the desk alone.
    """

    unit: UnitAnswer
    staffed: bool
    mandate: bool
    nights: tuple[str, ...]
    held_by: str = ""

    @property
    def tonight(self) -> str:
        """Its status tonight; free and not offered is not free."""
        return (
            NOT_OFFERED if self.unit.status == UnitStatus.FREE and not self.unit.offered else self.unit.status
        )


@dataclass(frozen=True)
class Town:
    """A municipality and its units, what is free first."""

    municipality: Municipality
    units: tuple[BoardUnit, ...]

    @property
    def free(self) -> int:
        """How many can be given tonight."""
        return sum(each.tonight == UnitStatus.FREE for each in self.units)


@dataclass(frozen=True)
class BoardAnswer:
    """The board. `block` are the nights that somebody who comes now gets, `checkout` the morning after them.

    `audience`: whom it may be shown, as it was when it was read. `requests`: open ones, None for whom they are not.
    `towns` is None for who takes calls and is not on duty.
    """

    audience: Audience
    at: datetime
    nights: tuple[Night, ...]
    block: tuple[Night, ...]
    checkout: date
    checkout_at: time
    counts: Mapping[str, int]
    towns: tuple[Town, ...] | None
    duty: DutyAnswer
    requests: int | None


class Board:
    """Reads the board. What may be seen of a unit is decided in `Units`."""

    def __init__(self, parts: Parts, units: Units, duty: DutyDesk) -> None:
        self._parts = parts
        self._units = units
        self._duty = duty

    async def audience(self, actor: Actor) -> Audience:
        """With whom this asker shares a board now."""
        if not actor.is_(Role.CALLTAKER):
            return _audience(actor)
        async with self._parts.store.reading() as tx:
            return _audience(await self._now(tx, actor))

    async def tonight(self, actor: Actor) -> BoardAnswer:
        """The board as the asker may see it now."""
        parts, now = self._parts, self._parts.now()
        async with parts.store.reading() as tx:
            actor = await self._now(tx, actor)
            network = await parts.facts.network(tx, actor.network_id)
            night = network.calendar.night_of(now)
            nights = tuple(night + DAY * after for after in range(1 + NIGHTS_AFTER))
            towns, requests = None, None
            if actor.is_(*SEERS):
                seen = await self._units.in_sight(tx, actor, network)
                towns = await self._towns(tx, actor, network, seen, nights, now)
            if actor.is_(*DESK):
                requests = len(await tx.find(Request, network_id=actor.network_id, state=RequestState.OPEN))
            block = network.calendar.block(night)[: 1 + NIGHTS_AFTER]
            return BoardAnswer(
                audience=_audience(actor),
                at=now,
                nights=nights,
                block=block,
                checkout=block[-1] + DAY,
                checkout_at=network.policy.checkout_at,
                counts=Counter(each.tonight for town in towns or () for each in town.units),
                towns=towns,
                duty=await self._duty.who_in(tx, actor, network, now),
                requests=requests,
            )

    async def _now(self, tx: Transaction, actor: Actor) -> Actor:
        """The asker with the roles that count now: who takes calls sees what the desk sees only on duty."""
        if not actor.is_(Role.CALLTAKER) or await is_on_duty(tx, actor, self._parts.now()):
            return actor
        return replace(actor, roles=actor.roles - {Role.CALLTAKER})

    async def _towns(
        self,
        tx: Transaction,
        actor: Actor,
        network: NetworkFacts,
        seen: Sequence[tuple[UnitAnswer, UnitFacts]],
        nights: tuple[Night, ...],
        now: datetime,
    ) -> tuple[Town, ...]:
        held = [unit.id for unit, _ in seen if unit.status == UnitStatus.HELD and actor.is_(*DESK)]
        holders = await _holders(tx, held, actor.network_id, now)
        places = OneOf(tuple({unit.nis for unit, _ in seen}))
        units: dict[str, list[BoardUnit]] = {}
        for unit, facts in seen:
            later = _later(actor, facts, nights, network, now)
            row = BoardUnit(unit, facts.unit.staffed, facts.unit.mandate, later, holders.get(unit.id, ""))
            units.setdefault(unit.nis, []).append(row)
        return tuple(
            Town(municipality, tuple(sorted(units[municipality.nis], key=_place)))
            for municipality in await tx.find(Municipality, nis=places, order=("name",))
        )


@lru_cache(maxsize=1000)
def _audience(actor: Actor) -> Audience:
    """With whom somebody with the roles that count now shares a board."""
    return Audience(listener(actor), frozenset(actor.roles & {*SEERS}), actor.organisation_id, actor.language)


def _place(row: BoardUnit) -> tuple[object, ...]:
    rank = ORDER.index(UnitStatus(row.unit.status))
    return row.tonight == NOT_OFFERED, rank, counted(row.unit.label), row.unit.id


def counted(label: str) -> list[tuple[str, int]]:
    """A label as people put it in order: studio 2 before studio 10."""
    return [(words.casefold(), int(number or 0)) for words, number in re.findall(r"(\D*)(\d*)", label)]


def _later(
    actor: Actor, facts: UnitFacts, nights: Sequence[Night], network: NetworkFacts, now: datetime
) -> tuple[str, ...]:
    """What a unit is in the nights after the first of these, tonight. Who is not told until when a stay or hold lasts
    sees nothing after its first night; a stay in another network looks like the owner's own use."""
    unit = facts.unit
    own = actor.is_(Role.UNIT_MANAGER) and unit.owner_id == actor.organisation_id
    told = own or actor.is_(*DESK)
    found: list[str] = []
    begun = False
    for night in nights:
        whose = network_of(facts, night, now, network.calendar)
        begun = begun or whose is not None
        why = can_be_given(facts, (night,), now, network.calendar)
        by_a_stay = why in (NotGiven.BOOKED, NotGiven.HELD)
        if begun and not told:
            found.append(HIDDEN)
        elif by_a_stay and not own and whose not in (None, actor.network_id):
            found.append(UnitStatus.OCCUPIED)
        else:
            found.append(_word(why))
    return tuple(found[1:])


def _word(why: NotGiven | None) -> str:
    if why is None:
        return UnitStatus.FREE
    return NOT_OFFERED if why in (NotGiven.PROMISED, NotGiven.NOT_OFFERED) else why


async def _holders(
    tx: Transaction, unit_ids: Sequence[str], network_id: str, now: datetime
) -> dict[str, str]:
    """Labels of who holds these units, by unit id; of the own network alone."""
    if not unit_ids:
        return {}
    ids = OneOf(tuple(unit_ids))
    holds = await tx.find(Hold, unit_id=ids, network_id=network_id, ended_at=None, until=AtLeast(now))
    people = await tx.find(Colleague, id=OneOf(tuple({hold.by for hold in holds})))
    label = {each.id: each.label for each in people}
    return {hold.unit_id: label.get(hold.by, "") for hold in holds}
