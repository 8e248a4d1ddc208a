"""Everything that whoever keeps units does with them, put together once."""

from dataclasses import dataclass

from crisispool.services.own_pool import OwnPool
from crisispool.services.parts import Parts
from crisispool.services.unit_details import Details
from crisispool.services.unit_doors import UnitDoors
from crisispool.services.unit_imports import UnitImports
from crisispool.services.units import Units


@dataclass(frozen=True)
class Keeping:
    """The units of an owner as a list, one by one, their addresses, and lists of them taken in."""

    pool: OwnPool
    details: Details
    doors: UnitDoors
    imports: UnitImports


def keeping_of(parts: Parts, units: Units) -> Keeping:
    """The four over these parts."""
    pool = OwnPool(parts, units)
    return Keeping(pool, Details(parts, pool), UnitDoors(parts), UnitImports(parts))
