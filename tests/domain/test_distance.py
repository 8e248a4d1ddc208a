"""Municipalities, nearest first."""

import pytest

from crisispool.domain.distance import distance_km, nearest
from tests.domain.examples import INGELMUNSTER, IZEGEM, LEDEGEM, TIELT, TOWNS, WIELSBEKE


def test_municipalities_come_nearest_first_and_the_own_one_first_of_all() -> None:
    order = [town.nis for town in nearest(TOWNS.values(), INGELMUNSTER)]
    assert order == [INGELMUNSTER, IZEGEM, WIELSBEKE, TIELT, LEDEGEM]


@pytest.mark.parametrize("unknown", [None, "outside", "99999"])
def test_without_a_known_place_they_come_by_name(unknown: str | None) -> None:
    names = [town.name for town in nearest(TOWNS.values(), unknown)]
    assert names == sorted(names)


def test_a_distance_is_in_kilometres_and_the_same_both_ways() -> None:
    here, there = TOWNS[INGELMUNSTER], TOWNS[TIELT]
    assert distance_km(here, there) == pytest.approx(10.1, abs=0.2)
    assert distance_km(there, here) == pytest.approx(distance_km(here, there))
    assert distance_km(here, here) == 0
