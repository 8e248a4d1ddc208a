"""The planned end of a stay: whether they left is recorded, or asked at 10:00, each day until somebody says so."""

from dataclasses import replace
from datetime import date, datetime

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.calendar import DAY
from crisispool.domain.duty import Duty
from crisispool.domain.handover import Case
from crisispool.domain.unit import Unit
from crisispool.ports import Transaction
from crisispool.services.booking_news import worker_of_case
from crisispool.services.facts import NetworkFacts
from crisispool.services.handover_rows import SYSTEM
from crisispool.services.messages import tell
from crisispool.services.parts import Parts
from crisispool.services.reaching import reach


def ask_checkout_at(checkout: date, network: NetworkFacts) -> datetime:
    """When it is asked whether they left: at the planned end, 10:00. Policy: units and the pool, section 6."""
    return network.calendar.instant(checkout, network.policy.checkout_at)


async def ask_whether_they_left(tx: Transaction, parts: Parts, booking_id: str, now: datetime) -> int:
    """Ask owner and worker, outside working days the desk; and again the next day as long as nobody says so.

    From the second day on, when nobody said "not yet left", a coordinator hears it too.
    """
    [booking] = await tx.lock(Booking, [booking_id])
    due_at = booking.ask_checkout_at
    if booking.state not in LIVE_STATES or due_at is None or due_at > now:
        return 0
    network = await parts.facts.network(tx, booking.network_id)
    today = network.calendar.local(now).date()
    facts: dict[str, object] = {"reference": booking.reference}
    about, mark = ("booking", booking.id), f"checkout:{booking.id}:{today}"
    if network.calendar.is_working_day(today):
        for recipient, key in await _owner_and_worker(tx, booking):
            unit = await tx.get(Unit, booking.unit_id)
            said = {**facts, "unit": unit.label if unit else ""}
            await tell(tx, parts.ids, booking.network_id, recipient, key, said, about, mark, now, urgent=True)
    else:
        key = "message.checkout_question"
        await reach(tx, parts.ids, booking.network_id, Duty.CALLTAKER, key, facts, about, mark, now)
    if today > booking.checkout and booking.overstay_at is None:
        key, mark = "message.checkout_unanswered", f"unanswered:{booking.id}:{today}"
        await reach(tx, parts.ids, booking.network_id, Duty.COORDINATOR, key, facts, about, mark, now)
    again = ask_checkout_at(max(today, booking.checkout) + DAY, network)
    await tx.save(replace(booking, ask_checkout_at=again, version=booking.version + 1))
    await tx.audit(SYSTEM, "booking.asked_checkout", "booking", booking.id, now)
    return 1


async def overstay(
    tx: Transaction, parts: Parts, booking: Booking, network: NetworkFacts, now: datetime
) -> Booking:
    """Somebody said "not yet left": outreach and coordinator know at once, once a day; asked again tomorrow."""
    today = network.calendar.local(now).date()
    if booking.overstay_at is not None and network.calendar.local(booking.overstay_at).date() == today:
        return booking
    facts = {"reference": booking.reference}
    about, mark, key = ("booking", booking.id), f"overstay:{booking.id}:{today}", "message.overstay"
    case = await tx.get(Case, booking.case_id)
    for recipient in await worker_of_case(tx, case) if case else ():
        await tell(tx, parts.ids, booking.network_id, recipient, key, facts, about, mark, now, urgent=True)
    await reach(tx, parts.ids, booking.network_id, Duty.COORDINATOR, key, facts, about, mark, now)
    return replace(booking, overstay_at=now, ask_checkout_at=ask_checkout_at(today + DAY, network))


async def _owner_and_worker(tx: Transaction, booking: Booking) -> list[tuple[tuple[str, str], str]]:
    unit, case = await tx.get(Unit, booking.unit_id), await tx.get(Case, booking.case_id)
    worker = await worker_of_case(tx, case) if case else []
    found = [(recipient, "message.checkout_question") for recipient in worker]
    return [(("owner", unit.owner_id), "message.checkout_question_owner"), *found] if unit else found
