"""More nights for people who are there: whether the next block can follow, where, and who may give it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from crisispool.conversations.vocabulary import Say
from crisispool.domain.access import may_know_place
from crisispool.domain.availability import can_be_given
from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson
from crisispool.domain.duty import Duty
from crisispool.domain.errors import NotThere
from crisispool.domain.granting import landing_options
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Municipality, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.ports import OneOf, Transaction
from crisispool.services import stay_desk
from crisispool.services.availability import Availability
from crisispool.services.booking_rows import must_be_live
from crisispool.services.bookings import with_overstay
from crisispool.services.facts import NetworkFacts
from crisispool.services.handovers import WORKERS
from crisispool.services.parts import Parts, require
from crisispool.services.reaching import reach
from crisispool.services.sight import access_facts, booking_of
from crisispool.services.stay_talk import nights_before

PLACES = 3
"""Other units that are named; more of them help nobody to choose."""


@dataclass(frozen=True, slots=True)
class ExtensionAnswer:
    """The next block of a household whose stay ends on `checkout`: `nights` of them, up to `until`.

    `code` is ok or why the asker may not give it, `sentence` says so. `here`: they could stay where they are; else
    `elsewhere` names units (``{unit_id, unit, town}``), unless it is `hidden` from the asker where they go. `stays`
    is what a coordinator may give instead. `others` are the bookings of the same household that go on along with it.
    """

    booking_id: str
    reference: str
    checkout: date
    until: date
    nights: int
    code: str
    sentence: tuple[Say, ...]
    here: bool
    elsewhere: tuple[dict[str, str], ...] = ()
    stays: tuple[dict[str, Any], ...] = ()
    others: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """The coordinators know that they are to decide."""

    booking_id: str
    reference: str


class Extensions:
    """Policy: who decides, section 4."""

    def __init__(self, parts: Parts, availability: Availability) -> None:
        self._parts = parts
        self._availability = availability

    async def look(self, actor: Actor, booking_id: str) -> ExtensionAnswer:
        """What the next block would be. Changes nothing. Refusals: ``not_there``, ``booking_over``."""
        require(actor, *WORKERS)
        parts, now = self._parts, self._parts.now()
        async with parts.store.reading() as tx:
            asked = await booking_of(tx, actor, booking_id)
            must_be_live(asked)
            booking, *others = await _household(tx, asked)
            network = await parts.facts.network(tx, booking.network_id)
            persons = await parts.facts.persons_of_booking(tx, booking.id)
            persons = persons or await tx.find(Person, request_id=booking.request_id, adult=True)
            stayed_on, length = with_overstay(booking, None, network, now)
            code, sentence, nights = await self._judged(tx, network, actor, booking, persons, length)
            wanted = [night for night in nights if night not in stayed_on]
            unit = (await parts.facts.units(tx, [booking.unit_id], now))[booking.unit_id]
            here = can_be_given(unit, wanted, now, network.calendar, own_booking_id=booking.id) is None
            knows = may_know_place(actor, await access_facts(tx, actor, booking, now), now, network.policy)
            stays = await self._stays(tx, network, persons, booking.checkout) if code != "ok" else ()
        answer = ExtensionAnswer(
            booking_id=booking.id,
            reference=booking.reference,
            checkout=booking.checkout,
            until=nights[-1] + timedelta(days=1),
            nights=len(nights),
            code=code,
            sentence=sentence,
            here=here,
            stays=stays if actor.is_(Role.COORDINATOR) else (),
            others=tuple(each.id for each in others),
        )
        if here or code != "ok":
            return answer
        if not knows:
            # Where people hide, another unit is named only to who may know where they are.
            return replace(answer, hidden=True)
        some = len(persons) if others else None
        return replace(answer, elsewhere=await self._elsewhere(booking, wanted, some))

    async def ask_coordinator(self, actor: Actor, operation_id: str, booking_id: str) -> ExtensionAsked:
        """The coordinators on call, else all of them, hear once a day that only they can give more nights."""
        require(actor, *WORKERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> ExtensionAsked:
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, actor, booking_id)
            must_be_live(booking)
            today = (await parts.facts.calendar(tx, booking.network_id)).local(now).date()
            facts = {"reference": booking.reference, "checkout": booking.checkout.isoformat()}
            about, mark = ("booking", booking.id), f"extension:{booking.id}:{booking.checkout}:{today}"
            key = "message.extension_asked"
            await reach(tx, parts.ids, booking.network_id, Duty.COORDINATOR, key, facts, about, mark, now)
            await tx.audit(actor.colleague_id, "booking.extension_asked", "booking", booking.id, now)
            return ExtensionAsked(booking.id, booking.reference)

        return await parts.operations.once(
            operation_id, "ask_extension", booking_id, now, ExtensionAsked, work
        )

    async def _judged(
        self,
        tx: Transaction,
        network: NetworkFacts,
        actor: Actor,
        booking: Booking,
        persons: list[Person],
        length: int | None,
    ) -> tuple[str, tuple[Say, ...], tuple[date, ...]]:
        """The code and what is said to this asker, and the nights of the block."""
        now, first = self._parts.now(), booking.checkout
        request = await tx.get(Request, booking.request_id)
        if request is None:
            raise NotThere("booking")
        try:
            stay = await stay_desk.grant(
                tx, self._parts, network, actor, request, persons, first, length, None, now
            )
        except stay_desk.StayRefused as refused:
            household = await stay_desk.judge(tx, self._parts, network, persons, first, length)
            return refused.code, refused.sentence, household.verdict.nights
        return "ok", stay.sentence, stay.nights

    async def _stays(
        self, tx: Transaction, network: NetworkFacts, persons: list[Person], first: date
    ) -> tuple[dict[str, Any], ...]:
        used = await self._parts.facts.used_nights(tx, [person for person in persons if person.adult])
        # The strictest adult governs: who has the longest run behind them.
        strictest = max(used.values(), key=lambda nights: nights_before(first, nights), default=frozenset())
        policy = network.policy
        found = landing_options(
            first,
            strictest,
            network.calendar,
            policy.stay_policy,
            landing=policy.landing,
            override_nights=policy.override_nights,
        )
        return tuple(
            {
                "choice": option.choice.value,
                "checkout": option.checkout.isoformat(),
                "nights": option.nights,
                "run_nights": option.run_nights,
            }
            for option in found
        )

    async def _elsewhere(
        self, booking: Booking, nights: list[date], some: int | None
    ) -> tuple[dict[str, str], ...]:
        found = await self._availability.for_request(booking.network_id, booking.request_id, nights, some)
        alone = [each.unit_id for each in found if each.with_unit_id is None][:PLACES]
        async with self._parts.store.reading() as tx:
            units = {unit.id: unit for unit in await tx.find(Unit, id=OneOf(tuple(alone)))}
            nis = OneOf(tuple(unit.nis for unit in units.values()))
            towns = {town.nis: town.name for town in await tx.find(Municipality, nis=nis)}
        return tuple(
            {"unit_id": each, "unit": units[each].label, "town": towns[units[each].nis]} for each in alone
        )


async def _household(tx: Transaction, booking: Booking) -> list[Booking]:
    """The live bookings of one household that end together, first the one that its people are on record in."""
    live = OneOf(tuple(LIVE_STATES))
    found = await tx.find(
        Booking, request_id=booking.request_id, state=live, checkout=booking.checkout, order=("id",)
    )
    inside = {
        row.booking_id for row in await tx.find(BookingPerson, booking_id=OneOf(tuple(b.id for b in found)))
    }
    first = booking if booking.id in inside else next((each for each in found if each.id in inside), booking)
    return [first, *(each for each in found if each.id not in inside and each.id != first.id)]
