"""Tables of how people come in with a browser."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.calendar_feed import CalendarFeed
from crisispool.domain.oidc import OidcAttempt, OidcLink
from crisispool.domain.passkey import Passkey, SignInChallenge
from crisispool.domain.web_session import WebSession

table(
    WebSession,
    "web_sessions",
    links={"colleague_id": "colleagues.id"},
    unique=[("digest",)],
    index=[("made_at",)],
)
table(
    Passkey,
    "passkeys",
    links={"colleague_id": "colleagues.id", "invitation_id": "invitations.id"},
    unique=[("credential_id",)],
    versioned=True,
)
table(SignInChallenge, "sign_in_challenges", index=[("expires_at",)])
table(
    OidcLink,
    "oidc_links",
    links={
        "organisation_id": "organisations.id",
        "colleague_id": "colleagues.id",
        "invitation_id": "invitations.id",
    },
    unique=[("issuer", "subject")],
)
table(OidcAttempt, "oidc_attempts", index=[("begun_at",)])
table(CalendarFeed, "calendar_feeds", links={"colleague_id": "colleagues.id"}, unique=[("digest",)])
