"""What who asked for a bed sees and hears: how each request stands, who is next, at which number we call back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from crisispool.conversations.vocabulary import Home
from crisispool.domain.arrival import NEVER_CAME, follows, inside
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.duty import Duty, may_ask
from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.request import Request, RequestState
from crisispool.ports import Ids, Transaction
from crisispool.services.answers import CalledAnswer, OwnBedAnswer, OwnRequestAnswer
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell
from crisispool.services.parts import Parts, require
from crisispool.services.reaching import reach
from crisispool.services.sight import booking_of
from crisispool.services.waiting import Wait

CALLERS = (Role.REFERRER, Role.CALLTAKER, Role.COORDINATOR)

SHOWN_FOR = timedelta(days=1)
"""How long a request that is over stays in the list of who asked."""

LISTED = 8
"""Requests in the list: more do not fit on a screen."""


class Stand(StrEnum):
    """How a request stands, as who asked may know it."""

    EARLY = "early"  # registered for tonight; the desk hears of it at the start of the shift
    TOLD_DESK = "told_desk"
    TOLD_BACKUP = "told_backup"
    TOLD_COORDINATOR = "told_coordinator"
    NOBODY = "nobody"  # everybody was told and nobody took it
    TAKEN = "taken"
    PAUSED = "paused"  # kept open; the desk calls back
    BOOKED = "booked"
    INSIDE = "inside"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TOLD = {
    Wait.DESK: Stand.TOLD_DESK,
    Wait.BACKUP: Stand.TOLD_DESK,
    Wait.COORDINATOR: Stand.TOLD_BACKUP,
    Wait.FALLBACK: Stand.TOLD_COORDINATOR,
}
"""Who has heard of a request that nobody took, by the step that comes next."""

OVER = {RequestState.REFUSED: Stand.REFUSED, RequestState.WITHDRAWN: Stand.WITHDRAWN}


class Referring:
    """The own requests of who asks for a bed. Policy: who may see what, section 8."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def requests(self, actor: Actor) -> list[OwnRequestAnswer]:
        """How the asker's own requests stand, newest first: those that go on, and those that ended lately."""
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            rows = await tx.find(Request, created_by=actor.colleague_id, order=("-created_at",), limit=20)
            number = await call_back(tx, actor.organisation_id)
            answers = [
                await self._answer(tx, request, network, number, now)
                for request in rows
                if request.closed_at is None or request.closed_at > now - SHOWN_FOR
            ]
        return answers[:LISTED]

    async def call_desk(self, actor: Actor, operation_id: str, booking_id: str, problem: str) -> CalledAnswer:
        """Somebody stands at a door and cannot be moved: whoever is reachable hears it at once. Raises NotThere."""
        require(actor, *CALLERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> CalledAnswer:
            booking = await booking_of(tx, actor, booking_id)
            number = await call_back(tx, actor.organisation_id)
            facts = {"reference": booking.reference, "phone": number or "-"}
            key = "message.door_trouble" if number else "message.door_trouble_unreached"
            about, mark = ("booking", booking.id), f"door:{operation_id}"
            whose = booking.network_id
            await reach(tx, parts.ids, whose, Duty.CALLTAKER, key, facts, about, mark, now)
            await tx.audit(
                actor.colleague_id, "booking.trouble", "booking", booking.id, now, {"problem": problem}
            )
            return CalledAnswer(booking.reference)

        content = [booking_id, problem]
        return await parts.operations.once(operation_id, "call_desk", content, now, CalledAnswer, work)

    async def _answer(
        self, tx: Transaction, request: Request, network: NetworkFacts, number: str, now: datetime
    ) -> OwnRequestAnswer:
        beds = await _beds(tx, request, network, now)
        stand = _stand(request, beds, now)
        waits = stand in (*TOLD.values(), Stand.EARLY)
        return OwnRequestAnswer(
            id=request.id,
            reference=request.reference,
            stand=stand,
            asked_at=request.created_at,
            next_at=request.next_action_at if waits else None,
            call_back=number,
            beds=beds,
        )


def _stand(request: Request, beds: Sequence[OwnBedAnswer], now: datetime) -> Stand:
    if request.state in OVER:
        return OVER[request.state]
    if request.state is RequestState.BOOKED:
        return Stand.INSIDE if all(bed.inside for bed in beds) else Stand.BOOKED
    if request.taken_by is not None:
        return Stand.PAUSED if request.next_step == Wait.CALL_BACK else Stand.TAKEN
    step = Wait(request.next_step or Wait.OVERDUE)
    if step is Wait.DESK and request.next_action_at is not None and request.next_action_at > now:
        return Stand.EARLY
    return TOLD.get(step, Stand.NOBODY)


async def _beds(
    tx: Transaction, request: Request, network: NetworkFacts, now: datetime
) -> tuple[OwnBedAnswer, ...]:
    """The beds that the asker brings people to. A later bed of the same people is not there."""
    every = await tx.find(Booking, request_id=request.id, order=("at",))
    beds = [each for each in every if each.state not in NEVER_CAME and not follows(each, every)]
    return tuple(_bed(each, network, now) for each in beds)


def _bed(booking: Booking, network: NetworkFacts, now: datetime) -> OwnBedAnswer:
    if inside(booking, now, network.calendar) or booking.state is BookingState.CHECKED_OUT:
        return OwnBedAnswer(booking.id, booking.reference, inside=True)
    until = booking.at + network.policy.access_readable_for
    return OwnBedAnswer(booking.id, booking.reference, booking.checkout, until=until if now < until else None)


async def call_back(tx: Transaction, organisation_id: str | None) -> str:
    """The number on record at which the desk calls a service back, at night first; empty when there is none.

    Never a number that a caller gave. Policy: address and key, section 5.
    """
    service = await tx.get(Organisation, organisation_id) if organisation_id else None
    return (service.night_phone or service.phone) if service else ""


async def home_of(tx: Transaction, actor: Actor, network: NetworkFacts, now: datetime) -> Home | None:
    """What a talk knows of the service that its colleague works for."""
    if actor.organisation_id is None:
        return None
    asks_now = may_ask(actor.organisation_kind, now, network.calendar, network.policy)
    return Home(actor.organisation_id, await call_back(tx, actor.organisation_id), asks_now)


async def tell_taken(tx: Transaction, ids: Ids, request: Request, now: datetime) -> None:
    """Who asked hears that the desk works on it, and at which number it calls back."""
    number = await call_back(tx, request.referrer_organisation_id)
    key = "message.request_taken" if number else "message.request_taken_unreached"
    facts = {"request": request.reference, "phone": number or "-"}
    await _tell_asker(tx, ids, request, key, facts, f"taken:{request.id}:{now.isoformat()}", now)


async def tell_withdrawn(tx: Transaction, ids: Ids, request: Request, by: str, now: datetime) -> None:
    """Who asked, and who was working on it, hear that it is over; not who said so."""
    facts = {"request": request.reference}
    mark, about = f"withdrawn:{request.id}", ("request", request.id)
    if request.created_by != by:
        await _tell_asker(tx, ids, request, "message.request_withdrawn", facts, mark, now)
    if request.taken_by not in (None, by, request.created_by):
        recipient, key = ("colleague", request.taken_by), "message.request_dropped"
        await tell(tx, ids, request.network_id, recipient, key, facts, about, mark, now, urgent=True)


async def _tell_asker(
    tx: Transaction, ids: Ids, request: Request, key: str, facts: dict[str, object] | dict[str, str], mark: str,
    now: datetime,
) -> None:  # fmt: skip
    recipient, about = ("colleague", request.created_by), ("request", request.id)
    await tell(tx, ids, request.network_id, recipient, key, facts, about, mark, now, urgent=True)
