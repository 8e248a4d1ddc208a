"""Questions by day: two clicks for one, the last one taken back, and the counts of the week and the month."""

from typing import Final

from aiohttp import web

from crisispool.domain.daytime import AskerKind, QuestionKind, QuestionOutcome
from crisispool.texts.render import render
from crisispool.web.board.page import Visit
from crisispool.web.schemas import QuestionBody

HERE: Final = "/daytime"


async def shown(visit: Visit) -> web.StreamResponse:
    """The buttons and the counts."""

    def words(group: str, code: str) -> tuple[str, str]:
        return code, render(f"choice.daytime_{group}.{code}", {}, visit.language)

    return visit.show(
        "board/daytime.html",
        at=HERE,
        answer=await visit.app.daytime.counts(visit.actor),
        kinds=[words("kind", code) for code in QuestionKind],
        askers=[words("asker", code) for code in AskerKind],
        outcomes=[words("outcome", code) for code in QuestionOutcome],
        first_asker=AskerKind.PERSON,
    )


async def noted(visit: Visit) -> web.StreamResponse:
    """One more."""
    await visit.app.daytime.note(visit.actor, visit.operation_id, visit.given(QuestionBody).ask())
    return visit.go(HERE, done="question_noted")


async def taken_back(visit: Visit) -> web.StreamResponse:
    """It was not so."""
    await visit.app.daytime.take_back(visit.actor, visit.operation_id, visit.path["id"])
    return visit.go(HERE, done="question_taken_back")
