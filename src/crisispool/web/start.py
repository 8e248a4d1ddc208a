"""The start page of a training: who you can be, and what to type."""

from typing import Final

from aiohttp import web

from crisispool.domain.errors import NotThere
from crisispool.web import html
from crisispool.web.call import APP

PEOPLE: Final = (
    "calltaker",
    "calltaker_2",
    "referrer",
    "unit_manager",
    "support_worker",
    "coordinator",
    "council",
    "admin",
)


COMMAND: Final = web.AppKey("command", str)
"""The program as people type it here."""


def add_routes(server: web.Application, command: str) -> None:
    """The start page."""
    server[COMMAND] = command
    server.router.add_get("/", shown)


async def shown(request: web.Request) -> web.Response:
    """Only in training: a production set-up has nothing to show here."""
    app = request.app[APP]
    if not app.training:
        raise NotThere("page")
    return html.page(
        request,
        "start.html",
        people=PEOPLE,
        command=request.app[COMMAND],
        url=app.settings.public_url,
        now=app.clock.now(),
    )
