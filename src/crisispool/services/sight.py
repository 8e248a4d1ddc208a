"""Who may see which request, booking and handover: a relation checked while reading, one answer for "not there"
and "not yours". Policy: who may see what, section 8."""

from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from crisispool.domain.access import AccessFacts, may_know_place
from crisispool.domain.arrival import follows, inside
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.errors import NotThere
from crisispool.domain.handover import Case, Handover, HandoverRecipient
from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.request import Request, RequestNote
from crisispool.domain.unit import Unit
from crisispool.ports import AtLeast, Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.duty import is_on_duty
from crisispool.services.facts import NetworkFacts

ACCESS_REASON = "access_reason"
"""The purpose of a note that says why a coordinator opened an address that is hidden."""


class Relation(Enum):
    """What somebody has to do with a booking, the closest first."""

    OWNER = auto()
    DESK = auto()
    SERVICE = auto()
    ASKER = auto()


async def request_of(tx: Transaction, actor: Actor, request_id: str) -> Request:
    """The request, when it is the desk's, the coordinator's or the asker's own. Raises NotThere."""
    request = await tx.get(Request, request_id)
    if request is None or request.network_id != actor.network_id:
        raise NotThere("request")
    if actor.is_(Role.CALLTAKER, Role.COORDINATOR) or request.created_by == actor.colleague_id:
        return request
    raise NotThere("request")


async def booking_of(tx: Transaction, actor: Actor, booking_id: str) -> Booking:
    """The booking, when the asker may know of it: the desk, the coordinator, who asked for it, the owner of the
    unit, the services that have its case. Raises NotThere."""
    booking = await tx.get(Booking, booking_id)
    if booking is None or await _relation(tx, actor, booking) is None:
        raise NotThere("booking")
    return booking


async def as_seen(
    tx: Transaction,
    actor: Actor,
    booking: Booking,
    answer: BookingAnswer,
    network: NetworkFacts,
    now: datetime,
) -> BookingAnswer:
    """The answer about a booking as far as this asker may know it.

    Where people hide, the unit is known to few. Who asked for the bed hears until arrival how it stands and then
    no more than that there was one: nobody is told whether someone still stays.
    """
    if await is_past(tx, actor, booking, network, now):
        state = BookingState.CHECKED_IN if booking.arrival_known else BookingState.BOOKED
        return replace(answer, state=state, unit_id=None, nights=(), checkout=None, overridden=False)
    facts = await access_facts(tx, actor, booking, now)
    return answer if may_know_place(actor, facts, now, network.policy) else replace(answer, unit_id=None)


async def is_past(
    tx: Transaction, actor: Actor, booking: Booking, network: NetworkFacts, now: datetime
) -> bool:
    """Whether this asker has nothing to do with the booking any more: who asked for the bed, once people are inside."""
    asked = await _relation(tx, actor, booking) is Relation.ASKER
    return asked and inside(booking, now, network.calendar)


async def access_facts(tx: Transaction, actor: Actor, booking: Booking, now: datetime) -> AccessFacts:
    """What decides who may see address and key of a booking. Raises NotThere."""
    request, unit = await tx.get(Request, booking.request_id), await tx.get(Unit, booking.unit_id)
    if request is None or unit is None:
        raise NotThere("booking")
    handovers = await tx.find(Handover, case_id=booking.case_id)
    recipients = [
        recipient
        for handover in handovers
        for recipient in await tx.find(HandoverRecipient, handover_id=handover.id)
    ]
    written = await tx.find(
        RequestNote,
        request_id=request.id,
        purpose=ACCESS_REASON,
        by=actor.colleague_id,
        at=AtLeast(booking.at),
    )
    return AccessFacts(
        booking=booking,
        request=request,
        owner_id=unit.owner_id,
        handover=handovers[0] if handovers else None,
        service_ids=frozenset(recipient.organisation_id for recipient in recipients),
        on_shift=await is_on_duty(tx, actor, now),
        reason_given=bool(written),
    )


async def has_case(tx: Transaction, actor: Actor, case_id: str) -> bool:
    """Whether the asker's service has this case, or was told of it as the backup of one that has."""
    for handover in await tx.find(Handover, case_id=case_id):
        for recipient in await tx.find(HandoverRecipient, handover_id=handover.id):
            if recipient.organisation_id == actor.organisation_id:
                return True
            service = await tx.get(Organisation, recipient.organisation_id)
            if recipient.backup_told_at and service and service.backup_id == actor.organisation_id:
                return True
    return False


async def handover_of(tx: Transaction, actor: Actor, handover_id: str) -> Handover:
    """The handover, when it is with the asker's service or the asker is the coordinator. Raises NotThere."""
    handover = await tx.get(Handover, handover_id)
    if handover is None or handover.network_id != actor.network_id:
        raise NotThere("handover")
    if actor.is_(Role.COORDINATOR):
        return handover
    if actor.is_(Role.SUPPORT_WORKER) and await has_case(tx, actor, handover.case_id):
        return handover
    raise NotThere("handover")


async def case_request(tx: Transaction, case_id: str) -> tuple[Case, Request]:
    """A case and its request; both exist because the record's foreign keys say so."""
    case = await tx.get(Case, case_id)
    request = await tx.get(Request, case.request_id) if case else None
    if case is None or request is None:
        raise NotThere("case")
    return case, request


async def _relation(tx: Transaction, actor: Actor, booking: Booking) -> Relation | None:
    """What the asker has to do with a booking; None when nothing."""
    if actor.is_(Role.UNIT_MANAGER):
        # An owner whose unit is in two networks hears of the stays of both.
        unit = await tx.get(Unit, booking.unit_id)
        if unit is not None and unit.owner_id == actor.organisation_id:
            return Relation.OWNER
    if booking.network_id != actor.network_id:
        return None
    if actor.is_(Role.CALLTAKER, Role.COORDINATOR):
        return Relation.DESK
    if actor.is_(Role.SUPPORT_WORKER) and await has_case(tx, actor, booking.case_id):
        return Relation.SERVICE
    request = await tx.get(Request, booking.request_id)
    if request is not None and request.created_by == actor.colleague_id:
        others = await tx.find(Booking, case_id=booking.case_id)
        return None if follows(booking, others) else Relation.ASKER
    return None
