"""Somebody opens an invitation in a browser: for what it is, a passkey, and the code to read out."""

from aiohttp import web

from crisispool.domain.errors import NotThere, Refusal
from crisispool.services.sign_in.coming_in import Invited
from crisispool.web import html
from crisispool.web.board.page import Visit
from crisispool.web.board.sign_in import answer_in, passkeys_here, question


async def shown(visit: Visit) -> web.StreamResponse:
    """For what it is, and the ways in. Programs that look into messages open it too, and change nothing."""
    token, seen = visit.path["token"], await _seen(visit)
    offered = await visit.app.oidc.offered_by(token)
    return visit.show("board/invited.html", seen=seen, token=token, offered=offered, **passkeys_here(visit))


async def asked(visit: Visit) -> web.StreamResponse:
    """What the browser must have answered, as JSON."""
    seen = await _seen(visit)
    called = seen.colleague or f"{html.board_text(f'role.{seen.role}', visit.language)} · {seen.where}"
    return question(await visit.app.coming_in.ask(visit.path["token"], called))


async def came_in(visit: Visit) -> web.StreamResponse:
    """The passkey is made; now a coordinator must hear the code."""
    answer = answer_in(visit)
    try:
        code = await visit.app.coming_in.come_in(visit.path["token"], answer, visit.language)
    except NotThere:
        raise Refusal("invitation_gone") from None
    return visit.show("board/waiting.html", code=code)


async def _seen(visit: Visit) -> Invited:
    try:
        return await visit.app.coming_in.look(visit.path["token"])
    except NotThere:
        raise Refusal("invitation_gone") from None
