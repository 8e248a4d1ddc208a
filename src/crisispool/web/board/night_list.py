"""The night list on the board: as a page that prints well, and as PDF."""

from aiohttp import web

from crisispool.domain.errors import NotThere
from crisispool.web.board.page import Visit
from crisispool.web.board.papers_out import pdf_response
from crisispool.web.paper.night_list import night_list_sheet


async def shown(visit: Visit) -> web.StreamResponse:
    """The newest list, for the coordinator and for who is on duty."""
    answer = await visit.app.night_lists.newest(visit.actor, "page")
    sheet = night_list_sheet(answer, visit.app.clock.now(), visit.language) if answer else None
    return visit.show("board/night_list.html", sheet=sheet)


async def as_pdf(visit: Visit) -> web.StreamResponse:
    """The same, to print or to keep for tonight. Raises NotThere while there is none."""
    answer = await visit.app.night_lists.newest(visit.actor, "pdf")
    if answer is None:
        raise NotThere("page")
    sheet = night_list_sheet(answer, visit.app.clock.now(), visit.language)
    return pdf_response(visit, sheet, f"nachtlijst-{answer.content.nights[0].night}")
