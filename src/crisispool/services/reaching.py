"""Whoever is there is told: a step at which nobody is present goes on to the next one at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Role
from crisispool.ports import Ids, Transaction
from crisispool.services.duty import present
from crisispool.services.messages import About, having, tell

LADDER: Final = (Duty.CALLTAKER, Duty.BACKUP, Duty.COORDINATOR)
"""The desk, who stands behind it, the coordinator on call; after them all coordinators."""


async def reachable(tx: Transaction, network_id: str, first: Duty, now: datetime) -> tuple[str, ...]:
    """Ids of the colleagues of the first roster from `first` on where anybody is, else of all coordinators."""
    for duty in LADDER[LADDER.index(first) :]:
        if there := await present(tx, network_id, duty, now):
            return there
    return await having(tx, network_id, Role.COORDINATOR)


async def reach(
    tx: Transaction,
    ids: Ids,
    network_id: str,
    first: Duty,
    key: str,
    facts: Mapping[str, object],
    about: About,
    dedupe: str,
    now: datetime,
) -> None:
    """Queue one urgent message for whoever is reachable, from the roster `first` on."""
    for colleague_id in await reachable(tx, network_id, first, now):
        recipient = ("colleague", colleague_id)
        await tell(tx, ids, network_id, recipient, key, facts, about, dedupe, now, urgent=True)
