"""The own shift at the desk: begun, ended, and what is in hand given to who goes on."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crisispool.domain.organisation import Role
from crisispool.services.duty_answers import OwnShiftAnswer
from crisispool.texts.render import render
from crisispool.web.board.page import Visit
from crisispool.web.fields import Id
from crisispool.web.schemas import Body, EndShiftBody, GiveBody

ROSTERS: Final = "/duty"


class ColleagueBody(Body):
    """Who has the shift from now on."""

    colleague_id: Id


@dataclass(frozen=True)
class OwnShift:
    """How it stands with the own shift, and the same in sentences."""

    answer: OwnShiftAnswer
    said: tuple[str, ...]
    words: dict[str, str]

    @property
    def in_hand(self) -> bool:
        """Whether there is something to give to a colleague."""
        return bool(self.answer.requests or self.answer.bookings or self.answer.holds)


async def own_shift(visit: Visit, desk_phone: str) -> OwnShift | None:
    """The own shift of who takes calls; None for others."""
    if not visit.actor.is_(Role.CALLTAKER):
        return None
    answer = await visit.app.shifts.view(visit.actor)

    def say(key: str, /, **facts: object) -> str:
        return render(f"shift.{key}", facts, visit.language)

    counted = {"requests": answer.requests, "bookings": answer.bookings, "holds": answer.holds}
    said = [say("on" if answer.on else "off", until=answer.until, desk=desk_phone)]
    said.append(say("others", others=list(answer.others)) if answer.others else say("nobody"))
    if any(counted.values()):
        said.append(say("in_hand", **counted))
    words = {code: say(f"choice.{code}") for code in ("begin", "end", "end_all_the_same", "give")}
    return OwnShift(answer, tuple(said), words)


async def begun(visit: Visit) -> web.StreamResponse:
    """On duty from now."""
    await visit.app.shifts.go_on(visit.actor, visit.operation_id)
    return visit.go(ROSTERS, done="on_duty")


async def ended(visit: Visit) -> web.StreamResponse:
    """Off duty from now; said twice by who leaves nobody."""
    await visit.app.shifts.go_off(visit.actor, visit.operation_id, sure=visit.given(EndShiftBody).sure)
    return visit.go(ROSTERS, done="off_duty")


async def given(visit: Visit) -> web.StreamResponse:
    """All that is in hand goes to a colleague."""
    await visit.app.shifts.give(visit.actor, visit.operation_id, visit.given(GiveBody).to_id)
    return visit.go(ROSTERS, done="given_on")


async def put_in(visit: Visit) -> web.StreamResponse:
    """A coordinator puts somebody else into a shift."""
    who = visit.given(ColleagueBody).colleague_id
    await visit.app.rosters.substitute(visit.actor, visit.operation_id, visit.path["id"], who)
    return visit.go(ROSTERS, done="substituted")
