"""The list before closed days, as outreach reads and answers it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crisispool.domain.availability import can_be_given
from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.calendar import LONGEST_CLOSURE
from crisispool.domain.duty import Duty
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.handover import Handover
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.weekend import LineAnswer, WeekendLine, nights_to_bridge
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services import stay_desk
from crisispool.services.answers import WeekendLineAnswer
from crisispool.services.availability import Availability
from crisispool.services.facts import NetworkFacts
from crisispool.services.handovers import WORKERS
from crisispool.services.parts import Parts, require
from crisispool.services.reaching import reach
from crisispool.services.sight import has_case
from crisispool.services.weekend_lines import WeekendLines, current


@dataclass(frozen=True)
class _Line:
    """A line with where its people are now, and whether something has answered it."""

    line: WeekendLine
    booking: Booking
    by_itself: LineAnswer | None


class Weekend:
    """Policy: the next working day, section 7: each line needs an answer before 16:00."""

    def __init__(self, parts: Parts, availability: Availability) -> None:
        self._parts = parts
        self._availability = availability
        self._lines = WeekendLines(parts)

    async def list(self, actor: Actor) -> list[WeekendLineAnswer]:
        """The lines of the closed days at hand: the asker's own cases, or all for the coordinator."""
        require(actor, *WORKERS)
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            today = network.calendar.local(self._parts.now()).date()
            since = AtLeast(today - timedelta(days=LONGEST_CLOSURE))
            rows = await tx.find(
                WeekendLine, network_id=actor.network_id, day=since, order=("day", "checkout")
            )
            found = [
                await self._read(tx, network, row)
                for row in rows
                if self._is_current(row, network) and await _sees(tx, network, actor, row)
            ]
        return [await self._answer(network, each) for each in found]

    async def answer(
        self, actor: Actor, operation_id: str, line_id: str, answer: LineAnswer
    ) -> WeekendLineAnswer:
        """What outreach decided; a later word replaces an earlier one.

        Refusals: ``not_there``, ``not_extended`` (nobody gave them more nights yet).
        """
        require(actor, *WORKERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> WeekendLineAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            locked = await tx.lock(WeekendLine, [line_id])
            if not locked or not self._is_current(locked[0], network):
                raise NotThere("line")
            [line] = locked
            if line.network_id != actor.network_id or not await _sees(tx, network, actor, line):
                raise NotThere("line")
            seen = await self._read(tx, network, line)
            if answer is LineAnswer.EXTENDED and not _extended(seen):
                raise Refusal("not_extended", {"reference": seen.booking.reference})
            said = replace(
                line, answer=answer, answered_by=actor.colleague_id, answered_at=now, version=line.version + 1
            )
            await tx.save(said)
            if answer is LineAnswer.COORDINATOR and line.answer is not answer:
                await self._pass_on(tx, seen, said, now)
            await tx.audit(actor.colleague_id, f"weekend_line.{answer}", "weekend_line", line.id, now)
            return _plain(_Line(said, seen.booking, seen.by_itself), network, now)

        content = {"line": line_id, "answer": answer}
        return await parts.operations.once(
            operation_id, "weekend_line", content, now, WeekendLineAnswer, work
        )

    async def _read(self, tx: Transaction, network: NetworkFacts, line: WeekendLine) -> _Line:
        by_itself = await self._lines.by_itself(tx, network, line)
        return _Line(line, await current(tx, line), by_itself)

    async def _pass_on(self, tx: Transaction, seen: _Line, line: WeekendLine, now: datetime) -> None:
        await reach(
            tx,
            self._parts.ids,
            line.network_id,
            Duty.COORDINATOR,
            "message.weekend_line_coordinator",
            {"reference": seen.booking.reference},
            ("booking", seen.booking.id),
            f"weekend_line:{line.id}:{line.version}",
            now,
        )

    async def _answer(self, network: NetworkFacts, seen: _Line) -> WeekendLineAnswer:
        """The line with what can be done; nothing is looked up for one that is decided."""
        parts, now, booking = self._parts, self._parts.now(), seen.booking
        plain = _plain(seen, network, now)
        if plain.answer not in (None, LineAnswer.COORDINATOR):
            return plain
        first, length = plain.first_night, plain.nights
        async with parts.store.reading() as tx:
            persons = await parts.facts.persons_of_booking(tx, booking.id)
            adults = await _adults(tx, booking, persons)
            verdict = (await stay_desk.judge(tx, parts, network, adults, first, length)).verdict
            unit = (await parts.facts.units(tx, [booking.unit_id], now))[booking.unit_id]
            beside = await tx.find(Booking, request_id=booking.request_id, state=OneOf(tuple(LIVE_STATES)))
        nights = [first + timedelta(days=n) for n in range(length)]
        here = can_be_given(unit, nights, now, network.calendar, own_booking_id=booking.id) is None
        some = len(persons) if len(beside) > 1 else None
        found = await self._availability.for_request(booking.network_id, booking.request_id, nights, some)
        return replace(plain, can_bridge=verdict.allowed, own_unit_free=here, proposals=len(found))

    def _is_current(self, line: WeekendLine, network: NetworkFacts) -> bool:
        """Until the closed days have passed."""
        today = network.calendar.local(self._parts.now()).date()
        return today < network.calendar.next_working_day(line.day)


def _plain(seen: _Line, network: NetworkFacts, now: datetime) -> WeekendLineAnswer:
    line, booking = seen.line, seen.booking
    back = network.calendar.next_working_day(line.day)
    first, nights = nights_to_bridge(booking.checkout, network.calendar.night_of(now), back)
    decided = line.answer if line.answer is not LineAnswer.COORDINATOR else None
    answer = decided or seen.by_itself or line.answer
    return WeekendLineAnswer(
        id=line.id,
        reference=booking.reference,
        case_id=line.case_id,
        booking_id=booking.id,
        day=line.day,
        back=back,
        reason=line.reason,
        checkout=booking.checkout,
        first_night=first,
        nights=nights,
        can_bridge=None,
        own_unit_free=None,
        proposals=None,
        answer=answer,
        by_itself=answer is not line.answer,
        answered_at=line.answered_at,
    )


def _extended(seen: _Line) -> bool:
    live = seen.booking.state in LIVE_STATES
    return live and (seen.by_itself is LineAnswer.EXTENDED or seen.booking.checkout > seen.line.checkout)


async def _adults(tx: Transaction, booking: Booking, persons: list[Person]) -> list[Person]:
    """Who limits the stay: the adults who sleep there, else those of the household."""
    inside = [person for person in persons if person.adult]
    return inside or await tx.find(Person, request_id=booking.request_id, adult=True)


async def _sees(tx: Transaction, network: NetworkFacts, actor: Actor, line: WeekendLine) -> bool:
    """The coordinator all, a service its own cases; what nobody was told of yet is the CAW's."""
    if actor.is_(Role.COORDINATOR) or await has_case(tx, actor, line.case_id):
        return True
    handed_over = await tx.find(Handover, case_id=line.case_id, limit=1)
    return not handed_over and actor.organisation_id == network.network.caw_id
