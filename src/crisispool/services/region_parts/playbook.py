"""The playbook part of a region file: what a municipality does after a material crisis."""

from collections import Counter
from collections.abc import Sequence

from crisispool.domain.playbook import PlaybookTask
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import Reader


def read_playbook(readers: Sequence[Reader], network_id: str, places: Names) -> tuple[PlaybookTask, ...]:
    """The tasks of each municipality, in the order of the file."""
    found, numbers = [], Counter[str]()
    for reader in readers:
        nis = reader.refers("municipality", places, "municipality")
        numbers[nis] += 1
        found.append(
            PlaybookTask(
                id=f"{network_id}:{nis}:{numbers[nis]}",
                network_id=network_id,
                nis=nis,
                position=numbers[nis],
                task=reader.text("task"),
                owner=reader.text("owner", limit=100),
                phone=reader.phone("phone", None),
            )
        )
        reader.done()
    return tuple(found)
