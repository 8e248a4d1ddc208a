"""The live view beside the record: asked first, healed from the record, never trusted alone."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog

from crisispool.domain.availability import UnitFacts, can_be_given, free_nights
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.errors import Outage
from crisispool.domain.request import Need
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.domain.wish import Wish
from crisispool.ports import LivePool, LiveUnit, OneOf, Store
from crisispool.services.facts import Facts

HORIZON_NIGHTS = 21
"""Nights ahead that the view knows; later ones are answered by the record."""

UNITS_AT_ONCE = 500
"""How many units are read from the record in one go."""

CLAIM_SECONDS = 30
"""How long a claim may wait for its commit; a commit takes milliseconds."""

log = structlog.get_logger(__name__)


class LiveView:
    """Finds and claims units. Without the live view everything is answered from the record, slower."""

    def __init__(self, pool: LivePool, store: Store, facts: Facts) -> None:
        self._pool = pool
        self._store = store
        self._facts = facts

    async def find(
        self,
        network_id: str,
        nights: Sequence[date],
        features: frozenset[str],
        avoid: frozenset[str],
        now: datetime,
    ) -> tuple[list[str], bool]:
        """Ids of units free on all `nights`, and whether the answer had to come from the record."""
        async with self._store.reading() as tx:
            calendar = await self._facts.calendar(tx, network_id)
        if self._knows(nights, calendar, now):
            try:
                return await self._pool.find(network_id, nights, 1, features, avoid), False
            except Outage as outage:
                log.warning("live_view_away", part=outage.part, hint=outage.hint)
        return await self._find_in_record(network_id, nights, features, avoid, calendar, now), True

    async def claim(
        self,
        operation_id: str,
        unit_id: str,
        nights: Sequence[date],
        calendar: NetworkCalendar,
        now: datetime,
    ) -> bool:
        """Keep others off this unit while its row is being written. False: someone else is just taking it.

        Without the live view the answer is True: the unique rule of the record decides.
        """
        if not self._knows(nights, calendar, now):
            return True
        try:
            return await self._pool.claim(operation_id, [unit_id], nights, CLAIM_SECONDS) is not None
        except Outage as outage:
            log.warning("live_view_away", part=outage.part, hint=outage.hint)
            return True

    async def refresh(self, unit_ids: Iterable[str], now: datetime, operation_id: str | None = None) -> None:
        """Put these units into the view as the record has them; ends the operation's claim."""
        ids = sorted(set(unit_ids))
        if not ids:
            return
        with suppress(Outage):
            for live in await self._read(ids, now):
                await self._pool.put(live, operation_id)

    async def heal(self, now: datetime) -> int:
        """Put back units whose claim was left behind by someone who died; how many."""
        left = await self._pool.expired()
        await self.refresh(left, now)
        return len(left)

    async def rebuild(self, now: datetime) -> int:
        """The whole view anew from the record; how many units. Raises Outage."""
        async with self._store.reading() as tx:
            ids = [unit.id for unit in await tx.find(Unit)]
        units = await self._read(ids, now)
        await self._pool.rebuild(units)
        return len(units)

    async def differences(self, now: datetime) -> list[str]:
        """Ids of units on which view and record disagree. Raises Outage."""
        async with self._store.reading() as tx:
            ids = [unit.id for unit in await tx.find(Unit)]
        record = {live.unit_id: live for live in await self._read(ids, now)}
        view = await self._pool.snapshot()
        return sorted(key for key in record.keys() | view.keys() if record.get(key) != view.get(key))

    def _knows(self, nights: Sequence[date], calendar: NetworkCalendar, now: datetime) -> bool:
        tonight = calendar.night_of(now)
        return tonight <= nights[0] and nights[-1] < tonight + timedelta(days=HORIZON_NIGHTS)

    async def _find_in_record(
        self,
        network_id: str,
        nights: Sequence[date],
        features: frozenset[str],
        avoid: frozenset[str],
        calendar: NetworkCalendar,
        now: datetime,
    ) -> list[str]:
        async with self._store.reading() as tx:
            ids = await self._facts.untaken(tx, network_id, nights, now)
            all_facts = await self._facts.units(tx, ids, now)
        return [
            unit_id
            for unit_id, facts in all_facts.items()
            if facts.unit.nis not in avoid
            and features <= features_of(facts.unit)
            and can_be_given(facts, tuple(nights), now, calendar) is None
        ]

    async def _read(self, unit_ids: Sequence[str], now: datetime) -> list[LiveUnit]:
        async with self._store.reading() as tx:
            live: list[LiveUnit] = []
            calendars: dict[str, NetworkCalendar] = {}
            # Part by part, so that a large pool does not keep everybody else waiting.
            for start in range(0, len(unit_ids), UNITS_AT_ONCE):
                part = tuple(unit_ids[start : start + UNITS_AT_ONCE])
                networks: dict[str, list[str]] = {}
                for link in await tx.find(UnitNetwork, unit_id=OneOf(part), order=("network_id",)):
                    networks.setdefault(link.unit_id, []).append(link.network_id)
                for unit_id, facts in (await self._facts.units(tx, part, now)).items():
                    offered_in = tuple(networks.get(unit_id, ()))
                    of = offered_in[0] if offered_in else ""
                    if of not in calendars:
                        calendars[of] = await self._facts.calendar(tx, of)
                    live.append(_live_unit(facts, offered_in, calendars[of], now))
        return live


def features_of(unit: Unit) -> frozenset[str]:
    """The features of a unit that a search can ask for, as codes."""
    named = {"step_free": unit.step_free, "pets": unit.pets, "staffed": unit.staffed, "cots": unit.cots > 0}
    return frozenset(name for name, has in named.items() if has)


def features_wanted(wish: Wish) -> frozenset[str]:
    """The features without which a unit does not serve this wish, as `features_of` names them."""
    named = {Need.STEP_FREE: "step_free", Need.PET: "pets", Need.STAFFED: "staffed", Need.COT: "cots"}
    return frozenset(named[need] for need in wish.needs if need in named)


def _live_unit(
    facts: UnitFacts, networks: tuple[str, ...], calendar: NetworkCalendar, now: datetime
) -> LiveUnit:
    tonight = calendar.night_of(now)
    return LiveUnit(
        unit_id=facts.unit.id,
        version=facts.unit.version,
        network_ids=networks,
        nis=facts.unit.nis,
        places=facts.unit.places,
        features=features_of(facts.unit),
        nights=free_nights(facts, tonight, HORIZON_NIGHTS, now, calendar),
    )
