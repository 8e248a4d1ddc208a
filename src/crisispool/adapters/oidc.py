"""The providers of organisations over https: where one signs in there, and whether what comes back is true."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, encode_basic_auth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet
from pydantic import BaseModel, ValidationError

from crisispool.adapters.smtp import is_here
from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.oidc import CLOCKS_DIFFER
from crisispool.ports import SignedInThere, SignInAsk

M = TypeVar("M", bound=BaseModel)

PART: Final = "provider"
ALGORITHMS: Final = ("RS256", "ES256", "PS256")
"""How a provider may sign; never without a signature, never with a secret that it shares with us."""
SECONDS: Final = 5
"""How long one answer of a provider may take."""
KEPT: Final = 3600.0
"""Seconds for which we go by what a provider said about itself."""
LARGEST: Final = 256 * 1024
"""Bytes of an answer; honest ones have a few thousand."""
LONGEST_SUBJECT: Final = 255

_BASIC, _POST = "client_secret_basic", "client_secret_post"
_UNTRUE: Final = (
    JoseError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    OverflowError,
)
"""What is signed is unpacked by several libraries: each trips in its own way."""
_GRANT: Final = "invalid_grant"
_ERRORS: Final = frozenset({_GRANT, "invalid_client", "invalid_request", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What one organisation gave us: its provider, and who we are there. No secret: we are a public client."""

    organisation_id: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)


class _Metadata(BaseModel):
    """What a provider says about itself, as far as we go by it. OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = [_BASIC]
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    code_challenge_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False


class _Keys(BaseModel):
    keys: list[dict[str, Any]]


class _Tokens(BaseModel):
    id_token: str
    access_token: str = ""


class _Error(BaseModel):
    error: str = ""


class OidcProviders:
    """The port `IdentityProviders`. `here_too`: a provider on this machine may be asked without encryption."""

    def __init__(
        self,
        clients: Sequence[OidcClient] = (),
        *,
        here_too: bool = False,
        seconds: float = SECONDS,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients = {each.organisation_id: each for each in clients}
        self._here_too = here_too
        self._timeout = ClientTimeout(total=seconds)
        self._ticking = ticking
        self._metadata: dict[str, tuple[float, _Metadata]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}

    def issuers(self) -> Mapping[str, str]:
        """The issuer of each organisation that has a provider, by its id."""
        return {each.organisation_id: each.issuer for each in self._clients.values()}

    async def address(self, ask: SignInAsk) -> str:
        """The address of its sign-in page for this try. We ask who it is, and nothing else about them."""
        client = self._clients[ask.organisation_id]
        metadata = await self._known(client)
        more = {"prompt": "login", "max_age": "0"} if ask.anew else {}
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client.client_id,
                "code",
                redirect_uri=ask.redirect_uri,
                scope="openid",
                state=ask.state,
                nonce=ask.nonce,
                code_challenge=create_s256_code_challenge(ask.verifier),
                code_challenge_method="S256",
                **more,
            )
        )

    async def signed_in(self, ask: SignInAsk, code: str, issuer: str, now: datetime) -> SignedInThere:
        """Who signed in, for the code that came back beside the name of its `issuer`."""
        client = self._clients[ask.organisation_id]
        metadata = await self._known(client)
        # An answer of another provider that was made to look like one of this.
        if issuer != client.issuer and (issuer or metadata.authorization_response_iss_parameter_supported):
            raise Refusal("oidc_refused")
        tokens = await self._redeemed(client, metadata, ask, code)
        try:
            try:
                token = jwt.decode(tokens.id_token, await self._signing(metadata), ALGORITHMS)
            except InvalidKeyIdError:
                # Providers change their keys; a new one is not among those that we know yet.
                self._keys.pop(metadata.jwks_uri, None)
                token = jwt.decode(tokens.id_token, await self._signing(metadata), ALGORITHMS)
            return _meant(client, ask, tokens, token, now)
        except _UNTRUE:
            raise Refusal("oidc_refused") from None

    async def check(self, organisation_id: str) -> None:
        """Whether it is there and knows what we need; what is known of it is looked at anew."""
        client = self._clients[organisation_id]
        self._metadata.pop(client.issuer, None)
        metadata = await self._known(client)
        self._keys.pop(metadata.jwks_uri, None)
        if not await self._signing(metadata):
            raise Outage(PART, f"{metadata.jwks_uri} has no key for {', '.join(ALGORITHMS)}")

    async def _known(self, client: OidcClient) -> _Metadata:
        """What the provider says about itself, asked at most once an hour."""
        kept = self._metadata.get(client.issuer)
        if kept and self._ticking() < kept[0]:
            return kept[1]
        found = await self._get(get_well_known_url(client.issuer, external=True), _Metadata)
        if wrong := self._wrong_with(found, client):
            raise Outage(PART, wrong)
        self._metadata[client.issuer] = (self._ticking() + KEPT, found)
        return found

    def _wrong_with(self, found: _Metadata, client: OidcClient) -> str:
        """What keeps us from signing in there, empty for nothing."""
        if found.issuer != client.issuer:
            return f"issuer {client.issuer!r} calls itself {found.issuer[:200]!r}"
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(getattr(found, name), here_too=self._here_too):
                return f"{client.issuer}: {name} is no https address"
        methods = found.code_challenge_methods_supported
        if methods is not None and "S256" not in methods:
            return f"{client.issuer} does not know PKCE with S256"
        if not set(ALGORITHMS) & set(found.id_token_signing_alg_values_supported):
            return f"{client.issuer} signs with none of {', '.join(ALGORITHMS)}"
        if client.client_secret and not {_BASIC, _POST} & set(found.token_endpoint_auth_methods_supported):
            return f"{client.issuer} takes no client secret"
        return ""

    async def _signing(self, metadata: _Metadata) -> KeySet:
        """The keys that a provider signs with."""
        kept = self._keys.get(metadata.jwks_uri)
        if kept and self._ticking() < kept[0]:
            return kept[1]
        found = await self._get(metadata.jwks_uri, _Keys)
        keys = KeySet([key for each in found.keys if (key := _signing_key(each))])
        self._keys[metadata.jwks_uri] = (self._ticking() + KEPT, keys)
        return keys

    async def _redeemed(self, client: OidcClient, metadata: _Metadata, ask: SignInAsk, code: str) -> _Tokens:
        """The code in exchange for what the provider says about who signed in."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ask.redirect_uri,
            "code_verifier": ask.verifier,
        }
        more = {}
        if client.client_secret and _BASIC in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are encoded before they are put together.
            who = quote(client.client_id, safe=""), quote(client.client_secret, safe="")
            more["Authorization"] = encode_basic_auth(*who)
        else:
            form["client_id"] = client.client_id
            if client.client_secret:
                form["client_secret"] = client.client_secret
        status, body = await self._answer(metadata.token_endpoint, form, more)
        if status == 200:
            return _read(body, _Tokens, metadata.token_endpoint)
        error = _read(body, _Error, metadata.token_endpoint).error
        if error == _GRANT:
            raise Refusal("oidc_refused")
        # Not who signs in is refused here, but we are: never its words, which may quote what it was told.
        raise Outage(PART, f"{_host(metadata.token_endpoint)} {status} {error if error in _ERRORS else ''}")

    async def _get(self, url: str, shape: type[M]) -> M:
        status, body = await self._answer(url)
        if status != 200:
            raise Outage(PART, f"{_host(url)} {status}")
        return _read(body, shape, url)

    async def _answer(
        self, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one answer; no redirect is followed, nothing is kept for the next one."""
        body = bytearray()
        try:
            async with (
                ClientSession(
                    timeout=self._timeout,
                    cookie_jar=DummyCookieJar(),
                    auto_decompress=False,
                    headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                ) as session,
                session.request(
                    "GET" if form is None else "POST", url, data=form, headers=headers, allow_redirects=False
                ) as response,
            ):
                async for part in response.content.iter_chunked(16 * 1024):
                    body += part
                    if len(body) > LARGEST:
                        raise Outage(PART, f"{_host(url)} says too much")
        except (ClientError, TimeoutError, OSError, ValueError) as away:
            raise Outage(PART, f"{_host(url)} {type(away).__name__}") from None
        return response.status, bytes(body)


def is_safe(url: str, *, here_too: bool) -> bool:
    """Whether an address is one over https; `here_too`: or one of this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.fragment or parts.username or parts.password or not url.isprintable():
        return False
    return parts.scheme == "https" or (here_too and parts.scheme == "http" and is_here(host))


def _meant(
    client: OidcClient, ask: SignInAsk, tokens: _Tokens, token: jwt.Token, now: datetime
) -> SignedInThere:
    """Whom a token whose signature is right tells of; an error of `_UNTRUE` when it is not for us, now and here.

    OpenID Connect Core 1.0, section 3.1.3.7.
    """
    leeway = int(CLOCKS_DIFFER.total_seconds())
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={
            "iss": {"essential": True, "value": client.issuer},
            "aud": {"essential": True, "value": client.client_id},
            "sub": {"essential": True},
        },
        params={"client_id": client.client_id, "nonce": ask.nonce, "access_token": tokens.access_token},
    )
    claims.validate(now=int(now.timestamp()), leeway=leeway)
    subject, at = claims["sub"], claims.get("auth_time")
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError
    proved = None if at is None else datetime.fromtimestamp(at, UTC)
    if proved is not None and proved > now + CLOCKS_DIFFER:
        raise ValueError
    return SignedInThere(subject, proved)


def _signing_key(given: dict[str, Any]) -> Key | None:
    """A key that is there to sign with; others, and those of another sort, are left alone."""
    if given.get("kty") not in ("RSA", "EC") or given.get("use", "sig") != "sig":
        return None
    try:
        return KeySet.import_key_set({"keys": [given]}).keys[0]
    except _UNTRUE:
        return None


def _read(body: bytes, shape: type[M], url: str) -> M:
    try:
        return shape.model_validate_json(body)
    except ValidationError:
        raise Outage(PART, f"{_host(url)} says nothing that we know") from None


def _host(url: str) -> str:
    return urlsplit(url).netloc
