"""The guided tour of a training: a strip on the real pages that says what comes next, and one button that leads there.

That a browser is on tour, and since when, is in a cookie; how far it is, the record says. So nothing goes out of step:
whatever somebody does, here or elsewhere, the strip says what comes after that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from crisispool.conversations.vocabulary import Say
from crisispool.domain.errors import NotThere
from crisispool.domain.tour import COUNTED, TourStep
from crisispool.services.tour import TourAnswer
from crisispool.texts.render import has
from crisispool.web import html
from crisispool.web.board.frame import around
from crisispool.web.board.front import on_as
from crisispool.web.board.page import Visit

COOKIE: Final = "crisispool_tour"
HERE: Final = '<div id="tour"></div>'
"""Where the strip stands in the frame."""
DESK, OUTREACH = "calltaker", "support_worker"
WHERE: Final = {
    TourStep.NIGHT: ("", ""),
    TourStep.ASK: (DESK, "/talk"),
    TourStep.CHOOSE: (DESK, "/talk"),
    TourStep.ARRIVE: (DESK, "/talk"),
    TourStep.MORNING: ("", ""),
    TourStep.TAKE: (OUTREACH, "/cases"),
    TourStep.CONTACT: (OUTREACH, "/cases"),
    TourStep.CLOSE: (OUTREACH, "/cases"),
    TourStep.DONE: ("", ""),
}
"""As whom and on which page a step is done; both empty where it does not matter."""
BUTTONS: Final = {
    "new": "choice.menu.new",
    "book": "choice.book.book",
    "door": "link.access",
    "arrived": "choice.booking.arrived",
    "take": "board.cases.take",
    "contacted": "board.cases.contacted",
    "close": "board.cases.close",
    "tonight": "board.title.tonight",
    "talk": "board.title.talk",
    "cases": "board.title.cases",
}
"""What the sentences name, as it stands on the pages."""


@dataclass(frozen=True)
class Strip:
    """What the strip shows. `said` and `button` end the keys of its words, no button when that is empty; `number` 0:
    a step that is not counted."""

    step: TourStep
    said: str
    button: str
    number: int
    most: int
    facts: dict[str, object]


async def begun(visit: Visit) -> web.StreamResponse:
    """From the beginning: as the calltaker, where one sees what is free."""
    response = await _on(visit, DESK, "/tonight")
    calltaker = await visit.app.accounts.actor_of(DESK)
    if calltaker is not None:
        # Whatever the talk was at the end of: the tour begins at its menu.
        await visit.app.chat.said(calltaker, "menu", messages=False)
    began = int(visit.app.clock.now().timestamp())
    response.set_cookie(COOKIE, str(began), httponly=True, samesite="Lax", path="/")
    return response


async def gone_on(visit: Visit) -> web.StreamResponse:
    """The one button: on as who is next, or the clock goes on."""
    place = await _place(visit)
    if place is None:
        return visit.go("/")
    if place.until is not None and visit.app.training is not None:
        await visit.app.training.move(visit.operation_id, place.until)
        # Where that leads: who is next, at their page.
        place = await _place(visit) or place
    who, _ = WHERE[place.step]
    return await _on(visit, who or DESK, _page(place) or "/tonight")


async def ended(visit: Visit) -> web.StreamResponse:
    """No strip any more."""
    response = visit.go("/")
    response.del_cookie(COOKIE, path="/")
    return response


async def onto(visit: Visit, response: web.StreamResponse) -> None:
    """Put the strip on what is answered: made last, so that it knows what was done just now."""
    if not isinstance(response, web.Response) or response.content_type != "text/html" or not response.text:
        return
    if (place := await _place(visit)) is None:
        return
    known = {**around(visit), "strip": _strip(visit, place), "alone": visit.by_htmx}
    said = html.part("board/tour.html", "strip", known)
    response.text = response.text + said if visit.by_htmx else response.text.replace(HERE, said, 1)


def _strip(visit: Visit, place: TourAnswer) -> Strip:
    who, _ = WHERE[place.step]
    is_who = not who or (visit.entered is not None and visit.actor.colleague_id == who)
    here = is_who and visit.request.path.startswith(_page(place))
    said = f"{place.step}.{'here' if here else 'away'}"
    return Strip(
        step=place.step,
        said=said,
        button=f"button.{said}" if has(f"board.tour.button.{said}", visit.language) else "",
        number=COUNTED.index(place.step) + 1 if place.step in COUNTED else 0,
        most=len(COUNTED),
        facts={
            **{name: Say(key) for name, key in BUTTONS.items()},
            "reference": place.reference,
            "until": place.until or visit.app.clock.now(),
        },
    )


async def _on(visit: Visit, who: str, to: str) -> web.Response:
    """As this demo person, who reads what one read until now.

    The session before is left to itself: the page that is still open asks with it, and must not lead to signing in.
    """
    language = visit.language
    response = await on_as(visit, who, to)
    actor = await visit.app.accounts.actor_of(who)
    if actor is not None and actor.language != language:
        await visit.app.languages.read(actor, f"{visit.operation_id}:read", language)
    return response


async def _place(visit: Visit) -> TourAnswer | None:
    """Where this browser is on its tour, None when it is on none."""
    began = visit.request.cookies.get(COOKIE, "")
    if visit.app.training is None or not (
        began.isascii() and began.isdigit() and len(began) <= len("9999999999")
    ):
        return None
    try:
        return await visit.app.tour.at(datetime.fromtimestamp(int(began), UTC))
    except NotThere:
        return None


def _page(place: TourAnswer) -> str:
    page = WHERE[place.step][1]
    return f"{page}/{place.handover_id}" if place.step in (TourStep.CONTACT, TourStep.CLOSE) else page
