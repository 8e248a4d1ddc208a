"""Invitations into the messenger: made for one person, used once, decided by a coordinator who hears the code."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from crisispool.domain.errors import NotThere, NotYourRole, Refusal
from crisispool.domain.messenger import Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import Actor, Colleague, Role, RoleGrant
from crisispool.domain.record import SetUp
from crisispool.ports import Store, Transaction, Vault
from crisispool.services.accounts import new_colleague
from crisispool.services.messages import having
from crisispool.services.messenger.for_whom import bound_to
from crisispool.services.messenger.incoming import look_again
from crisispool.services.messenger.links import end_link
from crisispool.services.messenger.newcomers import digest_of
from crisispool.services.parts import Parts, require

GOOD_FOR: Final = timedelta(hours=24)
BY_COMMAND: Final = "command"
NOT_ADMITTED: Final = "bot.not_admitted"

_BOT_NAME: Final = "bot_name"


@dataclass(frozen=True, slots=True)
class InviteAsk:
    """Who is invited: somebody new of a role at an organisation, or a colleague who is there already.

    With `colleague_id` the role is one that they get besides, or one that they have when there is none.
    """

    role: Role | None = None
    organisation_id: str | None = None
    colleague_id: str | None = None


class InvitationState(StrEnum):
    """How far an invitation is. `waiting`: used, and a coordinator must decide."""

    OPEN = "open"
    EXPIRED = "expired"
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class InvitationAnswer:
    """An invitation as who decides sees it. `code` is what the newcomer reads out, empty until it is used."""

    id: str
    state: InvitationState
    role: Role
    organisation_id: str | None
    colleague_id: str | None
    made_at: datetime
    expires_at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """A fresh invitation. `token` is its secret; `url` opens the bot with it, null until the bot's name is known."""

    id: str
    token: str
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Made:
    """What is kept of a new invitation: never its secret."""

    id: str
    expires_at: datetime


async def remember_bot(store: Store, name: str) -> None:
    """The bot is called so: from now on invitations are links to it."""
    async with store.transaction() as tx:
        known = await tx.get(SetUp, _BOT_NAME)
        if known is None:
            await tx.add(SetUp(_BOT_NAME, name))
        elif known.value != name:
            await tx.save(SetUp(_BOT_NAME, name))


class Invitations:
    """The invitations of a network."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def invite(self, actor: Actor, operation_id: str, ask: InviteAsk) -> InvitationLink:
        """A link for one person, for a day. Refusals: ``not_there``, ``bad_input``, ``organisation_needed``."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        return await self._invite(actor.network_id, actor.colleague_id, operation_id, ask)

    async def invite_by_command(self, ask: InviteAsk) -> InvitationLink:
        """The same, by who looks after the machine. Refusals: as `invite`."""
        return await self._invite(None, BY_COMMAND, f"invite:{self._parts.ids.new()}", ask)

    async def list(self, actor: Actor) -> list[InvitationAnswer]:
        """All that are neither over nor decided for longer than a day, the newest first."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            found = await tx.find(Invitation, network_id=actor.network_id, order=("-made_at",))
        return [_answer(each, now) for each in found if not _long_over(each, now)]

    async def approve(self, actor: Actor, operation_id: str, invitation_id: str) -> InvitationAnswer:
        """Let in who used it: a colleague of this role from now on, whose chat shows the start.

        Refusals: ``not_there``, ``invitation_unused``, ``invitation_decided``.
        """
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now = self._parts.now()

        async def work(tx: Transaction) -> InvitationAnswer:
            await _must_decide(tx, actor)
            invitation = await _open(tx, actor, invitation_id)
            if invitation.link_id is None:
                raise Refusal("invitation_unused")
            colleague_id = await self._let_in(tx, invitation, invitation.link_id, actor, now)
            decided = replace(
                invitation,
                decided_at=now,
                decided_by=actor.colleague_id,
                approved=True,
                colleague_id=colleague_id,
            )
            await tx.save(decided)
            await tx.audit(actor.colleague_id, "invitation.approved", "invitation", invitation.id, now)
            return _answer(decided, now)

        return await self._parts.operations.once(
            operation_id, "invitation.approve", invitation_id, now, InvitationAnswer, work
        )

    async def refuse(self, actor: Actor, operation_id: str, invitation_id: str) -> InvitationAnswer:
        """It is off: nobody can use it any more, or who used it is not let in. Refusals: as `approve`."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now = self._parts.now()

        async def work(tx: Transaction) -> InvitationAnswer:
            invitation = await _open(tx, actor, invitation_id)
            decided = replace(invitation, decided_at=now, decided_by=actor.colleague_id)
            await tx.save(decided)
            link = await tx.get(MessengerLink, invitation.link_id) if invitation.link_id else None
            if link is not None and link.colleague_id is None:
                await end_link(tx, link.id, actor.colleague_id, now, screen=NOT_ADMITTED)
            elif link is not None:
                await look_again(tx, link, f"refused:{invitation.id}", now)
            await tx.audit(actor.colleague_id, "invitation.refused", "invitation", invitation.id, now)
            return _answer(decided, now)

        return await self._parts.operations.once(
            operation_id, "invitation.refuse", invitation_id, now, InvitationAnswer, work
        )

    async def _invite(
        self, network_id: str | None, by: str, operation_id: str, ask: InviteAsk
    ) -> InvitationLink:
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> _Made:
            who = await bound_to(tx, network_id, ask.role, ask.organisation_id, ask.colleague_id)
            invitation_id = parts.ids.new()
            invitation = Invitation(
                id=invitation_id,
                network_id=who.network_id,
                digest=digest_of(parts.vault, _token(parts.vault, invitation_id)),
                role=who.role,
                organisation_id=who.organisation_id,
                colleague_id=ask.colleague_id,
                made_by=by,
                made_at=now,
                expires_at=now + GOOD_FOR,
            )
            await tx.add(invitation)
            await tx.audit(by, "invitation.made", "invitation", invitation_id, now, {"role": who.role})
            return _Made(invitation_id, invitation.expires_at)

        made = await parts.operations.once(operation_id, "invitation.make", ask, now, _Made, work)
        async with parts.store.reading() as tx:
            bot = await tx.get(SetUp, _BOT_NAME)
        token = _token(parts.vault, made.id)
        url = f"https://t.me/{bot.value}?start={token}" if bot else None
        return InvitationLink(made.id, token, url, made.expires_at)

    async def _let_in(
        self, tx: Transaction, invitation: Invitation, link_id: str, actor: Actor, now: datetime
    ) -> str:
        """The link becomes its colleague's, who has the role; the id of the colleague."""
        [link] = await tx.lock(MessengerLink, [link_id])
        colleague_id, language = link.colleague_id or invitation.colleague_id, link.language
        if colleague_id is None:
            made = await new_colleague(
                tx,
                self._parts.ids,
                invitation.network_id,
                invitation.role,
                invitation.organisation_id,
                actor.colleague_id,
                now,
                language=language,
            )
            colleague_id = made.id
        else:
            known = await tx.get(Colleague, colleague_id)
            language = known.language if known else language
            await _give_role(tx, self._parts, colleague_id, invitation.role, actor.colleague_id, now)
            # Who takes another telephone has one chat, the new one.
            for older in await tx.find(MessengerLink, colleague_id=colleague_id):
                if older.id != link_id:
                    await end_link(tx, older.id, actor.colleague_id, now)
        now_theirs = replace(link, state=LinkState.ACTIVE, colleague_id=colleague_id, language=language)
        active = replace(now_theirs, version=link.version + 1)
        await tx.save(active)
        await look_again(tx, active, f"approved:{invitation.id}", now)
        return colleague_id


async def _must_decide(tx: Transaction, actor: Actor) -> None:
    """Access to people's cases is a coordinator's to give; an admin lets in as long as there is none."""
    if not actor.is_(Role.COORDINATOR) and await having(tx, actor.network_id, Role.COORDINATOR):
        raise NotYourRole


async def _open(tx: Transaction, actor: Actor, invitation_id: str) -> Invitation:
    """The invitation, locked, when nobody decided about it yet."""
    found = await tx.lock(Invitation, [invitation_id])
    if not found or found[0].network_id != actor.network_id:
        raise NotThere("invitation")
    if found[0].decided_at is not None:
        raise Refusal("invitation_decided")
    return found[0]


async def _give_role(
    tx: Transaction, parts: Parts, colleague_id: str, role: Role, by: str, now: datetime
) -> None:
    # Locked, so that two approvals at once do not give one role twice.
    await tx.lock(Colleague, [colleague_id])
    if await tx.find(RoleGrant, colleague_id=colleague_id, role=role):
        return
    await tx.add(RoleGrant(parts.ids.new(), colleague_id, role))
    await tx.audit(by, "role.given", "colleague", colleague_id, now, {"role": role})


def _token(vault: Vault, invitation_id: str) -> str:
    """The secret in the link, made from its id: no row holds it, a repeat gives it again."""
    return vault.digest("invitation", invitation_id)[:40]


def _answer(invitation: Invitation, now: datetime) -> InvitationAnswer:
    return InvitationAnswer(
        invitation.id,
        _state(invitation, now),
        invitation.role,
        invitation.organisation_id,
        invitation.colleague_id,
        invitation.made_at,
        invitation.expires_at,
        invitation.code,
    )


def _state(invitation: Invitation, now: datetime) -> InvitationState:
    if invitation.decided_at is not None:
        return InvitationState.APPROVED if invitation.approved else InvitationState.REFUSED
    if invitation.used_at is not None:
        return InvitationState.WAITING
    return InvitationState.OPEN if now < invitation.expires_at else InvitationState.EXPIRED


def _long_over(invitation: Invitation, now: datetime) -> bool:
    over = invitation.decided_at
    if over is None and invitation.used_at is None:
        over = invitation.expires_at
    return over is not None and over + GOOD_FOR <= now
