"""Pages of services: the link of a mail shows what it said and one button; only the button does anything."""

from aiohttp import web

from crisispool.services.mail.acting import ServicePage
from crisispool.web import html
from crisispool.web.call import APP
from crisispool.web.language import READER


async def looked(request: web.Request, token: str) -> web.Response:
    """The page. Programs that open every link of a mail see the button and change nothing."""
    return _shown(request, await request.app[APP].service_pages.open(token))


async def pressed(request: web.Request, token: str) -> web.Response:
    """The button; pressed again it says the same."""
    return _shown(request, await request.app[APP].service_pages.press(token))


def _shown(request: web.Request, page: ServicePage) -> web.Response:
    request[READER] = page.language
    return html.page(request, "service.html", page=page)
