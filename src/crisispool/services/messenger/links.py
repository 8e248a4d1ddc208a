"""Which colleague a messenger account belongs to: looked up anew at every update, ended within seconds."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crisispool.conversations.vocabulary import Screen
from crisispool.domain.errors import NotThere
from crisispool.domain.messenger import Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import Actor, Colleague, Role
from crisispool.domain.secret import Secret
from crisispool.ports import AtMost, OneOf, Transaction, Vault
from crisispool.services.accounts import actor_in
from crisispool.services.messenger.views import want
from crisispool.services.parts import Parts, require

ENDED: Final = "bot.ended"
"""What a chat shows when its link has ended: how it is, and no button."""


@dataclass(frozen=True, slots=True)
class MessengerLinkAnswer:
    """One linked account: whose it is by label, and how far it is. Nothing tells which account it is."""

    id: str
    state: LinkState
    made_at: datetime
    colleague_id: str | None = None
    colleague: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Who writes: the link, and its colleague with the present roles; no actor until a coordinator approved."""

    link: MessengerLink
    actor: Actor | None


def account_of(vault: Vault, number: int) -> str:
    """How the number of a messenger account is kept: nobody can tell the account from it."""
    return vault.digest("messenger_account", str(number))


async def known(tx: Transaction, account: str) -> Known | None:
    """Who this account is; None for a stranger, and for a colleague who does not work here any more."""
    found = await tx.find(MessengerLink, account=account)
    if not found:
        return None
    [link] = found
    if link.colleague_id is None:
        return Known(link, None)
    actor = await actor_in(tx, link.colleague_id)
    return Known(link, actor) if actor else None


async def end_link(
    tx: Transaction, link_id: str, by: str, now: datetime, *, screen: str = ENDED
) -> MessengerLink:
    """Nothing that comes from this account counts any more, and what it asked for is off; its chat shows `screen`.

    Twice is once.
    """
    [link] = await tx.lock(MessengerLink, [link_id])
    if link.state is LinkState.ENDED:
        return link
    ended = replace(link, state=LinkState.ENDED, account=None, ended_at=now, version=link.version + 1)
    await tx.save(ended)
    for asked in await tx.find(Invitation, link_id=link_id, decided_at=None):
        await tx.save(replace(asked, decided_at=now, decided_by=by))
    await want(tx, ended, [Screen(screen)], now)
    await tx.audit(by, "link.ended", "messenger_link", link.id, now)
    return ended


async def end_links_of_leavers(tx: Transaction, by: str, now: datetime) -> None:
    """Who does not work here any more is heard by nobody at once; from here on nothing is brought to them either."""
    gone = OneOf(tuple(each.id for each in await tx.find(Colleague, active=False)))
    for link in await tx.find(MessengerLink, colleague_id=gone):
        if link.state is not LinkState.ENDED:
            await end_link(tx, link.id, by, now)


async def forget_chats(tx: Transaction, before: datetime) -> None:
    """Of a link that ended before this moment nobody need know any more where its chat was."""
    for link in await tx.find(MessengerLink, state=LinkState.ENDED, ended_at=AtMost(before)):
        if link.chat:
            await tx.save(replace(link, chat=Secret(""), version=link.version + 1))


class MessengerLinks:
    """The linked accounts of a network, for who looks after them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def list(self, actor: Actor) -> list[MessengerLinkAnswer]:
        """Every account that is linked or waits to be, the newest first."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        living = OneOf(tuple(state for state in LinkState if state is not LinkState.ENDED))
        async with self._parts.store.reading() as tx:
            links = await tx.find(
                MessengerLink, network_id=actor.network_id, state=living, order=("-made_at",)
            )
            ids = OneOf(tuple(link.colleague_id for link in links if link.colleague_id))
            labels = {each.id: each.label for each in await tx.find(Colleague, id=ids)}
        return [_answer(link, labels.get(link.colleague_id or "")) for link in links]

    async def end(self, actor: Actor, operation_id: str, link_id: str) -> MessengerLinkAnswer:
        """This account is nobody's any more; what it sends from now on is a stranger's. Raises NotThere."""
        require(actor, Role.COORDINATOR, Role.ADMIN)
        now = self._parts.now()

        async def work(tx: Transaction) -> MessengerLinkAnswer:
            link = await tx.get(MessengerLink, link_id)
            if link is None or link.network_id != actor.network_id:
                raise NotThere("messenger_link")
            ended = await end_link(tx, link_id, actor.colleague_id, now)
            colleague = await tx.get(Colleague, ended.colleague_id) if ended.colleague_id else None
            return _answer(ended, colleague.label if colleague else None)

        return await self._parts.operations.once(
            operation_id, "link.end", link_id, now, MessengerLinkAnswer, work
        )


def _answer(link: MessengerLink, label: str | None) -> MessengerLinkAnswer:
    return MessengerLinkAnswer(link.id, link.state, link.made_at, link.colleague_id, label, link.ended_at)
