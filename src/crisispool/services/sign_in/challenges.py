"""Questions for authenticators: each asked once, answered once, within five minutes."""

from typing import Final

from webauthn.helpers import bytes_to_base64url, generate_challenge

from crisispool.domain.errors import Refusal
from crisispool.domain.passkey import ASKED_FOR, Ceremony, SignInChallenge
from crisispool.ports import AtMost, Clock, Store
from crisispool.services.sign_in.ceremony import challenge_in

LOOKED_AT: Final = 100
"""How many questions that nobody answered are cleared away at once."""


class Challenges:
    """The questions that are open, whichever process asked them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ask(self, ceremony: Ceremony, about: str = "") -> str:
        """A new question, base64url."""
        now, challenge = self._clock.now(), bytes_to_base64url(generate_challenge())
        async with self._store.transaction() as tx:
            await tx.remove(*await tx.find(SignInChallenge, expires_at=AtMost(now), limit=LOOKED_AT))
            await tx.add(SignInChallenge(challenge, ceremony, about, now + ASKED_FOR))
        return challenge

    async def answered(self, answer: str, ceremony: Ceremony, about: str = "") -> str:
        """The question that this answers, which nobody can answer from now on, however this answer turns out.

        Refusal ``passkey_refused``: not asked, not for this, too late, or answered before.
        """
        challenge = challenge_in(answer)
        async with self._store.transaction() as tx:
            found = await tx.lock(SignInChallenge, [challenge])
            await tx.remove(*found)
        asked = found[0] if found else None
        if asked is None or (asked.ceremony, asked.about) != (ceremony, about):
            raise Refusal("passkey_refused")
        if self._clock.now() >= asked.expires_at:
            raise Refusal("passkey_refused")
        return challenge
