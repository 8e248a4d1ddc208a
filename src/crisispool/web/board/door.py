"""The one way into the board: from a row to a page, with everything that every page asks for on the way."""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import web
from multidict import MultiDict

from crisispool.domain.errors import BadInput, Conflict, NotThere, NotYourRole, Outage, Refusal
from crisispool.web import html, problems, session
from crisispool.web.board import tour
from crisispool.web.board.addresses import back_to
from crisispool.web.board.frame import ROWS
from crisispool.web.board.page import Page, Visit, visit_of
from crisispool.web.board.pages import PAGES
from crisispool.web.call import Who
from crisispool.web.fields import ID_PATTERN
from crisispool.web.language import READER

SIGN_IN: Final = "/sign-in"
GO_ELSEWHERE: Final = 303
PART_FAILED: Final = 500
"""From this status on a part of ours failed: who asks cannot be looked up, and need not."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # With no-referrer a browser would not say where a form comes from.
    "Referrer-Policy": "same-origin",
}

_ID = re.compile(ID_PATTERN)

log = structlog.get_logger(__name__)


def add_routes(server: web.Application) -> None:
    """Every page of the board."""
    server[ROWS] = PAGES
    for page in PAGES:
        add = server.router.add_get if page.method == "GET" else server.router.add_post
        add(page.path, _handler_of(page))


def _handler_of(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        visit = await _visit(request, page)
        try:
            response = await _answer(visit)
        except Refusal as refusal:
            response = problem_in_frame(visit, problems.of_refusal(refusal))
        if visit.app.training:
            await tour.onto(visit, response)
        if visit.by_script and response.status == GO_ELSEWHERE:
            # Followed by a script, the page there would be read and not shown.
            response.headers["HX-Redirect"] = response.headers.pop("Location")
            response.set_status(200)
        response.headers.update(HEADERS)
        return response

    return handle


async def problem_page(request: web.Request, problem: problems.Problem) -> web.Response:
    """What went wrong before any page was found, or because a part failed; in the frame of who asks."""
    known = None
    if problem.status < PART_FAILED:
        with suppress(Outage):
            known = await session.entered(request)
    visit = visit_of(request, None, known)
    if known is not None:
        request[READER] = known.actor.language
    response = problem_in_frame(visit, problem)
    response.headers.update(HEADERS)
    return response


async def _visit(request: web.Request, page: Page) -> Visit:
    known = await session.entered(request, by_itself=page.by_itself)
    if known is not None:
        request[READER] = known.actor.language
    return visit_of(request, page, known)


async def _answer(visit: Visit) -> web.StreamResponse:
    page, request = visit.page, visit.request
    assert page is not None  # noqa: S101  # a visit of a row has its row
    if page.training_only and not visit.app.training:
        raise NotThere("page")
    if visit.entered is None and page.allowed is not Who.EVERYONE:
        return _to_sign_in(visit)
    if not page.is_for(visit.entered.actor if visit.entered else None):
        raise NotThere("page")
    if not all(_ID.fullmatch(value) for value in request.match_info.values()):
        raise NotThere("page")
    if page.changes:
        visit = await _with_form(visit)
    if page.fresh and not (visit.app.training or (visit.entered and visit.entered.fresh)):
        return _to_sign_in(visit)
    return await _handled(visit, page)


async def _handled(visit: Visit, page: Page) -> web.StreamResponse:
    """What the page answers; when it refuses, the page where the form stood, with the reason."""
    try:
        return await page.handler(visit)
    except (NotThere, NotYourRole):
        raise NotThere("page") from None
    except Refusal as refused:
        refusal = refused
    except Conflict as lost:
        log.warning("lost_race", table=lost.table)
        refusal = Refusal("lost_race")
    if page.again is None:
        raise refusal
    problem = problems.of_refusal(refusal)
    return await page.again(visit.again(html.wrong(refusal, visit.language), problem.status))


async def _with_form(visit: Visit) -> Visit:
    """The visit with what was sent, when it comes from a page of ours and from this session. Refusal ``cross_site``."""
    session.refuse_from_elsewhere(visit.request)
    assert visit.page is not None  # noqa: S101  # only a row takes forms
    try:
        sent = await visit.request.clone(client_max_size=visit.page.largest).post()
    except (ValueError, LookupError):
        # Bytes, a charset or a boundary that no browser of ours sends.
        raise BadInput("body", "unreadable") from None
    form = MultiDict((name, value) for name, value in sent.items() if isinstance(value, str))
    files = {name: _content(each) for name, each in sent.items() if isinstance(each, web.FileField)}
    if visit.entered is not None:
        token = visit.request.headers.get(session.CSRF_HEADER) or form.get(session.CSRF_FIELD)
        session.refuse_without_token(token or "", visit.entered)
    return Visit(visit.app, visit.page, visit.request, visit.entered, form, files=files)


def _content(sent: web.FileField) -> bytes:
    with sent.file as file:
        return file.read()


def _to_sign_in(visit: Visit) -> web.Response:
    """To where one signs in, and from there back to this page, or to the one where the form stood."""
    request = visit.request
    came_from = urlsplit(request.headers.get("Referer", ""))
    path = request.path_qs if request.method == "GET" else back_to(came_from.path, "")
    to = f"{SIGN_IN}?next={quote(path, safe='/')}" if path else SIGN_IN
    if visit.by_script:
        # Put into a page, the page to sign in with would stand in the middle of another. What was typed stays where
        # it is; what was only read is left.
        leaves = {"HX-Redirect": SIGN_IN} if request.method == "GET" else {"HX-Trigger": "signedOut"}
        return web.Response(status=401, headers=leaves)
    return web.Response(status=303, headers={"Location": to})


def problem_in_frame(visit: Visit, problem: problems.Problem) -> web.Response:
    """What went wrong, in the frame; what is not there and what is not theirs look the same."""
    unlike = Visit(visit.app, None, visit.request, visit.entered, status=problem.status)
    page = unlike.show(
        "board/problem.html", said=problem.detail(visit.language), facts_id=problem.facts.get("id", "")
    )
    page.headers.update(problem.headers)
    # A page that sent a form says it there, and keeps what was typed.
    page.headers["X-Problem"] = problem.code
    return page
