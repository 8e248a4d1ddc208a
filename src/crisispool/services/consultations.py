"""What a coordinator does with a signal: it was seen, or a crisis consultation is planned."""

from dataclasses import dataclass
from enum import StrEnum

from crisispool.domain.errors import BadInput
from crisispool.domain.organisation import Actor, Role
from crisispool.ports import Transaction
from crisispool.services.parts import Parts, require
from crisispool.services.sight import booking_of


class Consultation(StrEnum):
    """What became of a proposed consultation."""

    SEEN = "seen"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class ConsultationAnswer:
    """What was noted of which stay."""

    reference: str
    what: Consultation


class Consultations:
    """Kept in the audit chain, where the figures count them. Policy: gap and signals, section 4."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def note(self, actor: Actor, operation_id: str, booking_id: str, what: str) -> ConsultationAnswer:
        """Note it. Refusals: ``not_there``, ``bad_input``."""
        require(actor, Role.COORDINATOR)
        if what not in set(Consultation):
            raise BadInput("what", "not_a_choice")
        parts, now, noted = self._parts, self._parts.now(), Consultation(what)

        async def work(tx: Transaction) -> ConsultationAnswer:
            booking = await booking_of(tx, actor, booking_id)
            await tx.audit(actor.colleague_id, f"consultation.{noted}", "booking", booking.id, now)
            return ConsultationAnswer(booking.reference, noted)

        content = {"booking": booking_id, "what": what}
        return await parts.operations.once(
            operation_id, "consultation", content, now, ConsultationAnswer, work
        )
