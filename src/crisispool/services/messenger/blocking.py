"""A chat to which nothing can be brought: its person blocked the bot. Until something comes from there again."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from crisispool.domain.messenger import ChatView, LinkState, MessengerLink
from crisispool.ports import Transaction

SYSTEM: Final = "system"


async def blocked(tx: Transaction, link_id: str, now: datetime) -> None:
    """Nothing is brought there any more; what waits is told otherwise when its turn comes, which is now."""
    [link] = await tx.lock(MessengerLink, [link_id])
    if link.state in (LinkState.ACTIVE, LinkState.WAITING):
        await tx.save(replace(link, state=LinkState.BLOCKED, version=link.version + 1))
        await tx.audit(SYSTEM, "link.blocked", "messenger_link", link.id, now)
    for view in await tx.lock(ChatView, [link_id]):
        await tx.save(replace(view, next_try_at=None, version=view.version + 1))


async def heard_from(tx: Transaction, link: MessengerLink, now: datetime) -> MessengerLink:
    """Something came from this chat, so it is open again; the link as it is then."""
    if link.state is not LinkState.BLOCKED:
        return link
    [link] = await tx.lock(MessengerLink, [link.id])
    if link.state is not LinkState.BLOCKED:
        return link
    state = LinkState.ACTIVE if link.colleague_id else LinkState.WAITING
    opened = replace(link, state=state, version=link.version + 1)
    await tx.save(opened)
    for view in await tx.lock(ChatView, [link.id]):
        if view.wanted > view.shown:
            await tx.save(replace(view, next_try_at=now, tries=0, version=view.version + 1))
    await tx.audit(SYSTEM, "link.opened", "messenger_link", link.id, now)
    return opened
