"""Going to the sign-in page of one's own organisation, and coming back from there.

Going there is a GET that writes down a try: a form may not be answered with an address elsewhere under our policy.
"""

from collections.abc import Awaitable
from typing import Final, TypeVar

import structlog
from aiohttp import web

from crisispool.domain.errors import NotThere, Outage, Refusal
from crisispool.domain.oidc import ANSWERED_WITHIN
from crisispool.services.sign_in.oidc import Returned, Sent
from crisispool.web import session
from crisispool.web.board.addresses import back_to
from crisispool.web.board.page import Visit
from crisispool.web.board.sign_in import address_of, welcome

R = TypeVar("R")

PROVIDER: Final = "provider"
LONGEST: Final = 4000
"""Characters of anything that a provider sends back through the browser."""

log = structlog.get_logger()


async def begun(visit: Visit) -> web.StreamResponse:
    """To the sign-in page of an organisation; who is signed in already proves it there once more."""
    organisation = _with_provider(visit)
    _begins_here(visit)
    back = back_to(visit.request.query.get("next", ""), "")
    browser = session.oidc_secret_in(visit.request)
    left = session.somebody_left(visit.request)
    sent = await _asked(visit.app.oidc.begin(organisation, browser, back, visit.entered, left=left))
    return _sent(visit, sent)


async def begun_with(visit: Visit) -> web.StreamResponse:
    """To the sign-in page of the organisation that an invitation is for."""
    _begins_here(visit)
    browser = session.oidc_secret_in(visit.request)
    try:
        sent = await _asked(visit.app.oidc.begin_with(visit.path["token"], browser))
    except NotThere:
        raise Refusal("invitation_gone") from None
    return _sent(visit, sent)


async def came_back(visit: Visit) -> web.StreamResponse:
    """Signed in, to where one was going; or waiting for a coordinator, and then with the code."""
    organisation = _with_provider(visit)
    browser = session.oidc_secret_in(visit.request)
    if not browser:
        # Nothing was begun here. A picture on a page elsewhere asks this too: it uses up nobody's tries.
        raise Refusal("oidc_begin_again")
    visit.app.tries.one_more(address_of(visit.request))
    done = await _asked(
        visit.app.oidc.come_back(
            organisation,
            browser,
            Returned(*(_given(visit, name) for name in ("state", "code", "iss", "error"))),
            visit.entered,
            visit.language,
        )
    )
    if done.code:
        return visit.show("board/waiting.html", code=done.code)
    return await welcome(visit, done.secret, done.back)


def _with_provider(visit: Visit) -> str:
    """The id of the organisation in the address. Raises NotThere."""
    organisation = visit.path["organisation"]
    if organisation not in visit.app.oidc.providers.issuers():
        raise NotThere("provider")
    return organisation


def _begins_here(visit: Visit) -> None:
    """Only from a page of ours, and not too often: each time is a row."""
    session.refuse_sent_from_elsewhere(visit.request)
    visit.app.tries.one_more(address_of(visit.request))


def _sent(visit: Visit, sent: Sent) -> web.StreamResponse:
    response = web.Response(status=303, headers={"Location": sent.address})
    session.remember_oidc(visit.request, response, sent.browser, ANSWERED_WITHIN)
    return response


def _given(visit: Visit, name: str) -> str:
    value = visit.request.query.get(name, "")
    return value if len(value) <= LONGEST else ""


async def _asked(asking: Awaitable[R]) -> R:
    """What comes of asking a provider. One that is away is a sentence on the page, beside the other ways in."""
    try:
        return await asking
    except Outage as away:
        if away.part != PROVIDER:
            raise
        log.warning("outage", part=away.part, hint=away.hint)
        raise Refusal("oidc_away") from None
