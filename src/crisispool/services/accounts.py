"""Who is asking: colleagues, their roles, their tokens."""

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.errors import NotThere, NotYourRole, Outage, Refusal
from crisispool.domain.organisation import (
    Actor,
    ApiToken,
    Colleague,
    Membership,
    Organisation,
    OrganisationKind,
    Role,
    RoleGrant,
    ServiceAccount,
)
from crisispool.domain.secret import Secret
from crisispool.ports import Clock, Ids, OneOf, Store, Transaction

HOME: dict[Role, OrganisationKind] = {
    Role.REFERRER: OrganisationKind.POLICE,
    Role.UNIT_MANAGER: OrganisationKind.OCMW,
    Role.SUPPORT_WORKER: OrganisationKind.CAW,
}
"""The kind of organisation that a person of a role is made at when none is named."""


def digest_of(token: str) -> str:
    """How a token is kept: only whoever holds it can find it."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class TokenMade:
    """A fresh token, told once, and whose it is."""

    token: str
    colleague_id: str


class Accounts:
    """Colleagues and their API tokens."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def actor_of_token(self, token: str) -> Actor | None:
        """Who holds this token; None when nobody does, or it was revoked or is too old."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            found = await tx.find(ApiToken, digest=digest_of(token), revoked_at=None)
            ends = found[0].expires_at if found else None
            if not found or (ends is not None and now >= ends):
                return None
            actor = await actor_in(tx, found[0].colleague_id)
            program = await tx.get(ServiceAccount, found[0].id) if ends is not None else None
        today = now.astimezone(BRUSSELS).date()
        if actor is not None and program is not None and program.used_on != today:
            await self._used(program.id, today)
        return actor

    async def actor_of(self, colleague_id: str) -> Actor | None:
        """This colleague with the present roles; None when there is none, or not any more."""
        async with self._store.reading() as tx:
            return await actor_in(tx, colleague_id)

    async def token_for(self, colleague_id: str) -> TokenMade:
        """A new API token for a colleague. Raises NotThere."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            if await actor_in(tx, colleague_id) is None:
                raise NotThere("colleague")
            return await self._make(tx, colleague_id, now)

    async def token_for_role(self, role: Role, organisation_id: str | None) -> TokenMade:
        """Make a person of this role at an organisation, with a token.

        Refusals: ``not_there``, ``organisation_needed`` (several would do).
        """
        now = self._clock.now()
        async with self._store.transaction() as tx:
            organisation = await home_of(tx, role, organisation_id)
            network_id = organisation.network_id if organisation else await loaded_network(tx)
            home = organisation.id if organisation else None
            colleague = await new_colleague(tx, self._ids, network_id, role, home, "command", now)
            return await self._make(tx, colleague.id, now)

    async def revoke(self, token: str) -> None:
        """This token opens nothing any more. Raises NotThere."""
        async with self._store.transaction() as tx:
            found = await tx.find(ApiToken, digest=digest_of(token), revoked_at=None)
            if not found:
                raise NotThere("token")
            now = self._clock.now()
            await tx.save(replace(found[0], revoked_at=now))
            await tx.audit("command", "token.revoked", "colleague", found[0].colleague_id, now)

    async def _used(self, program_id: str, today: date) -> None:
        """A program called today. Whether that could be written down is not what it asked."""
        with suppress(Outage):
            async with self._store.transaction() as tx:
                for program in await tx.lock(ServiceAccount, [program_id]):
                    await tx.save(replace(program, used_on=today))

    async def _make(self, tx: Transaction, colleague_id: str, now: datetime) -> TokenMade:
        token = self._ids.token()
        await tx.add(ApiToken(self._ids.new(), colleague_id, digest_of(token), now))
        await tx.audit("command", "token.made", "colleague", colleague_id, now)
        return TokenMade(token, colleague_id)


async def actor_in(tx: Transaction, colleague_id: str) -> Actor | None:
    """This colleague with the present roles; None when there is none, or not any more."""
    colleague = await tx.get(Colleague, colleague_id)
    if colleague is None or not colleague.active:
        return None
    home = colleague.organisation_id
    organisation = await tx.get(Organisation, home) if home else None
    grants = await tx.find(RoleGrant, colleague_id=colleague_id)
    return Actor(
        colleague_id=colleague.id,
        network_id=colleague.network_id,
        organisation_id=home,
        organisation_kind=organisation.kind if organisation else None,
        roles=frozenset(grant.role for grant in grants),
        language=colleague.language,
    )


async def still_here(tx: Transaction, actor: Actor) -> Colleague:
    """The asker, locked, so that what they take on now is not left with somebody who leaves at this moment.

    Raises NotYourRole when they left since they came in.
    """
    found = await tx.lock(Colleague, [actor.colleague_id])
    if not found or not found[0].active:
        raise NotYourRole
    return found[0]


async def without_programs(tx: Transaction, colleague_ids: Collection[str]) -> set[str]:
    """Those of these colleagues who are people: nobody talks to a program, or gives it a shift or a case."""
    programs = await tx.find(ServiceAccount, colleague_id=OneOf(tuple(colleague_ids)))
    return set(colleague_ids) - {each.colleague_id for each in programs}


async def must_be_a_person(tx: Transaction, actor: Actor) -> None:
    """A program takes no shift: nobody would answer. Raises NotYourRole."""
    if not await without_programs(tx, (actor.colleague_id,)):
        raise NotYourRole


async def people_in(tx: Transaction, colleagues: Sequence[Colleague]) -> list[Colleague]:
    """Those of these colleagues who are people, in the same order."""
    people = await without_programs(tx, [each.id for each in colleagues])
    return [each for each in colleagues if each.id in people]


async def new_colleague(
    tx: Transaction,
    ids: Ids,
    network_id: str,
    role: Role,
    organisation_id: str | None,
    by: str,
    now: datetime,
    *,
    language: str = "nl",
) -> Colleague:
    """Somebody new of this role, without a name: only a label that others may see."""
    number = len(await tx.find(RoleGrant, role=role)) + 1
    colleague = Colleague(
        id=f"{role.value}-{ids.new()[:8].lower()}",
        network_id=network_id,
        organisation_id=organisation_id,
        label=f"{role.value} {number}",
        name=Secret(""),
        phone=Secret(""),
        language=language,
        created_at=now,
    )
    await tx.add(colleague)
    await tx.add(RoleGrant(ids.new(), colleague.id, role))
    await tx.audit(by, "colleague.made", "colleague", colleague.id, now, {"role": role})
    return colleague


async def home_of(tx: Transaction, role: Role, organisation_id: str | None) -> Organisation | None:
    """Where somebody new of this role works. Refusals: ``not_there``, ``organisation_needed`` (several would do)."""
    if organisation_id is not None:
        organisation = await tx.get(Organisation, organisation_id)
        if organisation is None:
            raise NotThere("organisation")
        return organisation
    kind = HOME.get(role)
    if kind is None:
        return None
    found = await tx.find(Organisation, kind=kind, order=("id",))
    if len(found) != 1:
        raise Refusal("organisation_needed", {"organisations": [each.id for each in found]})
    return found[0]


async def loaded_network(tx: Transaction) -> str:
    """The network of the set-up; one that is only named by another's region has no municipalities."""
    members = {membership.network_id for membership in await tx.find(Membership)}
    if not members:
        raise NotThere("network")
    return min(members)
