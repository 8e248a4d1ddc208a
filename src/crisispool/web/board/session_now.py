"""Who is signed in with a browser now. A page that stood open asks before it sends a form, so that what was typed in
it is not lost to a session that ended, and does not go out under the name of whoever signed in since."""

from typing import Final

from aiohttp import web

from crisispool.web import session
from crisispool.web.call import APP

PATH: Final = "/session"


def add_routes(server: web.Application) -> None:
    """The question."""
    server.router.add_route("GET", PATH, answered)


async def answered(request: web.Request) -> web.Response:
    """``{who, csrf, fresh}`` of the session; 401 without one. Nobody stays signed in by asking."""
    entered = await session.entered(request, by_itself=True)
    if entered is None:
        return web.json_response({}, status=401)
    fresh = entered.fresh or bool(request.app[APP].training)
    return web.json_response({"who": entered.actor.colleague_id, "csrf": entered.csrf, "fresh": fresh})
