"""How a sheet leaves the board: as a PDF that says so when this is a training."""

from dataclasses import replace

from aiohttp import web

from crisispool.texts.render import render
from crisispool.web.board.page import Visit
from crisispool.web.paper.pdf import pdf_of
from crisispool.web.paper.sheet import Sheet


def pdf_response(visit: Visit, sheet: Sheet, name: str) -> web.Response:
    """The sheet as a PDF of this name."""
    if visit.app.training:
        # The page has a banner; this goes further than the page.
        sheet = replace(sheet, lead=(render("board.night_list.training", {}, sheet.language), *sheet.lead))
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return web.Response(body=pdf_of(sheet), content_type="application/pdf", headers=headers)
