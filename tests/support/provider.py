"""A provider of a test: OpenID Connect over loopback, strict with whoever asks, wrong in one way when told to be."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from crisispool.adapters.oidc import OidcClient
from tests.support.clock import SteppingClock

PRIVATE = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SECRET: Final = "canary secret/of:ours"


@cache
def rsa_key(name: str = "rsa") -> rsa.RSAPrivateKey:
    """A key of this name, the same in a whole run."""
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(name: str = "ec") -> ec.EllipticCurvePrivateKey:
    """A key of this name, the same in a whole run."""
    return ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def public(kid: str, key: PRIVATE) -> dict[str, str]:
    """A key as a provider shows it."""
    if isinstance(key, rsa.RSAPrivateKey):
        of_rsa = key.public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "use": "sig", "n": _number(of_rsa.n), "e": _number(of_rsa.e)}
    of_ec = key.public_key().public_numbers()
    x, y = (b64(each.to_bytes(32, "big")) for each in (of_ec.x, of_ec.y))
    return {"kty": "EC", "kid": kid, "use": "sig", "crv": "P-256", "x": x, "y": y}


def signature(algorithm: str, key: PRIVATE | bytes | None, text: bytes) -> bytes:
    """A text signed as its algorithm says."""
    if isinstance(key, bytes):
        return hmac.digest(key, text, "sha256")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if isinstance(key, rsa.RSAPrivateKey):
        if algorithm == "PS256":
            return key.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return b""


@dataclass(frozen=True)
class Code:
    """What a code stands for until somebody redeems it."""

    subject: str
    nonce: str
    challenge: str
    redirect_uri: str
    auth_time: int


@dataclass
class Provider:
    """The provider of one organisation.

    `who` is signed in there, since `since`; `claims`, `header` and `key` are put into the next tokens instead of the
    true ones (a claim that is None is left out), `metadata` into what it says about itself. `trouble` answers in its
    stead, at the path that it is kept under.
    """

    clock: SteppingClock
    organisation_id: str
    redirect_uris: set[str]
    who: str = "canary-subject"
    since: int | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: PRIVATE | bytes | None = field(default_factory=rsa_key)
    shown: dict[str, PRIVATE] = field(default_factory=lambda: {"rsa": rsa_key(), "ec": ec_key()})
    metadata: dict[str, Any] = field(default_factory=dict)
    trouble: dict[str, Callable[[], Awaitable[web.Response]]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    client_id: str = "our client/id"

    async def start(self) -> None:
        """Listen on a port of its own."""
        app = web.Application(middlewares=[self._troubled])
        app.router.add_get("/caw/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/caw/authorize", self._authorize)
        app.router.add_post("/caw/token", self._token)
        app.router.add_get("/caw/keys", self._keys)
        self._server = TestServer(app)
        await self._server.start_server()
        self.issuer = f"http://127.0.0.1:{self._server.port}/caw"

    async def stop(self) -> None:
        """Go away."""
        await self._server.close()

    @property
    def client(self) -> OidcClient:
        """What it gave us."""
        return OidcClient(self.organisation_id, self.issuer, self.client_id, SECRET)

    def well_again(self) -> None:
        """Nothing is wrong from now on."""
        self.claims, self.header, self.key = {}, {}, rsa_key()
        self.shown = {"rsa": rsa_key(), "ec": ec_key()}
        self.metadata, self.trouble, self.since, self.who = {}, {}, None, "canary-subject"

    def redirected(self, location: str) -> str:
        """Where a browser is sent on to that comes to this address of the sign-in page, and signs in at once."""
        address = urlsplit(location)
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{self.issuer}/authorize"
        query = {name: value for name, [value] in parse_qs(address.query, strict_parsing=True).items()}
        self.asked.append(query)
        assert query["response_type"] == "code" and query["scope"] == "openid", "nothing else about anybody"
        assert query["client_id"] == self.client_id and query["redirect_uri"] in self.redirect_uris
        assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43
        assert len(query["state"]) >= 22 and len(query["nonce"]) >= 22
        now = int(self.clock.now().timestamp())
        # Who must sign in anew does so now.
        since = now if query.get("prompt") == "login" or self.since is None else self.since
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(
            self.who, query["nonce"], query["code_challenge"], query["redirect_uri"], since
        )
        answer = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token_of(self, code: Code) -> str:
        """What it says about who signed in, signed."""
        now = self.clock.now()
        claims = {
            "iss": self.issuer,
            "sub": code.subject,
            "aud": self.client_id,
            "nonce": code.nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "auth_time": code.auth_time,
            **self.claims,
        }
        kid = "ec" if isinstance(self.key, ec.EllipticCurvePrivateKey) else "rsa"
        header = {"alg": "ES256" if kid == "ec" else "RS256", "typ": "JWT", "kid": kid, **self.header}
        said = [
            b64(json.dumps({name: each for name, each in part.items() if each is not None}).encode())
            for part in (header, claims)
        ]
        text = ".".join(said)
        return f"{text}.{b64(signature(header['alg'], self.key, text.encode()))}"

    @web.middleware
    async def _troubled(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        trouble = self.trouble.get(request.path.rpartition("/")[2])
        return await (trouble() if trouble else handler(request))

    async def _configuration(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "PS256"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                **self.metadata,
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        location = self.redirected(f"{self.issuer}/authorize?{request.query_string}")
        return web.Response(status=302, headers={"Location": location})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        ours = encode_basic_auth("our%20client%2Fid", "canary%20secret%2Fof%3Aours")
        if request.headers.get("Authorization") != ours:
            return web.json_response({"error": "invalid_client"}, status=401)
        code = self.codes.pop(form["code"], None)
        verifier = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (
            form["grant_type"] != "authorization_code"
            or code is None
            or verifier != code.challenge
            or form["redirect_uri"] != code.redirect_uri
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self.token_of(code)}
        )

    async def _keys(self, _: web.Request) -> web.Response:
        keys = [public(kid, key) for kid, key in self.shown.items()]
        # As providers show them: one to encrypt to, and one of a sort that nobody here knows.
        others = [
            {"kty": "RSA", "use": "enc", "kid": "rsa", "n": "AQAB", "e": "AQAB"},
            {"kty": "AKP", "kid": "x"},
        ]
        return web.json_response({"keys": [*others, *keys]})


async def hangs() -> web.Response:
    """Says nothing for longer than anybody waits."""
    await asyncio.Event().wait()
    return web.Response()


def says(status: int, body: bytes, **headers: str) -> Callable[[], Awaitable[web.Response]]:
    """Something else than one expects."""

    async def answer() -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return answer
