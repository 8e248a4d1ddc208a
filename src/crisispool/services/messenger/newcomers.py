"""Somebody opens an invitation: it is used once, whoever else taps it, and the coordinators hear of it with a code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Final

from crisispool.domain.messenger import Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import Actor, Colleague, Network, Organisation, Role
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction, Vault
from crisispool.services.messages import having, tell_role
from crisispool.services.messenger.links import end_link
from crisispool.services.parts import Parts

BY_ITSELF: Final = "messenger"
"""Who did what nobody in particular did, in the audit."""

OF_NOBODY, OF_OTHERS, HAS_ROLE, USED = "of_nobody", "of_others", "has_role", "used"
"""What an invitation is to who opens it: worth nothing, for somebody else, nothing new, or theirs from now on."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """An account that nobody knows: how it is kept, where to write to it, the language of its telephone."""

    account: str
    chat: int
    language: str


def digest_of(vault: Vault, token: str) -> str:
    """How the secret of an invitation is kept."""
    return vault.digest("invitation_token", token)


async def could_use(tx: Transaction, digest: str, now: datetime) -> bool:
    """Whether this is the secret of an invitation that a stranger could still use."""
    found = await tx.find(Invitation, digest=digest)
    return bool(found) and is_usable(found[0], now)


async def come_in(
    tx: Transaction, parts: Parts, digest: str, stranger: Stranger, now: datetime
) -> MessengerLink | None:
    """The invitation is used by this account, which now waits for a coordinator; None when it is worth nothing."""
    invitation = await _usable(tx, digest, now)
    if invitation is None:
        return None
    for left in await tx.find(MessengerLink, account=stranger.account):
        # Of a colleague who does not work here any more: an account has one living link.
        await end_link(tx, left.id, BY_ITSELF, now)
    link = MessengerLink(
        id=parts.ids.new(),
        network_id=invitation.network_id,
        account=stranger.account,
        chat=Secret(str(stranger.chat)),
        state=LinkState.WAITING,
        language=stranger.language,
        made_at=now,
    )
    await tx.add(link)
    await use(tx, parts, invitation, link.id, now)
    return link


async def use_as_colleague(
    tx: Transaction, parts: Parts, digest: str, link: MessengerLink, actor: Actor, now: datetime
) -> str:
    """A colleague opens one more invitation: for a role besides the ones they have. What it is to them."""
    invitation = await _usable(tx, digest, now)
    if invitation is None or invitation.network_id != link.network_id:
        return OF_NOBODY
    if invitation.colleague_id not in (None, actor.colleague_id):
        return OF_OTHERS
    # A colleague works for one service: another one would see what is the first one's.
    if invitation.organisation_id not in (None, actor.organisation_id):
        return OF_OTHERS
    if actor.is_(invitation.role):
        return HAS_ROLE
    await use(tx, parts, replace(invitation, colleague_id=actor.colleague_id), link.id, now)
    return USED


async def asked_with(tx: Transaction, link_id: str) -> Invitation | None:
    """The invitation that this account used and that nobody decided about yet."""
    found = await tx.find(Invitation, link_id=link_id, decided_at=None, order=("used_at",))
    return found[0] if found else None


async def _usable(tx: Transaction, digest: str, now: datetime) -> Invitation | None:
    """Locked first and looked at then: of two who tap at once, one finds it used."""
    found = await tx.find(Invitation, digest=digest)
    if not found:
        return None
    [invitation] = await tx.lock(Invitation, [found[0].id])
    return invitation if is_usable(invitation, now) else None


def is_usable(invitation: Invitation, now: datetime) -> bool:
    """Whether somebody could still come in with it."""
    fresh = invitation.used_at is None and invitation.decided_at is None
    return fresh and now < invitation.expires_at


async def use(
    tx: Transaction, parts: Parts, invitation: Invitation, link_id: str | None, now: datetime
) -> str:
    """It is used, by the account of this link or by a browser, and who decides hears of it; the code to read out."""
    waiting = await tx.find(Invitation, network_id=invitation.network_id, decided_at=None)
    code = _code(parts.vault, invitation.id, [each.code for each in waiting])
    await tx.save(replace(invitation, used_at=now, link_id=link_id, code=code))
    key, facts = await _who(tx, invitation)
    deciders = Role.COORDINATOR
    if not await having(tx, invitation.network_id, deciders):
        deciders = Role.ADMIN
    about, once = ("invitation", invitation.id), f"newcomer:{invitation.id}"
    await tell_role(
        tx,
        parts.ids,
        invitation.network_id,
        deciders,
        key,
        {**facts, "entry_code": code},
        about,
        once,
        now,
        urgent=True,
    )
    await tx.audit(BY_ITSELF, "invitation.used", "invitation", invitation.id, now)
    return code


async def _who(tx: Transaction, invitation: Invitation) -> tuple[str, dict[str, object]]:
    """What a coordinator is told of who asks to come in: the role, and the service or the colleague."""
    if invitation.colleague_id is not None:
        colleague = await tx.get(Colleague, invitation.colleague_id)
        return f"newcomer.known_{invitation.role}", {"who": colleague.label if colleague else ""}
    where: Organisation | Network | None = None
    if invitation.organisation_id is not None:
        where = await tx.get(Organisation, invitation.organisation_id)
    else:
        where = await tx.get(Network, invitation.network_id)
    return f"newcomer.{invitation.role}", {"organisation": where.name if where else ""}


def _code(vault: Vault, invitation_id: str, taken: Sequence[str]) -> str:
    """Four digits to read out, of no other who waits."""
    for number in count():
        code = f"{int(vault.digest('invitation_code', f'{invitation_id}:{number}')[:12], 16) % 10_000:04}"
        if code not in taken:
            return code
    raise AssertionError("unreachable")
