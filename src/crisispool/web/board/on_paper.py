"""Bookings on paper: one line of the form on the night list is entered, the lines of the last days stand below."""

from typing import Final

from aiohttp import web

from crisispool.domain.on_paper import REFERENCES
from crisispool.domain.organisation import Role
from crisispool.domain.request import NO_FIXED_ADDRESS, OUTSIDE_REGION, RequestKind
from crisispool.services.on_paper_rows import PaperState
from crisispool.texts.render import render
from crisispool.web.board.page import Visit
from crisispool.web.schemas.on_paper import PaperBody

HERE: Final = "/on-paper"
FOUR_OR_MORE: Final = 4


async def shown(visit: Visit) -> web.StreamResponse:
    """The form, and what was entered already."""
    form, entered = await visit.app.on_paper.form(visit.actor), await visit.app.on_paper.entered(visit.actor)

    def say(key: str, /, **facts: object) -> str:
        return render(f"board.on_paper.{key}", facts, visit.language)

    known = {each.paper for each in entered if each.night == max(one.night for one in entered)}
    return visit.show(
        "board/on_paper.html",
        at=HERE,
        form=form,
        entered=entered,
        papers=[(each, each) for each in REFERENCES],
        next_paper=next((each for each in REFERENCES if each not in known), REFERENCES[-1]),
        kinds=[("", ""), *((each.value, render(f"choice.kind.{each}", {}, visit.language)) for each in RequestKind)],
        services=[("", ""), *form.services, ("other", say("other_service"))],
        origins=[
            ("", say("origin.unknown")),
            *form.towns,
            (OUTSIDE_REGION, say("origin.outside")),
            (NO_FIXED_ADDRESS, say("origin.none")),
        ],
        before=[("0", say("not_before")), *((str(n), say("before", n=n)) for n in range(1, FOUR_OR_MORE + 1))],
        states=[(each.value, say(f"state.{each}")) for each in PaperState],
        coordinator=visit.actor.is_(Role.COORDINATOR),
    )  # fmt: skip


async def entered(visit: Visit) -> web.StreamResponse:
    """One line, now a booking."""
    await visit.app.on_paper.enter(visit.actor, visit.operation_id, visit.given(PaperBody).ask())
    return visit.go(HERE, done="paper_entered")
