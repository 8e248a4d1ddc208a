"""One-time pages: a button first, the content only in the browser that pressed it."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from crisispool.conversations.vocabulary import Say
from crisispool.domain.errors import NotThere, Refusal
from crisispool.services.page_contents import PageContent
from crisispool.services.page_links import SERVICE, PageFront
from crisispool.services.told import Told
from crisispool.texts.render import told
from crisispool.web import forms, html, service_pages
from crisispool.web.call import APP
from crisispool.web.language import READER, language_of
from crisispool.web.paper.night_list import night_list_sheet
from crisispool.web.paper.sheet import Sheet

COOKIE: Final = "crisispool_page"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,128}")
_BROWSER = re.compile(r"[A-Za-z0-9_-]{32,64}")


def add_routes(server: web.Application) -> None:
    """The pages."""
    server.router.add_get("/p/{token}", looked)
    server.router.add_post("/p/{token}", pressed)


async def looked(request: web.Request) -> web.Response:
    """What the link leads to and one button; the content only for the browser it is bound to.

    Whoever previews a link in a chat sees the button and changes nothing.
    """
    token, browser = token_in(request), _browser(request)
    front = await _front(request, token)
    if front.purpose == SERVICE:
        return await service_pages.looked(request, token)
    if browser is not None and request.method == "GET":
        try:
            return await _content(request, token, browser)
        except NotThere:
            # Not bound yet, or to another browser: the front says no more than to anybody else.
            pass
    response = html.page(request, "front.html", purpose=front.purpose)
    remember(request, response, token, browser or secrets.token_urlsafe(32))
    return response


async def pressed(request: web.Request) -> web.Response:
    """The button binds the link to this browser; a form gives what it asks."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise NotThere("page")
    token = token_in(request)
    if (await _front(request, token)).purpose == SERVICE:
        return await service_pages.pressed(request, token)
    browser = _browser(request) or secrets.token_urlsafe(32)
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    if "operation" in form:
        return await _given(request, token, browser, form)
    await request.app[APP].pages.bind(token, browser)
    response = await _content(request, token, browser)
    remember(request, response, token, browser)
    return response


async def _front(request: web.Request, token: str) -> PageFront:
    """What the link leads to. From here on it is known in which language whoever it was made for reads."""
    front = await request.app[APP].pages.open(token)
    request[READER] = front.language
    return front


async def _given(request: web.Request, token: str, browser: str, form: Mapping[str, str]) -> web.Response:
    """Take a form; the page comes back with what happened, or with what is wrong beside the field."""
    app = request.app[APP]
    name = hashlib.sha256(f"{token}:{forms.operation_of(form)}".encode()).hexdigest()[:40]
    about = form.get("person", "")
    said: Told = (Say("page.kept"),)
    try:
        if "person" in form:
            ask = forms.identity_of(form, app.clock.now().date())
            said = await app.pages.identify(token, browser, f"page:{name}", forms.person_of(form), ask)
        else:
            await app.pages.write(token, browser, f"page:{name}", forms.prose_of(form))
    except NotThere:
        raise
    except Refusal as refusal:
        return await _content(request, token, browser, about=about, wrong=refusal, typed=form, status=422)
    return await _content(request, token, browser, about=about, said=said)


async def _content(
    request: web.Request,
    token: str,
    browser: str,
    *,
    about: str = "",
    said: Told = (),
    wrong: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    content = await request.app[APP].pages.view(token, browser)
    language = language_of(request)
    return html.page(
        request,
        "content.html",
        status,
        content=content,
        sheet=_sheet(request, content, language),
        about=about,
        said=told(said, language),
        wrong=html.wrong(wrong, language) if wrong else {},
        typed=typed or {},
        operation=lambda: secrets.token_urlsafe(24),
    )


def _sheet(request: web.Request, content: PageContent, language: str) -> Sheet | None:
    """The paper on a page, when it has one."""
    now = request.app[APP].clock.now()
    return night_list_sheet(content.paper, now, language) if content.paper else None


def token_in(request: web.Request) -> str:
    """The secret in the address. Raises NotThere."""
    token = request.match_info["token"]
    if not _TOKEN.fullmatch(token):
        raise NotThere("page")
    return token


def _browser(request: web.Request) -> str | None:
    browser = request.cookies.get(COOKIE, "")
    return browser if _BROWSER.fullmatch(browser) else None


def remember(request: web.Request, response: web.Response, token: str, browser: str) -> None:
    """Lax, because a link opened from another app must find its cookie again."""
    response.set_cookie(
        COOKIE,
        browser,
        path=f"/p/{token}",
        httponly=True,
        samesite="Lax",
        secure=request.app[APP].settings.public_url.startswith("https:"),
    )
