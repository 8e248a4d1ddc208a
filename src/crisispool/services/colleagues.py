"""The colleagues of a network, for who gives access: by label and role, and what they come in with."""

from dataclasses import dataclass

from crisispool.domain.errors import NotThere
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.oidc import OidcLink
from crisispool.domain.organisation import Actor, Colleague, Organisation, Role, RoleGrant
from crisispool.domain.passkey import Passkey
from crisispool.ports import OneOf, Transaction
from crisispool.services.accounts import people_in
from crisispool.services.parts import Parts, require


@dataclass(frozen=True, slots=True)
class ColleagueAnswer:
    """One colleague. `passkey`, `account`, `messenger`: whether they can sign in on the board with a passkey, with an
    account of their organisation, and have the bot."""

    id: str
    label: str
    organisation: str
    roles: tuple[Role, ...]
    passkey: bool
    account: bool
    messenger: bool


@dataclass(frozen=True, slots=True)
class Workplace:
    """A service for which somebody can be invited."""

    id: str
    name: str


class Colleagues:
    """Who works here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def everybody(self, actor: Actor) -> list[ColleagueAnswer]:
        """Everybody who works here now, by label."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        async with self._parts.store.reading() as tx:
            found = await tx.find(Colleague, network_id=actor.network_id, active=True, order=("label",))
            return await _answers(tx, await people_in(tx, found))

    async def one(self, actor: Actor, colleague_id: str) -> ColleagueAnswer:
        """One of them. Raises NotThere."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        async with self._parts.store.reading() as tx:
            found = await tx.get(Colleague, colleague_id)
            if found is None or not found.active or found.network_id != actor.network_id:
                raise NotThere("colleague")
            answers = await _answers(tx, await people_in(tx, [found]))
        if not answers:
            raise NotThere("colleague")
        return answers[0]

    async def workplaces(self, actor: Actor) -> list[Workplace]:
        """The services of the network, by name."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        async with self._parts.store.reading() as tx:
            found = await tx.find(Organisation, network_id=actor.network_id, order=("name",))
        return [Workplace(each.id, each.name) for each in found]


async def _answers(tx: Transaction, colleagues: list[Colleague]) -> list[ColleagueAnswer]:
    ids = OneOf(tuple(each.id for each in colleagues))
    homes = OneOf(tuple({each.organisation_id for each in colleagues if each.organisation_id}))
    names = {each.id: each.name for each in await tx.find(Organisation, id=homes)}
    grants = await tx.find(RoleGrant, colleague_id=ids, order=("role",))
    keys = {each.colleague_id for each in await tx.find(Passkey, colleague_id=ids)}
    accounts = {each.colleague_id for each in await tx.find(OidcLink, colleague_id=ids)}
    links = {
        each.colleague_id for each in await tx.find(MessengerLink, colleague_id=ids, state=LinkState.ACTIVE)
    }
    return [
        ColleagueAnswer(
            each.id,
            each.label,
            names.get(each.organisation_id or "", ""),
            tuple(grant.role for grant in grants if grant.colleague_id == each.id),
            each.id in keys,
            each.id in accounts,
            each.id in links,
        )
        for each in colleagues
    ]
