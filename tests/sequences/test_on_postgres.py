"""Random sequences of everything that changes the record, beside the model, on PostgreSQL."""

import pytest

from tests.sequences.playing import Stage, play_seeds

pytestmark = pytest.mark.postgres


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seeds", [range(270, 300)], ids=str)
async def test_the_record_says_what_the_rules_say_after_whatever_people_do(
    on_postgres: Stage, seeds: range
) -> None:
    await play_seeds(on_postgres, seeds)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeds", [range(first, first + 250) for first in range(5000, 6000, 250)], ids=str)
async def test_the_record_says_so_after_a_great_many_sequences(on_postgres: Stage, seeds: range) -> None:
    await play_seeds(on_postgres, seeds)
