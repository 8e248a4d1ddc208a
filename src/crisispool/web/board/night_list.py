"""The night list on the board: as a page that prints well, and as PDF."""

from aiohttp import web

from crisispool.domain.errors import NotThere
from crisispool.web.board.page import Visit
from crisispool.web.paper.night_list import night_list_sheet
from crisispool.web.paper.pdf import pdf_of


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
    return pdf_response(pdf_of(sheet), f"nachtlijst-{answer.content.nights[0].night}.pdf")


def pdf_response(body: bytes, name: str) -> web.Response:
    """A PDF that a browser shows under this name."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(body=body, content_type="application/pdf", headers=headers)
