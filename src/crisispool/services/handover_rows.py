"""Making a due case one handover, delivering it, and the steps until someone has spoken with the person."""

from dataclasses import replace
from datetime import datetime

from crisispool.domain.booking import LIVE_STATES, Booking, BookingState
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.escalation import FIRST_STEP, backups_owed, next_step, step_after, still_to_come
from crisispool.domain.handover import (
    Case,
    Handover,
    HandoverRecipient,
    HandoverState,
    HandoverStep,
    OutreachService,
    competent_ocmw,
    recipients,
)
from crisispool.domain.organisation import ClosingDay, Organisation, OrganisationKind, Role
from crisispool.domain.policy import Policy
from crisispool.domain.request import Need, Request, RequestState
from crisispool.domain.unit import Unit
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell, tell_role
from crisispool.services.parts import Parts
from crisispool.services.playbook_rows import start_playbook
from crisispool.services.sight import case_request
from crisispool.texts.people import people

SYSTEM = "crisispool"
"""Who acts in the audit chain when nobody did."""


class HandoverRows:
    """Steps of a handover inside a transaction of the sweep. Policy: the next working day, section 7."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def hand_over_late(self, tx: Transaction, case: Case, now: datetime, *, tell_owners: bool) -> None:
        """Make a case its handover that should have had one already, and deliver it at once. Steps of which the time
        has passed are not made up for: nobody could have done them."""
        await self.hand_over(tx, case, now, tell_owners=tell_owners)
        for made in await tx.find(Handover, case_id=case.id):
            for recipient in await tx.find(HandoverRecipient, handover_id=made.id, deliver_at=AtMost(now)):
                await self.deliver(tx, recipient, now)
            [handover] = await tx.lock(Handover, [made.id])
            step = still_to_come(handover, *await self._rules(tx, handover), now)
            await self.step(tx, await self.owe(tx, handover, step), now)

    async def hand_over(
        self, tx: Transaction, case: Case, now: datetime, *, tell_owners: bool = True
    ) -> None:
        """Make a due case its one handover. A case without a bed or a wish for contact is closed instead."""
        _, request = await case_request(tx, case.id)
        network = await self._parts.facts.network(tx, case.network_id)
        bookings = await tx.find(Booking, case_id=case.id, order=("at",))
        given = [b for b in bookings if b.state not in (BookingState.CANCELLED, BookingState.NO_SHOW)]
        refused_with_contact = request.state is RequestState.REFUSED and bool(request.contact_consent)
        if not given and not refused_with_contact:
            await tx.save(replace(case, handed_over_at=now, closed_at=now))
            await tx.audit(SYSTEM, "case.closed", "case", case.id, now)
            return
        ids = self._parts.ids
        deliveries = recipients(
            network.calendar.local(case.handover_due_at).date(),
            await self._competent(tx, request, network),
            await self._service(tx, network.network.caw_id, case.network_id),
            prefers_caw=Need.PREFERS_CAW in request.needs,
            lead=_lead(request, network),
            calendar=network.calendar,
            policy=network.policy,
        )
        handover = Handover(
            id=ids.new(),
            network_id=case.network_id,
            case_id=case.id,
            state=HandoverState.DELIVERED,
            due_at=case.handover_due_at,
            delivered_at=now,
            lead_organisation_id=deliveries[0].organisation_id,
            arrival_unknown=any(not b.arrival_known for b in given if b.state in LIVE_STATES),
            next_step=FIRST_STEP,
            next_action_at=now,
        )
        await tx.add(handover)
        await tx.add(
            *(
                HandoverRecipient(
                    ids.new(), handover.id, d.organisation_id, d.leads, d.deliver_on, d.deliver_at
                )
                for d in deliveries
            )
        )
        await tx.save(replace(case, admitted=bool(given), handed_over_at=now))
        await start_playbook(tx, ids, case, request, network, SYSTEM, now)
        if tell_owners:
            await self._tell_owners(tx, request, [b for b in given if b.state in LIVE_STATES], now)
        await tx.audit(SYSTEM, "handover.made", "handover", handover.id, now, {"case": case.reference})

    async def deliver(self, tx: Transaction, recipient: HandoverRecipient, now: datetime) -> None:
        """Tell one service, on its first open day, and owe the next step."""
        [handover] = await tx.lock(Handover, [recipient.handover_id])
        case, request = await case_request(tx, handover.case_id)
        await tx.save(replace(recipient, delivered_at=now))
        # From here on it stands in the list of that service, whoever has it open.
        told = {"service": recipient.organisation_id}
        await tx.audit(SYSTEM, "handover.delivered", "handover", handover.id, now, told)
        if handover.state is HandoverState.CLOSED:
            return
        if handover.accepted_by not in (None, recipient.organisation_id):
            await self.tell_taken(tx, handover, case, recipient, now)
            return
        booking = await current_booking(tx, case.id)
        facts: dict[str, object] = {
            "reference": case.reference,
            "people": people(request.adults, request.children).plain(),
            "count": request.adults + request.children,
            "nights": len(booking.nights) if booking else 0,
        }
        key = "message.handover" if case.admitted else "message.handover_contact"
        network = await self._parts.facts.network(tx, handover.network_id)
        if case.admitted and booking and booking.checkout > network.calendar.local(now).date():
            key = "message.handover_stays"
        if case.admitted and booking and booking.state not in LIVE_STATES:
            key = "message.handover_left"
        await tell(
            tx,
            self._parts.ids,
            handover.network_id,
            ("outreach", recipient.organisation_id),
            key,
            facts,
            ("handover", handover.id),
            f"handover:{handover.id}",
            now,
            urgent=True,
        )
        if recipient.deliver_at <= handover.due_at:
            # A service that was closed only joins: the steps of that morning are not done again for it.
            await self.owe(tx, handover, FIRST_STEP)

    async def tell_taken(
        self, tx: Transaction, handover: Handover, case: Case, recipient: HandoverRecipient, now: datetime
    ) -> None:
        """The contact person is of another service."""
        organisation = await tx.get(Organisation, handover.accepted_by)
        await tell(
            tx,
            self._parts.ids,
            handover.network_id,
            ("outreach", recipient.organisation_id),
            "message.accepted_by_other",
            {"reference": case.reference, "organisation": organisation.name if organisation else ""},
            ("handover", handover.id),
            f"taken:{handover.id}",
            now,
        )

    async def step(self, tx: Transaction, handover: Handover, now: datetime) -> None:
        """Do the step that is due, and owe the one after it."""
        [handover] = await tx.lock(Handover, [handover.id])
        step = handover.next_step
        if step is None or handover.next_action_at is None or handover.next_action_at > now:
            return
        case, _ = await case_request(tx, handover.case_id)
        facts: dict[str, object] = {"reference": case.reference}
        about, ids = ("handover", handover.id), self._parts.ids
        told, with_backup = await self._told(tx, handover)
        owed = next_step(handover, told, set(with_backup), *await self._rules(tx, handover), step)
        if owed is not None and owed[0] is not step:
            await self.owe(tx, handover, step)
            return
        if owed is not None and step is HandoverStep.BACKUP:
            for recipient in backups_owed(told, set(with_backup)):
                backup = ("outreach", with_backup[recipient.organisation_id])
                key = f"backup:{handover.id}:{recipient.organisation_id}"
                await tell(
                    tx,
                    ids,
                    handover.network_id,
                    backup,
                    "message.handover_backup",
                    facts,
                    about,
                    key,
                    now,
                    urgent=True,
                )
                await tx.save(replace(recipient, backup_told_at=now))
        elif owed is not None:
            key = (
                "message.contact_overdue"
                if step is HandoverStep.CONTACT_OVERDUE
                else "message.handover_coordinator"
            )
            await tell_role(
                tx,
                ids,
                handover.network_id,
                Role.COORDINATOR,
                key,
                facts,
                about,
                f"{step}:{handover.id}",
                now,
                urgent=True,
            )
        if owed is not None:
            await tx.audit(SYSTEM, f"handover.{step}", "handover", handover.id, now)
        await self.owe(tx, handover, step_after(step))

    async def owe(self, tx: Transaction, handover: Handover, start: HandoverStep | None) -> Handover:
        """Write down what happens next when nobody acts, from `start` on."""
        told, with_backup = await self._told(tx, handover)
        owed = next_step(handover, told, set(with_backup), *await self._rules(tx, handover), start)
        step, at = owed or (None, None)
        if (step, at) == (handover.next_step, handover.next_action_at):
            return handover
        owing = replace(handover, next_step=step, next_action_at=at, version=handover.version + 1)
        await tx.save(owing)
        return owing

    async def _rules(self, tx: Transaction, handover: Handover) -> tuple[NetworkCalendar, Policy]:
        network = await self._parts.facts.network(tx, handover.network_id)
        return network.calendar, network.policy

    async def _told(
        self, tx: Transaction, handover: Handover
    ) -> tuple[list[HandoverRecipient], dict[str, str]]:
        """The services that have it, and the backup of each that has one, by service."""
        told = await tx.find(HandoverRecipient, handover_id=handover.id, order=("organisation_id",))
        services = await tx.find(Organisation, id=OneOf(tuple(each.organisation_id for each in told)))
        return told, {service.id: service.backup_id for service in services if service.backup_id}

    async def _competent(
        self, tx: Transaction, request: Request, network: NetworkFacts
    ) -> OutreachService | None:
        membership = competent_ocmw(request.origin, network.memberships.values())
        if membership is None or membership.ocmw_id is None:
            return None
        return await self._service(tx, membership.ocmw_id, request.network_id)

    async def _service(self, tx: Transaction, organisation_id: str, network_id: str) -> OutreachService:
        closed = await tx.find(ClosingDay, network_id=network_id, organisation_id=organisation_id)
        return OutreachService(organisation_id, frozenset(row.day for row in closed))

    async def _tell_owners(
        self, tx: Transaction, request: Request, bookings: list[Booking], now: datetime
    ) -> None:
        for booking in bookings:
            unit = await tx.get(Unit, booking.unit_id)
            if unit is None:
                continue
            facts: dict[str, object] = {
                "unit": unit.label,
                "persons": request.adults + request.children,
                "checkout": booking.checkout.isoformat(),
            }
            await tell(
                tx,
                self._parts.ids,
                booking.network_id,
                ("owner", unit.owner_id),
                "message.owner_morning",
                facts,
                ("booking", booking.id),
                f"owner_morning:{booking.id}",
                now,
            )


async def current_booking(tx: Transaction, case_id: str) -> Booking | None:
    """The booking in which the people of a case are, or were last."""
    bookings = await tx.find(Booking, case_id=case_id, order=("at",))
    counting = [b for b in bookings if b.state not in (BookingState.CANCELLED, BookingState.NO_SHOW)]
    live = [b for b in counting if b.state in LIVE_STATES]
    return next(iter(reversed(live or counting)), None)


def _lead(request: Request, network: NetworkFacts) -> OrganisationKind:
    membership = network.memberships.get(request.origin or "")
    return membership.lead if membership else OrganisationKind.CAW
