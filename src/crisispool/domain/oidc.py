"""Signing in with the account of one's own organisation (OpenID Connect): a try that began, and whose account it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ANSWERED_WITHIN: Final = timedelta(minutes=10)
"""How long somebody may take at the sign-in page of their organisation."""
CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""How far the clock of a provider may be from ours."""


class OidcPurpose(StrEnum):
    """What somebody goes to their organisation for: to sign in, to prove it once more, or with an invitation."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    COME_IN = "come_in"


@dataclass(frozen=True, slots=True)
class OidcAttempt:
    """Somebody went to the sign-in page of their organisation; who comes back from there comes once.

    `id` is a digest of the `state`, `browser` of the secret in the cookie of that browser. `about` is the colleague
    who proves it once more, or the invitation; empty for whoever signs in. `back` is the page they were going to.
    """

    id: str
    browser: str
    organisation_id: str
    purpose: OidcPurpose
    about: str
    back: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class OidcLink:
    """An account at the provider of an organisation, and whose it is; of nobody yet while a coordinator must decide.

    `subject` is a keyed digest of what the provider of `issuer` calls it. `language`: what the newcomer reads.
    """

    id: str
    organisation_id: str
    issuer: str
    subject: str
    language: str
    made_at: datetime
    colleague_id: str | None = None
    invitation_id: str | None = None


def is_over(attempt: OidcAttempt, now: datetime) -> bool:
    """Whether somebody took too long."""
    return now >= attempt.begun_at + ANSWERED_WITHIN
