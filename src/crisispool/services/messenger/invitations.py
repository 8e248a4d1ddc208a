"""Invitations, into the messenger or onto the board: for one person, used once, decided by who hears the code."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from crisispool.domain.errors import NotThere, NotYourRole, Refusal
from crisispool.domain.messenger import Invitation
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.record import SetUp
from crisispool.ports import Store, Transaction, Vault
from crisispool.services.messages import having
from crisispool.services.messenger.for_whom import bound_to
from crisispool.services.messenger.letting_in import forget_browsers, let_in, turn_away
from crisispool.services.messenger.newcomers import digest_of
from crisispool.services.parts import Parts, require
from crisispool.services.sign_in.ceremony import Site

GOOD_FOR: Final = timedelta(hours=24)
BY_COMMAND: Final = "command"

_BOT_NAME: Final = "bot_name"


@dataclass(frozen=True, slots=True)
class InviteAsk:
    """Who is invited: somebody new of a role at an organisation, or a colleague who is there already.

    With `colleague_id` the role is one that they get besides, or one that they have when there is none. `anew`: that
    colleague lost what they sign in with on the board; their passkeys and sessions end at once.
    """

    role: Role | None = None
    organisation_id: str | None = None
    colleague_id: str | None = None
    anew: bool = False


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
    """A fresh invitation. `token` is its secret; `url` opens the bot with it, null until the bot's name is known;
    `page` opens the board with it, null when browsers make no passkeys for our address."""

    id: str
    token: str
    url: str | None
    page: str | None
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

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts = parts
        self._site = site

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
            if invitation.used_at is None:
                raise Refusal("invitation_unused")
            colleague_id = await let_in(tx, self._parts, invitation, actor, now)
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
            await turn_away(tx, invitation, actor.colleague_id, now)
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
            if ask.anew and ask.colleague_id is not None:
                await forget_browsers(tx, ask.colleague_id, by, now)
            await tx.add(invitation)
            await tx.audit(by, "invitation.made", "invitation", invitation_id, now, {"role": who.role})
            return _Made(invitation_id, invitation.expires_at)

        made = await parts.operations.once(operation_id, "invitation.make", ask, now, _Made, work)
        async with parts.store.reading() as tx:
            bot = await tx.get(SetUp, _BOT_NAME)
        token = _token(parts.vault, made.id)
        url = f"https://t.me/{bot.value}?start={token}" if bot else None
        page = f"{self._site.origin}/invited/{token}" if self._site.can_have_passkeys else None
        return InvitationLink(made.id, token, url, page, made.expires_at)


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
