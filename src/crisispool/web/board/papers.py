"""Papers to print for a dwelling: chosen by paper and language, blank or filled in from a booking."""

from dataclasses import dataclass, replace

from aiohttp import web

from crisispool.domain.errors import NotThere
from crisispool.domain.language import LANGUAGES
from crisispool.web.board.page import Visit
from crisispool.web.board.papers_out import pdf_response
from crisispool.web.paper.house import PAPERS, house_sheet
from crisispool.web.paper.sheet import Sheet

LONGEST = 12


@dataclass(frozen=True)
class Chosen:
    """Which paper, in which language, for which booking; what cannot be meant counts for nothing."""

    paper: str
    language: str
    reference: str

    @classmethod
    def of(cls, visit: Visit) -> "Chosen":
        """From the address."""
        query = visit.request.query
        paper, language = query.get("paper", ""), query.get("language", "")
        return cls(
            paper if paper in PAPERS else PAPERS[0],
            language if language in LANGUAGES else visit.language,
            query.get("reference", "").strip().upper()[:LONGEST],
        )


async def shown(visit: Visit) -> web.StreamResponse:
    """The choice and the paper; a reference that is not there or not yours leaves it blank and says so."""
    chosen = Chosen.of(visit)
    try:
        sheet = await _sheet(visit, chosen)
    except NotThere:
        visit = replace(visit, status=404)
        blank = await visit.app.papers.blank(visit.actor)
        sheet = house_sheet(chosen.paper, blank, chosen.language)
    return visit.show(
        "board/papers.html",
        sheet=sheet,
        chosen=chosen,
        papers=PAPERS,
        not_found=visit.status == 404,
        longest=LONGEST,
        query=visit.request.query_string,
    )


async def as_pdf(visit: Visit) -> web.StreamResponse:
    """The same paper as PDF. Raises NotThere."""
    chosen = Chosen.of(visit)
    return pdf_response(visit, await _sheet(visit, chosen), f"{chosen.paper}-{chosen.language}")


async def _sheet(visit: Visit, chosen: Chosen) -> Sheet:
    papers = visit.app.papers
    facts = (
        await papers.filled(visit.actor, chosen.reference)
        if chosen.reference
        else await papers.blank(visit.actor)
    )
    return house_sheet(chosen.paper, facts, chosen.language)
