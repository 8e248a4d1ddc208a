"""Random sequences of everything that changes the record, beside the model, on SQLite.

A failing one prints its seed and its steps, made as few as possible; to see it again:

    await replay(on_sqlite, "2026-11-27 16:45", [Step(...), ...])
"""

import pytest

from tests.sequences.playing import Stage, play_seeds


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seeds", [range(first, first + 90) for first in range(0, 270, 90)], ids=str)
async def test_the_record_says_what_the_rules_say_after_whatever_people_do(
    on_sqlite: Stage, seeds: range
) -> None:
    await play_seeds(on_sqlite, seeds)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeds", [range(first, first + 250) for first in range(1000, 5000, 250)], ids=str)
async def test_the_record_says_so_after_a_great_many_sequences(on_sqlite: Stage, seeds: range) -> None:
    await play_seeds(on_sqlite, seeds)
