"""The front page: in a training everybody whom you can be; elsewhere it leads on."""

from typing import Final

from aiohttp import web

from crisispool.domain.errors import BadInput
from crisispool.services.training import DEMO_PEOPLE
from crisispool.web import session
from crisispool.web.board.addresses import back_to
from crisispool.web.board.frame import first_page
from crisispool.web.board.page import Visit, visit_of

COMMAND: Final = web.AppKey("command", str)
"""The program as people type it here."""


async def shown(visit: Visit) -> web.StreamResponse:
    """Whom you can be; who is signed in outside a training goes to their first page."""
    if not visit.app.training:
        return visit.go(first_page(visit) if visit.entered else "/sign-in")
    return visit.show(
        "board/front.html",
        people=DEMO_PEOPLE,
        next=back_to(visit.request.query.get("next", ""), ""),
        command=visit.request.app[COMMAND],
        url=visit.app.settings.public_url,
        passkeys=visit.app.passkeys.site.can_have_passkeys,
    )


async def entered(visit: Visit) -> web.StreamResponse:
    """On as this demo person, to where they were going or to their first page."""
    response = await on_as(visit, visit.form.get("who", ""), back_to(visit.form.get("next", ""), ""))
    if visit.entered is not None:
        await visit.app.web_sessions.end(visit.actor, visit.entered.session_id)
    return response


async def on_as(visit: Visit, who: str, to: str) -> web.Response:
    """This browser is this demo person's from now on, at `to` or at their first page. Raises BadInput."""
    if who not in DEMO_PEOPLE:
        raise BadInput("who", "not_a_choice")
    secret = await visit.app.web_sessions.open(who)
    known = await visit.app.web_sessions.find(secret)
    response = visit.go(to or first_page(visit_of(visit.request, visit.page, known)))
    session.remember(visit.request, response, secret)
    return response
