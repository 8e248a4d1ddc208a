"""The passkeys of colleagues: signing in with one, adding one, taking one away."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from crisispool.domain.errors import BadInput, Conflict, NotThere, Refusal
from crisispool.domain.passkey import LONGEST_NAME, Ceremony, Passkey
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction
from crisispool.services.parts import Parts
from crisispool.services.sign_in import ceremony
from crisispool.services.sign_in.challenges import Challenges
from crisispool.services.sign_in.ways import code_of, locked, take_away
from crisispool.services.web_sessions import Entered, WebSessions


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """One of the own passkeys; `name` is empty for the one that came with the invitation."""

    id: str
    name: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The secret of the session, empty when the one there was is fresh again; or the `code` of who still waits."""

    secret: str = ""
    code: str = ""


class Passkeys:
    """Passkeys for one site. `issuers`: whose accounts are one more way in, so that a last passkey may go."""

    def __init__(
        self,
        parts: Parts,
        site: ceremony.Site,
        sessions: WebSessions,
        challenges: Challenges,
        issuers: Collection[str] = (),
    ) -> None:
        self._parts = parts
        self._issuers = issuers
        self.site = site
        self._sessions = sessions
        self._challenges = challenges

    async def ask_to_sign_in(self) -> str:
        """What the browser is asked, as JSON."""
        return ceremony.to_sign(self.site, await self._challenges.ask(Ceremony.SIGN_IN))

    async def sign_in(self, answer: str, entered: Entered | None = None) -> SignedIn:
        """Who this passkey is of is signed in; `entered`, when it is theirs, is fresh again.

        Refusals: ``passkey_refused`` for whatever is wrong with it, also when its colleague left.
        """
        challenge = await self._challenges.answered(answer, Ceremony.SIGN_IN)
        # The passkey stays locked until the session is there: whoever takes it away then ends that session too.
        async with self._parts.store.transaction() as tx:
            passkey = await self._found(tx, answer)
            counted = ceremony.signed(self.site, challenge, answer, passkey)
            await tx.save(replace(passkey, sign_count=counted, version=passkey.version + 1))
            if passkey.colleague_id is None:
                return SignedIn(code=await code_of(tx, passkey, "passkey_refused"))
            if entered is not None and entered.actor.colleague_id == passkey.colleague_id:
                await self._sessions.verify_in(tx, entered, self._sessions.now())
                return SignedIn()
            try:
                secret = await self._sessions.open_in(tx, passkey.colleague_id, self._sessions.now())
            except NotThere:
                raise Refusal("passkey_refused") from None
            if entered is not None:
                await self._sessions.end_in(tx, entered.actor, entered.session_id)
        return SignedIn(secret)

    async def ask_for_one_more(self, entered: Entered) -> str:
        """What the browser is asked for one more passkey of who is signed in, as JSON."""
        who = entered.actor.colleague_id
        challenge = await self._challenges.ask(Ceremony.ADD, who)
        async with self._parts.store.reading() as tx:
            have = await tx.find(Passkey, colleague_id=who)
        handle = have[0].user_handle if have else handle_of(self._parts, who)
        return ceremony.to_make(
            self.site, challenge, handle, entered.label, [each.credential_id for each in have]
        )

    async def add(self, entered: Entered, name: str, answer: str) -> PasskeyAnswer:
        """One more passkey. Refusals: ``passkey_refused``, ``bad_input`` (the name)."""
        name, who = " ".join(name.split()), entered.actor.colleague_id
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadInput("name", "missing" if not name else "not_valid")
        challenge = await self._challenges.answered(answer, Ceremony.ADD, who)
        new = ceremony.made(self.site, challenge, answer)
        async with self._parts.store.transaction() as tx:
            have = await tx.find(Passkey, colleague_id=who)
            handle = have[0].user_handle if have else handle_of(self._parts, who)
            passkey = passkey_of(self._parts, new, handle, Secret(name), entered.actor.language, who)
            await keep(tx, passkey)
            await tx.audit(who, "passkey.made", "passkey", passkey.id, self._parts.now())
        return PasskeyAnswer(passkey.id, name, passkey.made_at)

    async def list(self, entered: Entered) -> list[PasskeyAnswer]:
        """The own passkeys, the oldest first."""
        async with self._parts.store.reading() as tx:
            found = await tx.find(Passkey, colleague_id=entered.actor.colleague_id, order=("made_at",))
        return [PasskeyAnswer(each.id, each.name.reveal(), each.made_at) for each in found]

    async def remove(self, entered: Entered, passkey_id: str) -> None:
        """This passkey opens nothing any more, nor does any other browser that it may have opened.

        Refusals: ``not_there``, ``last_passkey``.
        """
        who = entered.actor.colleague_id
        async with self._parts.store.transaction() as tx:
            have, links = await locked(tx, who, self._issuers)
            mine = [each for each in have if each.id == passkey_id]
            if not mine:
                raise NotThere("passkey")
            if len(have) == 1 and not links:
                raise Refusal("last_passkey")
            await take_away(tx, mine[0], who, self._parts.now(), but=entered.session_id)

    async def _found(self, tx: Transaction, answer: str) -> Passkey:
        found = await tx.find(Passkey, credential_id=ceremony.credential_in(answer))
        if not found:
            raise Refusal("passkey_refused")
        locked = await tx.lock(Passkey, [found[0].id])
        if not locked:
            raise Refusal("passkey_refused")
        return locked[0]


def handle_of(parts: Parts, who: str) -> str:
    """What authenticators call this person; it tells nothing about them."""
    return parts.vault.digest("user_handle", who)[:44]


def passkey_of(
    parts: Parts,
    new: ceremony.MadePasskey,
    handle: str,
    name: Secret,
    language: str,
    colleague_id: str | None = None,
    invitation_id: str | None = None,
) -> Passkey:
    """The record of a new passkey."""
    return Passkey(
        parts.ids.new(),
        new.credential_id,
        handle,
        new.public_key,
        new.sign_count,
        name,
        language,
        parts.now(),
        colleague_id,
        invitation_id,
    )


async def keep(tx: Transaction, passkey: Passkey) -> None:
    """Add it, unless its credential is somebody's already. Refusal ``passkey_refused``."""
    try:
        await tx.add(passkey)
    except Conflict:
        raise Refusal("passkey_refused") from None
