"""The schematic map: everything has room, and lies about where it lies."""

from math import hypot

import pytest

from crisispool.web.board.region_map import GAP, RADIUS, drawing

IZEGEM, INGELMUNSTER, WIELSBEKE, TIELT, LEDEGEM = (
    (50.9147, 3.2137), (50.9206, 3.2553), (50.9087, 3.3636), (50.9989, 3.3271), (50.8575, 3.125)
)  # fmt: skip
REGION = (IZEGEM, INGELMUNSTER, WIELSBEKE, TIELT, LEDEGEM)


@pytest.mark.parametrize("places", [REGION, (IZEGEM,) * 15, REGION * 3], ids=["region", "one spot", "crowd"])
def test_no_two_circles_touch_and_all_are_on_the_drawing(places: tuple[tuple[float, float], ...]) -> None:
    drawn = drawing(places)
    for number, one in enumerate(drawn.spots):
        assert RADIUS <= one.x <= drawn.width - RADIUS and RADIUS <= one.y <= drawn.height - RADIUS
        for other in drawn.spots[number + 1 :]:
            assert hypot(one.x - other.x, one.y - other.y) > 2 * RADIUS + GAP / 2


def test_north_is_above_and_east_is_right() -> None:
    izegem, ingelmunster, wielsbeke, tielt, ledegem = drawing(REGION).spots
    assert ledegem.x < izegem.x < ingelmunster.x < wielsbeke.x
    assert tielt.y < izegem.y < ledegem.y


def test_nothing_and_one_alone_can_be_drawn() -> None:
    assert drawing(()).spots == ()
    alone = drawing((IZEGEM,))
    assert alone.width == alone.height == 2 * RADIUS + GAP


def test_the_same_region_is_drawn_the_same() -> None:
    assert drawing(REGION) == drawing(REGION)
