"""A schematic map: a circle for each municipality about where it lies, none over another. Pure; no map of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Final

WIDTH: Final = 340.0
RADIUS: Final = 37.0
GAP: Final = 6.0
"""A circle with its name under it keeps this much room."""
STEPS: Final = 200


@dataclass(frozen=True)
class Spot:
    """Where a circle stands, in the units of the drawing; `y` grows downwards."""

    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Spots in the order of the places, and the size of it all."""

    spots: tuple[Spot, ...]
    width: float
    height: float


def drawing(places: Sequence[tuple[float, float]]) -> Drawing:
    """A drawing of places given as (latitude, longitude) in degrees: north above, circles pushed apart where they
    would touch, so that directions stay and distances only roughly."""
    spots = _apart(_flat(places))
    if not spots:
        return Drawing((), WIDTH, 0)
    edge = RADIUS + GAP / 2
    left, top = min(x for x, _ in spots) - edge, min(y for _, y in spots) - edge
    right, bottom = max(x for x, _ in spots) + edge, max(y for _, y in spots) + edge
    return Drawing(
        tuple(Spot(round(x - left, 1), round(y - top, 1)) for x, y in spots),
        round(right - left, 1),
        round(bottom - top, 1),
    )


def _flat(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Plane coordinates in which the widest stretch takes the width that is there."""
    if not places:
        return []
    shrink = cos(radians(sum(north for north, _ in places) / len(places)))
    plane = [(east * shrink, -north) for north, east in places]
    span = max(
        max(x for x, _ in plane) - min(x for x, _ in plane),
        max(y for _, y in plane) - min(y for _, y in plane),
    )
    scale = (WIDTH - 2 * RADIUS) / span if span else 0
    return [(x * scale, y * scale) for x, y in plane]


def _apart(spots: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same spots, none nearer to another than two circles and a gap; in the same order, always the same way."""
    least = 2 * RADIUS + GAP
    for _ in range(STEPS):
        moved = False
        for one in range(len(spots)):
            for other in range(one + 1, len(spots)):
                (x, y), (u, v) = spots[one], spots[other]
                far = hypot(u - x, v - y)
                if far >= least - 0.1:
                    continue
                moved = True
                # Two in the very same spot part sideways.
                right, down = ((u - x) / far, (v - y) / far) if far else (1.0, 0.0)
                push = (least - far) / 2
                spots[one] = (x - right * push, y - down * push)
                spots[other] = (u + right * push, v + down * push)
        if not moved:
            break
    return spots
