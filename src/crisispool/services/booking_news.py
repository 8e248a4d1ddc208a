"""Who is told of a hold or a booking: its owner, who asked for it, the worker of its case, the coordinator."""

from datetime import datetime

from crisispool.domain.booking import Booking, Hold
from crisispool.domain.calendar import DAY
from crisispool.domain.handover import Case, Handover, HandoverRecipient
from crisispool.domain.organisation import Colleague, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.ports import Ids, Transaction
from crisispool.services.messages import tell, tell_role
from crisispool.services.stay_desk import Stay


async def tell_held(
    tx: Transaction, ids: Ids, request: Request, hold: Hold, unit: Unit, now: datetime
) -> None:
    """The owner of a unit without mandate: the desk waits for a word. Who it is for is not said."""
    facts: dict[str, object] = {
        "unit": unit.label,
        "persons": request.adults + request.children,
        "nights": [(hold.night + DAY * n).isoformat() for n in range(hold.nights)],
        "until": hold.until.isoformat(),
    }
    owner, key = ("owner", unit.owner_id), "message.unit_held"
    about, mark = ("hold", hold.id), f"held:{hold.id}"
    await tell(tx, ids, hold.network_id, owner, key, facts, about, mark, now, urgent=True)


async def tell_booked(
    tx: Transaction,
    ids: Ids,
    request: Request,
    booking: Booking,
    unit: Unit,
    stay: Stay,
    now: datetime,
) -> None:
    about = ("booking", booking.id)
    facts: dict[str, object] = {
        "reference": booking.reference,
        "unit": unit.label,
        "persons": request.adults + request.children,
        "nights": [night.isoformat() for night in stay.nights],
        "checkout": booking.checkout.isoformat(),
    }
    owner = ("owner", unit.owner_id)
    await tell(
        tx,
        ids,
        request.network_id,
        owner,
        "message.booking_to_owner",
        facts,
        about,
        f"booked:{booking.id}",
        now,
    )
    if request.created_by != booking.by:
        referrer = ("colleague", request.created_by)
        facts = {
            "reference": booking.reference,
            "request": request.reference,
            "checkout": facts["checkout"],
        }
        await tell(
            tx,
            ids,
            request.network_id,
            referrer,
            "message.accepted",
            facts,
            about,
            f"accepted:{booking.id}",
            now,
            urgent=True,
        )
    if stay.household.verdict.shortened:
        # Given without a landing, because a first admission is never refused for calendar reasons.
        closure = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
        key = f"closure:{booking.id}"
        await tell_role(
            tx, ids, request.network_id, Role.COORDINATOR, "message.long_closure", closure, about, key, now
        )
    if stay.signals:
        await tell_role(
            tx,
            ids,
            request.network_id,
            Role.COORDINATOR,
            "message.consultation_proposed",
            {"reference": booking.reference, "signals": list(stay.signals)},
            about,
            f"signals:{booking.id}",
            now,
        )


async def tell_extended(
    tx: Transaction, ids: Ids, case: Case, booking: Booking, unit: Unit, now: datetime
) -> None:
    about = ("booking", booking.id)
    facts = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
    key = f"extended:{booking.id}:{booking.checkout}"
    await tell(
        tx,
        ids,
        booking.network_id,
        ("owner", unit.owner_id),
        "message.extended",
        facts,
        about,
        key,
        now,
    )
    for recipient in await worker_of_case(tx, case):
        await tell(tx, ids, booking.network_id, recipient, "message.extended", facts, about, key, now)


async def tell_moved(tx: Transaction, ids: Ids, case: Case, booking: Booking, now: datetime) -> None:
    """Whoever looks after the people hears that they moved; where to is on the page of the case, never here."""
    facts = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
    about, mark = ("booking", booking.id), f"moved:{booking.id}"
    for recipient in await worker_of_case(tx, case):
        key = "message.case_moved"
        await tell(tx, ids, booking.network_id, recipient, key, facts, about, mark, now, urgent=True)


async def tell_bed_closed(tx: Transaction, ids: Ids, booking: Booking, mark: str, now: datetime) -> None:
    """Who gave a bed that is out of service now, and the coordinators: the people have not come yet."""
    facts = {"reference": booking.reference, "night": booking.night.isoformat()}
    about, key, role = ("booking", booking.id), "message.bed_closed", Role.COORDINATOR
    whose = booking.network_id
    await tell(tx, ids, whose, ("colleague", booking.by), key, facts, about, mark, now, urgent=True)
    await tell_role(tx, ids, whose, role, key, facts, about, mark, now, urgent=True)


async def tell_stays_as(tx: Transaction, ids: Ids, case: Case, booking: Booking, now: datetime) -> None:
    """Whoever looks after the people hears that they stay where they are, as the owner's own."""
    facts = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
    about, mark = ("booking", booking.id), f"stays_as:{booking.id}"
    for recipient in await worker_of_case(tx, case):
        await tell(tx, ids, booking.network_id, recipient, "message.stays_as", facts, about, mark, now)


async def tell_given_in_silence(tx: Transaction, ids: Ids, booking: Booking, now: datetime) -> None:
    """The coordinators hear in the morning of a night that the desk gave because none of them answered."""
    facts = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
    about, mark = ("booking", booking.id), f"silence:{booking.id}:{booking.checkout}"
    key, role = "message.given_in_silence", Role.COORDINATOR
    await tell_role(tx, ids, booking.network_id, role, key, facts, about, mark, now)


async def worker_of_case(tx: Transaction, case: Case) -> list[tuple[str, str]]:
    """Whom to tell of a change in a case that was handed over: its worker, else the services that have it."""
    for handover in await tx.find(Handover, case_id=case.id):
        worker = await tx.get(Colleague, handover.worker_id) if handover.worker_id else None
        if worker is not None and worker.active:
            return [("colleague", worker.id)]
        recipients = await tx.find(HandoverRecipient, handover_id=handover.id, order=("organisation_id",))
        return [("outreach", recipient.organisation_id) for recipient in recipients]
    return []
