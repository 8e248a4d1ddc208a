"""Whether a network is ready for tonight, as its record now stands. Policy: section 6."""

from collections.abc import Container
from datetime import date, datetime

from crisispool.domain.admission import Criterion
from crisispool.domain.duty import DutyShift, FallbackPlace
from crisispool.domain.organisation import ClosingDay, Membership, Network, Organisation
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.ports import AtLeast, OneOf, Store, Transaction
from crisispool.services.facts import Facts
from crisispool.services.region_file import RegionFile, RegionWarning
from crisispool.services.region_ready import ready_for_tonight


class Tonight:
    """Asks of the record what is asked of a region file."""

    def __init__(self, store: Store, facts: Facts, legal_holidays: Container[date]) -> None:
        self._store = store
        self._facts = facts
        self._legal_holidays = legal_holidays

    async def missing(self, now: datetime) -> list[RegionWarning]:
        """What hurts tonight, of every network; none of it keeps the service from running."""
        found: list[RegionWarning] = []
        async with self._store.reading() as tx:
            for network in await tx.find(Network, order=("id",)):
                # One that is only named by another's region file has no municipalities: it is not run here.
                if await tx.find(Membership, network_id=network.id, limit=1):
                    region = await self._region(tx, network, now)
                    found += ready_for_tonight(region, now, self._legal_holidays)
        return found

    async def _region(self, tx: Transaction, network: Network, now: datetime) -> RegionFile:
        facts = await self._facts.network(tx, network.id)
        offered = await tx.find(UnitNetwork, network_id=network.id)
        units = await tx.find(Unit, id=OneOf(tuple(row.unit_id for row in offered)), order=("id",))
        access = {
            row.unit_id: row
            for row in await tx.find(UnitAccess, unit_id=OneOf(tuple(unit.id for unit in units)))
        }
        return RegionFile(
            file=network.id,
            network=network,
            policy=facts.policy,
            decided_by="",
            decided_on=None,
            other_networks=(),
            municipalities=tuple(facts.municipalities.values()),
            memberships=tuple(facts.memberships.values()),
            organisations=tuple(await tx.find(Organisation, network_id=network.id, order=("id",))),
            units=tuple(units),
            access=tuple(access.get(unit.id) or _no_access(unit) for unit in units),
            unit_networks=tuple(offered),
            closing_days=tuple(await tx.find(ClosingDay, network_id=network.id, order=("day",))),
            criteria=tuple(await tx.find(Criterion, network_id=network.id)),
            fallback=tuple(await tx.find(FallbackPlace, network_id=network.id, order=("position",))),
            playbook=(),
            shifts=tuple(await tx.find(DutyShift, network_id=network.id, ends_at=AtLeast(now))),
            training=None,
        )


def _no_access(unit: Unit) -> UnitAccess:
    nothing = Secret("")
    return UnitAccess(unit.id, nothing, nothing, nothing, nothing, nothing)
