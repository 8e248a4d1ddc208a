"""The cases of outreach: the list of the morning, and one case with its story and what can be done."""

from collections.abc import Callable
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field

from crisispool.domain.handover import Outcome, Solved
from crisispool.domain.organisation import Role
from crisispool.services.asks import OutcomeAsk
from crisispool.services.cases import CaseAnswer, MoreNights
from crisispool.texts.people import people
from crisispool.texts.render import render, told
from crisispool.texts.screens import sentence
from crisispool.web.board.page import Visit
from crisispool.web.fields import Day, Id
from crisispool.web.schemas import AcknowledgeBody, OutcomeBody, ReassignBody
from crisispool.web.schemas.base import Body

LIST: Final = "/cases"


class BedBody(Body):
    """A bed of the case."""

    booking_id: Id


class MoreNightsBody(BedBody):
    """The next block for it, where its stay ends on `checkout`; in the same unit unless `unit_id`."""

    checkout: Day
    unit_id: Id | None = None
    others: Annotated[list[Id], Field(max_length=20, default_factory=list)]


class OpenBody(Body):
    """A one-time page: of the whole case, or of one bed of it."""

    purpose: Literal["case", "identity", "access"]
    booking_id: Id | None = None


async def listed(visit: Visit) -> web.StreamResponse:
    """What waits, what is mine, and the rest of the service."""
    # Before the list: what comes in between is heard, and looked at once more.
    seq = await visit.app.changes.head()
    cases = await visit.app.cases.open(visit.actor)
    shown_ids = {line.handover.id for line in (*cases.waiting, *cases.mine, *cases.others)}
    return visit.show(
        "board/cases.html",
        block="list",
        seq=seq,
        cases=cases,
        names_me=_names_me(visit),
        people=_people(visit),
        # A case that is in no list any more has no place of its own to say it.
        refused="" if visit.path.get("id") in shown_ids else visit.wrong.get("body", ""),
    )


async def shown(visit: Visit) -> web.StreamResponse:
    """One case."""
    case = await visit.app.cases.view(visit.actor, visit.path["id"])
    language, handover = visit.language, case.line.handover
    return visit.show(
        "board/case.html",
        case=case,
        names_me=_names_me(visit),
        people=_people(visit),
        at=_address(visit),
        beds=[
            (
                bed,
                told(bed.extension.sentence, language) if bed.extension else "",
                _refused(bed.refused, language),
            )
            for bed in case.beds
        ],
        # Beside a bed that is still there its form says it itself, as the pages do beside their buttons.
        refused="" if _has_a_place(visit, case) else visit.wrong.get("body", ""),
        outcomes=[
            ("", ""),
            *((each.value, render(f"choice.outcome.{each}", {}, language)) for each in Outcome),
        ],
        solved=[(each.value, render(f"choice.solved.{each}", {}, language)) for each in Solved],
        outcome_said=ended_as(handover.outcome, handover.solved, language),
        coordinator=visit.actor.is_(Role.COORDINATOR),
    )


def ended_as(outcome: str | None, solved: str | None, language: str) -> str:
    """How a case ended, in words; empty for one that has not."""
    said = (("choice.outcome", outcome), ("board.cases.solved_as", solved))
    return " · ".join(render(f"{key}.{value}", {}, language) for key, value in said if value)


async def taken(visit: Visit) -> web.StreamResponse:
    """The service of the asker takes it, with the asker as its worker."""
    ask = visit.given(AcknowledgeBody).ask()
    answer = await visit.app.handovers.acknowledge(visit.actor, visit.operation_id, visit.path["id"], ask)
    return visit.go(_address(visit, answer.id), done="case_taken")


async def taken_again(visit: Visit) -> web.StreamResponse:
    """Where the button was."""
    return await (listed(visit) if "from_list" in visit.form else shown(visit))


async def contacted(visit: Visit) -> web.StreamResponse:
    """Somebody spoke with them for the first time."""
    ask = OutcomeAsk(contacted=True)
    await visit.app.handovers.outcome(visit.actor, visit.operation_id, visit.path["id"], ask)
    return visit.go(_address(visit), done="case_contacted")


async def ended(visit: Visit) -> web.StreamResponse:
    """How it ended."""
    ask = visit.given(OutcomeBody).ask()
    await visit.app.handovers.outcome(visit.actor, visit.operation_id, visit.path["id"], ask)
    return visit.go(LIST, done="case_closed")


async def handed(visit: Visit) -> web.StreamResponse:
    """A colleague takes over, or another service. The case may then be no longer the asker's to see."""
    ask = visit.given(ReassignBody).ask()
    await visit.app.handovers.reassign(visit.actor, visit.operation_id, visit.path["id"], ask)
    return visit.go(LIST, done="case_handed")


async def extended(visit: Visit) -> web.StreamResponse:
    """The next block."""
    given = visit.given(MoreNightsBody)
    ask = MoreNights(given.booking_id, given.checkout, given.unit_id, tuple(given.others))
    await visit.app.cases.extend(visit.actor, visit.operation_id, visit.path["id"], ask)
    return visit.go(_address(visit), done="case_extended")


async def asked(visit: Visit) -> web.StreamResponse:
    """The coordinator decides on more nights."""
    booking_id = visit.given(BedBody).booking_id
    await visit.app.cases.ask_coordinator(visit.actor, visit.operation_id, visit.path["id"], booking_id)
    return visit.go(_address(visit), done="case_asked")


async def opened(visit: Visit) -> web.StreamResponse:
    """On to a one-time page, which has what never stands on the board: names, address, key, notes."""
    given = visit.given(OpenBody)
    subject = given.booking_id if given.purpose != "case" and given.booking_id else visit.path["id"]
    link = await visit.app.pages.link(visit.actor, visit.operation_id, given.purpose, subject)
    return visit.go(urlsplit(link.url).path)


def _address(visit: Visit, handover_id: str = "") -> str:
    return f"{LIST}/{handover_id or visit.path['id']}"


def _has_a_place(visit: Visit, case: CaseAnswer) -> bool:
    """Whether what was refused stands beside the button that was pressed, which may be gone by now."""
    beside = any(bed.id == visit.form.get("booking_id") for bed in case.beds)
    return visit.request.path.endswith("/open") or beside


def _people(visit: Visit) -> Callable[[int, int], str]:
    return lambda adults, children: told(people(adults, children), visit.language)


def _names_me(visit: Visit) -> str:
    """Whether who takes a case becomes its worker: a coordinator takes it for the service that leads."""
    return "true" if visit.actor.is_(Role.SUPPORT_WORKER) else "false"


def _refused(said: tuple[object, ...], language: str) -> str:
    return " ".join(sentence(each, language) for each in said)  # type: ignore[arg-type]
