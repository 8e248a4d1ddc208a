"""Signing in with the account of one's own organisation: sent there, come back once, known by what was linked here.

An account is linked by an invitation alone, and known by issuer and subject: never by a name or a mail address.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.errors import Conflict, NotThere, Refusal
from crisispool.domain.messenger import Invitation
from crisispool.domain.oidc import (
    ANSWERED_WITHIN,
    CLOCKS_DIFFER,
    OidcAttempt,
    OidcLink,
    OidcPurpose,
    is_over,
)
from crisispool.domain.organisation import Organisation
from crisispool.ports import AtMost, IdentityProviders, OneOf, SignedInThere, SignInAsk, Transaction
from crisispool.services.messenger.newcomers import digest_of as digest_of_invitation
from crisispool.services.messenger.newcomers import is_usable, use
from crisispool.services.parts import Parts
from crisispool.services.sign_in.ceremony import Site
from crisispool.services.sign_in.ways import code_of, locked, take_away
from crisispool.services.web_sessions import Entered, WebSessions

LOOKED_AT = 100
"""How many tries that are over are cleared away at once."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An organisation whose colleagues can sign in with its own accounts."""

    organisation_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a browser goes, and the secret that it brings back from there in its cookie."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back: `issuer` and `error` are empty when it brings none."""

    state: str
    code: str
    issuer: str
    error: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """The secret of the session, empty when the one there was is fresh again; or the `code` of who still waits."""

    secret: str = ""
    code: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """One of the own accounts, by the name of its organisation."""

    id: str
    organisation: str
    made_at: datetime


class Oidc:
    """Accounts of organisations, for one site."""

    def __init__(self, parts: Parts, site: Site, sessions: WebSessions, providers: IdentityProviders) -> None:
        self._parts = parts
        self._site = site
        self._sessions = sessions
        self.providers = providers

    def comes_back_to(self, organisation_id: str) -> str:
        """The address that the provider of this organisation must know: it sends browsers back there."""
        return f"{self._site.origin}/sign-in/with/{organisation_id}/back"

    async def offered(self, entered: Entered | None = None) -> list[Offered]:
        """Where one can sign in, by name; for who is signed in, where they have an account that is linked."""
        issuers = self.providers.issuers()
        if not issuers:
            return []
        async with self._parts.store.reading() as tx:
            wanted: Collection[str] = issuers
            if entered is not None:
                mine = await tx.find(OidcLink, colleague_id=entered.actor.colleague_id)
                wanted = [each.organisation_id for each in mine if each.issuer in issuers.values()]
            found = await tx.find(Organisation, id=OneOf(tuple(wanted)), order=("name",))
        return [Offered(each.id, each.name) for each in found if each.id in issuers]

    async def offered_by(self, token: str) -> Offered | None:
        """Where an invitation lets one sign in instead of making a passkey. Raises NotThere."""
        async with self._parts.store.reading() as tx:
            home = (await self._usable(tx, token)).organisation_id
            organisation = await tx.get(Organisation, home) if home in self.providers.issuers() else None
        return Offered(organisation.id, organisation.name) if organisation else None

    async def begin(
        self, organisation_id: str, browser: str, back: str, entered: Entered | None, *, left: bool = False
    ) -> Sent:
        """To the sign-in page of this organisation; who is signed in here proves there once more who they are.

        `browser`: the secret that the browser holds already, empty for none. `left`: somebody signed out in it here,
        and may still be signed in there. Raises NotThere, Outage.
        """
        purpose, about = OidcPurpose.SIGN_IN, ""
        if entered is not None:
            purpose, about = OidcPurpose.CONFIRM, entered.actor.colleague_id
        return await self._begin(organisation_id, browser, purpose, about, back, left=left)

    async def begin_with(self, token: str, browser: str) -> Sent:
        """The same with an invitation, to the organisation that it is for. Raises NotThere, Outage."""
        async with self._parts.store.reading() as tx:
            invitation = await self._usable(tx, token)
        home = invitation.organisation_id or ""
        return await self._begin(home, browser, OidcPurpose.COME_IN, invitation.id, "")

    async def come_back(
        self,
        organisation_id: str,
        browser: str,
        returned: Returned,
        entered: Entered | None,
        language: str,
    ) -> CameBack:
        """Somebody comes back from there: signed in, fresh again, or waiting for a coordinator.

        Refusals: ``oidc_begin_again`` (not begun in this browser, too late, or come back before), ``oidc_cancelled``,
        ``oidc_refused``, ``oidc_unknown`` (also when the colleague left), ``oidc_someone_else``,
        ``oidc_not_confirmed``, ``oidc_linked``, ``invitation_gone``. Raises Outage.
        """
        attempt = await self._taken(organisation_id, browser, returned.state)
        if attempt.purpose is OidcPurpose.CONFIRM and (
            entered is None or entered.actor.colleague_id != attempt.about
        ):
            raise Refusal("oidc_begin_again")
        if returned.error:
            raise Refusal("oidc_cancelled")
        ask = self._ask(organisation_id, browser, returned.state)
        there = await self.providers.signed_in(ask, returned.code, returned.issuer, self._sessions.now())
        async with self._parts.store.transaction() as tx:
            if attempt.purpose is OidcPurpose.COME_IN:
                return CameBack(code=await self._come_in(tx, attempt, there, language))
            if attempt.purpose is OidcPurpose.CONFIRM and entered is not None:
                await self._confirm(tx, attempt, there, entered)
                return CameBack(back=attempt.back)
            return await self._sign_in(tx, attempt, there, entered)

    async def list(self, entered: Entered) -> list[LinkAnswer]:
        """The own accounts, the oldest first."""
        async with self._parts.store.reading() as tx:
            found = await tx.find(OidcLink, colleague_id=entered.actor.colleague_id, order=("made_at",))
            homes = OneOf(tuple({each.organisation_id for each in found}))
            names = {each.id: each.name for each in await tx.find(Organisation, id=homes)}
        return [LinkAnswer(each.id, names[each.organisation_id], each.made_at) for each in found]

    async def remove(self, entered: Entered, link_id: str) -> None:
        """This account opens nothing here any more, nor does any other browser that it may have opened.

        Refusals: ``not_there``, ``last_way_in``.
        """
        who = entered.actor.colleague_id
        async with self._parts.store.transaction() as tx:
            passkeys, links = await locked(tx, who, self.providers.issuers().values())
            link = await tx.get(OidcLink, link_id)
            if link is None or link.colleague_id != who:
                raise NotThere("link")
            if not passkeys and all(each.id == link_id for each in links):
                raise Refusal("last_way_in")
            await take_away(tx, link, who, self._parts.now(), but=entered.session_id)

    async def _begin(
        self,
        organisation_id: str,
        browser: str,
        purpose: OidcPurpose,
        about: str,
        back: str,
        *,
        left: bool = False,
    ) -> Sent:
        if organisation_id not in self.providers.issuers():
            raise NotThere("provider")
        browser, state = browser or self._parts.ids.token(), self._parts.ids.token()
        # Who links an account, or proves who they are, is not whoever was signed in at this computer before.
        anew = left or purpose is not OidcPurpose.SIGN_IN
        address = await self.providers.address(self._ask(organisation_id, browser, state, anew=anew))
        now = self._sessions.now()
        async with self._parts.store.transaction() as tx:
            over = AtMost(now - ANSWERED_WITHIN)
            await tx.remove(*await tx.find(OidcAttempt, begun_at=over, limit=LOOKED_AT))
            await tx.add(
                OidcAttempt(_kept(state), _kept(browser), organisation_id, purpose, about, back, now)
            )
        return Sent(address, browser)

    def _ask(self, organisation_id: str, browser: str, state: str, *, anew: bool = False) -> SignInAsk:
        """What the browser is sent with. Nonce and verifier follow from state and cookie, with our key: no row
        holds them, and another browser or another try has others."""
        digest, both = self._parts.vault.digest, f"{browser} {state}"
        return SignInAsk(
            organisation_id,
            state,
            digest("oidc_nonce", both),
            digest("oidc_verifier", both),
            self.comes_back_to(organisation_id),
            anew,
        )

    async def _taken(self, organisation_id: str, browser: str, state: str) -> OidcAttempt:
        """The try that this ends, which nobody can end from now on, however this turns out."""
        async with self._parts.store.transaction() as tx:
            found = await tx.lock(OidcAttempt, [_kept(state)])
            await tx.remove(*found)
        attempt = found[0] if found else None
        if attempt is None or (attempt.browser, attempt.organisation_id) != (_kept(browser), organisation_id):
            raise Refusal("oidc_begin_again")
        if is_over(attempt, self._sessions.now()):
            raise Refusal("oidc_begin_again")
        return attempt

    async def _sign_in(
        self, tx: Transaction, attempt: OidcAttempt, there: SignedInThere, entered: Entered | None
    ) -> CameBack:
        link = await self._known(tx, attempt, there)
        if link is None:
            raise Refusal("oidc_unknown")
        if link.colleague_id is None:
            return CameBack(code=await code_of(tx, link, "oidc_unknown"))
        try:
            secret = await self._sessions.open_in(tx, link.colleague_id, there.at)
        except NotThere:
            raise Refusal("oidc_unknown") from None
        if entered is not None:
            await self._sessions.end_in(tx, entered.actor, entered.session_id)
        return CameBack(secret=secret, back=attempt.back)

    async def _confirm(
        self, tx: Transaction, attempt: OidcAttempt, there: SignedInThere, entered: Entered
    ) -> None:
        link = await self._known(tx, attempt, there)
        if link is None or link.colleague_id != entered.actor.colleague_id:
            raise Refusal("oidc_someone_else")
        # Some providers do not ask anew whatever one says: then they say when they asked last.
        if there.at is None or there.at < attempt.begun_at - CLOCKS_DIFFER:
            raise Refusal("oidc_not_confirmed")
        await self._sessions.verify_in(tx, entered, there.at)

    async def _come_in(
        self, tx: Transaction, attempt: OidcAttempt, there: SignedInThere, language: str
    ) -> str:
        now = self._parts.now()
        # Locked first and looked at then: of two who come in at once, one finds it used.
        found = await tx.lock(Invitation, [attempt.about])
        if not found or not is_usable(found[0], now):
            raise Refusal("invitation_gone")
        [invitation] = found
        known = await self._known(tx, attempt, there)
        if known is not None and (
            known.colleague_id is None or known.colleague_id != invitation.colleague_id
        ):
            raise Refusal("oidc_linked")
        if known is None:
            link = OidcLink(
                self._parts.ids.new(),
                attempt.organisation_id,
                *self._names(attempt, there),
                language,
                now,
                invitation_id=invitation.id,
            )
            try:
                await tx.add(link)
            except Conflict:
                raise Refusal("oidc_linked") from None
            await tx.audit("browser", "oidc.linked", "oidc_link", link.id, now)
        return await use(tx, self._parts, invitation, None, now)

    async def _known(self, tx: Transaction, attempt: OidcAttempt, there: SignedInThere) -> OidcLink | None:
        """The account, locked: whoever takes it away now ends the session that it opens too."""
        issuer, subject = self._names(attempt, there)
        found = await tx.find(OidcLink, issuer=issuer, subject=subject)
        locked_now = await tx.lock(OidcLink, [found[0].id]) if found else []
        return locked_now[0] if locked_now else None

    def _names(self, attempt: OidcAttempt, there: SignedInThere) -> tuple[str, str]:
        """The issuer and the digest of the subject. Some providers make the subject of a name."""
        issuer = self.providers.issuers()[attempt.organisation_id]
        return issuer, self._parts.vault.digest("oidc_subject", f"{issuer} {there.subject}")

    async def _usable(self, tx: Transaction, token: str) -> Invitation:
        found = await tx.find(Invitation, digest=digest_of_invitation(self._parts.vault, token))
        if not found or not is_usable(found[0], self._parts.now()):
            raise NotThere("invitation")
        return found[0]


def _kept(secret: str) -> str:
    """How a secret is kept that only its browser knows."""
    return hashlib.sha256(secret.encode()).hexdigest()
