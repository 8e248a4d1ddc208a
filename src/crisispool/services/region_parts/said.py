"""What a region file said last time: a fact that it did not change since keeps what people made of it meanwhile."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from crisispool.domain.record import SetUp
from crisispool.services.region_parts.records import Writer

R = TypeVar("R")
Facts = dict[str, Any]


class Said:
    """The memory of one sort of things of one network, by id."""

    def __init__(self, writer: Writer, network_id: str, sort: str, rows: Mapping[str, Facts]) -> None:
        self._writer = writer
        self._start = _start(network_id, sort)
        self._before = dict(rows)

    @classmethod
    async def of(cls, writer: Writer, network_id: str, sort: str) -> "Said":
        """What was said of this sort."""
        start = _start(network_id, sort)
        rows = [row for row in await writer.tx.find(SetUp) if row.key.startswith(start)]
        return cls(
            writer, network_id, sort, {row.key.removeprefix(start): json.loads(row.value) for row in rows}
        )

    def names(self) -> frozenset[str]:
        """Everything that something was said of."""
        return frozenset(self._before)

    def before(self, name: str) -> Facts | None:
        """What was said of this one, None when nothing was."""
        return self._before.get(name)

    def changed(self, name: str, now: Facts) -> list[str]:
        """The facts that the file says otherwise than before, or for the first time."""
        before = self._before.get(name, {})
        return [fact for fact in now if fact not in before or before[fact] != now[fact]]

    async def remember(self, now: Mapping[str, Facts]) -> None:
        """From now on this is what was said, by id; what is new goes in at once."""
        new = {name: facts for name, facts in now.items() if name not in self._before}
        await self._writer.tx.add(*(self._row(name, facts) for name, facts in new.items()))
        for name, facts in now.items():
            if name not in new and self._before[name] != facts:
                await self._writer.tx.save(self._row(name, facts))
        self._before |= now

    def _row(self, name: str, facts: Facts) -> SetUp:
        return SetUp(self._start + name, json.dumps(facts, sort_keys=True))


def merged(known: R, fresh: R, changed: list[str]) -> R:
    """What is there, with these facts as the file says them."""
    return replace(known, **{name: getattr(fresh, name) for name in changed})  # type: ignore[type-var]


def _start(network_id: str, sort: str) -> str:
    return f"region:{network_id}:{sort}:"
