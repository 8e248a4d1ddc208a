"""Training only: the clock that can be moved, and entering as one of the demo people."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.errors import NotThere
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery
from crisispool.web.schemas import ClockBody, SignInBody


@dataclass(frozen=True, slots=True)
class ClockAnswer:
    """The moment of the training clock."""

    now: datetime


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """A bearer token of a demo person. A browser signs in on the start page."""

    token: str


async def clock(call: Call[NoQuery]) -> ClockAnswer:
    """The present moment of the training."""
    return ClockAnswer(call.app.clock.now())


async def clock_moved(call: Call[ClockBody]) -> ClockAnswer:
    """Forward to a moment; answered when the work that fell due is done."""
    if call.app.training is None:
        raise NotThere("page")
    return ClockAnswer(await call.app.training.move(call.operation_id, call.given.now))


async def signed_in(call: Call[SignInBody]) -> SignInAnswer:
    """A token for the demo person of this name."""
    return SignInAnswer((await call.app.accounts.token_for(call.given.who)).token)
