"""The session of a browser: its cookie, who holds it, and that a change comes from a page of our own."""

import hmac
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from crisispool.domain.errors import Refusal
from crisispool.domain.web_session import LONGEST
from crisispool.services.web_sessions import Entered
from crisispool.web.call import APP

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
LONGEST_SECRET: Final = 200

_SESSION, _OIDC, _LEFT = "crisispool_session", "crisispool_oidc", "crisispool_left"


def is_secure(request: web.Request) -> bool:
    """Whether people reach us over https."""
    return request.app[APP].settings.public_url.startswith("https:")


def _name(request: web.Request, cookie: str) -> str:
    """What a cookie is called: over https in a way that lets no other host set it."""
    return f"__Host-{cookie}" if is_secure(request) else cookie


def secret_in(request: web.Request) -> str:
    """The secret that the browser holds, empty when it holds none."""
    secret = request.cookies.get(_name(request, _SESSION), "")
    return secret if len(secret) <= LONGEST_SECRET and secret.isascii() else ""


async def entered(request: web.Request, *, by_itself: bool = False) -> Entered | None:
    """Who is signed in with this browser; None for nobody. `by_itself`: a page that stands open asks."""
    secret = secret_in(request)
    if not secret:
        return None
    return await request.app[APP].web_sessions.find(secret, by_itself=by_itself or _asked_by_itself(request))


def _asked_by_itself(request: web.Request) -> bool:
    """Whether a page may be asking that stands open, for news or for a part of it that changed."""
    streams = "text/event-stream" in request.headers.get("Accept", "")
    return request.method == "GET" and (streams or "HX-Request" in request.headers)


def remember(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Give the browser its cookie. Lax, so that a link in a message opens the page for who is signed in."""
    secure = is_secure(request)
    response.set_cookie(
        _name(request, _SESSION), secret, httponly=True, samesite="Lax", secure=secure, path="/"
    )
    response.del_cookie(_name(request, _LEFT), httponly=True, samesite="Lax", secure=secure, path="/")


def forget(request: web.Request, response: web.StreamResponse) -> None:
    """The browser holds nothing any more."""
    secure = is_secure(request)
    response.del_cookie(_name(request, _SESSION), httponly=True, samesite="Lax", secure=secure, path="/")


def oidc_secret_in(request: web.Request) -> str:
    """The secret of a browser that went to the sign-in page of an organisation, empty when it holds none."""
    secret = request.cookies.get(_name(request, _OIDC), "")
    return secret if len(secret) <= LONGEST_SECRET and secret.isascii() else ""


def remember_oidc(request: web.Request, response: web.StreamResponse, secret: str, lasts: timedelta) -> None:
    """Give it that secret. Lax, because it comes back from another site."""
    response.set_cookie(
        _name(request, _OIDC),
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        path="/",
    )


def somebody_left(request: web.Request) -> bool:
    """Whether somebody signed out in this browser and nobody signed in since."""
    return _name(request, _LEFT) in request.cookies


def remember_left(request: web.Request, response: web.StreamResponse) -> None:
    """Note in this browser that somebody signed out."""
    response.set_cookie(
        _name(request, _LEFT),
        "1",
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        path="/",
    )


def refuse_sent_from_elsewhere(request: web.Request) -> None:
    """A page elsewhere may not send a browser here. Refusal ``cross_site``."""
    if request.headers.get("Sec-Fetch-Site") not in (None, "none", "same-origin"):
        raise Refusal("cross_site")


def refuse_from_elsewhere(request: web.Request) -> None:
    """A cookie travels by itself: only a page of our own may change something. Refusal ``cross_site``."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin"):
        raise Refusal("cross_site")
    # A page that tells nobody where one came from sends the word null: then the browser must have said the rest.
    if origin == "null" and site is None:
        raise Refusal("cross_site")
    if origin not in (None, "null") and urlsplit(origin).netloc not in _our_names(request):
        raise Refusal("cross_site")


def refuse_without_token(given: str, entered: Entered) -> None:
    """A change carries the token of its session. Refusal ``form_outdated``: of an earlier one, or of none."""
    if not hmac.compare_digest(given.encode(), entered.csrf.encode()):
        raise Refusal("form_outdated")


def _our_names(request: web.Request) -> set[str]:
    return {request.host, urlsplit(request.app[APP].settings.public_url).netloc}
