"""Is the process there, can it work, what has it counted: for whoever keeps it running."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from crisispool.domain.errors import Outage
from crisispool.domain.organisation import Network
from crisispool.web.call import APP
from crisispool.web.metrics import METRICS

if TYPE_CHECKING:
    from crisispool.app import App

PATIENCE: Final = timedelta(seconds=2)


def add_routes(server: web.Application) -> None:
    """The three addresses for machines that watch."""
    server.router.add_get("/healthz", healthz)
    server.router.add_get("/readyz", readyz)
    server.router.add_get("/metrics", metrics)


async def healthz(_: web.Request) -> web.Response:
    """The process lives."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """Whether it can work: not without the record (503), slower without the live view."""
    app = request.app[APP]
    record, live_view = await asyncio.gather(_answers(_ask_record(app)), _answers(_ask_live_view(app)))
    state = {"ready": record, "slow": not live_view, "record": record, "live_view": live_view}
    return web.json_response(state, status=200 if record else 503)


async def metrics(request: web.Request) -> web.Response:
    """Counters in the Prometheus text format; how deliveries are doing only while the record answers."""
    app = request.app[APP]
    deliveries = b""
    with suppress(Outage, TimeoutError):
        async with asyncio.timeout(PATIENCE.total_seconds()):
            deliveries = await app.delivery_figures.text()
    return web.Response(
        body=request.app[METRICS].text() + app.counted.text() + deliveries,
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


async def _answers(question: Any) -> bool:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await question
    except (Outage, TimeoutError):
        return False
    return True


async def _ask_record(app: "App") -> None:
    async with app.store.reading() as reading:
        await reading.find(Network, limit=1)


async def _ask_live_view(app: "App") -> None:
    # No network has this name: the shortest question that makes the server answer.
    await app.pool.find("-", [], 1, frozenset(), frozenset())
