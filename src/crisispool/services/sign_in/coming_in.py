"""Somebody opens an invitation in a browser: a passkey is made with it, which waits for a coordinator."""

from dataclasses import dataclass

from crisispool.domain.errors import NotThere
from crisispool.domain.messenger import Invitation
from crisispool.domain.organisation import Colleague, Network, Organisation, Role
from crisispool.domain.passkey import Ceremony, Passkey
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction
from crisispool.services.messenger.newcomers import digest_of, is_usable, use
from crisispool.services.parts import Parts
from crisispool.services.sign_in import ceremony
from crisispool.services.sign_in.challenges import Challenges
from crisispool.services.sign_in.passkeys import handle_of, keep, passkey_of


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation is for, as whoever holds its link may know it. `colleague` is the label of who is there."""

    role: Role
    where: str
    colleague: str


class ComingIn:
    """Invitations onto the board."""

    def __init__(self, parts: Parts, site: ceremony.Site, challenges: Challenges) -> None:
        self._parts = parts
        self._site = site
        self._challenges = challenges

    async def look(self, token: str) -> Invited:
        """What it is for. Raises NotThere: unknown, used, decided or too old, all the same."""
        async with self._parts.store.reading() as tx:
            invitation = await self._usable(tx, token)
            where: Organisation | Network | None = None
            if invitation.organisation_id is not None:
                where = await tx.get(Organisation, invitation.organisation_id)
            else:
                where = await tx.get(Network, invitation.network_id)
            known = invitation.colleague_id
            colleague = await tx.get(Colleague, known) if known else None
        return Invited(invitation.role, where.name if where else "", colleague.label if colleague else "")

    async def ask(self, token: str, called: str) -> str:
        """What the browser is asked for a passkey that it will show as `called`, as JSON. Raises NotThere."""
        async with self._parts.store.reading() as tx:
            invitation = await self._usable(tx, token)
            handle = await self._handle(tx, invitation)
        challenge = await self._challenges.ask(Ceremony.COME_IN, invitation.id)
        return ceremony.to_make(self._site, challenge, handle, called, [])

    async def come_in(self, token: str, answer: str, language: str) -> str:
        """The passkey waits for a coordinator from now on; the code to read out to them.

        Raises NotThere, Refusal ``passkey_refused``.
        """
        async with self._parts.store.reading() as tx:
            invitation = await self._usable(tx, token)
        challenge = await self._challenges.answered(answer, Ceremony.COME_IN, invitation.id)
        new = ceremony.made(self._site, challenge, answer)
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            # Locked first and looked at then: of two who come in at once, one finds it used.
            await tx.lock(Invitation, [invitation.id])
            invitation = await self._usable(tx, token)
            handle = await self._handle(tx, invitation)
            passkey = passkey_of(self._parts, new, handle, Secret(""), language, invitation_id=invitation.id)
            await keep(tx, passkey)
            code = await use(tx, self._parts, invitation, None, now)
            await tx.audit("browser", "passkey.made", "passkey", passkey.id, now)
        return code

    async def _usable(self, tx: Transaction, token: str) -> Invitation:
        found = await tx.find(Invitation, digest=digest_of(self._parts.vault, token))
        if not found or not is_usable(found[0], self._parts.now()):
            raise NotThere("invitation")
        return found[0]

    async def _handle(self, tx: Transaction, invitation: Invitation) -> str:
        """What authenticators call this person: the same for all their passkeys."""
        if invitation.colleague_id is None:
            return handle_of(self._parts, invitation.id)
        have = await tx.find(Passkey, colleague_id=invitation.colleague_id)
        return have[0].user_handle if have else handle_of(self._parts, invitation.colleague_id)
