"""A unit kept for one request for a few minutes."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from crisispool.domain.availability import NotGiven, UnitFacts, can_be_given
from crisispool.domain.booking import Hold, UnitNight
from crisispool.domain.errors import BadInput, Conflict, NotThere, Refusal
from crisispool.domain.organisation import Actor
from crisispool.domain.request import Request, RequestState
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.domain.wish import may_be_proposed, wish_of
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.answers import HoldAnswer
from crisispool.services.asks import HoldAsk
from crisispool.services.booking_news import tell_held
from crisispool.services.duty import DutyDesk, at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.sight import request_of
from crisispool.services.unit_changes import next_version

MOST_NIGHTS = 7
"""The longest stay that anybody can ask for in one go."""


class Holds:
    """Holds lapse by themselves; what lapsed is in nobody's way."""

    def __init__(self, parts: Parts, duty: DutyDesk) -> None:
        self._parts = parts
        self._duty = duty

    async def hold(self, actor: Actor, operation_id: str, ask: HoldAsk) -> HoldAnswer:
        """Keep a unit for a request. Without `night` tonight (or the request's later night), without `nights` one
        block.

        Refusals: ``request_closed``, ``unit_avoided``, a code of `NotGiven`, ``no_longer_free`` when someone else
        was first.
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()
        kept = await parts.operations.replay(operation_id, "hold", ask, HoldAnswer)
        if kept is not None:
            # Who died after the commit left a claim behind, which ends here and not by its time.
            await parts.view.refresh([kept.unit_id], now, operation_id)
            return kept
        async with parts.store.reading() as tx:
            await at_work(tx, actor, now, *DESK)
            network = await parts.facts.network(tx, actor.network_id)
            request = await request_of(tx, actor, ask.request_id)
        nights = nights_asked(request, network, now, ask.night, ask.nights)

        async def work(tx: Transaction) -> HoldAnswer:
            hold = Hold(
                id=parts.ids.new(),
                network_id=actor.network_id,
                request_id=request.id,
                unit_id=ask.unit_id,
                night=nights[0],
                nights=len(nights),
                until=now + network.policy.hold_for,
                by=actor.colleague_id,
                at=now,
            )
            await open_request(tx, actor, request.id)
            unit = await give(tx, parts, network, request, ask.unit_id, nights, now)
            touched.add(ask.unit_id)
            if not unit.mandate:
                hold = replace(hold, owner_asked_at=now)
                await tell_held(tx, parts.ids, request, hold, unit, now)
            await tx.add(hold)
            await tx.add(*(UnitNight(ask.unit_id, night, hold.id, None) for night in nights))
            await tx.audit(actor.colleague_id, "unit.held", "unit", ask.unit_id, now, {"hold": hold.id})
            return _answer(hold)

        touched = {ask.unit_id}
        if not await parts.view.claim(operation_id, ask.unit_id, nights, network.calendar, now):
            await self._say_why(ask.unit_id, nights, now)
            touched.clear()
        try:
            return await parts.operations.once(operation_id, "hold", ask, now, HoldAnswer, work)
        except Conflict:
            raise Refusal("no_longer_free") from None
        finally:
            await parts.view.refresh(touched, now, operation_id)

    async def release(self, actor: Actor, operation_id: str, hold_id: str) -> HoldAnswer:
        """Give a held unit back at once; releasing a hold that lapsed changes nothing."""
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> HoldAnswer:
            await at_work(tx, actor, now, *DESK)
            hold = await tx.get(Hold, hold_id)
            if hold is None or hold.network_id != actor.network_id:
                raise NotThere("hold")
            await next_version(tx, hold.unit_id)
            await end_hold(tx, hold_id, now)
            await tx.audit(actor.colleague_id, "unit.released", "unit", hold.unit_id, now, {"hold": hold.id})
            return _answer(hold)

        answer = await parts.operations.once(operation_id, "release", hold_id, now, HoldAnswer, work)
        await parts.view.refresh([answer.unit_id], now)
        return answer

    async def _say_why(self, unit_id: str, nights: list[date], now: datetime) -> None:
        """Someone else has just claimed the unit, or the view lags behind: the record knows which."""
        async with self._parts.store.reading() as tx:
            why = await _taken(tx, unit_id, nights, now)
        if why is not None:
            raise Refusal("no_longer_free", {"why": why})


def nights_asked(
    request: Request, network: NetworkFacts, now: datetime, night: date | None, nights: int | None
) -> list[date]:
    """The night labels of an ask: from `night`, else tonight or the later night of the request."""
    check_nights(nights)
    first = night or max(request.night, network.calendar.night_of(now))
    length = nights or min(len(network.calendar.block(first)), 5)
    return [first + timedelta(days=n) for n in range(length)]


def check_nights(nights: int | None) -> None:
    """Raise BadInput for a number of nights that nobody can mean."""
    if nights is not None and not 1 <= nights <= MOST_NIGHTS:
        raise BadInput("nights", "out_of_range")


async def open_request(tx: Transaction, actor: Actor, request_id: str) -> Request:
    """The request, locked, as long as it can still get a bed. Raises Refusal ``request_closed``."""
    await tx.lock(Request, [request_id])
    request = await request_of(tx, actor, request_id)
    if request.state in (RequestState.REFUSED, RequestState.WITHDRAWN):
        raise Refusal("request_closed", {"request": request.reference, "state": request.state})
    return request


async def give(
    tx: Transaction,
    parts: Parts,
    network: NetworkFacts,
    request: Request,
    unit_id: str,
    nights: list[date],
    now: datetime,
    *,
    own_hold: Hold | None = None,
    own_booking_id: str | None = None,
    given_at: datetime | None = None,
) -> Unit:
    """The one place where a unit is found fit to be given for these nights, under its row lock. `given_at`: it was
    given at this earlier moment, on paper; whether somebody else has it is judged as the record is now.

    The row is saved with its next version, so that owner, view and desk see one order of changes.
    Refusals: ``not_there``, ``unit_avoided``, a code of `NotGiven`; never with the unit in their facts, because who
    asks for more nights may not know where people hide.
    """
    if not await tx.find(UnitNetwork, unit_id=unit_id, network_id=network.network.id):
        raise NotThere("unit")
    # Who comes too late mostly hears it here, without standing in line for the lock, else as soon as it is theirs.
    await _must_be_left(tx, unit_id, nights, now, own_hold, own_booking_id)
    [unit] = await tx.lock(Unit, [unit_id])
    await _must_be_left(tx, unit_id, nights, now, own_hold, own_booking_id)
    if not may_be_proposed(unit, wish_of(request, nights[0], len(nights))):
        raise Refusal("unit_avoided")
    await _end_lapsed_holds(tx, unit_id, now)
    facts = (await parts.facts.units(tx, [unit_id], now))[unit_id]
    if given_at is not None:
        facts = _as_then(facts, nights, network)
    why = can_be_given(
        facts,
        nights,
        given_at or now,
        network.calendar,
        own_hold=own_hold,
        own_booking_id=own_booking_id,
    )
    if why is not None:
        raise Refusal(f"unit_{why}")
    unit = replace(unit, version=unit.version + 1)
    await tx.save(unit)
    return unit


async def end_hold(tx: Transaction, hold_id: str, now: datetime) -> None:
    """Take a hold and its nights away, under the lock of its unit; a hold that has ended stays as it was."""
    hold = await tx.get(Hold, hold_id)
    if hold is not None and hold.ended_at is None:
        rows = await tx.find(UnitNight, hold_id=hold.id)
        await tx.remove(*rows)
        await tx.save(replace(hold, ended_at=now))


async def _must_be_left(
    tx: Transaction,
    unit_id: str,
    nights: list[date],
    now: datetime,
    own_hold: Hold | None,
    own_booking_id: str | None,
) -> None:
    why = await _taken(tx, unit_id, nights, now, own_hold, own_booking_id)
    if why is not None:
        raise Refusal(f"unit_{why}")


async def _taken(
    tx: Transaction,
    unit_id: str,
    nights: list[date],
    now: datetime,
    own_hold: Hold | None = None,
    own_booking_id: str | None = None,
) -> NotGiven | None:
    """Whether somebody else has one of these nights, at a glance: with no answer the facts of the unit decide."""
    rows = await tx.find(UnitNight, unit_id=unit_id, night=OneOf(tuple(nights)))
    if any(row.booking_id not in (None, own_booking_id) for row in rows):
        return NotGiven.BOOKED
    holds = {row.hold_id for row in rows} - {None, own_hold.id if own_hold else None}
    found = await tx.find(Hold, id=OneOf(tuple(holds)), ended_at=None) if holds else []
    return NotGiven.HELD if any(hold.until > now for hold in found) else None


def _as_then(facts: UnitFacts, nights: list[date], network: NetworkFacts) -> UnitFacts:
    """Without a turnover that only began when these nights were over."""
    turnover = facts.turnover
    since = network.calendar.night_of(turnover.starts_at) if turnover else None
    return replace(facts, turnover=None) if since is not None and since > max(nights) else facts


async def _end_lapsed_holds(tx: Transaction, unit_id: str, now: datetime) -> None:
    """A hold whose time is over is in nobody's way, also when no sweep came by yet."""
    lapsed = await tx.find(Hold, unit_id=unit_id, ended_at=None, until=AtMost(now))
    for hold in lapsed:
        await end_hold(tx, hold.id, now)


def _answer(hold: Hold) -> HoldAnswer:
    checkout = hold.night + timedelta(days=hold.nights)
    asked = hold.owner_asked_at is not None
    return HoldAnswer(hold.id, hold.until, hold.unit_id, hold.night, hold.nights, checkout, asked)
