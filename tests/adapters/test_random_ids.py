"""Random names: safe everywhere they are written, and not to be guessed."""

import re

from crisispool.adapters.random_ids import RandomIds
from crisispool.domain.ids import is_reference


def test_ids_and_tokens_survive_urls_and_command_lines_and_do_not_repeat() -> None:
    ids = RandomIds()
    for draw, length in ((ids.new, 25), (ids.token, 40)):
        drawn = {draw() for _ in range(500)}
        assert len(drawn) == 500
        assert all(re.fullmatch(rf"[a-z0-9]{{{length}}}", one) for one in drawn)


def test_a_reference_reads_aloud_well() -> None:
    drawn = {RandomIds().reference("IZ") for _ in range(200)}
    assert all(is_reference(one) and one.startswith("IZ-") for one in drawn)
    assert len(drawn) > 190
