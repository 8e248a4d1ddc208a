"""What an owner's page shows of the own units besides their status; a coordinator sees those of everybody."""

import re
from dataclasses import dataclass

from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.unit import Turnover, Unit
from crisispool.ports import OneOf
from crisispool.services.answers import UnitAnswer
from crisispool.services.owners_word import OWNERS
from crisispool.services.parts import Parts, require
from crisispool.services.units import Units


@dataclass(frozen=True, slots=True)
class PoolUnit:
    """A unit on its owner's page. `town` and `owner` are names; `key_code`: it must be changed before it is free."""

    unit: UnitAnswer
    town: str
    owner: str
    own: bool
    key_code: bool


class OwnPool:
    """Units as whoever keeps them sees them. What may be seen of a unit is decided in `Units`."""

    def __init__(self, parts: Parts, units: Units) -> None:
        self._parts = parts
        self._units = units

    async def all(self, actor: Actor) -> list[PoolUnit]:
        """The own units, for a coordinator all of the network; by town, owner and label."""
        require(actor, *OWNERS)
        found = await self._with_names(actor, await self._units.all(actor))
        return sorted(found, key=lambda each: (each.town, each.owner, _spoken(each.unit.label), each.unit.id))

    async def offers(self, actor: Actor) -> list[tuple[PoolUnit, Unit]]:
        """The same units, each with all that it offers."""
        found = await self.all(actor)
        async with self._parts.store.reading() as tx:
            units = await tx.find(Unit, id=OneOf(tuple(each.unit.id for each in found)))
        offered = {unit.id: unit for unit in units}
        return [(each, offered[each.unit.id]) for each in found if each.unit.id in offered]

    async def one(self, actor: Actor, unit_id: str) -> PoolUnit:
        """One of them. Raises NotThere."""
        require(actor, *OWNERS)
        [found] = await self._with_names(actor, [await self._units.view(actor, unit_id)])
        return found

    async def owners(self, actor: Actor) -> list[tuple[str, str]]:
        """Whose a new unit can be, as id and name: the own organisation's; for a coordinator any of the network."""
        require(actor, *OWNERS)
        async with self._parts.store.reading() as tx:
            found = await tx.find(Organisation, network_id=actor.network_id, order=("name",))
        anybodys = actor.is_(Role.COORDINATOR)
        return [(each.id, each.name) for each in found if anybodys or each.id == actor.organisation_id]

    async def _with_names(self, actor: Actor, units: list[UnitAnswer]) -> list[PoolUnit]:
        async with self._parts.store.reading() as tx:
            towns = (await self._parts.facts.network(tx, actor.network_id)).municipalities
            owners = await tx.find(Organisation, id=OneOf(tuple({unit.owner_id for unit in units})))
            ids = OneOf(tuple(unit.id for unit in units))
            locked = await tx.find(Turnover, unit_id=ids, done_at=None, key_code_must_change=True)
        name = {owner.id: owner.name for owner in owners}
        key_code = {turnover.unit_id for turnover in locked}
        return [
            PoolUnit(
                unit=unit,
                town=towns[unit.nis].name if unit.nis in towns else "",
                owner=name[unit.owner_id],
                own=unit.owner_id == actor.organisation_id,
                # Only where somebody hid must a code change: who is not the owner does not see that.
                key_code=unit.id in key_code and unit.owner_id == actor.organisation_id,
            )
            for unit in units
        ]


def _spoken(label: str) -> list[tuple[int, str]]:
    """A label in parts that sort as people count: studio 2 before studio 10."""
    parts = re.split(r"([0-9]{1,9})", label.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
