"""What does not pass by itself: those who look after the house are told, once a day."""

from typing import Final

import structlog

from crisispool.domain.organisation import Network, Role
from crisispool.services.messages import tell_role
from crisispool.services.parts import Parts

LOOK_AFTER: Final = (Role.ADMIN, Role.COORDINATOR)

log = structlog.get_logger(__name__)


async def alarm(parts: Parts, what: str) -> None:
    """Tell them ``inbox.<what>``, in every network, and the log at once. Raises Outage."""
    log.error("alarm", what=what)
    now = parts.now()
    once = f"{what}:{now.date()}"
    async with parts.store.transaction() as tx:
        for network in await tx.find(Network):
            for role in LOOK_AFTER:
                await tell_role(
                    tx,
                    parts.ids,
                    network.id,
                    role,
                    f"inbox.{what}",
                    {},
                    ("bot", what),
                    once,
                    now,
                    urgent=True,
                )
