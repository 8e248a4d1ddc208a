"""What stands around every page: who I am, the menu, the language, what was just done."""

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from crisispool.conversations.vocabulary import Say
from crisispool.domain.language import LANGUAGES
from crisispool.texts.render import has
from crisispool.web import html

if TYPE_CHECKING:
    from crisispool.web.board.page import Page, Visit

ROWS: web.AppKey[tuple["Page", ...]] = web.AppKey("rows", tuple)
DONE: Final = "done"
"""The part of an address that says what was just done."""
HTMX: Final = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        # Pages would stay behind in the browser, for whoever sits down at it next.
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "timeout": 20_000,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[234]..", "swap": True},
            {"code": "...", "swap": False, "error": True},
        ],
    }
)
"""How htmx behaves here; a refusal is put into the page like any answer."""
HOME: Final = "/account"
"""Where somebody goes who has no page in the menu."""


def menu_of(visit: "Visit") -> list["Page"]:
    """The pages in the menu of who visits."""
    if visit.entered is None:
        return []
    return [page for page in visit.request.app[ROWS] if page.menu and page.is_for(visit.entered.actor)]


def first_page(visit: "Visit") -> str:
    """Where who visits begins."""
    return next((page.path for page in menu_of(visit)), HOME)


def fresh_operation() -> str:
    """A name for a change that somebody may be about to make."""
    return secrets.token_urlsafe(24)


def around(visit: "Visit") -> dict[str, Any]:
    """What the frame and every page in it can show."""
    done = visit.request.query.get(DONE, "")
    known: dict[str, Any] = {
        "language": visit.language,
        "languages": LANGUAGES,
        "training": bool(visit.app.training),
        "now": visit.app.clock.now(),
        "title": f"title.{visit.page.title if visit.page else 'problem'}",
        "me": visit.entered,
        "roles": [Say(f"board.role.{role}") for role in sorted(visit.entered.actor.roles)]
        if visit.entered
        else [],
        "csrf": visit.entered.csrf if visit.entered else "",
        # In a training nobody need prove anything.
        "fresh": bool(visit.app.training) or bool(visit.entered and visit.entered.fresh),
        "for_proof": bool(visit.page and visit.page.fresh),
        "home": first_page(visit) if visit.entered else "/",
        "menu": menu_of(visit),
        "here": visit.page.path if visit.page else "",
        "address": visit.request.path if visit.page and not visit.page.changes else "",
        "done": f"done.{done}" if not visit.wrong and has(f"board.done.{done}", visit.language) else "",
        "alone": False,
        "tried": visit.request.path if visit.wrong else "",
        "wrong": visit.wrong,
        "typed": visit.form,
        "operation": fresh_operation,
        "htmx_config": HTMX,
    }
    return {**known, "forms": html.macros("board/forms.html", known)}
