"""The menu of commands of a chat: what each role finds there."""

from dataclasses import dataclass
from typing import Final

from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.organisation import Role
from crisispool.ports import Transaction
from crisispool.services.accounts import actor_in
from crisispool.texts.render import render

EDITION: Final = 1
"""Rises when the commands change, so that every chat gets the new ones."""

LEADS: Final = (
    Role.CALLTAKER,
    Role.COORDINATOR,
    Role.SUPPORT_WORKER,
    Role.UNIT_MANAGER,
    Role.REFERRER,
    Role.COUNCIL,
    Role.ADMIN,
)
"""Of several roles the one after which the menu is called."""

ALWAYS: Final = ("help", "stop", "taal", "unlink")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The commands of a chat, each with what it does; `mark` tells whether they are the same."""

    mark: str
    commands: tuple[tuple[str, str], ...]


async def menu_of(tx: Transaction, link: MessengerLink) -> Wanted | None:
    """What the menu of this chat should be; None for nobody's chat."""
    if link.state is not LinkState.ACTIVE or link.colleague_id is None:
        return None
    actor = await actor_in(tx, link.colleague_id)
    if actor is None:
        return None
    role = next((each for each in LEADS if actor.is_(each)), Role.ADMIN)
    own = ("menu", render(f"menu.menu.{role}", {}, link.language))
    rest = ((command, render(f"menu.{command}", {}, link.language)) for command in ALWAYS)
    return Wanted(f"{EDITION}:{link.language}:{role}", (own, *rest))
