"""My account: who I am, where I am signed in, what I read."""

from aiohttp import web

from crisispool.domain.errors import Refusal
from crisispool.services.web_sessions import Entered
from crisispool.web.board.addresses import back_to
from crisispool.web.board.frame import HOME
from crisispool.web.board.page import Visit
from crisispool.web.board.sign_in import answer_in, passkeys_here, question
from crisispool.web.schemas import LanguageBody


async def shown(visit: Visit) -> web.StreamResponse:
    """Everything about who asks."""
    me = _me(visit)
    return visit.show(
        "board/account.html",
        sessions=await visit.app.web_sessions.list(me),
        passkeys=await visit.app.passkeys.list(me),
        links=await visit.app.oidc.list(me),
        **passkeys_here(visit),
    )


async def language_chosen(visit: Visit) -> web.StreamResponse:
    """From now on everything is said in this language; on to the page where it was chosen."""
    chosen = visit.given(LanguageBody).language
    await visit.app.languages.read(visit.actor, visit.operation_id, chosen)
    return visit.go(back_to(visit.form.get("back", ""), HOME))


async def session_ended(visit: Visit) -> web.StreamResponse:
    """One browser is signed out; when it is this one, to the front page."""
    session_id = visit.path["id"]
    await visit.app.web_sessions.end(visit.actor, session_id)
    return visit.go("/") if session_id == _me(visit).session_id else visit.go(HOME, done="session_ended")


async def others_ended(visit: Visit) -> web.StreamResponse:
    """Only this browser stays signed in."""
    await visit.app.web_sessions.end_others(_me(visit))
    return visit.go(HOME, done="others_ended")


async def passkey_asked(visit: Visit) -> web.StreamResponse:
    """What the browser must have answered for one more passkey, as JSON."""
    return question(await visit.app.passkeys.ask_for_one_more(_me(visit)))


async def passkey_added(visit: Visit) -> web.StreamResponse:
    """One more passkey."""
    await visit.app.passkeys.add(_me(visit), visit.form.get("name", ""), answer_in(visit))
    return visit.go(HOME, done="passkey_added")


async def passkey_removed(visit: Visit) -> web.StreamResponse:
    """One passkey less."""
    await visit.app.passkeys.remove(_me(visit), visit.path["id"])
    return visit.go(HOME, done="passkey_removed")


async def link_removed(visit: Visit) -> web.StreamResponse:
    """The account of one's organisation opens nothing here any more."""
    await visit.app.oidc.remove(_me(visit), visit.path["id"])
    return visit.go(HOME, done="link_removed")


def _me(visit: Visit) -> Entered:
    if visit.entered is None:
        raise Refusal("unauthenticated")
    return visit.entered
