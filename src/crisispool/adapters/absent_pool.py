"""The live view of a process that has none: every question is answered from the record instead."""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from crisispool.domain.errors import Outage
from crisispool.ports import LiveUnit


class AbsentPool:
    """The port `LivePool` where no server could be reached at the start; `why` says what to mend."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def find(
        self,
        network_id: str,
        nights: Sequence[date],
        places: int,
        features: frozenset[str],
        avoid: frozenset[str],
    ) -> list[str]:
        """Raises Outage."""
        self._away()

    async def claim(
        self, operation_id: str, unit_ids: Sequence[str], nights: Sequence[date], seconds: int
    ) -> str | None:
        """Raises Outage."""
        self._away()

    async def put(self, unit: LiveUnit, operation_id: str | None = None) -> None:
        """Raises Outage."""
        self._away()

    async def expired(self) -> list[str]:
        """Raises Outage."""
        self._away()

    async def rebuild(self, units: Sequence[LiveUnit]) -> None:
        """Raises Outage."""
        self._away()

    async def snapshot(self) -> dict[str, LiveUnit]:
        """Raises Outage."""
        self._away()

    async def close(self) -> None:
        """There is nothing to give back."""

    def _away(self) -> NoReturn:
        raise Outage("live view", self._why)
