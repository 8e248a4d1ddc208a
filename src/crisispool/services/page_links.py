"""Links to pages of our own: made, bound to one browser or to a mailbox, silent when they do not work."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.errors import NotThere
from crisispool.domain.language import FIRST
from crisispool.domain.organisation import Actor, Colleague, Organisation
from crisispool.domain.record import Message, PageLink
from crisispool.ports import Transaction, Vault

EXPIRES_AFTER: Final = timedelta(hours=24)
PURPOSES: Final = {
    "access": "booking",
    "identity": "booking",
    "contact": "request",
    "case": "handover",
    "night_list": "night_list",
}
"""What a page of a colleague shows, and the kind of thing it is about."""

SERVICE: Final = "service"
"""The purpose of a page of a service, which is about a message."""
SERVICE_EXPIRES_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PageFront:
    """What a link leads to, before anybody opens it."""

    purpose: str
    expires_at: datetime
    language: str


async def reader_of(tx: Transaction, link: PageLink) -> str:
    """The language of whoever the link was made for."""
    reader: Colleague | Organisation | None = None
    if link.colleague_id is not None:
        reader = await tx.get(Colleague, link.colleague_id)
    elif link.organisation_id is not None:
        reader = await tx.get(Organisation, link.organisation_id)
    return reader.language if reader else FIRST


def digest(text: str) -> str:
    """How a token or the secret of a browser is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def token_of(vault: Vault, link_id: str) -> str:
    """The secret in a link's address, made from its id: no row holds it, a repeat gives it again."""
    return vault.digest("page", link_id)[:40]


async def new_link(
    tx: Transaction, vault: Vault, link_id: str, actor: Actor, purpose: str, subject_id: str, now: datetime
) -> None:
    """Keep a new link for this colleague."""
    await tx.add(
        PageLink(
            id=link_id,
            network_id=actor.network_id,
            digest=digest(token_of(vault, link_id)),
            purpose=purpose,
            subject_id=subject_id,
            colleague_id=actor.colleague_id,
            created_at=now,
            expires_at=now + EXPIRES_AFTER,
        )
    )


async def link_to_service(
    tx: Transaction, vault: Vault, link_id: str, message: Message, service: Organisation, now: datetime
) -> PageLink:
    """The link of a service to the page of a message, made the first time. Whoever reads its mailbox has it."""
    known = await tx.get(PageLink, link_id)
    if known is not None:
        return known
    link = PageLink(
        id=link_id,
        network_id=message.network_id,
        digest=digest(token_of(vault, link_id)),
        purpose=SERVICE,
        subject_id=message.id,
        colleague_id=None,
        created_at=now,
        expires_at=now + SERVICE_EXPIRES_AFTER,
        organisation_id=service.id,
    )
    await tx.add(link)
    return link


async def link_of(tx: Transaction, token: str) -> PageLink | None:
    """The link that this is the secret of, living or not."""
    found = await tx.find(PageLink, digest=digest(token))
    return found[0] if found else None


async def living(tx: Transaction, token: str, now: datetime) -> PageLink:
    """The link of a token. NotThere alike for one that never was, is over, or was bound and ran out."""
    found = await link_of(tx, token)
    if found is None or now >= found.expires_at or _ran_out(found, now):
        raise NotThere("page")
    return found


async def bound(tx: Transaction, token: str, browser: str, now: datetime) -> PageLink:
    """The link of a token in the browser that it was bound to. NotThere in any other."""
    link = await living(tx, token, now)
    if link.bound_digest is None or not secrets.compare_digest(link.bound_digest, digest(browser)):
        raise NotThere("page")
    return link


async def bind(tx: Transaction, token: str, browser: str, now: datetime, lasts: timedelta) -> PageLink:
    """Bind the link to this browser; twice is once. NotThere when another was first."""
    found = await living(tx, token, now)
    [link] = await tx.lock(PageLink, [found.id])
    if link.bound_digest is None:
        link = replace(link, bound_digest=digest(browser), bound_until=now + lasts)
        await tx.save(link)
    elif not secrets.compare_digest(link.bound_digest, digest(browser)):
        raise NotThere("page")
    return link


def _ran_out(link: PageLink, now: datetime) -> bool:
    return link.bound_until is not None and now >= link.bound_until
