"""`GET /events`: that something changed, as it happens, for as long as somebody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from crisispool.domain.errors import BadInput
from crisispool.domain.organisation import Actor
from crisispool.web.call import APP
from crisispool.web.hub import HUB, Hub
from crisispool.web.line import Line
from crisispool.web.operate import signed_in

PATH: Final = "/events"

DESCRIPTION: Final[dict[str, Any]] = {
    "operationId": "get_events",
    "tags": ["events"],
    "summary": "That something changed, as it happens",
    "description": (
        "For every role. Server-sent events. `event` is units, requests, duty or cases; `data` is `{\"ids\": [...]}`, "
        "with the ids of units for the desk and for their owner, empty for others (look at all units) and for other "
        "kinds. `everything`: look at all of it anew. "
        "`ready` comes first. Send `Last-Event-ID` to hear what came in between; `since` says it at a first call."
    ),
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "description": "The last `id` that was heard; a browser sends it by itself.",
            "schema": {"type": "string"},
        },
        {
            "name": "since",
            "in": "query",
            "required": False,
            "description": "What somebody looks at already was read at this number; `Last-Event-ID` goes before it.",
            "schema": {"type": "string"},
        },
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
    if set(request.query) - {"since"}:
        raise BadInput("query", "unknown_field")
    changes, hub, actor = request.app[APP].changes, request.app[HUB], await signed_in(request)
    with hub.place(actor.colleague_id) as place:
        await hub.begin(place, _last_seen(request))
        # Where to go on from is said once nothing before it is still to be told.
        number = "" if place.missed or place.everything else f"id: {place.seq}\n"

        async def news(who: Actor) -> bytes:
            # Anew each time: a shift also begins and ends when nobody does anything.
            return hub.told(place, await changes.listener(who))

        first = f"event: ready\ndata: {{}}\n{number}\n".encode()
        return await Line(request, hub, place).follow(first, actor, lambda: signed_in(request), news)


def _last_seen(request: web.Request) -> int | None:
    """The number of the last event heard; what is no number of ours stands before everything."""
    said = request.headers.get("Last-Event-ID") or request.query.get("since", "")
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
