"""Programs that call the interface, and tokens of people: who gives access sees them, makes one, ends one at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.errors import BadInput, NotThere, NotYourRole
from crisispool.domain.organisation import (
    Actor,
    ApiToken,
    Colleague,
    Organisation,
    Role,
    RoleGrant,
    ServiceAccount,
)
from crisispool.domain.secret import Secret
from crisispool.ports import OneOf, Transaction, Vault
from crisispool.services.accounts import digest_of, home_of, new_colleague
from crisispool.services.parts import Parts, require

LONGEST_NAME: Final = 60
LONGEST: Final = timedelta(days=366)
"""Nobody remembers for longer what a token was for."""

MADE_BY: Final[Mapping[Role, tuple[Role, ...]]] = {
    Role.COORDINATOR: (
        Role.REFERRER,
        Role.CALLTAKER,
        Role.UNIT_MANAGER,
        Role.SUPPORT_WORKER,
        Role.COUNCIL,
    ),
    Role.ADMIN: (Role.REFERRER, Role.UNIT_MANAGER, Role.COUNCIL),
}
"""Which roles somebody of a role may give a program. Access to cases is a coordinator's to give; nobody gives a
program the right to give access."""


@dataclass(frozen=True, slots=True)
class ServiceAccountAsk:
    """A new program. `until`: the last day on which its token works."""

    name: str
    role: Role
    until: date
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccountMade:
    """A new token, which is told this once."""

    id: str
    name: str
    token: str
    until: date


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """One token that was not ended.

    `name` is that of a program, empty for a token of a person, who is `label`. `made_by` is empty when a command made
    it. `used_on` and `until` are None where they are not kept: for people. `over`: it works no more.
    """

    id: str
    name: str
    label: str
    organisation: str
    roles: tuple[Role, ...]
    made_at: datetime
    made_by: str
    used_on: date | None
    until: date | None
    over: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """What is kept of a new token: never the token, nor what it is called."""

    id: str


class ServiceAccounts:
    """The tokens of a network."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def roles_for(self, actor: Actor) -> tuple[Role, ...]:
        """The roles that this colleague may give a program."""
        may = {role for mine, given in MADE_BY.items() if actor.is_(mine) for role in given}
        return tuple(role for role in Role if role in may)

    def today(self) -> date:
        """The first day that a token can be for."""
        return _day(self._parts.now())

    async def list(self, actor: Actor) -> list[TokenAnswer]:
        """Every token of the network that was not ended, the newest first."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            tokens = await tx.find(ApiToken, revoked_at=None, order=("-created_at",))
            programs = {each.id: each for each in await tx.find(ServiceAccount)}
            people = {each.id: each for each in await tx.find(Colleague, network_id=actor.network_id)}
            here = [each for each in tokens if each.colleague_id in people]
            ids = OneOf(tuple({each.colleague_id for each in here}))
            grants = await tx.find(RoleGrant, colleague_id=ids, order=("role",))
            homes = OneOf(tuple({each.organisation_id for each in people.values() if each.organisation_id}))
            names = {each.id: each.name for each in await tx.find(Organisation, id=homes)}
        answers = []
        for token in here:
            who, program = people[token.colleague_id], programs.get(token.id)
            roles = tuple(each.role for each in grants if each.colleague_id == who.id)
            maker = people.get(program.made_by) if program else None
            answers.append(
                TokenAnswer(
                    token.id,
                    program.name.reveal() if program else "",
                    who.label,
                    names.get(who.organisation_id or "", ""),
                    roles,
                    token.created_at,
                    maker.label if maker else "",
                    program.used_on if program else None,
                    _day(token.expires_at - timedelta(seconds=1)) if token.expires_at else None,
                    token.expires_at is not None and now >= token.expires_at,
                )
            )
        return answers

    async def make(self, actor: Actor, operation_id: str, ask: ServiceAccountAsk) -> ServiceAccountMade:
        """A program with a token of its own.

        Refusals: ``bad_input`` (`name`, `until`), ``organisation_needed``, ``not_there``.
        """
        require(actor, Role.COORDINATOR, Role.ADMIN)
        if ask.role not in self.roles_for(actor):
            raise NotYourRole
        parts, now, name = self._parts, self._parts.now(), " ".join(ask.name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadInput("name", "missing" if not name else "not_valid")
        if not self.today() <= ask.until <= self.today() + LONGEST:
            raise BadInput("until", "within_a_year")

        async def work(tx: Transaction) -> _Made:
            organisation = await home_of(tx, ask.role, ask.organisation_id)
            if organisation is not None and organisation.network_id != actor.network_id:
                raise NotThere("organisation")
            by, home = actor.colleague_id, organisation.id if organisation else None
            colleague = await new_colleague(tx, parts.ids, actor.network_id, ask.role, home, by, now)
            token_id = parts.ids.new()
            digest = digest_of(_token(parts.vault, token_id))
            await tx.add(
                ApiToken(token_id, colleague.id, digest, now, expires_at=_end_of(ask.until)),
                ServiceAccount(token_id, colleague.id, Secret(name), by),
            )
            await tx.audit(by, "token.made", "colleague", colleague.id, now, {"role": ask.role})
            return _Made(token_id)

        made = await parts.operations.once(operation_id, "service_account.make", ask, now, _Made, work)
        return ServiceAccountMade(made.id, name, _token(parts.vault, made.id), ask.until)

    async def end(self, actor: Actor, operation_id: str, token_id: str) -> None:
        """This token opens nothing any more; its program is no colleague any more. Raises NotThere."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now, by = self._parts.now(), actor.colleague_id

        async def work(tx: Transaction) -> _Made:
            found = await tx.lock(ApiToken, [token_id])
            who = await tx.get(Colleague, found[0].colleague_id) if found else None
            if who is None or who.network_id != actor.network_id or found[0].revoked_at is not None:
                raise NotThere("token")
            await tx.save(replace(found[0], revoked_at=now))
            await tx.audit(by, "token.revoked", "colleague", who.id, now)
            if await tx.get(ServiceAccount, token_id) is not None:
                [program] = await tx.lock(Colleague, [who.id])
                await tx.save(replace(program, active=False))
            return _Made(token_id)

        await self._parts.operations.once(operation_id, "service_account.end", token_id, now, _Made, work)


def _token(vault: Vault, token_id: str) -> str:
    """The secret, made from its id: no row holds it, a repeat gives it again."""
    return vault.digest("service_account", token_id)[:48]


def _day(moment: datetime) -> date:
    return moment.astimezone(BRUSSELS).date()


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), BRUSSELS)


async def programs_of(tx: Transaction, colleague_id: str, now: datetime) -> tuple[str, ...]:
    """Names of the programs that this colleague made, and so may know the token of, and that still may call."""
    made = {each.id: each for each in await tx.find(ServiceAccount, made_by=colleague_id)}
    living = await tx.find(ApiToken, id=OneOf(tuple(made)), revoked_at=None)
    still = [each for each in living if each.expires_at is None or now < each.expires_at]
    return tuple(sorted(made[each.id].name.reveal() for each in still))
