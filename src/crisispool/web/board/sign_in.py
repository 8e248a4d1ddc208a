"""Signing in and out."""

from urllib.parse import urlencode

from aiohttp import web

from crisispool.web import session
from crisispool.web.board.addresses import back_to
from crisispool.web.board.page import Visit


async def shown(visit: Visit) -> web.StreamResponse:
    """How to sign in; in a training that is on the front page."""
    back = back_to(visit.request.query.get("next", ""), "")
    if visit.app.training:
        return visit.go(f"/?{urlencode({'next': back})}" if back else "/")
    return visit.show("board/sign_in.html", next=back)


async def signed_out(visit: Visit) -> web.StreamResponse:
    """This browser is nobody's any more."""
    if visit.entered is not None:
        await visit.app.web_sessions.end(visit.actor, visit.entered.session_id)
    response = visit.go("/")
    session.forget(visit.request, response)
    return response
