"""What the papers for a dwelling are filled in with: of a booking its nights and its end, never who sleeps there."""

from dataclasses import dataclass
from datetime import date, time

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Actor, Role
from crisispool.ports import OneOf
from crisispool.services.bookings import Bookings
from crisispool.services.parts import Parts, require

READERS = (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER, Role.UNIT_MANAGER)


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What is printed. Without a booking its fields are empty, to be filled in with a pen.

    `contact_day` is the next working day after the first night, on which outreach calls.
    """

    network: str
    checkout_at: time
    reference: str = ""
    nights: tuple[date, ...] = ()
    checkout: date | None = None
    contact_day: date | None = None


class Papers:
    """Reads what stands on the papers. Policy: the next working day, section 7."""

    def __init__(self, parts: Parts, bookings: Bookings) -> None:
        self._parts = parts
        self._bookings = bookings

    async def blank(self, actor: Actor) -> PaperFacts:
        """The papers of the network, to fill in by hand."""
        require(actor, *READERS)
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            return PaperFacts(network.network.name, network.policy.checkout_at)

    async def filled(self, actor: Actor, reference: str) -> PaperFacts:
        """The papers of this booking; the look is audited. NotThere when the asker may not know of it."""
        require(actor, *READERS)
        parts = self._parts
        async with parts.store.reading() as tx:
            live = OneOf(tuple(LIVE_STATES))
            found = await tx.find(Booking, reference=reference, state=live, limit=1)
        if not found:
            raise NotThere("booking")
        seen = await self._bookings.view(actor, found[0].id)
        if not seen.nights or seen.checkout is None:
            raise NotThere("booking")
        async with parts.store.transaction() as tx:
            network = await parts.facts.network(tx, found[0].network_id)
            await tx.audit(actor.colleague_id, "page.paper", "booking", seen.id, parts.now())
        return PaperFacts(
            network=network.network.name,
            checkout_at=network.policy.checkout_at,
            reference=seen.reference,
            nights=seen.nights,
            checkout=seen.checkout,
            contact_day=network.calendar.next_working_day(seen.nights[0]),
        )
