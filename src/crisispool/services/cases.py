"""The cases of outreach on the board: what waits, whose it is, what is late, and the story of one of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import LIVE_STATES, Booking, Hold
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.escalation import late
from crisispool.domain.handover import Handover, HandoverState, HandoverStep
from crisispool.domain.on_paper import PaperBooking
from crisispool.domain.organisation import (
    Actor,
    Colleague,
    Organisation,
    OrganisationKind,
    Role,
    RoleGrant,
)
from crisispool.domain.record import AuditEntry
from crisispool.ports import OneOf, Transaction
from crisispool.services.accounts import without_programs
from crisispool.services.answers import BookingAnswer, HandoverAnswer
from crisispool.services.asks import ExtendAsk
from crisispool.services.bookings import Bookings
from crisispool.services.extensions import ExtensionAnswer, ExtensionAsked, Extensions
from crisispool.services.handovers import WORKERS, ClosedMark, Handovers
from crisispool.services.parts import Parts, require
from crisispool.services.playbooks import TaskAnswer, tasks_of
from crisispool.services.sight import case_request, handover_of
from crisispool.services.told import Told

ON_A_PAGE: Final = 50
"""Closed cases on a page."""

OUTREACH: Final = (OrganisationKind.OCMW, OrganisationKind.CAW)

TOLD_OF: Final = frozenset(
    {
        *(
            f"request.{what}"
            for what in ("made", "take", "screened", "refused", "withdraw", "coordinator_asked")
        ),
        *(f"booking.{what}" for what in ("made", "check_in", "extended", "moved", "cancel", "no_show")),
        *(f"booking.{what}" for what in ("check_out", "overstay", "extension_asked", "stays_as")),
        "booking.on_paper",
        *(f"handover.{what}" for what in ("made", "acknowledge", "reassign", *HandoverStep)),
    }
)
"""What the record says about a case that its story tells; looks and questions that were only asked are left out."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list. `late` is the step nobody did in time, and `late_since` when that was; `worker` and `service`
    are the label and the name of who took it (empty: nobody)."""

    handover: HandoverAnswer
    late: HandoverStep | None
    late_since: datetime | None
    mine: bool
    worker: str
    service: str


@dataclass(frozen=True, slots=True)
class CasesAnswer:
    """The open cases of the asker: those that nobody took, the own, those of others; what is late stands first."""

    waiting: tuple[CaseLine, ...]
    mine: tuple[CaseLine, ...]
    others: tuple[CaseLine, ...]

    @property
    def late(self) -> int:
        """How many of them are late."""
        return sum(line.late is not None for line in (*self.waiting, *self.mine, *self.others))


@dataclass(frozen=True, slots=True)
class ClosedCases:
    """A page of closed cases; `more` is where the next one begins, None when there is none."""

    lines: tuple[CaseLine, ...]
    more: ClosedMark | None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One moment of a case. `what` is an action of the record, or ``unit.held``, ``paper.given``,
    ``handover.contacted``, ``handover.closed``; `by` a label or the name of a service, empty when it was nobody."""

    at: datetime
    what: str
    by: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CaseBed:
    """A bed that people of the case are in, and what the next block would be; `refused` says why there is none."""

    id: str
    reference: str
    checkout: date
    extension: ExtensionAnswer | None
    refused: Told = ()


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """One case. `workers` (id and label) can take it over, `services` (id and name) only for the coordinator."""

    line: CaseLine
    events: tuple[CaseEvent, ...]
    beds: tuple[CaseBed, ...]
    workers: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str], ...]
    tasks: tuple[TaskAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class MoreNights:
    """The next block for a bed whose stay ends on `checkout`; `others` are the beds of the same household. `unit_id`:
    in another unit."""

    booking_id: str
    checkout: date
    unit_id: str | None = None
    others: tuple[str, ...] = ()


class Cases:
    """Reads for who supports people on the next working day; what is changed, `Handovers` changes."""

    def __init__(
        self, parts: Parts, handovers: Handovers, extensions: Extensions, bookings: Bookings
    ) -> None:
        self._parts = parts
        self._handovers = handovers
        self._extensions = extensions
        self._bookings = bookings

    async def open(self, actor: Actor) -> CasesAnswer:
        """The open cases of the asker's service, or all for the coordinator."""
        answers = await self._handovers.list(actor)
        async with self._parts.store.reading() as tx:
            lines = await self._lines(tx, actor, answers)
        lines.sort(key=lambda line: (line.late is None, line.handover.due_at, line.handover.reference))
        waiting = tuple(line for line in lines if line.handover.state == HandoverState.DELIVERED)
        mine = tuple(line for line in lines if line.mine)
        taken = {line.handover.id for line in (*waiting, *mine)}
        return CasesAnswer(waiting, mine, tuple(line for line in lines if line.handover.id not in taken))

    async def closed(self, actor: Actor, after: ClosedMark | None = None) -> ClosedCases:
        """The closed cases of the asker's service, or all for the coordinator: one page, the last closed first."""
        found = await self._handovers.closed(actor, after, ON_A_PAGE + 1)
        page = found[:ON_A_PAGE]
        async with self._parts.store.reading() as tx:
            lines = await self._lines(tx, actor, page)
        last = page[-1] if len(found) > ON_A_PAGE else None
        more = ClosedMark(last.closed_at, last.id) if last and last.closed_at else None
        return ClosedCases(tuple(lines), more)

    async def view(self, actor: Actor, handover_id: str) -> CaseAnswer:
        """One case with its story. Raises NotThere."""
        answer = await self._handovers.view(actor, handover_id)
        async with self._parts.store.reading() as tx:
            [line] = await self._lines(tx, actor, [answer])
            handover = await handover_of(tx, actor, handover_id)
            bookings = await tx.find(Booking, case_id=handover.case_id, order=("at", "id"))
            events = await self._story(tx, handover, bookings)
            workers = await _workers(tx, actor, handover)
            services = await _services(tx, actor, handover)
            tasks = await tasks_of(tx, handover)
        open_ = answer.state != HandoverState.CLOSED
        live = [each for each in bookings if open_ and each.state in LIVE_STATES]
        beds = tuple([await self._bed(actor, each) for each in live])
        return CaseAnswer(line, events, beds, workers if open_ else (), services if open_ else (), tasks)

    async def extend(
        self, actor: Actor, operation_id: str, handover_id: str, ask: MoreNights
    ) -> BookingAnswer:
        """The next block for a bed of this case, and for the other beds of the same household.

        Refusals: as `Bookings.extend`; ``not_there`` when a bed is not of this case, ``lost_race`` when its stay ends
        on another day by now.
        """
        kept = await self._parts.operations.kept(operation_id) is not None
        for booking_id in (ask.booking_id, *ask.others):
            booking = await self._of(actor, handover_id, booking_id)
            if booking.checkout != ask.checkout and not kept:
                raise Refusal("lost_race")
        answer = await self._bookings.extend(
            actor, operation_id, ask.booking_id, ExtendAsk(unit_id=ask.unit_id)
        )
        for number, other in enumerate(ask.others):
            await self._bookings.extend(actor, f"{operation_id}:{number}", other, ExtendAsk())
        return answer

    async def ask_coordinator(
        self, actor: Actor, operation_id: str, handover_id: str, booking_id: str
    ) -> ExtensionAsked:
        """The coordinators are to decide on more nights. Refusals: ``not_there``, ``booking_over``."""
        await self._of(actor, handover_id, booking_id)
        return await self._extensions.ask_coordinator(actor, operation_id, booking_id)

    async def _of(self, actor: Actor, handover_id: str, booking_id: str) -> Booking:
        require(actor, *WORKERS)
        async with self._parts.store.reading() as tx:
            handover = await handover_of(tx, actor, handover_id)
            booking = await tx.get(Booking, booking_id)
            if booking is None or booking.case_id != handover.case_id:
                raise NotThere("booking")
            return booking

    async def _bed(self, actor: Actor, booking: Booking) -> CaseBed:
        bed = CaseBed(booking.id, booking.reference, booking.checkout, None)
        try:
            return replace(bed, extension=await self._extensions.look(actor, booking.id))
        except Refusal as refusal:
            return replace(bed, refused=(Say(f"refusal.{refusal.code}", refusal.facts),))

    async def _lines(self, tx: Transaction, actor: Actor, answers: list[HandoverAnswer]) -> list[CaseLine]:
        rows = {row.id: row for row in await tx.find(Handover, id=OneOf(tuple(each.id for each in answers)))}
        labels = await _labels(tx, {each.worker_id for each in answers})
        names = await _names(tx, {each.accepted_by for each in answers})
        network = await self._parts.facts.network(tx, actor.network_id)
        now, lines = self._parts.now(), []
        for each in answers:
            found = late(rows[each.id], network.calendar, network.policy, now)
            step, since = found or (None, None)
            worker = labels.get(each.worker_id or "", "")
            mine = each.worker_id == actor.colleague_id
            lines.append(CaseLine(each, step, since, mine, worker, names.get(each.accepted_by or "", "")))
        return lines

    async def _story(
        self, tx: Transaction, handover: Handover, bookings: list[Booking]
    ) -> tuple[CaseEvent, ...]:
        """What happened, the oldest first: from the audit chain, and what the rows themselves know the moment of."""
        _, request = await case_request(tx, handover.case_id)
        reference = {booking.id: booking.reference for booking in bookings}
        entries: list[AuditEntry] = []
        for kind, ids in (
            ("request", [request.id]),
            ("booking", list(reference)),
            ("handover", [handover.id]),
        ):
            entries += await tx.find(AuditEntry, subject_kind=kind, subject_id=OneOf(tuple(ids)))
        told = sorted((each for each in entries if each.action in TOLD_OF), key=lambda each: each.seq)
        holds = await tx.find(Hold, request_id=request.id, order=("at",))
        who = {each.actor for each in told} | {hold.by for hold in holds} | {handover.worker_id}
        services = {each.partition(":")[2] for each in who if each and each.startswith("organisation:")}
        known = await _labels(tx, who)
        known |= {f"organisation:{key}": name for key, name in (await _names(tx, services)).items()}
        events = [
            CaseEvent(each.at, each.action, known.get(each.actor, ""), reference.get(each.subject_id, ""))
            for each in told
        ]
        events += [CaseEvent(hold.at, "unit.held", known.get(hold.by, "")) for hold in holds]
        papers = await tx.find(PaperBooking, booking_id=OneOf(tuple(reference)))
        events += [CaseEvent(each.happened_at, "paper.given", "", each.reference) for each in papers]
        worker = known.get(handover.worker_id or "", "")
        for at, what in (
            (handover.contacted_at, "handover.contacted"),
            (handover.closed_at, "handover.closed"),
        ):
            if at is not None:
                events.append(CaseEvent(at, what, worker))
        # In one moment the order of the record stays.
        return tuple(sorted(events, key=lambda each: each.at))


async def _workers(tx: Transaction, actor: Actor, handover: Handover) -> tuple[tuple[str, str], ...]:
    """Who can take it over, in the service that has it: the asker's own, or for the coordinator the one that took it
    or leads."""
    service = handover.accepted_by or handover.lead_organisation_id
    if actor.is_(Role.SUPPORT_WORKER) and actor.organisation_id is not None:
        service = actor.organisation_id
    rows = await tx.find(Colleague, organisation_id=service, active=True, order=("label",))
    grants = await tx.find(
        RoleGrant, role=Role.SUPPORT_WORKER, colleague_id=OneOf(tuple(row.id for row in rows))
    )
    workers = await without_programs(tx, {grant.colleague_id for grant in grants}) - {
        handover.worker_id,
        actor.colleague_id,
    }
    return tuple((row.id, row.label) for row in rows if row.id in workers)


async def _services(tx: Transaction, actor: Actor, handover: Handover) -> tuple[tuple[str, str], ...]:
    """The services that a coordinator may move it to."""
    if not actor.is_(Role.COORDINATOR):
        return ()
    kinds = OneOf(OUTREACH)
    found = await tx.find(Organisation, network_id=actor.network_id, kind=kinds, order=("name",))
    return tuple((each.id, each.name) for each in found if each.id != handover.accepted_by)


async def _labels(tx: Transaction, ids: set[str | None]) -> dict[str, str]:
    known = OneOf(tuple(sorted(each for each in ids if each)))
    return {each.id: each.label for each in await tx.find(Colleague, id=known)}


async def _names(tx: Transaction, ids: set[str | None] | set[str]) -> dict[str, str]:
    known = OneOf(tuple(sorted(each for each in ids if each)))
    return {each.id: each.name for each in await tx.find(Organisation, id=known)}
