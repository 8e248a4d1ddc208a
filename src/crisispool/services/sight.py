"""Who may see which request, booking and handover: a relation checked while reading, one answer for "not there"
and "not yours". Policy: who may see what, section 8."""

from crisispool.domain.booking import Booking
from crisispool.domain.errors import NotThere
from crisispool.domain.handover import Case, Handover, HandoverRecipient
from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.ports import Transaction


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
    if booking is None:
        raise NotThere("booking")
    if actor.is_(Role.UNIT_MANAGER):
        # An owner whose unit is in two networks hears of the stays of both.
        unit = await tx.get(Unit, booking.unit_id)
        if unit is not None and unit.owner_id == actor.organisation_id:
            return booking
    if booking.network_id != actor.network_id:
        raise NotThere("booking")
    if actor.is_(Role.CALLTAKER, Role.COORDINATOR):
        return booking
    request = await tx.get(Request, booking.request_id)
    if request is not None and request.created_by == actor.colleague_id:
        return booking
    if actor.is_(Role.SUPPORT_WORKER) and await has_case(tx, actor, booking.case_id):
        return booking
    raise NotThere("booking")


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
