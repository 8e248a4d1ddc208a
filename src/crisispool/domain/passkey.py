"""Passkeys: what a person proves with who they are, and the questions that each proof answers once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from crisispool.domain.secret import Secret

ASKED_FOR: Final = timedelta(minutes=5)
"""How long a question can be answered."""
LONGEST_NAME: Final = 60


class Ceremony(StrEnum):
    """What a question is asked for: to come in with an invitation, to add a passkey, to sign in."""

    COME_IN = "come_in"
    ADD = "add"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class SignInChallenge:
    """A question that an authenticator signs. `id` is its random bytes in base64url; asked once, answered once.

    `about` is the invitation or the colleague that it is asked for, empty for whoever signs in.
    """

    id: str
    ceremony: Ceremony
    about: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of one colleague; of nobody yet while a coordinator must decide about its invitation.

    `credential_id`, `user_handle` and `public_key` (COSE) are base64url. `sign_count` is what the authenticator
    counted last, 0 for one that does not count. `name` is what its owner calls it. `language`: what the newcomer
    reads.
    """

    id: str
    credential_id: str
    user_handle: str
    public_key: str
    sign_count: int
    name: Secret
    language: str
    made_at: datetime
    colleague_id: str | None = None
    invitation_id: str | None = None
    version: int = 1
