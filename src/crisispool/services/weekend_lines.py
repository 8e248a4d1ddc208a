"""Lines of the list before closed days: made at 13:00, looked at again at 16:00."""

from collections import Counter
from datetime import date, datetime

from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson
from crisispool.domain.calendar import DAY
from crisispool.domain.duty import Duty
from crisispool.domain.handover import Case
from crisispool.domain.organisation import Role
from crisispool.domain.weekend import LineAnswer, WeekendLine, reason_for
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.booking_news import worker_of_case
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell, tell_role
from crisispool.services.parts import Parts
from crisispool.services.reaching import reach


class WeekendLines:
    """Rows of the list inside a transaction of its caller. Policy: the next working day, section 7."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """One line for each household without a bed until the next working day; each service hears how many of
        its own, the coordinators how many in all. Done again, only who is new on the list gets a line and counts.
        """
        told: Counter[tuple[str, str]] = Counter()
        # Made before, when the calendar changed afterwards: also under the day that was the last one then.
        before = await tx.find(WeekendLine, network_id=network.network.id, day=AtLeast(day))
        known = {line.booking_id for line in before} | {(await current(tx, line)).id for line in before}
        made = 0
        for booking in await self._without_line(tx, network, known):
            reason = reason_for(booking, day, network.calendar)
            if reason is None or await self.bridged(tx, network, booking, day):
                continue
            new = self._parts.ids.new()
            line = WeekendLine(
                new, booking.network_id, booking.case_id, booking.id, day, reason, booking.checkout, now
            )
            await tx.add(line)
            made += 1
            told.update(await self._outreach(tx, network, booking))
        if not made:
            return
        facts = {
            "until": network.policy.weekend_list_until.isoformat(),
            "back": network.calendar.next_working_day(day).isoformat(),
        }
        about, mark, ids = (
            ("network", network.network.id),
            f"weekend_list:{day}:{len(before) + made}",
            self._parts.ids,
        )
        key = "message.weekend_list"
        for recipient, count in sorted(told.items()):
            own = {**facts, "lines": count}
            await tell(tx, ids, network.network.id, recipient, key, own, about, mark, now, urgent=True)
        every = {**facts, "lines": made}
        await tell_role(
            tx, ids, network.network.id, Role.COORDINATOR, key, every, about, mark, now, urgent=True
        )

    async def tell_open(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """Lines that nobody answered, by words or by deeds: the coordinator on call decides."""
        lines = await tx.find(WeekendLine, network_id=network.network.id, day=day)
        waiting = [
            line for line in lines if line.answer is None and await self.by_itself(tx, network, line) is None
        ]
        if not waiting:
            return
        back = network.calendar.next_working_day(day).isoformat()
        facts = {"lines": len(waiting), "back": back}
        # A closing day entered later is a list of its own: with more households, or until a later day.
        about, mark = ("network", network.network.id), f"weekend_list_open:{day}:{back}:{len(lines)}"
        key, network_id = "message.weekend_list_open", network.network.id
        await reach(tx, self._parts.ids, network_id, Duty.COORDINATOR, key, facts, about, mark, now)

    async def by_itself(self, tx: Transaction, network: NetworkFacts, line: WeekendLine) -> LineAnswer | None:
        """What happened since answers a line: they left, or have a bed until the next working day."""
        booking = await current(tx, line)
        if booking.state not in LIVE_STATES:
            return LineAnswer.LEAVES
        return LineAnswer.EXTENDED if await self.bridged(tx, network, booking, line.day) else None

    async def bridged(self, tx: Transaction, network: NetworkFacts, booking: Booking, day: date) -> bool:
        """Whether all people of a booking have a bed of the network up to the next working day."""
        last = network.calendar.next_working_day(day) - DAY
        persons = await self._parts.facts.persons_of_booking(tx, booking.id)
        used = await self._parts.facts.used_nights(tx, persons)
        return all(last in used[person.id] for person in persons)

    async def _without_line(self, tx: Transaction, network: NetworkFacts, known: set[str]) -> list[Booking]:
        """Live bookings with people in them, without those that are `known`."""
        live = OneOf(tuple(LIVE_STATES))
        found = await tx.find(Booking, network_id=network.network.id, state=live, order=("reference",))
        ids = OneOf(tuple(booking.id for booking in found))
        slept_in = {row.booking_id for row in await tx.find(BookingPerson, booking_id=ids)}
        return [booking for booking in found if booking.id in slept_in - known]

    async def _outreach(
        self, tx: Transaction, network: NetworkFacts, booking: Booking
    ) -> list[tuple[str, str]]:
        """The worker of the case, else the services that have it, else the CAW."""
        case = await tx.get(Case, booking.case_id)
        found = await worker_of_case(tx, case) if case else []
        return found or [("outreach", network.network.caw_id)]


async def current(tx: Transaction, line: WeekendLine) -> Booking:
    """The booking of a line, or where its people are now: moved, or gone on in another unit of their case."""
    [booking] = await tx.find(Booking, id=line.booking_id)
    while booking.state not in LIVE_STATES and (moved := await tx.find(Booking, moved_from=booking.id)):
        [booking] = moved
    if booking.state in LIVE_STATES:
        return booking
    rows = await tx.find(BookingPerson, booking_id=booking.id)
    people = OneOf(tuple(row.person_id for row in rows))
    theirs = OneOf(tuple(row.booking_id for row in await tx.find(BookingPerson, person_id=people)))
    live = OneOf(tuple(LIVE_STATES))
    order = ("-checkout", "id")
    gone_on = await tx.find(Booking, id=theirs, case_id=line.case_id, state=live, order=order, limit=1)
    return gone_on[0] if gone_on else booking
