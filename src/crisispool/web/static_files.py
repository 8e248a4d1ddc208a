"""What pages load besides themselves: every file of `static`, and nothing from elsewhere."""

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

PREFIX: Final = "/static/"
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


_NOT_WANTED: Final = re.compile(r"[^,]*;\s*q=0(\.0*)?(?=\s*(,|$))|;[^,]*")
"""Encodings that are ruled out, and how much the others are wanted."""


def add_routes(server: web.Application) -> None:
    """One route for each file."""
    for name in _all():
        server.router.add_get(PREFIX + name, served)


async def served(request: web.Request) -> web.Response:
    """A file, packed for who can unpack it; a browser may keep it for an hour."""
    name = request.path.removeprefix(PREFIX)
    kind = KINDS[name[name.rindex(".") :]]
    headers = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
    if not takes_gzip(request):
        return web.Response(body=_all()[name], content_type=kind, charset="utf-8", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=_packed(name), content_type=kind, charset="utf-8", headers=headers)


def takes_gzip(request: web.Request) -> bool:
    """Whether who asks can unpack gzip."""
    asked = request.headers.get("Accept-Encoding", "")
    return any(part.strip().lower() == "gzip" for part in _NOT_WANTED.sub("", asked).split(","))


@cache
def address(name: str) -> str:
    """Where a page finds a file; another one after each change of it, so that nobody is shown an older one."""
    return f"{PREFIX}{name}?v={hashlib.sha256(_all()[name]).hexdigest()[:10]}"


@cache
def _packed(name: str) -> bytes:
    # Without a time in it, so that it is the same in every process.
    return gzip.compress(_all()[name], mtime=0)


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
