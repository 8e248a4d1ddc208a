"""A bed given: booking a unit for a household, and more nights for it."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import count

from crisispool.domain.admission import AdmissionResult
from crisispool.domain.booking import LIVE_STATES, Booking, BookingState, Hold, OwnersWord, PersonNight
from crisispool.domain.errors import BadInput, Conflict, NotThere, Refusal
from crisispool.domain.handover import Case
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request, RequestState, Screening
from crisispool.domain.unit import Unit
from crisispool.ports import OneOf, Transaction
from crisispool.services import stay_desk
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import BookingAsk, ExtendAsk
from crisispool.services.booking_news import tell_booked, tell_extended
from crisispool.services.booking_rows import add_booking, answer_of, case_of, must_be_live, take_nights
from crisispool.services.departures import ask_checkout_at
from crisispool.services.duty import DutyDesk, at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.holds import check_nights, end_hold, give, open_request
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.sight import as_seen, booking_of
from crisispool.services.stay_desk import Stay
from crisispool.services.unit_changes import next_version

GIVERS = (Role.CALLTAKER, Role.SUPPORT_WORKER, Role.COORDINATOR)
SEERS = (Role.REFERRER, Role.CALLTAKER, Role.UNIT_MANAGER, Role.SUPPORT_WORKER, Role.COORDINATOR)


class Bookings:
    """Bookings and extensions. Policy: how long someone may stay, section 4."""

    def __init__(self, parts: Parts, duty: DutyDesk) -> None:
        self._parts = parts
        self._duty = duty

    async def book(self, actor: Actor, operation_id: str, ask: BookingAsk) -> BookingAnswer:
        """Give a unit to a household: from a hold, or at once. Acknowledged only after the commit.

        Refusals: ``stay_limit``, ``already_used``, ``stay_not_yours``, ``reason_missing``, ``landing_refused``,
        ``unit_avoided``, ``unit_<NotGiven>``, ``no_longer_free``, ``hold_lapsed``, ``owner_said_no``, ``minor_alone``,
        ``screening_failed``, ``request_closed``, ``not_on_duty``.
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()
        kept = await parts.operations.replay(operation_id, "book", ask, BookingAnswer)
        if kept is not None:
            return kept
        async with parts.store.reading() as tx:
            asker = await at_work(tx, actor, now, *DESK)
            hold = await _hold_asked(tx, actor, ask)
        request_id = hold.request_id if hold else ask.request_id
        unit_id = hold.unit_id if hold else ask.unit_id
        if request_id is None or unit_id is None:
            raise BadInput("hold_id", "hold_or_request_and_unit")
        check_nights(ask.nights)
        touched: set[str] = set()

        async def work(tx: Transaction) -> BookingAnswer:
            request = await open_request(tx, actor, request_id)
            network = await parts.facts.network(tx, request.network_id)
            await _must_be_screened(tx, request, now)
            hold = await _hold_asked(tx, actor, ask)
            if hold is not None:
                _must_serve(hold)
            night = ask.night or (hold.night if hold else max(request.night, network.calendar.night_of(now)))
            nights = ask.nights or (hold.nights if hold else None)
            persons = await stay_desk.lock_persons(tx, await self._who(tx, request, ask.persons, night))
            if persons:
                stay = await stay_desk.grant(
                    tx, parts, network, asker, request, persons, night, nights, ask.override, now
                )
            else:
                stay = await self._alongside(tx, network, asker, request, night, nights)
            held = hold if hold is not None and hold.ended_at is None and hold.until > now else None
            unit = await give(tx, parts, network, request, unit_id, list(stay.nights), now, own_hold=held)
            touched.add(unit_id)
            if hold is not None:
                await end_hold(tx, hold.id, now)
            case = await case_of(tx, parts.ids, request, network, stay.nights[0], now)
            booking = await add_booking(
                tx, parts.ids, actor, request, case, unit, persons, stay, network, now
            )
            await stay_desk.keep(tx, parts, network, actor, request, booking, stay, ask.override, now)
            await tx.save(
                replace(
                    request,
                    state=RequestState.BOOKED,
                    next_step=None,
                    next_action_at=None,
                    closed_at=now,
                    coordinator_asked_at=None,
                )
            )
            await tell_booked(tx, parts.ids, request, booking, unit, stay, now)
            await tx.audit(
                actor.colleague_id,
                "booking.made",
                "booking",
                booking.id,
                now,
                {"unit": unit.id, "nights": len(stay.nights), "overridden": stay.overridden},
            )
            return answer_of(booking, persons, stay)

        try:
            return await parts.operations.once(operation_id, "book", ask, now, BookingAnswer, work)
        except stay_desk.StayRefused as refused:
            await stay_desk.keep_refusal(parts.store, refused)
            raise
        except Conflict as lost:
            raise Refusal("already_used" if lost.table == "person_nights" else "no_longer_free") from None
        finally:
            await parts.view.refresh(touched, now, operation_id)

    async def extend(self, actor: Actor, operation_id: str, booking_id: str, ask: ExtendAsk) -> BookingAnswer:
        """More nights from the check-out date: one block, in the same unit or in `unit_id`; the same case.

        In another unit this is a second booking of the case, which is the answer. Refusals: as `book`, and
        ``booking_over``; ``unit_<NotGiven>`` says that the same unit is taken.
        """
        require(actor, *GIVERS)
        check_nights(ask.nights)
        parts, now = self._parts, self._parts.now()
        touched: set[str] = set()

        async def work(tx: Transaction) -> BookingAnswer:
            asker = await at_work(tx, actor, now, *GIVERS)
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, asker, booking_id)
            must_be_live(booking)
            [request] = await tx.lock(Request, [booking.request_id])
            case = await tx.get(Case, booking.case_id)
            if case is None:
                raise NotThere("booking")
            network = await parts.facts.network(tx, booking.network_id)
            stayed_on, length = with_overstay(booking, ask.nights, network, now)
            persons = await stay_desk.lock_persons(tx, await parts.facts.persons_of_booking(tx, booking.id))
            if persons:
                stay = await stay_desk.grant(
                    tx,
                    parts,
                    network,
                    asker,
                    request,
                    persons,
                    booking.checkout,
                    length,
                    ask.override,
                    now,
                )
            else:
                stay = await self._alongside(tx, network, asker, request, booking.checkout, length)
            unit_id = ask.unit_id or booking.unit_id
            touched.add(unit_id)
            stays = unit_id == booking.unit_id
            unit = await give(
                tx,
                parts,
                network,
                request,
                unit_id,
                [night for night in stay.nights if night not in stayed_on],
                now,
                own_booking_id=booking.id if stays else None,
            )
            if stayed_on and not stays:
                touched.add(booking.unit_id)
                booking = await self._reach(tx, booking, persons, stayed_on)
                stay = stay.without(stayed_on)
            if stays:
                checkout = stay.nights[-1] + timedelta(days=1)
                extended = replace(
                    booking,
                    checkout=checkout,
                    ask_checkout_at=ask_checkout_at(checkout, network),
                    overstay_at=None,
                    version=booking.version + 1,
                    overridden=booking.overridden or stay.overridden,
                )
                await tx.save(extended)
                await take_nights(tx, extended, persons, stay.nights)
            else:
                extended = await add_booking(
                    tx, parts.ids, actor, request, case, unit, persons, stay, network, now
                )
            await stay_desk.keep(tx, parts, network, actor, request, extended, stay, ask.override, now)
            if request.coordinator_asked_at is not None:
                # What was given on an answer, or on silence, is given: the next night is asked for anew.
                await tx.save(replace(request, coordinator_asked_at=None))
            await tell_extended(tx, parts.ids, case, extended, unit, now)
            await tx.audit(
                actor.colleague_id,
                "booking.extended",
                "booking",
                extended.id,
                now,
                {"nights": len(stay.nights), "overridden": stay.overridden},
            )
            return await as_seen(tx, asker, extended, answer_of(extended, persons, stay), network, now)

        content = {"booking": booking_id, **asdict(ask)}
        try:
            return await parts.operations.once(operation_id, "extend", content, now, BookingAnswer, work)
        except stay_desk.StayRefused as refused:
            await stay_desk.keep_refusal(parts.store, refused)
            raise
        except Conflict as lost:
            raise Refusal("already_used" if lost.table == "person_nights" else "no_longer_free") from None
        finally:
            await parts.view.refresh(touched, now)

    async def view(self, actor: Actor, booking_id: str) -> BookingAnswer:
        """One booking as its asker may see it: codes, dates and references. Raises NotThere."""
        require(actor, *SEERS)
        async with self._parts.store.reading() as tx:
            actor = await at_work(tx, actor, self._parts.now(), *SEERS)
            booking = await booking_of(tx, actor, booking_id)
            network = await self._parts.facts.network(tx, booking.network_id)
            return await self._seen(tx, actor, booking, network)

    async def mine(self, actor: Actor, *, everything: bool = False) -> list[BookingAnswer]:
        """Bookings the asker may see, newest first: the live ones, or all."""
        require(actor, *SEERS)
        async with self._parts.store.reading() as tx:
            actor = await at_work(tx, actor, self._parts.now(), *SEERS)
            states = OneOf(tuple(BookingState if everything else LIVE_STATES))
            rows = await tx.find(Booking, network_id=actor.network_id, state=states, order=("-at",))
            networks = {actor.network_id: await self._parts.facts.network(tx, actor.network_id)}
            if actor.is_(Role.UNIT_MANAGER):
                # An owner whose unit is in two networks hears of the stays of both.
                own = OneOf(tuple(unit.id for unit in await tx.find(Unit, owner_id=actor.organisation_id)))
                theirs = await tx.find(Booking, unit_id=own, state=states)
                rows += [row for row in theirs if row.network_id != actor.network_id]
                rows.sort(key=lambda row: row.at, reverse=True)
                for network_id in {row.network_id for row in rows} - networks.keys():
                    networks[network_id] = await self._parts.facts.network(tx, network_id)
            answers = []
            for row in rows:
                try:
                    booking = await booking_of(tx, actor, row.id)
                except NotThere:
                    continue
                answer = await self._seen(tx, actor, booking, networks[booking.network_id])
                if everything or answer.checkout is not None:
                    answers.append(answer)
            return answers

    async def _seen(
        self, tx: Transaction, actor: Actor, booking: Booking, network: NetworkFacts
    ) -> BookingAnswer:
        answer = answer_of(booking, await self._parts.facts.persons_of_booking(tx, booking.id))
        return await as_seen(tx, actor, booking, answer, network, self._parts.now())

    async def _reach(
        self, tx: Transaction, booking: Booking, persons: list[Person], nights: tuple[date, ...]
    ) -> Booking:
        """The nights that people stayed on belong to the unit they stayed in, wherever they go from there."""
        reached = replace(booking, checkout=nights[-1] + timedelta(days=1), version=booking.version + 1)
        await next_version(tx, booking.unit_id)
        await tx.save(reached)
        await take_nights(tx, reached, persons, nights)
        return reached

    async def _who(
        self, tx: Transaction, request: Request, chosen: tuple[str, ...] | None, night: date
    ) -> list[Person]:
        """Who sleeps there: those named, or all of the request without a bed that night."""
        references = await tx.find(Person, request_id=request.id, order=("position",))
        # Who was counted earlier, and had a bed for a while, may not belong to it any more.
        adults = [person for person in references if person.adult][: request.adults]
        everyone = adults + [person for person in references if not person.adult]
        if not any(person.adult for person in everyone):
            raise Refusal("minor_alone")
        if chosen is None:
            ids = OneOf(tuple(person.id for person in everyone))
            asleep = {row.person_id for row in await tx.find(PersonNight, person_id=ids, night=night)}
            without = [person for person in everyone if person.id not in asleep]
            # All of them have a bed: then the rule must say so, not an empty booking.
            return without or everyone
        known = {person.id: person for person in everyone}
        if not set(chosen) <= set(known):
            raise BadInput("persons", "not_of_this_request")
        return [known[person_id] for person_id in dict.fromkeys(chosen)]

    async def _alongside(
        self,
        tx: Transaction,
        network: NetworkFacts,
        actor: Actor,
        request: Request,
        night: date,
        nights: int | None,
    ) -> Stay:
        """The stay of a second unit where nobody of its own sleeps: never longer than that of the people it is
        taken for. BadInput when nobody of the request sleeps in another unit on these nights."""
        bookings = await tx.find(Booking, request_id=request.id, state=OneOf(tuple(LIVE_STATES)))
        own = frozenset(booking.id for booking in bookings)
        slept = {row.night for row in await tx.find(PersonNight, booking_id=OneOf(tuple(own)))}
        length = nights or next(n for n in count() if night + timedelta(days=n) not in slept)
        if not length or not {night + timedelta(days=n) for n in range(length)} <= slept:
            raise BadInput("persons", "nobody")
        adults = await stay_desk.lock_persons(tx, await tx.find(Person, request_id=request.id, adult=True))
        return await stay_desk.alongside(tx, self._parts, network, actor, adults, night, length, own)


def with_overstay(
    booking: Booking, nights: int | None, network: NetworkFacts, now: datetime
) -> tuple[tuple[date, ...], int | None]:
    """The nights that people stayed on past the check-out, and how many nights from there on are asked for.

    What is over was slept and counts along: nobody is put out, and nobody dodges the limit by staying.
    """
    tonight = network.calendar.night_of(now)
    stayed_on = tuple(booking.checkout + timedelta(days=n) for n in range((tonight - booking.checkout).days))
    if not stayed_on:
        return (), nights
    return stayed_on, len(stayed_on) + (nights or len(network.calendar.block(tonight)))


async def _hold_asked(tx: Transaction, actor: Actor, ask: BookingAsk) -> Hold | None:
    if ask.hold_id is None:
        return None
    hold = await tx.get(Hold, ask.hold_id)
    if hold is None or hold.network_id != actor.network_id:
        raise NotThere("hold")
    if {ask.request_id, ask.unit_id} - {None, hold.request_id, hold.unit_id}:
        raise BadInput("hold_id", "hold_of_another")
    return hold


def _must_serve(hold: Hold) -> None:
    """A hold that was given back or used is over. One that only lapsed serves as long as the unit is free."""
    if hold.owner_said is OwnersWord.NO:
        raise Refusal("owner_said_no")
    if hold.ended_at is not None and hold.ended_at < hold.until:
        raise Refusal("hold_lapsed", {"unit": hold.unit_id})


async def _must_be_screened(tx: Transaction, request: Request, now: datetime) -> None:
    """The last check-up, when there was one, leaves the way open. A pause is over when its time has passed."""
    screenings = await tx.find(Screening, request_id=request.id, order=("-at",), limit=1)
    if not screenings or screenings[0].result in (AdmissionResult.OK, AdmissionResult.CHOOSE_OTHER_UNIT):
        return
    last = screenings[0]
    if last.result == AdmissionResult.PAUSE and last.pause_until and last.pause_until <= now:
        return
    raise Refusal("screening_failed", {"result": last.result, "failed": list(last.failed)})
