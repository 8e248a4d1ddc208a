"""A coordinator decided about who used an invitation: they are let in, with their chat or their browser, or not."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from crisispool.domain.language import FIRST
from crisispool.domain.messenger import Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import Actor, Colleague, Role, RoleGrant
from crisispool.domain.passkey import Passkey
from crisispool.ports import Transaction
from crisispool.services.accounts import new_colleague
from crisispool.services.messenger.incoming import look_again
from crisispool.services.messenger.links import end_link
from crisispool.services.parts import Parts
from crisispool.services.sign_in.ways import forget_all, forget_waiting, waiting_with
from crisispool.services.web_sessions import end_all

NOT_ADMITTED: Final = "bot.not_admitted"


async def let_in(tx: Transaction, parts: Parts, invitation: Invitation, actor: Actor, now: datetime) -> str:
    """Who used it is a colleague of this role from now on; the id of the colleague."""
    if invitation.link_id is None:
        return await _with_a_browser(tx, parts, invitation, actor, now)
    [link] = await tx.lock(MessengerLink, [invitation.link_id])
    known_id = link.colleague_id or invitation.colleague_id
    who = await _colleague(tx, parts, invitation, known_id, link.language, actor.colleague_id, now)
    if known_id is not None:
        # Who takes another telephone has one chat, the new one.
        for older in await tx.find(MessengerLink, colleague_id=who.id):
            if older.id != link.id:
                await end_link(tx, older.id, actor.colleague_id, now)
    now_theirs = replace(link, state=LinkState.ACTIVE, colleague_id=who.id, language=who.language)
    active = replace(now_theirs, version=link.version + 1)
    await tx.save(active)
    await look_again(tx, active, f"approved:{invitation.id}", now)
    return who.id


async def turn_away(tx: Transaction, invitation: Invitation, by: str, now: datetime) -> None:
    """Who used it, if anybody did, is not let in."""
    await forget_waiting(tx, invitation.id)
    link = await tx.get(MessengerLink, invitation.link_id) if invitation.link_id else None
    if link is not None and link.colleague_id is None:
        await end_link(tx, link.id, by, now, screen=NOT_ADMITTED)
    elif link is not None:
        await look_again(tx, link, f"refused:{invitation.id}", now)


async def forget_browsers(tx: Transaction, colleague_id: str, by: str, now: datetime) -> None:
    """This colleague lost what they sign in with: no passkey, no account of their organisation and no older invitation
    opens anything any more, nobody is signed in. The messenger stays as it is."""
    for older in await tx.find(Invitation, colleague_id=colleague_id, decided_at=None, link_id=None):
        await tx.save(replace(older, decided_at=now, decided_by=by))
        await turn_away(tx, older, by, now)
        await tx.audit(by, "invitation.refused", "invitation", older.id, now)
    await forget_all(tx, colleague_id, by, now)
    await end_all(tx, colleague_id, by, now)


async def _with_a_browser(
    tx: Transaction, parts: Parts, invitation: Invitation, actor: Actor, now: datetime
) -> str:
    way = await waiting_with(tx, invitation.id)
    language = way.language if way else FIRST
    known_id = invitation.colleague_id
    who = await _colleague(tx, parts, invitation, known_id, language, actor.colleague_id, now)
    if isinstance(way, Passkey):
        await tx.save(replace(way, colleague_id=who.id, version=way.version + 1))
    elif way is not None:
        await tx.save(replace(way, colleague_id=who.id))
    return who.id


async def _colleague(
    tx: Transaction,
    parts: Parts,
    invitation: Invitation,
    known_id: str | None,
    language: str,
    by: str,
    now: datetime,
) -> Colleague:
    """The colleague that it is for, who has the role from now on; somebody new when it is for nobody in particular."""
    # Locked, so that two approvals at once do not give one role twice.
    known = await tx.lock(Colleague, [known_id]) if known_id else []
    if not known:
        home = invitation.organisation_id
        return await new_colleague(
            tx, parts.ids, invitation.network_id, invitation.role, home, by, now, language=language
        )
    await _give_role(tx, parts, known[0].id, invitation.role, by, now)
    return known[0]


async def _give_role(
    tx: Transaction, parts: Parts, colleague_id: str, role: Role, by: str, now: datetime
) -> None:
    if await tx.find(RoleGrant, colleague_id=colleague_id, role=role):
        return
    await tx.add(RoleGrant(parts.ids.new(), colleague_id, role))
    await tx.audit(by, "role.given", "colleague", colleague_id, now, {"role": role})
