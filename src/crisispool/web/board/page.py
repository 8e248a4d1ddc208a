"""What a page of the board is (one row) and what its handler is given (one visit)."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict
from pydantic import BaseModel

from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.services.web_sessions import Entered
from crisispool.web import forms, html
from crisispool.web.board.frame import DONE, around
from crisispool.web.board.reading import read
from crisispool.web.call import APP, Who
from crisispool.web.language import language_of

if TYPE_CHECKING:
    from crisispool.app import App

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Page:
    """One row of the board. `title` is the end of its key in `board.title`.

    `again` shows the page once more when a change is refused. `menu`: it stands in the menu of who may see it.
    `office`: there below the last word, with what is seldom needed.
    `fresh`: only for who proved a moment ago who they are. `largest`: bytes that a form may bring, files included.
    `by_itself`: pages ask it without anybody sitting there, so that nobody stays signed in by it.
    """

    method: str
    path: str
    title: str
    allowed: frozenset[Role] | Who
    handler: "Handler"
    again: "Handler | None" = None
    menu: bool = False
    office: bool = False
    fresh: bool = False
    training_only: bool = False
    largest: int = 64 * 1024
    by_itself: bool = False

    @property
    def changes(self) -> bool:
        """Whether it can change something."""
        return self.method != "GET"

    def is_for(self, actor: Actor | None) -> bool:
        """Whether this person may see it; nobody is who is not signed in."""
        if self.allowed is Who.EVERYONE:
            return True
        if actor is None:
            return False
        return self.allowed is Who.SIGNED_IN or not actor.roles.isdisjoint(self.allowed)


@dataclass(frozen=True)
class Visit:
    """One look at a page, or one change, by somebody who may. `form` is what was sent, `wrong` what is wrong there,
    `files` the content of what was uploaded."""

    app: "App"
    page: Page | None
    request: web.Request
    entered: Entered | None
    form: "MultiDict[str]" = field(default_factory=MultiDict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who asks. Only on pages for who is signed in."""
        if self.entered is None:
            raise Refusal("unauthenticated")
        return self.entered.actor

    @property
    def language(self) -> str:
        """What the visitor reads."""
        return language_of(self.request)

    @property
    def path(self) -> Mapping[str, str]:
        """The ids in the address."""
        return self.request.match_info

    @property
    def operation_id(self) -> str:
        """The name of this change: the same form of the same person is the same change. Raises BadInput."""
        who = self.entered.actor.colleague_id if self.entered else ""
        name = f"{who}:{forms.operation_of(self.form)}"
        return f"web:{hashlib.sha256(name.encode()).hexdigest()[:40]}"

    @property
    def by_script(self) -> bool:
        """Whether a page that is there asks, and stays there while it does."""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers

    @property
    def by_htmx(self) -> bool:
        """Whether a part of the page is asked for, to be put into the page that is there."""
        return self.by_script and "HX-Boosted" not in self.request.headers

    def given(self, model: type[M]) -> M:
        """The form as this body of the interface. Raises `problems.Invalid` with every mistake by field."""
        return read(self.form, model, self.app.clock.now().date())

    def again(self, wrong: Mapping[str, str], status: int) -> "Visit":
        """The same visit, knowing that it was refused."""
        return replace(self, wrong=wrong, status=status)

    def show(self, template: str, *, block: str = "main", **values: object) -> web.Response:
        """The page in its frame; only this block of it when htmx asks."""
        known = {**around(self), **values}
        if not self.by_htmx:
            return html.rendered(template, self.status, **known)
        body = html.part(template, block, known)
        if known["done"]:
            # Where the frame says it, which is not in the block.
            body += html.part("board/frame.html", "said", {**known, "alone": True})
        return web.Response(text=body, status=self.status, content_type="text/html")

    def go(self, to: str, done: str = "") -> web.Response:
        """To another page after a change, which says there what was done: the end of a key in `board.done`."""
        query = f"?{urlencode({DONE: done})}" if done else ""
        return web.Response(status=303, headers={"Location": to + query})


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def visit_of(request: web.Request, page: Page | None, entered: Entered | None) -> Visit:
    """A visit as it begins."""
    return Visit(request.app[APP], page, request, entered)
