"""From the first call to a bed or a refusal: requests, the check-up, withdrawals."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.arrival import follows, inside
from crisispool.domain.booking import LIVE_STATES, AlertCause, Booking
from crisispool.domain.errors import BadInput, Refusal
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Colleague, Organisation, OrganisationKind, Role
from crisispool.domain.request import (
    NO_FIXED_ADDRESS,
    OUTSIDE_REGION,
    Request,
    RequestRefusal,
    RequestState,
)
from crisispool.ports import OneOf, Transaction
from crisispool.services.accounts import still_here
from crisispool.services.answers import RequestAnswer
from crisispool.services.asks import RequestAsk
from crisispool.services.duty import DutyDesk, at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import note_of_request
from crisispool.services.parts import Parts, require
from crisispool.services.persons import Persons
from crisispool.services.referring import tell_taken, tell_withdrawn
from crisispool.services.same_people import same_household, tell_desk
from crisispool.services.sight import request_of
from crisispool.services.stay_alerts import judge_again
from crisispool.services.stay_desk import lock_persons
from crisispool.services.waiting import go_on, in_hand, untaken

ASKERS = (Role.REFERRER, Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER, Role.UNIT_MANAGER)
DESK = (Role.CALLTAKER, Role.COORDINATOR)

Change = Callable[[Transaction, Request, NetworkFacts, datetime], Awaitable[Request]]


class Intake:
    """Requests for a bed. Policy: the night desk, section 5."""

    def __init__(self, parts: Parts, persons: Persons, duty: DutyDesk) -> None:
        self._parts = parts
        self._persons = persons
        self._duty = duty

    async def request(self, actor: Actor, operation_id: str, ask: RequestAsk) -> RequestAnswer:
        """Register who needs a bed; every adult gets a reference. Refusals: ``bad_input``, ``not_your_role``."""
        require(actor, *ASKERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> RequestAnswer:
            asker = await at_work(tx, actor, now, *ASKERS)
            network = await parts.facts.network(tx, actor.network_id)
            check_places(ask, network)
            referrer_kind, referrer_id = await referrer_of(tx, asker, ask)
            tonight = network.calendar.night_of(max(ask.expected_at or now, now))
            if ask.night is not None and ask.night < tonight:
                raise BadInput("night", "past")
            request = Request(
                id=parts.ids.new(),
                network_id=actor.network_id,
                reference=parts.ids.reference("R"),
                kind=ask.kind,
                adults=ask.adults,
                children=ask.children,
                ages=ask.ages,
                origin=ask.origin,
                whereabouts=ask.whereabouts,
                needs=ask.needs,
                avoid=ask.avoid,
                referrer_kind=referrer_kind,
                referrer_organisation_id=referrer_id,
                created_by=actor.colleague_id,
                created_at=now,
                night=ask.night or tonight,
                cots=ask.cots,
                expected_at=ask.expected_at,
                contact_consent=ask.contact_consent,
                ethos=ask.ethos,
                language=ask.language,
            )
            if asker.is_(*DESK):
                request = in_hand(request, actor.colleague_id, network.policy, now)
            else:
                request = untaken(request, network, now)
            if request.next_action_at == now:
                request = await go_on(tx, parts.ids, self._duty, request, network, now)
            await tx.add(request)
            persons = await self._persons.register(tx, request, ask.persons, now)
            request = await _link_to_earlier(tx, request, persons)
            await self._judge_known(tx, request, network, now)
            alike = await same_household(tx, request, network)
            if not asker.is_(*DESK):
                await tell_desk(tx, parts.ids, request, alike, now)
                alike = ()
            await tx.audit(
                actor.colleague_id,
                "request.made",
                "request",
                request.id,
                now,
                {"kind": request.kind, "adults": request.adults, "children": request.children},
            )
            return await self._answer(tx, asker, request, network, now, same_household=alike)

        return await parts.operations.once(operation_id, "request", ask, now, RequestAnswer, work)

    async def update(
        self, actor: Actor, operation_id: str, request_id: str, ask: RequestAsk
    ) -> RequestAnswer:
        """What is asked changes while the request is open; references to people stay. Refusals: as `request`,
        ``request_closed``."""
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> RequestAnswer:
            await at_work(tx, actor, now, *DESK)
            await tx.lock(Request, [request_id])
            before = await request_of(tx, actor, request_id)
            must_be_open(before)
            network = await parts.facts.network(tx, actor.network_id)
            check_places(ask, network)
            referrer_kind, referrer_id = await referrer_of(tx, actor, ask)
            request = replace(
                before,
                kind=ask.kind,
                adults=ask.adults,
                children=ask.children,
                ages=ask.ages,
                origin=ask.origin,
                whereabouts=ask.whereabouts,
                needs=ask.needs,
                avoid=ask.avoid,
                referrer_kind=referrer_kind,
                referrer_organisation_id=referrer_id,
                cots=ask.cots,
                night=ask.night or before.night,
                expected_at=ask.expected_at,
                contact_consent=ask.contact_consent,
                language=ask.language,
                ethos=ask.ethos,
            )
            await tx.save(request)
            await self._persons.adjust(tx, request, ask.persons, now)
            await self._judge_known(tx, request, network, now)
            await tx.audit(actor.colleague_id, "request.changed", "request", request.id, now)
            return await self._answer(tx, actor, request, network, now)

        content = {"request": request_id, **asdict(ask)}
        return await parts.operations.once(operation_id, "update", content, now, RequestAnswer, work)

    async def take(self, actor: Actor, operation_id: str, request_id: str) -> RequestAnswer:
        """A calltaker takes an open request, and who asked hears of it; a coordinator may take it over from one.

        Refusals: ``already_taken`` (`by`: the label of who has it), ``request_closed``.
        """
        require(actor, *DESK)

        async def change(tx: Transaction, request: Request, network: NetworkFacts, now: datetime) -> Request:
            if request.taken_by not in (None, actor.colleague_id) and not actor.is_(Role.COORDINATOR):
                has_it = await tx.get(Colleague, request.taken_by)
                label = has_it.label if has_it else ""
                raise Refusal("already_taken", {"request": request.reference, "by": label})
            must_be_open(request)
            if request.taken_by is None and request.created_by != actor.colleague_id:
                await tell_taken(tx, self._parts.ids, request, now)
            taker = await still_here(tx, actor)
            said = Say("news.taken", {"request": request.reference, "by": taker.label})
            await note_of_request(tx, request.id, said, now)
            return in_hand(request, actor.colleague_id, network.policy, now)

        return await self._change(actor, operation_id, "take", request_id, DESK, change)

    async def withdraw(self, actor: Actor, operation_id: str, request_id: str) -> RequestAnswer:
        """The bed is not needed any more. Refusals: ``request_closed``, ``booked_already`` (cancel the booking)."""
        require(actor, *ASKERS)

        async def change(tx: Transaction, request: Request, _: NetworkFacts, now: datetime) -> Request:
            if request.state is RequestState.BOOKED:
                raise Refusal("booked_already", {"request": request.reference})
            must_be_open(request)
            await tell_withdrawn(tx, self._parts.ids, request, actor.colleague_id, now)
            await note_of_request(tx, request.id, Say("news.gone"), now)
            return replace(
                request, state=RequestState.WITHDRAWN, closed_at=now, next_step=None, next_action_at=None
            )

        return await self._change(actor, operation_id, "withdraw", request_id, ASKERS, change)

    async def view(self, actor: Actor, request_id: str) -> RequestAnswer:
        """One request as its asker may see it. Raises NotThere."""
        require(actor, *ASKERS)
        async with self._parts.store.reading() as tx:
            actor = await at_work(tx, actor, self._parts.now(), *ASKERS)
            request = await request_of(tx, actor, request_id)
            network = await self._parts.facts.network(tx, request.network_id)
            return await self._answer(tx, actor, request, network, self._parts.now())

    async def open(self, actor: Actor) -> list[RequestAnswer]:
        """Requests the asker may see, newest first: the desk sees the open ones, a referrer the own ones."""
        require(actor, *ASKERS)
        async with self._parts.store.reading() as tx:
            actor = await at_work(tx, actor, self._parts.now(), *ASKERS)
            if actor.is_(*DESK):
                rows = await tx.find(
                    Request, network_id=actor.network_id, state=RequestState.OPEN, order=("-created_at",)
                )
            else:
                rows = await tx.find(Request, created_by=actor.colleague_id, order=("-created_at",), limit=20)
            network = await self._parts.facts.network(tx, actor.network_id)
            now = self._parts.now()
            return [await self._answer(tx, actor, request, network, now) for request in rows]

    async def _change(
        self,
        actor: Actor,
        operation_id: str,
        name: str,
        request_id: str,
        roles: tuple[Role, ...],
        change: Change,
    ) -> RequestAnswer:
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> RequestAnswer:
            asker = await at_work(tx, actor, now, *roles)
            await tx.lock(Request, [request_id])
            before = await request_of(tx, asker, request_id)
            network = await parts.facts.network(tx, before.network_id)
            request = await change(tx, before, network, now)
            await tx.save(request)
            await tx.audit(actor.colleague_id, f"request.{name}", "request", request.id, now)
            alike = await same_household(tx, request, network) if name == "take" else ()
            return await self._answer(tx, asker, request, network, now, same_household=alike)

        return await parts.operations.once(operation_id, name, request_id, now, RequestAnswer, work)

    async def _judge_known(
        self, tx: Transaction, request: Request, network: NetworkFacts, now: datetime
    ) -> None:
        """Nights that a caller tells of may join those on record of somebody who is recognised: judged at once."""
        persons = await lock_persons(tx, await tx.find(Person, request_id=request.id))
        told = {person.canonical_id for person in persons if person.claimed_nights}
        await judge_again(tx, self._parts.ids, network, told, AlertCause.IDENTITY, now)

    async def _answer(
        self,
        tx: Transaction,
        viewer: Actor,
        request: Request,
        network: NetworkFacts,
        now: datetime,
        *,
        same_household: tuple[str, ...] = (),
    ) -> RequestAnswer:
        persons = await tx.find(Person, request_id=request.id, order=("position",))
        bookings = await tx.find(Booking, request_id=request.id, order=("at",))
        live = [booking for booking in bookings if booking.state in LIVE_STATES]
        refusals = await tx.find(RequestRefusal, request_id=request.id)
        desk = viewer.is_(*DESK)
        return RequestAnswer(
            id=request.id,
            reference=request.reference,
            state=request.state,
            night=request.night,
            persons=tuple(person.id for person in persons),
            kind=request.kind,
            adults=request.adults,
            children=request.children,
            bookings=tuple(
                booking.id for booking in live if desk or not _was_inside(booking, bookings, network, now)
            ),
            # Others get back accepted or refused, and a reference: a reason is history.
            refusal=refusals[0].code if refusals and desk else None,
            taken_by=request.taken_by if desk else None,
            same_household=same_household,
            office_hours=network.calendar.is_office_hours(now),
            desk_phone=network.network.desk_phone,
            next_step=request.next_step,
            next_action_at=request.next_action_at,
        )


def _was_inside(booking: Booking, others: Sequence[Booking], network: NetworkFacts, now: datetime) -> bool:
    """Whether people were inside already: from then on only the desk is told whether they stay."""
    return inside(booking, now, network.calendar) or follows(booking, others)


def must_be_open(request: Request) -> None:
    if request.state is not RequestState.OPEN:
        raise Refusal("request_closed", {"request": request.reference, "state": request.state})


def check_places(ask: RequestAsk, network: NetworkFacts) -> None:
    """Every place named is a municipality of the network, and there is someone who needs a bed."""
    if ask.origin not in (None, OUTSIDE_REGION, NO_FIXED_ADDRESS, *network.municipalities):
        raise BadInput("origin", "unknown_municipality")
    if ask.whereabouts not in (None, OUTSIDE_REGION, *network.municipalities):
        raise BadInput("whereabouts", "unknown_municipality")
    if not set(ask.avoid) <= set(network.municipalities):
        raise BadInput("avoid", "unknown_municipality")
    if ask.adults + ask.children < 1:
        raise BadInput("adults", "nobody")


async def referrer_of(tx: Transaction, actor: Actor, ask: RequestAsk) -> tuple[str, str | None]:
    """Kind and organisation of who asks. A referrer always asks for the own organisation."""
    if not actor.is_(Role.CALLTAKER, Role.COORDINATOR):
        return actor.organisation_kind or OrganisationKind.OTHER, actor.organisation_id
    organisation = await tx.get(Organisation, ask.referrer)
    if organisation is not None and organisation.network_id == actor.network_id:
        return organisation.kind, organisation.id
    if ask.referrer not in set(OrganisationKind):
        raise BadInput("referrer", "unknown_organisation")
    return ask.referrer, None


async def _link_to_earlier(tx: Transaction, request: Request, persons: Sequence[Person]) -> Request:
    """Remember the last earlier request of the same person, when an identity says so."""
    known = OneOf(tuple({person.canonical_id for person in persons}))
    references = await tx.find(Person, canonical_id=known, order=("-created_at",))
    earlier = next((ref.request_id for ref in references if ref.request_id != request.id), None)
    if earlier is None:
        return request
    linked = replace(request, previous_request_id=earlier)
    await tx.save(linked)
    return linked
