"""`GET /events`: that something changed, as it happens, for as long as somebody listens."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from crisispool.domain.errors import BadInput, Outage, Refusal
from crisispool.domain.organisation import Actor
from crisispool.web.call import APP
from crisispool.web.hub import HUB, Hub, Pace, Place
from crisispool.web.middleware import SAFE_HEADERS
from crisispool.web.operate import signed_in

PATH: Final = "/events"
BEAT: Final = b":\n\n"
AGAIN_MILLISECONDS: Final = 1000
"""After how long a browser comes back when the line is cut."""


DESCRIPTION: Final[dict[str, Any]] = {
    "operationId": "get_events",
    "tags": ["events"],
    "summary": "That something changed, as it happens",
    "description": (
        "For every role. Server-sent events. `event` is units, requests, duty or cases; `data` is `{\"ids\": [...]}`, "
        "with the ids of units that the asker may see, empty for other kinds. `everything`: look at all of it anew. "
        "`ready` comes first. Send `Last-Event-ID` to hear what came in between."
    ),
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "description": "The last `id` that was heard; a browser sends it by itself.",
            "schema": {"type": "string"},
        }
    ],
    "answer": {"text/event-stream": {"schema": {"type": "string"}}},
    "problems": (401, 422, 429, 500, 503),
}  # fmt: skip
"""What the description of the interface says of it."""


def add_routes(server: web.Application, prefix: str) -> None:
    """The stream, and the one reader behind all streams of this server."""
    server[HUB] = Hub(server[APP])
    server.router.add_route("GET", prefix + PATH, streamed)
    server.cleanup_ctx.append(_reading)
    server.on_shutdown.append(_ended)


async def streamed(request: web.Request) -> web.StreamResponse:
    """Events until the line is cut, the person may not listen any more, or the server stops."""
    if request.query_string:
        raise BadInput("query", "unknown_field")
    actor = await signed_in(request)
    hub = request.app[HUB]
    with hub.place(actor.colleague_id) as place:
        await hub.begin(place, _last_seen(request))
        response = web.StreamResponse(headers={**SAFE_HEADERS, "Content-Type": "text/event-stream"})
        if request.app[APP].training:
            response.headers["X-Crisispool-Mode"] = "training"
        # A proxy that gathers what it passes on would keep the news back.
        response.headers["X-Accel-Buffering"] = "no"
        await response.prepare(request)
        with suppress(ConnectionResetError):
            await _tell(request, response, hub, place, actor)
    return response


async def _tell(
    request: web.Request, response: web.StreamResponse, hub: Hub, place: Place, actor: Actor
) -> None:
    """Tell what comes, a beat when nothing does; who may listen is asked again and again."""
    pace, changes = hub.pace, request.app[APP].changes
    # Where to go on from is said once nothing before it is still to be told.
    number = "" if place.missed or place.everything else f"id: {place.seq}\n"
    news = f"retry: {AGAIN_MILLISECONDS}\nevent: ready\ndata: {{}}\n{number}\n".encode()
    who, asked_at = await changes.listener(actor), time.monotonic()
    while not hub.closing:
        if time.monotonic() - asked_at >= pace.recheck.total_seconds():
            try:
                who = await changes.listener(await signed_in(request))
            except Refusal:
                return
            except Outage:
                # Without the record there is no news either.
                pass
            asked_at = time.monotonic()
        news += hub.told(place, who)
        if not await _written(request, response, news or BEAT, pace):
            return
        news = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(pace.beat.total_seconds()):
                await place.woken.wait()


async def _written(request: web.Request, response: web.StreamResponse, text: bytes, pace: Pace) -> bool:
    """Whether it could be written; a line on which nobody reads is cut."""
    try:
        async with asyncio.timeout(pace.patience.total_seconds()):
            await response.write(text)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        return False
    return True


def _last_seen(request: web.Request) -> int | None:
    """The number of the last event heard; what is no number of ours stands before everything."""
    said = request.headers.get("Last-Event-ID", "")
    if not said:
        return None
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else -1


async def _reading(server: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(server[HUB].run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _ended(server: web.Application) -> None:
    server[HUB].close()
