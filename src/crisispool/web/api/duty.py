"""Shifts and rosters: on and off duty, shifts given away and taken over, somebody else put in."""

from crisispool.services.duty_answers import (
    GivenAnswer,
    OfferAnswer,
    OwnShiftAnswer,
    RosterAnswer,
    ShiftAnswer,
)
from crisispool.web.call import Call
from crisispool.web.queries import NoQuery, SureQuery
from crisispool.web.schemas import EndShiftBody, FillBody, GiveBody, Nothing, OfferBody, SubstituteBody


async def roster(call: Call[NoQuery]) -> RosterAnswer:
    """Who is on duty in the coming nights, and the gaps."""
    return await call.app.rosters.roster(call.actor)


async def begun(call: Call[Nothing]) -> OwnShiftAnswer:
    """On duty from now."""
    return await call.app.shifts.go_on(call.actor, call.operation_id)


async def ended(call: Call[EndShiftBody]) -> OwnShiftAnswer:
    """Off duty from now."""
    return await call.app.shifts.go_off(call.actor, call.operation_id, sure=call.given.sure)


async def given(call: Call[GiveBody]) -> GivenAnswer:
    """All that is in hand goes to a colleague."""
    return await call.app.shifts.give(call.actor, call.operation_id, call.given.to_id)


async def offered(call: Call[OfferBody]) -> OfferAnswer:
    """An own shift is to be taken over."""
    return await call.app.rosters.offer(call.actor, call.operation_id, call.given.shift_id, call.given.to_id)


async def accepted(call: Call[Nothing]) -> OfferAnswer:
    """The asker takes a shift over."""
    return await call.app.rosters.accept(call.actor, call.operation_id, call.path["id"])


async def put_in(call: Call[SubstituteBody]) -> OfferAnswer:
    """A coordinator puts somebody else in."""
    asked = call.given
    return await call.app.rosters.substitute(
        call.actor, call.operation_id, asked.shift_id, asked.colleague_id
    )


async def filled(call: Call[FillBody]) -> ShiftAnswer:
    """A coordinator fills a gap."""
    asked = call.given
    return await call.app.roster_gaps.fill(
        call.actor, call.operation_id, asked.duty, asked.colleague_id, asked.starts_at, asked.ends_at
    )


async def taken_off(call: Call[SureQuery]) -> ShiftAnswer:
    """A coordinator takes a shift that has not begun off the roster."""
    gaps, sure = call.app.roster_gaps, call.given.sure
    return await gaps.take_off(call.actor, call.operation_id, call.path["id"], sure=sure)


async def kept(call: Call[NoQuery]) -> OfferAnswer:
    """An offer is taken back."""
    return await call.app.rosters.take_back(call.actor, call.operation_id, call.path["id"])
