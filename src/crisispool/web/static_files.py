"""What pages load besides themselves: every file of `static`, and nothing from elsewhere."""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

PREFIX: Final = "/static/"
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def add_routes(server: web.Application) -> None:
    """One route for each file."""
    for name in _all():
        server.router.add_get(PREFIX + name, served)


async def served(request: web.Request) -> web.Response:
    """A file; a browser may keep it for an hour."""
    name = request.path.removeprefix(PREFIX)
    kind = KINDS[name[name.rindex(".") :]]
    headers = {"Cache-Control": "public, max-age=3600"}
    return web.Response(body=_all()[name], content_type=kind, charset="utf-8", headers=headers)


@cache
def address(name: str) -> str:
    """Where a page finds a file; another one after each change of it, so that nobody is shown an older one."""
    return f"{PREFIX}{name}?v={hashlib.sha256(_all()[name]).hexdigest()[:10]}"


@cache
def _all() -> dict[str, bytes]:
    return dict(_under(files("crisispool.web").joinpath("static"), ""))


def _under(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found = []
    for each in folder.iterdir():
        if each.is_dir():
            found += _under(each, f"{path}{each.name}/")
        elif each.name[each.name.rindex(".") :] in KINDS:
            found.append((path + each.name, each.read_bytes()))
    return found
