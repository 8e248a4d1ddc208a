"""Puts the web server together: rows to routes, middleware around them, pages and health beside them."""

from typing import TYPE_CHECKING, Final

from aiohttp import web

from crisispool.web import events, health, inside, openapi, pages, static_files
from crisispool.web.board import door, live, session_now
from crisispool.web.board.front import COMMAND
from crisispool.web.call import APP
from crisispool.web.metrics import METRICS, Metrics
from crisispool.web.middleware import MIDDLEWARES
from crisispool.web.operate import handler_of
from crisispool.web.routes import OPERATIONS, PREFIX

if TYPE_CHECKING:
    from crisispool.app import App

LARGEST_BODY: Final = 64 * 1024
"""Bytes; the largest honest body, a household of forty, is a tenth of it."""

SHUTDOWN_SECONDS: Final = 1
"""How long a call may still take when the server is told to stop."""


def make_server(app: "App", command: str = "crisispool") -> web.Application:
    """The web application; `command` is the program as people type it.

    Run it with `runner_of`; closing `app` is up to whoever opened it.
    """
    server = web.Application(middlewares=MIDDLEWARES, client_max_size=LARGEST_BODY)
    server[APP] = app
    server[METRICS] = Metrics()
    for operation in OPERATIONS:
        server.router.add_route(operation.method, PREFIX + operation.path, handler_of(operation))
    events.add_routes(server, PREFIX)
    openapi.add_routes(server)
    health.add_routes(server)
    pages.add_routes(server)
    inside.add_routes(server)
    static_files.add_routes(server)
    server[COMMAND] = command
    door.add_routes(server)
    live.add_routes(server)
    session_now.add_routes(server)
    return server


def runner_of(server: web.Application) -> web.AppRunner:
    """A runner without an access log: paths of one-time pages are secrets."""
    return web.AppRunner(server, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
