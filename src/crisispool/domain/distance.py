"""How far municipalities are from each other."""

from collections.abc import Iterable
from math import asin, cos, hypot, radians, sin, sqrt

from crisispool.domain.organisation import Municipality

EARTH_RADIUS_KM = 6371.0


def nearest(municipalities: Iterable[Municipality], from_nis: str | None) -> tuple[Municipality, ...]:
    """The municipalities by distance from one of them, that one first; by name when it is none of them."""
    towns = sorted(municipalities, key=lambda town: town.name)
    here = next((town for town in towns if town.nis == from_nis), None)
    return tuple(sorted(towns, key=lambda town: distance_km(here, town)) if here else towns)


def distance_km(one: Municipality, other: Municipality) -> float:
    """Great-circle distance between two town centres, in km."""
    north, north_other = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half = hypot(sin((north_other - north) / 2), sqrt(cos(north) * cos(north_other)) * sin(east / 2))
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, half))
