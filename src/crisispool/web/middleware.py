"""What happens around every call: safe headers, the training banner, counting, the clock, errors."""

import secrets
import traceback
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web

from crisispool.domain.errors import Conflict, Outage, Refusal
from crisispool.web import html, problems
from crisispool.web.board.door import problem_page
from crisispool.web.call import APP
from crisispool.web.headers import SAFE_HEADERS
from crisispool.web.language import language_of
from crisispool.web.metrics import METRICS
from crisispool.web.static_files import takes_gzip

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WITHOUT_CLOCK = frozenset({"/healthz", "/readyz", "/metrics"})

WORTH_PACKING: Final = 1000
"""Bytes; a smaller page fills one packet anyhow."""

log = structlog.get_logger()


@web.middleware
async def safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Headers of every answer; an answer that brings its own value keeps it."""
    response = await handler(request)
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.app[APP].training:
        response.headers["X-Crisispool-Mode"] = "training"
    return response


@web.middleware
async def packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Packs a page that our own page asked for, or somebody who typed its address.

    How long a packed page is says something about what stands in it. So a site elsewhere that makes a browser ask for
    our pages with words of its choice, and watches the line, is sent pages that are not packed.
    """
    response = await handler(request)
    ours = request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
    if ours and isinstance(response, web.Response) and response.content_type == "text/html":
        response.headers["Vary"] = "Accept-Encoding, Sec-Fetch-Site"
        body = response.body
        if takes_gzip(request) and isinstance(body, bytes) and len(body) > WORTH_PACKING:
            response.enable_compression(web.ContentCoding.gzip)
    return response


@web.middleware
async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts the answer under the template of its route, never under the path that was asked."""
    response = await handler(request)
    resource = request.match_info.route.resource
    request.app[METRICS].count(request.method, resource.canonical if resource else "none", response.status)
    return response


@web.middleware
async def mended(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever went wrong into problem details, or a page where people look."""
    try:
        return await handler(request)
    except Refusal as refusal:
        problem = problems.of_refusal(refusal)
    except Conflict as lost:
        log.warning("lost_race", table=lost.table)
        problem = problems.of_refusal(Refusal("lost_race"))
    except Outage as outage:
        log.warning("outage", part=outage.part, hint=outage.hint)
        problem = problems.of_outage(outage)
    except web.HTTPException as error:
        if error.status < 400:
            return error
        problem = problems.of_http(error)
    except Exception as error:  # noqa: BLE001  # the last door: nobody outside may see what happened
        problem = problems.of_unexpected(logged(error))
    if html.is_for_programs(request):
        return problems.as_json(problem, language_of(request))
    if html.is_of_a_link(request):
        return html.problem_page(request, problem)
    return await problem_page(request, problem)


@web.middleware
async def clock_refreshed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Takes over a training clock that another process moved."""
    if request.path not in WITHOUT_CLOCK:
        await request.app[APP].clock.refresh()
    return await handler(request)


def logged(error: Exception) -> str:
    """Log where an unexpected error happened, without its message, which may quote data; gives its id."""
    error_id = secrets.token_hex(6)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    log.error("unexpected", id=error_id, kind=type(error).__name__, where=where)
    return error_id


MIDDLEWARES = (safe_headers, packed, counted, mended, clock_refreshed)
