"""What every service works with, put together once by `app`."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.errors import NotYourRole
from crisispool.domain.organisation import Actor, Role
from crisispool.ports import Clock, Ids, Store, Vault
from crisispool.services.facts import Facts
from crisispool.services.live_view import LiveView
from crisispool.services.operations import Operations


@dataclass(frozen=True)
class Parts:
    """The ports, the facts and the machinery that use cases share."""

    store: Store
    clock: Clock
    ids: Ids
    vault: Vault
    facts: Facts
    view: LiveView
    operations: Operations

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()


def require(actor: Actor, *roles: Role) -> None:
    """Raise NotYourRole unless the actor has one of these roles."""
    if not actor.is_(*roles):
        raise NotYourRole
