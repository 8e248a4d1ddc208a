"""The closed cases, fifty on a page, the last closed first."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic_core import PydanticCustomError

from crisispool.services.handovers import ClosedMark
from crisispool.texts.people import people
from crisispool.texts.render import told
from crisispool.web.board.cases import ended_as
from crisispool.web.board.page import Visit
from crisispool.web.fields import read_moment

HERE: Final = "/cases/closed"


async def shown(visit: Visit) -> web.StreamResponse:
    """One page of them."""
    after = mark_of(visit.request.query)
    answer = await visit.app.cases.closed(visit.actor, after)
    more = answer.more
    following = urlencode({"after": more.closed_at.isoformat(), "id": more.id}) if more else ""
    return visit.show(
        "board/cases_closed.html",
        lines=[
            (line, ended_as(line.handover.outcome, line.handover.solved, visit.language))
            for line in answer.lines
        ],
        following=f"{HERE}?{following}" if following else "",
        first=after is None,
        people=lambda adults, children: told(people(adults, children), visit.language),
    )


def mark_of(query: Mapping[str, str]) -> ClosedMark | None:
    """Where a page begins; what cannot be meant is the first one."""
    try:
        closed_at = read_moment(query.get("after"))
    except PydanticCustomError:
        return None
    return ClosedMark(closed_at, query.get("id", ""))
