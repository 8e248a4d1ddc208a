"""A stay that goes on as the owner's own: the booking ends, the placement starts, nobody has to leave."""

from dataclasses import replace
from datetime import timedelta

from crisispool.domain.arrival import nights_after_leaving
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.handover import Case
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import Placement, Unit
from crisispool.ports import Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import StaysAsAsk
from crisispool.services.booking_news import tell_stays_as
from crisispool.services.booking_rows import answer_of, drop_nights, must_be_live
from crisispool.services.duty import at_work
from crisispool.services.owners_word import OWNERS, must_be_in_nobodys_way
from crisispool.services.parts import Parts, require
from crisispool.services.second_units import pass_on
from crisispool.services.sight import as_seen, booking_of
from crisispool.services.unit_changes import change_key_if_hid, tell_owner


class StaysAs:
    """Policy: units and the pool, section 6 (``stays_as``)."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def stays_as(
        self, actor: Actor, operation_id: str, booking_id: str, ask: StaysAsAsk
    ) -> BookingAnswer:
        """The people stay in the dwelling as the owner's own, from tonight on; no turnover, but
        where they hid the key code still must change.

        The nights slept so far count, later ones do not. Refusals: ``booking_over``, ``not_begun`` (nobody slept
        there yet), ``booked_until``, ``held_until`` (somebody else comes next), ``bad_input``.
        """
        require(actor, *OWNERS)
        parts, now = self._parts, self._parts.now()
        touched: set[str] = set()

        async def work(tx: Transaction) -> BookingAnswer:
            asker = await at_work(tx, actor, now, *OWNERS)
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, asker, booking_id)
            must_be_live(booking)
            await tx.lock(Request, [booking.request_id])
            case = await tx.get(Case, booking.case_id)
            seen = await tx.get(Unit, booking.unit_id)
            if seen is None or not (asker.is_(Role.COORDINATOR) or seen.owner_id == asker.organisation_id):
                raise NotThere("booking")
            network = await parts.facts.network(tx, booking.network_id)
            if network.calendar.night_of(now) <= booking.night:
                raise Refusal("not_begun", {"earliest": (booking.night + timedelta(days=1)).isoformat()})
            remain = nights_after_leaving(booking, now, network.calendar)
            since = remain[-1] + timedelta(days=1)
            if ask.until is not None and ask.until <= since:
                raise BadInput("until", "past")
            await pass_on(tx, parts.facts, booking, since, network.calendar.night_of(now))
            [unit] = await tx.lock(Unit, [booking.unit_id])
            await drop_nights(tx, booking, since)
            ended = replace(
                booking,
                state=BookingState.CHECKED_OUT,
                checkout=since,
                ended_at=now,
                ask_arrival_at=None,
                ask_checkout_at=None,
                version=booking.version + 1,
            )
            await tx.save(ended)
            facts = (await parts.facts.units(tx, [unit.id], now))[unit.id]
            must_be_in_nobodys_way(facts, since, ask.until, now, network)
            # Before the night turns, its label is that of the last night slept: the unit is theirs at once.
            starts_on = min(since, network.calendar.night_of(now))
            await tx.add(Placement(parts.ids.new(), unit.id, starts_on, ask.until, booking_id=booking.id))
            await tx.save(replace(unit, version=unit.version + 1, confirmed_at=now))
            await tell_owner(tx, parts.ids, ended, "message.stays_as_owner", now)
            await change_key_if_hid(tx, parts.ids, ended, network, now)
            if case is not None:
                await tell_stays_as(tx, parts.ids, case, ended, now)
            await tx.audit(actor.colleague_id, "booking.stays_as", "booking", booking.id, now)
            touched.add(unit.id)
            answer = answer_of(ended, await parts.facts.persons_of_booking(tx, booking.id))
            return await as_seen(tx, asker, ended, answer, network, now)

        content = {"booking": booking_id, "until": ask.until}
        answer = await parts.operations.once(operation_id, "stays_as", content, now, BookingAnswer, work)
        await parts.view.refresh(touched, now)
        return answer
