"""The menu of commands of a chat: what each role finds there."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from crisispool.domain.messenger import ChatTurn, LinkState, MessengerLink
from crisispool.domain.organisation import Colleague, Role, RoleGrant
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
    role = _lead(actor.roles)
    own = ("menu", render(f"menu.menu.{role}", {}, link.language))
    rest = ((command, render(f"menu.{command}", {}, link.language)) for command in ALWAYS)
    return Wanted(_mark(link, role), (own, *rest))


async def with_other_menu(tx: Transaction) -> list[str]:
    """Links whose chat has another menu than its colleague's roles give: a look at all of them in few questions."""
    links = await tx.find(MessengerLink, state=LinkState.ACTIVE)
    at_work = {name for name, active in await tx.pick(Colleague, "id", "active") if active}
    has = dict(await tx.pick(ChatTurn, "id", "menu"))
    roles: defaultdict[str, set[Role]] = defaultdict(set)
    for colleague_id, role in await tx.pick(RoleGrant, "colleague_id", "role"):
        roles[colleague_id].add(role)
    return [
        link.id
        for link in links
        if link.colleague_id in at_work
        and has.get(link.id) != _mark(link, _lead(roles[link.colleague_id or ""]))
    ]


def _lead(roles: Collection[Role]) -> Role:
    return next((each for each in LEADS if each in roles), Role.ADMIN)


def _mark(link: MessengerLink, role: Role) -> str:
    return f"{EDITION}:{link.language}:{role}"
