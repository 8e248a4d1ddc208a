"""Signing in with a passkey, proving once more who one is, and signing out."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from crisispool.domain.errors import Refusal
from crisispool.services.sign_in.ceremony import OWN_MACHINE
from crisispool.web import session
from crisispool.web.board.addresses import back_to
from crisispool.web.board.frame import first_page
from crisispool.web.board.page import Visit, visit_of


async def shown(visit: Visit) -> web.StreamResponse:
    """A button for passkeys and one for each organisation; in a training also the way to the demo people."""
    back = back_to(visit.form.get("next", "") or visit.request.query.get("next", ""), "")
    return visit.show(
        "board/sign_in.html",
        next=back,
        front=f"/?{urlencode({'next': back})}" if back else "/",
        offered=await visit.app.oidc.offered(visit.entered),
        **passkeys_here(visit),
    )


async def asked(visit: Visit) -> web.StreamResponse:
    """What the browser must have answered, as JSON."""
    visit.app.tries.one_more(address_of(visit.request))
    return question(await visit.app.passkeys.ask_to_sign_in())


async def answered(visit: Visit) -> web.StreamResponse:
    """Signed in, to where one was going; or still waiting for a coordinator, and then the code once more."""
    visit.app.tries.one_more(address_of(visit.request))
    done = await visit.app.passkeys.sign_in(answer_in(visit), visit.entered)
    if done.code:
        return visit.show("board/waiting.html", code=done.code)
    return await welcome(visit, done.secret, visit.form.get("next", ""))


async def welcome(visit: Visit, secret: str, back: str) -> web.StreamResponse:
    """To where one was going, signed in from now on; with an empty secret one was that already."""
    known = await visit.app.web_sessions.find(secret) if secret else visit.entered
    first = first_page(visit_of(visit.request, visit.page, known))
    response = visit.go(back_to(back, first))
    if secret:
        session.remember(visit.request, response, secret)
    return response


async def signed_out(visit: Visit) -> web.StreamResponse:
    """This browser is nobody's any more."""
    if visit.entered is not None:
        await visit.app.web_sessions.end(visit.actor, visit.entered.session_id)
    response = visit.go("/")
    session.forget(visit.request, response)
    session.remember_left(visit.request, response)
    return response


def passkeys_here(visit: Visit) -> dict[str, Any]:
    """For templates: whether this browser can use passkeys here (`possible`), or at which address (`elsewhere`)."""
    site, request = visit.app.passkeys.site, visit.request
    elsewhere = ""
    if site.rp_id == OWN_MACHINE and request.host != urlsplit(site.origin).netloc:
        elsewhere = site.origin + request.path
    return {"possible": site.can_have_passkeys and not elsewhere, "elsewhere": elsewhere}


def question(options: str) -> web.Response:
    """What the script asks the browser."""
    return web.Response(text=options, content_type="application/json")


def answer_in(visit: Visit) -> str:
    """What the browser answered. Refusal ``script_needed`` when it was not even asked."""
    answer = visit.form.get("answer", "")
    if not answer:
        raise Refusal("script_needed")
    return answer


def address_of(request: web.Request) -> str:
    """Where somebody is. A server in front of us on this machine says it; anybody else could make it up."""
    remote = request.remote or ""
    # Some add a header of their own below the one that came in: the last word is that of the server in front.
    said = ",".join(request.headers.getall("X-Forwarded-For", ())).rpartition(",")[2].strip()
    try:
        in_front = not remote or ip_address(remote).is_loopback
        return str(ip_address(said)) if in_front and said else remote
    except ValueError:
        return remote
