"""Every page that people look at: one line for each GET page of the board, and the pages and errors beside them.

A new page gets a line here, or `tests/web/board_pages.py` and this list no longer agree and a test fails. From these
lines come the checks for who does not see or has no mouse, the weights and the screenshots.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.browser.scene import Scene

ORIGINAL: Final = "form:not(:has(input)) button"
"""The one button of a one-time page that was not opened yet."""

LIST: Final = "Naam;Gemeente;Slaapplaatsen\nKerkstraat;Izegem;veel\nMarkt;Brussel;2\nPlein;Ingelmunster;2\n"
"""Units as a file, with mistakes."""


@dataclass(frozen=True)
class Look:
    """Somebody at a page. `who`: a demo person, nobody signed in when empty; `ids` names the kinds of the ids in the
    path (`Scene.ids`); `query` is added to the address.

    `fill` is typed into fields by their name, `press` the buttons that are then pressed: selectors, of which one that
    is not there is left out. `status`: what the last answer then says.
    """

    who: str = ""
    ids: tuple[str, ...] = ()
    query: str = ""
    fill: tuple[tuple[str, str], ...] = ()
    press: tuple[str, ...] = ()
    status: int = 200


@dataclass(frozen=True)
class View:
    """A look with its name, which may be one of a file, and its path; `of_the_board`: it is the page of a row."""

    name: str
    path: str
    look: Look
    of_the_board: bool = False


LOOKS: Final = {
    "GET /": Look(),
    "GET /sign-in": Look(),
    "GET /invited/{token}": Look(ids=("invitation",)),
    "GET /tonight": Look("calltaker"),
    "GET /talk": Look("calltaker"),
    "GET /units": Look("unit_manager"),
    "GET /units/new": Look("unit_manager"),
    "GET /units/import": Look("unit_manager"),
    "GET /units/{id}": Look("unit_manager", ("unit",)),
    "GET /units/{id}/access": Look("unit_manager", ("unit",)),
    "GET /cases": Look("support_worker"),
    "GET /cases/{id}": Look("support_worker", ("case",)),
    "GET /duty": Look("coordinator"),
    "GET /night-list": Look("calltaker"),
    "GET /papers": Look("calltaker"),
    "GET /access": Look("coordinator"),
    "GET /access/{id}": Look("coordinator", ("colleague",)),
    "GET /cases/closed": Look("support_worker"),
    "GET /daytime": Look("support_worker"),
    "GET /on-paper": Look("coordinator"),
    "GET /tokens": Look("coordinator"),
    "GET /people": Look("coordinator"),
    "GET /people/services/{id}": Look("coordinator", ("service",)),
    "GET /people/{id}": Look("coordinator", ("colleague",)),
    "GET /people/{id}/end": Look("coordinator", ("leaver",)),
    "GET /settings": Look("coordinator"),
    "GET /settings/history": Look("coordinator"),
    "GET /settings/{name}": Look("coordinator", ("setting",)),
    "GET /audit": Look("coordinator"),
    "GET /account": Look("calltaker"),
}
"""Pages of the board by the name of their row."""

FILES: Final = {
    "GET /units/import/list.csv",
    "GET /duty/feed/{token}",
    "GET /night-list.pdf",
    "GET /papers.pdf",
    "GET /audit.csv",
    "GET /sign-in/with/{organisation}",
    "GET /sign-in/with/{organisation}/back",
    "GET /invited/{token}/with",
}
"""Rows that give a file or lead elsewhere, at which nobody looks in a browser."""

BESIDE: Final = {
    "one-time front": ("/p/{access}", Look()),
    "one-time access": ("/p/{access}", Look("phone", press=(ORIGINAL,))),
    "one-time identity": ("/p/{identity}", Look("phone", press=(ORIGINAL,))),
    "one-time identity mistaken": (
        "/p/{identity}",
        Look("phone", fill=(("given_name", "An"),), press=(ORIGINAL, "form button"), status=422),
    ),
    "one-time case": ("/p/{story}", Look("phone", press=(ORIGINAL,))),
    "one-time gone": ("/p/a-link-that-never-was-there", Look(status=404)),
    "mail": ("/p/{mail}", Look("phone")),
    "mail pressed": ("/p/{mail}", Look("phone", press=(ORIGINAL,))),
    "not there": ("/there-is-no-such-page", Look("coordinator", status=404)),
    "signed out": ("/tonight", Look()),
    "tour": ("/", Look("guest", press=(".start-tour button",))),
    "talk question": ("/talk", Look("calltaker_2", press=("#now .choices button",))),
    "unit mistaken": (
        "/units/new",
        Look(
            "unit_manager", fill=(("label", " "), ("places", "999")), press=("main form button",), status=422
        ),
    ),
    "token made": (
        "/tokens",
        Look("admin", fill=(("name", "Roosterprogramma"),), press=("main form:has([name=name]) button",)),
    ),
    "on paper mistaken": (
        "/on-paper",
        Look("coordinator", fill=(("adults", "99"),), press=("main form button",), status=422),
    ),
    "setting mistaken": (
        "/settings/hold_for",
        Look("coordinator", fill=(("value", "999"),), press=("main form button",), status=422),
    ),
    "list mistaken": (
        "/units/import",
        Look("unit_manager", fill=(("file", LIST),), press=("main form button",)),
    ),
}
"""Pages without a row, errors, and pages as somebody else sees them: path, with kinds of ids in braces, and look."""


ALSO: Final = {
    "not theirs": ("/access", Look("calltaker", status=404)),
    "tonight filtered": ("/tonight?q=izegem&places=2", Look("coordinator")),
    "tonight of an owner": ("/tonight", Look("unit_manager")),
    "talk of a referrer": ("/talk", Look("referrer")),
    "cases of a coordinator": ("/cases", Look("coordinator")),
    "case not taken": ("/cases", Look("coordinator", press=("main li a",))),
    "duty of a calltaker": ("/duty", Look("calltaker")),
    "setting in an order": ("/settings/proposal_order", Look("coordinator")),
    "setting of a moment": ("/settings/handover_at", Look("coordinator")),
    "settings of an admin": ("/settings", Look("admin")),
    "audit of one": ("/audit?who=calltaker", Look("coordinator")),
    "all units": ("/units", Look("coordinator")),
}
"""More of the same, with something else in it: for pictures alone."""


def views(scene: Scene, *beside: Mapping[str, tuple[str, Look]]) -> Iterator[View]:
    """Every page of the board in this scene, in the order in which they are looked at, and then those of `beside`."""
    for name, look in LOOKS.items():
        kinds = iter(look.ids)
        path = re.sub(r"\{\w+\}", lambda _: scene.ids[next(kinds)], name.removeprefix("GET "))  # noqa: B023
        yield View(_plain(name.removeprefix("GET ")), path + look.query, look, of_the_board=True)
    for name, (path, look) in (each for some in beside for each in some.items()):
        yield View(_plain(name), path.format_map(scene.ids), look)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name).strip("-") or "front"
