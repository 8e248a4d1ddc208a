"""Pages opened inside Telegram: its signature instead of a button, for the one colleague that the link was made for.

`/app/{token}` holds nothing but the way to the page. Telegram's clients on the web show it in a frame, and only they
may; the page itself is never framed, because whoever frames it could lay something over it. So in a frame there is a
link that opens a window of its own, and elsewhere our script hands over the signature. Telegram's own script is not
loaded: what it would do for us is one line, and nothing from elsewhere runs on our pages.
"""

from typing import Final

from aiohttp import web

from crisispool.domain.errors import NotThere
from crisispool.services.page_links import SERVICE
from crisispool.web import html
from crisispool.web.call import APP
from crisispool.web.language import READER
from crisispool.web.pages import remember, token_in
from crisispool.web.static_files import address

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors https://web.telegram.org"
)


def add_routes(server: web.Application) -> None:
    """The page."""
    server.router.add_get("/app/{token}", looked)
    server.router.add_post("/app/{token}", signed)


async def looked(request: web.Request) -> web.Response:
    """The way to the page; changes nothing."""
    app, token = request.app[APP], token_in(request)
    front = await app.pages.open(token)
    if front.purpose == SERVICE or app.settings.telegram_token is None:
        raise NotThere("page")
    request[READER] = front.language
    page = html.page(request, "inside.html", purpose=front.purpose, token=token, script=address("inside.js"))
    page.headers["Content-Security-Policy"] = POLICY
    return page


async def signed(request: web.Request) -> web.Response:
    """Telegram says who looks: the link is bound to this browser, which goes on to the page."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise NotThere("page")
    token = token_in(request)
    given = (await request.post()).get("init_data")
    browser = await request.app[APP].inside.open(token, given if isinstance(given, str) else "")
    page = web.Response(status=303, headers={"Location": f"/p/{token}"})
    remember(request, page, token, browser)
    return page
