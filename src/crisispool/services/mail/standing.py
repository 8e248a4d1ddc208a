"""Whether what a message asks is done already: by which service, never by whom of them, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.handover import Handover
from crisispool.domain.organisation import Colleague, Organisation
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.unit import Unit
from crisispool.ports import Transaction

SERVICE: Final = "organisation:"
"""What begins the name, in the audit chain, of a service whose mailbox did something."""


@dataclass(frozen=True, slots=True)
class Done:
    """It is done. `by` is the name of a service, empty when it was nobody's of a service."""

    way: str
    at: datetime
    by: str = ""


async def done_of(tx: Transaction, way: str, message: Message) -> Done | None:
    """What came of the way of a message; None as long as it can still be done."""
    match way:
        case "accept":
            return await _taken_up(tx, message)
        case "left":
            return await _left(tx, message)
        case "all_right":
            return await _confirmed(tx, message)
    return None


async def _taken_up(tx: Transaction, message: Message) -> Done | None:
    handover = await tx.get(Handover, message.about_id)
    if handover is None or handover.accepted_by is None or handover.accepted_at is None:
        return None
    service = await tx.get(Organisation, handover.accepted_by)
    return Done("accept", handover.accepted_at, service.name if service else "")


async def _left(tx: Transaction, message: Message) -> Done | None:
    booking = await tx.get(Booking, message.about_id)
    if booking is None or booking.state in LIVE_STATES or booking.ended_at is None:
        return None
    about = {"subject_kind": "booking", "subject_id": booking.id, "at": booking.ended_at}
    ended = await tx.find(AuditEntry, **about, order=("-seq",), limit=1)
    return Done("left", booking.ended_at, await _service_of(tx, ended[0].actor) if ended else "")


async def _confirmed(tx: Transaction, message: Message) -> Done | None:
    """The owner said of every unit how it is, after the question."""
    units = await tx.find(Unit, owner_id=message.recipient_id)
    said = [unit.confirmed_at for unit in units if unit.confirmed_at and unit.confirmed_at >= message.at]
    return Done("all_right", max(said)) if units and len(said) == len(units) else None


async def _service_of(tx: Transaction, actor: str) -> str:
    """The service of who acted, as the audit chain calls them."""
    home: str | None = actor.removeprefix(SERVICE)
    if not actor.startswith(SERVICE):
        colleague = await tx.get(Colleague, actor)
        home = colleague.organisation_id if colleague else None
    service = await tx.get(Organisation, home) if home else None
    return service.name if service else ""
