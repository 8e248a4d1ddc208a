"""The live view beside the record: asked first, healed from the record, never trusted alone."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from crisispool.domain.availability import UnitFacts, can_be_given, free_nights
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.errors import Outage
from crisispool.domain.request import Need
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.domain.wish import Wish
from crisispool.ports import LivePool, LiveUnit, OneOf, Stamp, Store, Transaction
from crisispool.services.facts import Facts

HORIZON_NIGHTS: Final = 21
"""Nights ahead that the view knows; later ones are answered by the record."""

HEAL_EVERY: Final = timedelta(seconds=2)
"""From one healing round to the next: after a fault the view equals the record again within 5 seconds."""

CLAIM_SECONDS: Final = 2
"""How long a claim may wait for its commit, which takes milliseconds. A claim whose end got lost keeps its nights
out of the view for so long; one that lapsed too early costs a collision that the record decides."""

PUT_AT_MOST: Final = 100
"""From so many units that differ on, one rebuild is quicker than putting each."""

READ_AT_ONCE: Final = 500

log = structlog.get_logger(__name__)


class LiveView:
    """Finds and claims units. Without the live view everything is answered from the record, slower."""

    def __init__(self, pool: LivePool, store: Store, facts: Facts) -> None:
        self._pool = pool
        self._store = store
        self._facts = facts
        self._away = False

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
            with suppress(Outage):
                return await self._pool.find(network_id, nights, 1, features, avoid), False
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
        except Outage:
            return True

    async def refresh(self, unit_ids: Iterable[str], now: datetime, operation_id: str | None = None) -> None:
        """Put these units into the view as the record has them; ends the operation's claim.

        What does not arrive is put by the next healing round: the version of the unit, or the claim, tells.
        """
        ids = sorted(set(unit_ids))
        if not ids:
            return
        with suppress(Outage):
            for live in await self._read(ids, now):
                await self._pool.put(live, operation_id)

    async def look_after(self, now: datetime) -> None:
        """One healing round; while the live view is away the log says so once. Raises Outage of the record."""
        try:
            healed = await self.heal(now)
        except Outage as outage:
            if outage.part != "live view":
                raise
            if not self._away:
                log.warning("live_view_away", hint=outage.hint)
            self._away = True
            return
        if self._away:
            log.info("live_view_back", units=healed)
        self._away = False

    async def heal(self, now: datetime) -> int:
        """Make the view equal to the record where versions, the night or claims left behind tell that it is not;
        how many units that took. Cheap when nothing differs, harmless when several do it at once. Raises Outage.
        """
        try:
            # Before the record: whatever the view knows was committed by then.
            view = await self._pool.stamps()
            left = await self._pool.expired()
        except Outage as outage:
            if outage.hint != "empty":
                raise
            return await self.rebuild(now)
        record = await self._stamps(now)
        gone = view.keys() - record.keys()
        # The record was put back to an earlier moment: then what the view knows never happened.
        ahead = any(view[key].version > stamp.version for key, stamp in record.items() if key in view)
        differ = {key for key, stamp in record.items() if view.get(key) != stamp}
        if gone or ahead or len(differ) > PUT_AT_MOST:
            return await self.rebuild(now, anew=ahead)
        await self.refresh(differ.union(left), now)
        return len(differ.union(left))

    async def rebuild(self, now: datetime, *, anew: bool = False) -> int:
        """The whole view from the record; how many units. `anew`: also where the view is newer. Raises Outage."""
        async with self._store.reading() as tx:
            ids = [unit_id for (unit_id,) in await tx.pick(Unit, "id")]
        units = await self._read(ids, now)
        await self._pool.rebuild(units, anew=anew)
        return len(units)

    async def differences(self, now: datetime) -> list[str]:
        """Ids of units on which view and record disagree. Raises Outage."""
        async with self._store.reading() as tx:
            ids = [unit_id for (unit_id,) in await tx.pick(Unit, "id")]
        record = {live.unit_id: live for live in await self._read(ids, now)}
        view = await self._pool.snapshot()
        return sorted(key for key in record.keys() | view.keys() if record.get(key) != view.get(key))

    def _knows(self, nights: Sequence[date], calendar: NetworkCalendar, now: datetime) -> bool:
        tonight = calendar.night_of(now)
        # One less: where the night of another network of the unit is not over, its nights begin one earlier.
        return tonight <= nights[0] and nights[-1] < tonight + DAY * (HORIZON_NIGHTS - 1)

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

    async def _stamps(self, now: datetime) -> dict[str, Stamp]:
        """What the stamps of the view should be."""
        async with self._store.reading() as tx:
            links = await tx.pick(UnitNetwork, "unit_id", "network_id")
            calendars = await self._calendars(tx, {"", *(network_id for _, network_id in links)})
            tonight = {network_id: calendar.night_of(now) for network_id, calendar in calendars.items()}
            first: dict[str, date] = {}
            for unit_id, network_id in links:
                first[unit_id] = min(tonight[network_id], first.get(unit_id, tonight[network_id]))
            return {
                unit_id: Stamp(version, first.get(unit_id, tonight[""]))
                for unit_id, version in await tx.pick(Unit, "id", "version")
            }

    async def _read(self, unit_ids: Sequence[str], now: datetime) -> list[LiveUnit]:
        live: list[LiveUnit] = []
        calendars: dict[str, NetworkCalendar] = {}
        async with self._store.reading() as tx:
            # In parts, so that others have their turn meanwhile.
            for begin in range(0, len(unit_ids), READ_AT_ONCE):
                part = tuple(unit_ids[begin : begin + READ_AT_ONCE])
                all_facts = await self._facts.units(tx, part, now)
                networks: dict[str, list[str]] = {unit_id: [] for unit_id in all_facts}
                for link in await tx.find(UnitNetwork, unit_id=OneOf(tuple(all_facts))):
                    networks[link.unit_id].append(link.network_id)
                new = {"", *(each for ids in networks.values() for each in ids)} - calendars.keys()
                calendars |= await self._calendars(tx, new)
                for unit_id, facts in all_facts.items():
                    offered = tuple(sorted(networks[unit_id]))
                    # Of several networks the one whose night is over last: the others leave out what is past.
                    of_unit = [calendars[network_id] for network_id in offered or ("",)]
                    calendar = min(of_unit, key=lambda each: each.night_of(now))
                    live.append(_live_unit(facts, offered, calendar, now))
        return live

    async def _calendars(self, tx: Transaction, network_ids: Iterable[str]) -> dict[str, NetworkCalendar]:
        return {network_id: await self._facts.calendar(tx, network_id) for network_id in network_ids}


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
        tonight=tonight,
    )
