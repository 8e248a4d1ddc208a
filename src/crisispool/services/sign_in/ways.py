"""What a colleague comes in with, passkeys and accounts of their organisation alike: counted, taken away, waiting."""

from collections.abc import Collection
from datetime import datetime

from crisispool.domain.errors import Refusal
from crisispool.domain.messenger import Invitation
from crisispool.domain.oidc import OidcLink
from crisispool.domain.passkey import Passkey
from crisispool.ports import Transaction
from crisispool.services.web_sessions import end_all


async def locked(
    tx: Transaction, colleague_id: str, issuers: Collection[str]
) -> tuple[list[Passkey], list[OidcLink]]:
    """Everything that this colleague can sign in with, locked: of two who take away the last two at once, one fails.

    An account counts as long as its provider is one of `issuers`.
    """
    keys = [each.id for each in await tx.find(Passkey, colleague_id=colleague_id)]
    links = [each.id for each in await tx.find(OidcLink, colleague_id=colleague_id)]
    passkeys, accounts = await tx.lock(Passkey, keys), await tx.lock(OidcLink, links)
    return passkeys, [each for each in accounts if each.issuer in issuers]


async def take_away(
    tx: Transaction, way: Passkey | OidcLink, colleague_id: str, now: datetime, *, but: str
) -> None:
    """This opens nothing any more, nor does any browser that it may have opened, save the session `but`."""
    await tx.remove(way)
    await end_all(tx, colleague_id, colleague_id, now, but=but)
    await note_removed(tx, way, colleague_id, now)


async def forget_all(tx: Transaction, colleague_id: str, by: str, now: datetime) -> None:
    """Nothing that this colleague came in with opens anything any more."""
    passkeys = [each.id for each in await tx.find(Passkey, colleague_id=colleague_id)]
    links = [each.id for each in await tx.find(OidcLink, colleague_id=colleague_id)]
    # Locked first: whoever is just signing in with one of them has their session when it is ended.
    ways: list[Passkey | OidcLink] = [*await tx.lock(Passkey, passkeys), *await tx.lock(OidcLink, links)]
    for way in ways:
        await tx.remove(way)
        await note_removed(tx, way, by, now)


async def forget_waiting(tx: Transaction, invitation_id: str) -> None:
    """What waited with this invitation for a coordinator is gone."""
    await tx.remove(*await tx.find(Passkey, invitation_id=invitation_id, colleague_id=None))
    await tx.remove(*await tx.find(OidcLink, invitation_id=invitation_id, colleague_id=None))


async def waiting_with(tx: Transaction, invitation_id: str) -> Passkey | OidcLink | None:
    """What waits with this invitation, locked; None when who used it had that already."""
    passkeys = await tx.find(Passkey, invitation_id=invitation_id, colleague_id=None)
    links = await tx.find(OidcLink, invitation_id=invitation_id, colleague_id=None)
    ways: list[Passkey | OidcLink] = [
        *await tx.lock(Passkey, [each.id for each in passkeys]),
        *await tx.lock(OidcLink, [each.id for each in links]),
    ]
    return ways[0] if ways else None


async def code_of(tx: Transaction, way: Passkey | OidcLink, otherwise: str) -> str:
    """The code that who waits reads to the coordinator. Refusal `otherwise` when nobody decides any more."""
    invitation = await tx.get(Invitation, way.invitation_id) if way.invitation_id else None
    if invitation is None or invitation.decided_at is not None:
        raise Refusal(otherwise)
    return invitation.code


async def note_removed(tx: Transaction, way: Passkey | OidcLink, by: str, now: datetime) -> None:
    """Write down that it is gone."""
    kind = "passkey" if isinstance(way, Passkey) else "oidc_link"
    action = "passkey.removed" if isinstance(way, Passkey) else "oidc.removed"
    await tx.audit(by, action, kind, way.id, now)
