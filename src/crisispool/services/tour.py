"""The guided tour of a training: where somebody is in it. It looks, and changes nothing."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.calendar import DAY, MINUTE
from crisispool.domain.errors import NotThere
from crisispool.domain.handover import Case, Handover
from crisispool.domain.organisation import Colleague
from crisispool.domain.request import Request, RequestState
from crisispool.domain.tour import SoFar, TourStep, next_step
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.parts import Parts
from crisispool.services.training import DEMO_PEOPLE

NIGHT_BEGINS: Final = time(2, 4)
STANDS: Final = OneOf((RequestState.OPEN, RequestState.BOOKED, RequestState.REFUSED))


@dataclass(frozen=True, slots=True)
class TourAnswer:
    """Where somebody is. `until`: to when the clock goes, where that is what comes next."""

    step: TourStep
    reference: str = ""
    handover_id: str = ""
    until: datetime | None = None


class Tour:
    """Reads how far a night is that began at some moment."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def at(self, began: datetime) -> TourAnswer:
        """The next step of the last request since then. NotThere: this training has no demo people."""
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            calltaker = await tx.get(Colleague, DEMO_PEOPLE[0])
            if calltaker is None:
                raise NotThere("colleague")
            calendar = await self._parts.facts.calendar(tx, calltaker.network_id)
            so_far = await _so_far(tx, calltaker.network_id, began, calendar.is_office_hours(now))
        step, until = next_step(so_far), None
        if step is TourStep.NIGHT:
            until = calendar.instant(calendar.local(now).date() + DAY, NIGHT_BEGINS)
        if step is TourStep.MORNING and so_far.case is not None:
            # Due already: the clock goes on while somebody reads, and can only be moved forward.
            until = max(now + MINUTE, so_far.case.handover_due_at)
        named = so_far.booking or so_far.case or so_far.request
        return TourAnswer(
            step,
            reference=named.reference if named else "",
            handover_id=so_far.handover.id if so_far.handover else "",
            until=until,
        )


async def _so_far(tx: Transaction, network_id: str, began: datetime, office_hours: bool) -> SoFar:
    asked = await tx.find(
        Request,
        network_id=network_id,
        created_at=AtLeast(began),
        state=STANDS,
        order=("-created_at",),
        limit=1,
    )
    if not asked:
        return SoFar(office_hours)
    [request] = asked
    booked = await tx.find(
        Booking, request_id=request.id, state=OneOf(tuple(LIVE_STATES)), order=("-at",), limit=1
    )
    cases = await tx.find(Case, request_id=request.id)
    handovers = await tx.find(Handover, case_id=cases[0].id) if cases else []
    return SoFar(
        office_hours,
        request,
        booked[0] if booked else None,
        cases[0] if cases else None,
        handovers[0] if handovers else None,
    )
