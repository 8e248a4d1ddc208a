"""Signing in with the account of one's organisation: sent there, come back once, in this browser, as who was linked."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import pytest_asyncio
from aiohttp import DummyCookieJar
from yarl import URL

from crisispool.adapters.oidc import OidcProviders
from crisispool.app import assemble
from crisispool.commands import doctor
from crisispool.domain.messenger import Invitation
from crisispool.domain.oidc import OidcAttempt, OidcLink
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.record import AuditEntry
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.services.sign_in.tries import FROM_ONE
from tests.support.databases import keys_for_tests
from tests.support.live_pool import no_live_pool
from tests.support.provider import SECRET, Provider, ec_key, hangs, public, rsa_key, says
from tests.web.board import Board, Live
from tests.web.edge import started

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORIGIN: Final = "https://pool.example.org"
CAW: Final = "/sign-in/with/caw"
WORKER: Final = InviteAsk(Role.SUPPORT_WORKER, "caw")
SECONDS: Final = 0.5
"""How long a provider may take here."""


@dataclass
class There:
    """The server, and the provider of the CAW; the one of the OCMW is another."""

    live: Live
    caw: Provider
    ocmw: Provider

    async def rows(self, kind: type[Any], **where: Any) -> list[Any]:
        """The records of a kind."""
        async with self.live.app.store.reading() as tx:
            return await tx.find(kind, **where)

    async def invite(self, ask: InviteAsk = WORKER) -> tuple[str, str]:
        """The id of an invitation and the path of its page."""
        coordinator = await self.live.app.accounts.actor_of("coordinator")
        assert coordinator is not None
        made = await self.live.app.invitations.invite(coordinator, f"invite-{self.live.app.ids.new()}", ask)
        assert made.page is not None
        return made.id, made.page.removeprefix(ORIGIN)

    async def approve(self, invitation_id: str) -> None:
        """The coordinator heard the code."""
        coordinator = await self.live.app.accounts.actor_of("coordinator")
        assert coordinator is not None
        await self.live.app.invitations.approve(coordinator, f"approve-{invitation_id}", invitation_id)

    async def linked(self, subject: str, ask: InviteAsk = WORKER) -> str:
        """Invited, come in with this account and let in; the id of the colleague."""
        invitation_id, path = await self.invite(ask)
        self.caw.who = subject
        status, page = await Browser(self).follow(f"{path}/with")
        assert status == 200 and 'class="code"' in page, page
        await self.approve(invitation_id)
        [invitation] = await self.rows(Invitation, id=invitation_id)
        return str(invitation.colleague_id)


@dataclass
class Browser:
    """One browser: what it was given as cookies, it sends."""

    there: There
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Status, page and where it sends one on to."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        client = self.there.live.client
        # The address as it was sent, not tidied up.
        url = URL(f"{client.make_url('/')}{path.removeprefix('/')}", encoded=True)
        async with client.session.get(url, headers=sent, allow_redirects=False) as response:
            for name, cookie in response.cookies.items():
                self.cookies[name] = cookie.value
            self.given = response.cookies
            return response.status, await response.text(), response.headers.get("Location", "")

    async def away(self, path: str = CAW, provider: Provider | None = None) -> str:
        """To the provider and signed in there; the path on which one comes back from it."""
        status, page, location = await self.get(path)
        assert status == 303, page
        return (provider or self.there.caw).redirected(location).removeprefix(ORIGIN)

    async def follow(self, path: str = CAW) -> tuple[int, str]:
        """There and back; the status, and the page or where it sends one on to."""
        status, page, location = await self.get(await self.away(path))
        return status, location or page

    @property
    def signed_in(self) -> bool:
        """Whether it holds a session."""
        return "__Host-crisispool_session" in self.cookies


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(board: Board) -> AsyncIterator[There]:
    world = board.world
    caw, ocmw = (
        Provider(world.clock, each, {f"{ORIGIN}/sign-in/with/{each}/back"}) for each in ("caw", "ocmw_izegem")
    )
    await caw.start()
    await ocmw.start()
    providers = OidcProviders([caw.client, ocmw.client], here_too=True, seconds=SECONDS)
    settings = replace(world.app.settings, public_url=ORIGIN)
    app = assemble(settings, world.store, no_live_pool(), world.clock, keys_for_tests(), providers=providers)
    client = await started(app, DummyCookieJar())  # type: ignore[arg-type]  # the whole app, no stand-in
    yield There(Live(app, client, world.clock), caw, ocmw)
    await client.close()
    await caw.stop()
    await ocmw.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def there(servers: There) -> AsyncIterator[There]:
    yield servers
    servers.caw.well_again()
    servers.ocmw.well_again()
    # Tries of one test are not those of the next, and what was known of a provider is asked anew.
    servers.live.clock.advance(timedelta(minutes=1))
    for organisation in ("caw", "ocmw_izegem"):
        await servers.live.app.oidc.providers.check(organisation)


def said(page: str) -> str:
    """The sentence in which a page says no."""
    [sentence] = re.findall(r'<p class="wrong" role="alert">([^<]+)</p>', page)
    return str(sentence)


async def test_who_is_invited_comes_in_with_their_account_and_signs_in_with_it_once_let_in(
    there: There,
) -> None:
    invitation_id, path = await there.invite()
    browser = Browser(there)
    _, page, _ = await browser.get(path)
    assert f'href="{path}/with">Met de aanmelding van CAW' in page
    there.caw.who = "canary-newcomer"
    status, page = await browser.follow(f"{path}/with")
    [code] = re.findall(r'<dd class="code">(\d{4})</dd>', page)
    assert status == 200 and not browser.signed_in
    assert there.caw.asked[-1]["prompt"] == "login", "whoever was signed in there may be somebody else"

    again = Browser(there)
    assert code in (await again.follow())[1], "until then they are shown the code again"
    await there.approve(invitation_id)
    _, page, _ = await again.get("/sign-in?next=/account")
    assert f'href="{CAW}?next=%2Faccount">Met de aanmelding van CAW' in page.replace("?next=/", "?next=%2F")
    assert await again.follow(f"{CAW}?next=/account") == (303, "/account")
    cookie = again.given["__Host-crisispool_session"]
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert "CAW</strong>" in (await again.get("/account"))[1]

    kept = repr([await there.rows(kind) for kind in (OidcLink, OidcAttempt, AuditEntry)])
    assert "canary" not in kept
    assert {"oidc.linked", "session.opened"} <= {each.action for each in await there.rows(AuditEntry)}


async def test_the_cookie_that_binds_a_try_to_its_browser_is_for_nobody_else_and_ends(there: There) -> None:
    browser = Browser(there)
    await browser.away()
    cookie = browser.given["__Host-crisispool_oidc"]
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert (cookie["path"], cookie["max-age"]) == ("/", "600")
    [attempt] = await there.rows(OidcAttempt, order=("-begun_at",), limit=1)
    assert cookie.value not in repr(attempt) and there.caw.asked[-1]["state"] not in repr(attempt)


async def test_what_came_back_once_does_not_work_a_second_time(there: There) -> None:
    await there.linked("replay")
    browser = Browser(there)
    back = await browser.away()
    assert (await browser.get(back))[0] == 303
    other = Browser(there, {"__Host-crisispool_oidc": browser.cookies["__Host-crisispool_oidc"]})
    status, page, _ = await other.get(back)
    assert status == 422 and "Begin opnieuw" in said(page) and not other.signed_in
    assert "data-passkey" in page, "the other way in stands beside it"


async def test_what_somebody_else_began_signs_nobody_in(there: There) -> None:
    await there.linked("mallory")
    mallory, victim = Browser(there), Browser(there)
    for cookies in ({}, {"__Host-crisispool_oidc": "made-up"}):
        victim.cookies = dict(cookies)
        status, page, _ = await victim.get(await mallory.away(), **{"Sec-Fetch-Site": "cross-site"})
        assert status == 422 and "andere browser" in said(page) and not victim.signed_in
    await victim.away()
    assert (await victim.get(await mallory.away()))[0] == 422, "also one who began something too"


async def test_a_page_elsewhere_sends_nobody_to_a_provider(there: There) -> None:
    for site in ("cross-site", "same-site"):
        assert (await Browser(there).get(CAW, **{"Sec-Fetch-Site": site}))[0] == 403
    assert (await Browser(there).get(CAW, **{"Sec-Fetch-Site": "same-origin"}))[0] == 303


async def test_ten_minutes_are_enough_for_signing_in_there(there: There) -> None:
    await there.linked("slow")
    browser = Browser(there)
    in_time, late = await browser.away(), await browser.away()
    there.live.clock.advance(timedelta(minutes=9, seconds=59))
    there.caw.claims = {"auth_time": None}
    assert (await browser.get(in_time))[0] == 303
    there.live.clock.advance(timedelta(seconds=1))
    assert "Begin opnieuw" in said((await browser.get(late))[1])


async def test_a_code_of_somebody_else_is_worth_nothing_in_my_browser(there: There) -> None:
    await there.linked("victim")
    mine, theirs = Browser(there), Browser(there)
    back, stolen = [parse_qs(urlsplit(await each.away()).query) for each in (mine, theirs)]
    mixed = {"state": back["state"][0], "code": stolen["code"][0], "iss": there.caw.issuer}
    status, page, _ = await mine.get(f"{CAW}/back?{urlencode(mixed)}")
    assert status == 422 and "Dat lukte niet" in said(page) and not mine.signed_in
    for secret in ("state", "nonce", "code_challenge"):
        assert there.caw.asked[-1][secret] != there.caw.asked[-2][secret]


async def test_an_answer_of_one_provider_is_none_of_another(there: There) -> None:
    await there.linked("mixed-up")
    browser = Browser(there)
    there.ocmw.who = "mixed-up"
    theirs = await browser.away("/sign-in/with/ocmw_izegem", there.ocmw)
    assert (await browser.get(theirs.replace("ocmw_izegem", "caw", 1)))[0] == 422
    for issuer in (there.ocmw.issuer, None):
        query = parse_qs(urlsplit(await browser.away()).query)
        sent = {"state": query["state"][0], "code": query["code"][0], **({"iss": issuer} if issuer else {})}
        assert "Dat lukte niet" in said((await browser.get(f"{CAW}/back?{urlencode(sent)}"))[1])
    unknown = await browser.away("/sign-in/with/ocmw_izegem", there.ocmw)
    assert "Vraag de coördinator" in said((await browser.get(unknown))[1]), "the same name, elsewhere"


HOUR: Final = 3600
WRONG: Final[dict[str, dict[str, Any]]] = {
    "nonce of another": {"claims": {"nonce": "x" * 64}},
    "no nonce": {"claims": {"nonce": None}},
    "for another client": {"claims": {"aud": "another"}},
    "for another, by us": {"claims": {"aud": "another", "azp": "our client/id"}},
    "for others, by us": {"claims": {"aud": ["another", "third"], "azp": "our client/id"}},
    "for nobody": {"claims": {"aud": None}},
    "for two, of another": {"claims": {"aud": ["our client/id", "another"], "azp": "another"}},
    "for two, of nobody": {"claims": {"aud": ["our client/id", "another"]}},
    "of another, for us": {"claims": {"azp": "another"}},
    "issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "expired": {"ages": {"exp": -2 * 60}},
    "never expires": {"claims": {"exp": None}},
    "expires at no time": {"claims": {"exp": "2099-01-01"}},
    "made later": {"ages": {"iat": HOUR}},
    "made at no time": {"claims": {"iat": None}},
    "good later": {"ages": {"nbf": HOUR}},
    "signed in later": {"ages": {"auth_time": HOUR}},
    "signed in at no time": {"claims": {"auth_time": "yesterday"}},
    "nobody": {"claims": {"sub": ""}},
    "no subject": {"claims": {"sub": None}},
    "subject that is no text": {"claims": {"sub": 7}},
    "subject without end": {"claims": {"sub": "x" * 256}},
    "not signed": {"header": {"alg": "none"}, "key": None},
    "signed with our secret": {"header": {"alg": "HS256"}, "key": SECRET.encode()},
    "signed with the key that all know": {
        "header": {"alg": "HS256"}, "key": str(public("rsa", rsa_key())["n"]).encode(),
    },
    "signed by somebody else": {"key": rsa_key("other")},
    "signed with a key of no provider": {"key": rsa_key("other"), "header": {"kid": "other"}},
    "signed with which key?": {"header": {"kid": None}},
    "signed in another way": {"header": {"alg": "RS512"}},
    "signed with a key of another sort": {"header": {"alg": "ES256"}},
    "for one who knows more": {"header": {"crit": ["b64"], "b64": False}},
    "brings its own key": {
        "key": rsa_key("other"), "header": {"kid": "own", "jwk": public("own", rsa_key("other"))},
    },
}  # fmt: skip


async def test_a_token_that_is_not_true_in_every_word_signs_nobody_in(there: There) -> None:
    await there.linked("wrong")
    for name, lie in WRONG.items():
        there.live.clock.advance(timedelta(minutes=1))
        now = int(there.live.clock.now().timestamp())
        ages = {claim: now + age for claim, age in lie.get("ages", {}).items()}
        there.caw.claims = {**lie.get("claims", {}), **ages}
        there.caw.header, there.caw.key = lie.get("header", {}), lie.get("key", rsa_key())
        browser = Browser(there)
        status, page = await browser.follow()
        assert (status, browser.signed_in) == (422, False), name
        assert "Dat lukte niet met de aanmelding van je organisatie" in said(page), name


async def test_all_ways_to_sign_that_we_know_are_good_and_so_is_a_new_key(there: There) -> None:
    await there.linked("right")
    both = {"aud": ["another", "our client/id"], "azp": "our client/id"}
    for key, header, claims in (
        (rsa_key(), {}, both),
        (rsa_key(), {"alg": "PS256"}, {}),
        (ec_key(), {}, {}),
        (ec_key("new"), {"kid": "new"}, {}),
    ):
        there.caw.shown["new"] = ec_key("new")
        there.caw.key, there.caw.header, there.caw.claims = key, dict(header), dict(claims)
        assert (await Browser(there).follow())[0] == 303, header


async def test_a_provider_that_is_away_is_a_sentence_beside_the_other_way_in(there: There) -> None:
    await there.linked("away")
    elsewhere = says(302, b"", Location="http://127.0.0.1:1/keys")
    for trouble in (hangs, elsewhere, says(500, b"canary"), says(200, b" " * 300_000), says(200, b"canary")):
        browser = Browser(there)
        back = await browser.away()
        there.caw.trouble = {"token": trouble}
        status, page, _ = await browser.get(back)
        assert status == 503 and "antwoordt niet" in said(page) and "canary" not in page
        assert "data-passkey" in page and not browser.signed_in
        there.caw.trouble = {}
    for part, trouble in (("openid-configuration", hangs), ("keys", elsewhere)):
        there.live.clock.advance(timedelta(minutes=1))
        there.caw.trouble = {part: trouble}
        fresh = OidcProviders([there.caw.client], here_too=True, seconds=SECONDS)
        with pytest.raises(Exception, match=r"provider: 127\.0\.0\.1:\d+ (TimeoutError|302)"):
            await fresh.check("caw")


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"issuer": "https://evil.example"}, "calls itself 'https://evil.example'"),
        ({"token_endpoint": "http://evil.example/token"}, "token_endpoint is no https address"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is no https address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is no https address"),
        ({"code_challenge_methods_supported": ["plain"]}, "does not know PKCE"),
        ({"padding": "x" * 300_000}, "says too much"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "signs with none of"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "takes no client secret"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
async def test_a_provider_that_says_something_else_about_itself_is_not_asked(
    there: There, metadata: dict[str, Any], problem: str
) -> None:
    there.caw.metadata = metadata
    fresh = OidcProviders([there.caw.client], here_too=True, seconds=SECONDS)
    with pytest.raises(Exception, match="provider: ") as refused:
        await fresh.check("caw")
    assert problem in str(refused.value)
    there.caw.metadata = {}
    strict = OidcProviders([there.caw.client], seconds=SECONDS)
    with pytest.raises(Exception, match="is no https address"):
        await strict.check("caw")


async def test_who_is_not_linked_and_who_left_hear_the_same(there: There) -> None:
    who = await there.linked("leaver")
    async with there.live.app.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id=who)
        await tx.save(replace(colleague, active=False))
    left, stranger = Browser(there), Browser(there)
    there.caw.who = "leaver"
    status, page = await left.follow()
    there.caw.who = "nobody-here"
    assert (status, said(page)) == (422, said((await stranger.follow())[1]))
    assert "Vraag de coördinator een uitnodiging" in said(page)
    assert not left.signed_in and not stranger.signed_in


async def test_who_broke_off_there_hears_so_and_nothing_of_what_is_in_the_address(there: There) -> None:
    browser = Browser(there)
    state = parse_qs(urlsplit(await browser.away()).query)["state"][0]
    sent = {"state": state, "error": "access_denied", "error_description": "canary <b>"}
    status, page, _ = await browser.get(f"{CAW}/back?{urlencode(sent)}")
    assert status == 422 and "afgebroken of geweigerd" in said(page) and "canary" not in page


async def test_whatever_comes_instead_of_an_answer_is_refused_in_a_sentence(there: There) -> None:
    browser = Browser(there)
    await browser.away()
    for query in (
        "",
        "?state=%FF%00",
        "?state=" + "x" * 5000,
        "?state=%ED%A0%80&code=%00",
        "?state=a&state=b&code[]=c",
    ):
        status, page, _ = await browser.get(f"{CAW}/back{query}")
        assert status == 422 and "Begin opnieuw" in said(page), query
    there.live.clock.advance(timedelta(minutes=1))
    there.caw.trouble = {"keys": says(200, b'{"keys": [{"kty": ["RSA"]}, {"kty": "RSA", "n": 7}, {}]}')}
    with pytest.raises(Exception, match="has no key"):
        await OidcProviders([there.caw.client], here_too=True).check("caw")
    for answer in (b'{"id_token": 7}', b'{"id_token": ""}', b'{"id_token": "a.b.c"}', b"[" * 9000, b"\xff"):
        there.caw.trouble = {}
        back = await browser.away()
        there.caw.trouble = {"token": says(200, answer)}
        assert (await browser.get(back))[0] in {422, 503} and not browser.signed_in, answer


async def test_only_pages_of_ours_are_gone_to_afterwards(there: There) -> None:
    await there.linked("redirected")
    for address in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/../x",
    ):
        browser = Browser(there)
        status, to = await browser.follow(f"{CAW}?{urlencode({'next': address})}")
        assert (status, to) == (303, "/tonight"), address


async def test_a_weighty_step_is_proved_there_anew_by_the_same_account(there: There) -> None:
    await there.linked("colleague")
    who = await there.linked("careful")
    browser = Browser(there)
    there.caw.since = int((there.live.clock.now() - timedelta(minutes=20)).timestamp())
    assert (await browser.follow())[0] == 303
    _, page, _ = await browser.get("/account")
    assert "Bevestig eerst" in page, "they proved it there twenty minutes ago"
    _, page, _ = await browser.get("/sign-in?next=/account")
    assert "Bevestig met de aanmelding van CAW" in page and "OCMW" not in page, "where they have an account"
    secret = browser.cookies["__Host-crisispool_session"]

    for other in ("somebody-else", "colleague"):
        there.caw.who = other
        status, page = await browser.follow(f"{CAW}?next=/account")
        assert status == 422 and "ander account" in said(page)
    there.caw.who = "careful"
    for lie in (
        {"auth_time": None},
        {"auth_time": int((there.live.clock.now() - timedelta(minutes=2)).timestamp())},
    ):
        there.caw.claims = lie
        status, page = await browser.follow(f"{CAW}?next=/account")
        assert status == 422 and "zegt niet dat je je nu opnieuw aanmeldde" in said(page)
    there.caw.claims = {}
    assert "Bevestig eerst" in (await browser.get("/account"))[1]

    assert await browser.follow(f"{CAW}?next=/account") == (303, "/account")
    assert (there.caw.asked[-1]["prompt"], there.caw.asked[-1]["max_age"]) == ("login", "0")
    assert browser.cookies["__Host-crisispool_session"] == secret, "the session stays"
    assert "Bevestig eerst" not in (await browser.get("/account"))[1]
    entered = await there.live.app.web_sessions.find(secret)
    assert entered is not None and entered.fresh and entered.actor.colleague_id == who


async def test_after_signing_out_the_next_one_at_this_browser_signs_in_there_anew(there: There) -> None:
    await there.linked("night-shift")
    browser = Browser(there)
    await browser.follow()
    assert "prompt" not in there.caw.asked[-1]
    me = {"Cookie": f"__Host-crisispool_session={browser.cookies['__Host-crisispool_session']}"}
    sent = {"csrf": await there.live.token(me)}
    async with there.live.client.post("/sign-out", headers=me, data=sent, allow_redirects=False) as response:
        left = response.cookies["__Host-crisispool_left"]
        assert left["secure"] and left["httponly"]
    browser.cookies = {"__Host-crisispool_left": left.value}
    assert (await browser.follow())[0] == 303
    assert there.caw.asked[-1]["prompt"] == "login"
    assert browser.given["__Host-crisispool_left"]["max-age"] == "0"


async def test_what_one_began_as_somebody_is_not_ended_as_another(there: There) -> None:
    await there.linked("first")
    browser, other = Browser(there), Browser(there)
    await browser.follow()
    back = await browser.away()
    assert (await other.follow())[0] == 303
    kept = browser.cookies.pop("__Host-crisispool_session")
    assert "Begin opnieuw" in said((await browser.get(back))[1])
    browser.cookies["__Host-crisispool_session"] = kept
    coordinator = await there.live.cookie("coordinator")
    back = await browser.away()
    browser.cookies["__Host-crisispool_session"] = coordinator["Cookie"].partition("=")[2]
    assert "Begin opnieuw" in said((await browser.get(back))[1])


async def test_an_account_is_one_persons_alone(there: There) -> None:
    who = await there.linked("taken")
    invitation_id, path = await there.invite()
    status, page = await Browser(there).follow(f"{path}/with")
    assert status == 409 and "hoort hier al bij iemand" in said(page)
    [invitation] = await there.rows(Invitation, id=invitation_id)
    assert invitation.used_at is None, "the invitation is still good"

    more_id, more = await there.invite(InviteAsk(Role.CALLTAKER, colleague_id=who))
    assert 'class="code"' in (await Browser(there).follow(f"{more}/with"))[1]
    await there.approve(more_id)
    grants = await there.rows(RoleGrant, colleague_id=who)
    assert {each.role for each in grants} == {Role.SUPPORT_WORKER, Role.CALLTAKER}
    assert len(await there.rows(OidcLink, colleague_id=who)) == 1


async def test_who_is_not_let_in_has_no_account_here(there: There) -> None:
    invitation_id, path = await there.invite()
    there.caw.who = "refused"
    await Browser(there).follow(f"{path}/with")
    coordinator = await there.live.app.accounts.actor_of("coordinator")
    assert coordinator is not None
    await there.live.app.invitations.refuse(coordinator, "refuse-it", invitation_id)
    assert "Vraag de coördinator" in said((await Browser(there).follow())[1])
    assert await there.rows(OidcLink, invitation_id=invitation_id) == []
    status, _, _ = await Browser(there).get(f"{path}/with")
    assert status == 404


async def test_the_last_way_in_stays_and_an_account_that_is_taken_away_opens_nothing(there: There) -> None:
    who = await there.linked("remover")
    browser, stolen = Browser(there), Browser(there)
    await browser.follow()
    await stolen.follow()
    [link] = await there.rows(OidcLink, colleague_id=who)
    me = {"Cookie": f"__Host-crisispool_session={browser.cookies['__Host-crisispool_session']}"}
    form = {"csrf": await there.live.token(me)}
    at = f"/account/links/{link.id}/remove"
    assert at in (await browser.get("/account"))[1]
    async with there.live.client.post(at, headers=me, data=form) as response:
        assert response.status == 409 and "Voeg eerst een passkey toe" in await response.text()
    async with there.live.client.post("/account/links/x-1/remove", headers=me, data=form) as response:
        assert response.status == 404
    there.caw.who = "remover-too"
    more_id, more = await there.invite(InviteAsk(colleague_id=who))
    await Browser(there).follow(f"{more}/with")
    await there.approve(more_id)
    async with there.live.client.post(at, headers=me, data=form) as response:
        assert "kun je je hier niet meer aanmelden" in await response.text()
    there.caw.who = "remover"
    assert "Vraag de coördinator" in said((await Browser(there).follow())[1])
    assert (await stolen.get("/account"))[0] == 303, "another browser is signed out"
    assert (await browser.get("/account"))[0] == 200


async def test_who_is_invited_anew_has_no_account_here_any_more(there: There) -> None:
    who = await there.linked("lost")
    browser = Browser(there)
    await browser.follow()
    _, path = await there.invite(InviteAsk(colleague_id=who, anew=True))
    assert (await browser.get("/account"))[0] == 303
    assert "Vraag de coördinator" in said((await Browser(there).follow())[1])
    assert 'class="code"' in (await Browser(there).follow(f"{path}/with"))[1], (
        "the account can be linked anew"
    )


async def test_an_invitation_of_an_organisation_without_a_provider_offers_none(there: There) -> None:
    _, path = await there.invite(InviteAsk(Role.COUNCIL))
    browser = Browser(there)
    assert f"{path}/with" not in (await browser.get(path))[1]
    assert (await browser.get(f"{path}/with"))[0] == 404


async def test_doctor_says_where_people_come_back_to_and_which_provider_does_not_fit(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await doctor.accounts(there.live.app) == []
    assert f"Redirect URI: {ORIGIN}/sign-in/with/caw/back" in capsys.readouterr().out
    there.caw.metadata = {"issuer": "https://evil.example"}
    there.ocmw.shown = {}
    first, second = await doctor.accounts(there.live.app)
    assert "De aanmelding van CAW werkt niet" in first and "calls itself" in first
    assert "OCMW Izegem" in second and "has no key" in second


async def test_too_many_tries_from_one_address_are_stopped(there: There) -> None:
    from_there = {"X-Forwarded-For": "192.0.2.77"}
    picture = f"{CAW}/back?state=x&code=y"
    for _ in range(FROM_ONE + 1):
        status = (await Browser(there).get(picture, **from_there, **{"Sec-Fetch-Site": "cross-site"}))[0]
        assert status == 422, "what a page elsewhere has a browser ask uses up nobody's tries"
    browser = Browser(there)
    await browser.get(CAW)
    answered = [(await Browser(there).get(CAW, **from_there))[0] for _ in range(FROM_ONE + 1)]
    assert answered == [303] * FROM_ONE + [429]
    assert (await browser.get(f"{CAW}/back", **from_there))[0] == 429
    assert (await Browser(there).get(CAW))[0] == 303
