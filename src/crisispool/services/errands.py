"""What a talk wants, done by the services; what they answer, as plain JSON for the talk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python

from crisispool.conversations import intents as i
from crisispool.conversations.intents import Intent
from crisispool.conversations.questions import SAME
from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import DAY
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import OUTSIDE_REGION, Need, RefusalCode, RequestKind, Screening
from crisispool.services.answers import BookingAnswer, RequestAnswer
from crisispool.services.asks import (
    BookingAsk,
    HoldAsk,
    PersonAsk,
    RefusalAsk,
    RequestAsk,
    ScreeningAsk,
    SearchAsk,
)
from crisispool.services.availability import Availability
from crisispool.services.bookings import Bookings
from crisispool.services.checkup import CheckUp
from crisispool.services.errands_by_day import BY_DAY, ErrandsByDay, override_of
from crisispool.services.errands_of_duty import OF_DUTY, ErrandsOfDuty
from crisispool.services.holds import Holds
from crisispool.services.intake import DESK, Intake
from crisispool.services.languages import Languages
from crisispool.services.messenger.invitations import Invitations
from crisispool.services.moves import Moves
from crisispool.services.pages import Pages
from crisispool.services.parts import Parts
from crisispool.services.referring import Referring
from crisispool.services.sight import request_of
from crisispool.services.stay_talk import StayTalk
from crisispool.services.stays import Stays
from crisispool.services.talk_facts import named_pairs, who_asked, whose_bookings, whose_requests


@dataclass(frozen=True)
class Errands:
    """The services that a talk may send on an errand."""

    parts: Parts
    intake: Intake
    checkup: CheckUp
    availability: Availability
    holds: Holds
    bookings: Bookings
    stays: Stays
    moves: Moves
    pages: Pages
    stay_talk: StayTalk
    by_day: ErrandsByDay
    invitations: Invitations
    languages: Languages
    referring: Referring
    of_duty: ErrandsOfDuty

    async def carry_out(self, actor: Actor, operation_id: str, intent: Intent) -> Any:
        """Do it, once per operation id; the service's answer as JSON. Raises Refusal, Outage."""
        if of_duty := OF_DUTY.get(type(intent)):
            return to_jsonable_python(await of_duty(self.of_duty, actor, operation_id, intent))
        if by_day := BY_DAY.get(type(intent)):
            return to_jsonable_python(await by_day(self.by_day, actor, operation_id, intent))
        errand: Errand = ERRANDS[type(intent)]
        return to_jsonable_python(await errand(self, actor, operation_id, intent))

    async def open_request(self, actor: Actor, operation_id: str, intent: i.OpenRequest) -> RequestAnswer:
        """A new request, or what was asked anew of it."""
        ask = RequestAsk(
            kind=RequestKind(intent.kind),
            adults=intent.adults,
            children=intent.children,
            origin=intent.origin,
            whereabouts=intent.whereabouts,
            needs=tuple(Need(need) for need in intent.needs),
            avoid=intent.avoid,
            referrer=intent.referrer,
            persons=await self._told(actor, intent.claimed_nights),
            cots=intent.cots,
            contact_consent=intent.contact_consent,
        )
        if intent.request_id is None:
            return await self.intake.request(actor, operation_id, ask)
        return await self.intake.update(actor, operation_id, intent.request_id, ask)

    async def complete_request(
        self, actor: Actor, operation_id: str, intent: i.CompleteRequest
    ) -> RequestAnswer:
        """What the desk asked about a request that another door took in; all else of it stays as it was."""
        async with self.parts.store.reading() as tx:
            request = await request_of(tx, actor, intent.request_id)
        needs = dict.fromkeys((*request.needs, *(Need(need) for need in intent.needs)))
        origin = intent.origin
        if origin == SAME:
            origin = request.whereabouts or OUTSIDE_REGION
        ask = RequestAsk(
            kind=request.kind,
            adults=request.adults,
            children=request.children,
            ages=request.ages,
            origin=origin or request.origin,
            whereabouts=request.whereabouts,
            needs=tuple(needs),
            avoid=request.avoid,
            referrer=request.referrer_organisation_id or request.referrer_kind,
            persons=await self._told(actor, intent.claimed_nights),
            cots=intent.cots or request.cots,
            night=request.night,
            expected_at=request.expected_at,
            contact_consent=intent.contact_consent,
            language=request.language,
            ethos=request.ethos,
        )
        return await self.intake.update(actor, operation_id, intent.request_id, ask)

    async def _told(self, actor: Actor, claimed: int) -> tuple[PersonAsk, ...]:
        """The nights before tonight that the caller tells of, on the name of one adult."""
        if not claimed:
            return ()
        async with self.parts.store.reading() as tx:
            network = await self.parts.facts.network(tx, actor.network_id)
        tonight = network.calendar.night_of(self.parts.now())
        return (PersonAsk(claimed_nights=tuple(tonight - DAY * (n + 1) for n in range(claimed))),)

    async def take_request(self, actor: Actor, operation_id: str, intent: i.TakeRequest) -> dict[str, Any]:
        """The request, what its last check-up led to, and what the stay rule says when a coordinator takes it, or
        when none of them answered in time."""
        answer = await self.intake.take(actor, operation_id, intent.request_id)
        async with self.parts.store.reading() as tx:
            last = await tx.find(Screening, request_id=intent.request_id, order=("-at",), limit=1)
            request = await request_of(tx, actor, intent.request_id)
            network = await self.parts.facts.network(tx, actor.network_id)
            one_night = await self.stay_talk.one_night(tx, actor, request, network)
            told: tuple[Say, ...] = ()
            if one_night or actor.is_(Role.COORDINATOR):
                told = await self.stay_talk.beyond_the_desk(tx, request, network)
            asked_by = await who_asked(tx, request)
        plain: dict[str, Any] = to_jsonable_python(answer)
        screened = last[0].result if last else None
        # Who asks in five taps does not say where they lived: then little is known.
        brief = request.origin is None and request.created_by != actor.colleague_id
        return {
            **plain,
            "screened": screened,
            "stay_sentence": [said.plain() for said in told],
            "one_night": one_night,
            "brief": brief,
            "asked_by": asked_by,
        }

    async def book(self, actor: Actor, operation_id: str, intent: i.Book) -> BookingAnswer:
        """A booking from a hold. The reason of a coordinator is a code here and words of theirs in the record."""
        override = None
        if intent.override_reason is not None:
            override = await override_of(self.parts, actor, intent.override_reason)
        ask = BookingAsk(intent.hold_id, persons=() if intent.further else None, override=override)
        return await self.bookings.book(actor, operation_id, ask)

    async def find_proposals(
        self, actor: Actor, operation_id: str, intent: i.FindProposals
    ) -> dict[str, Any]:
        """What is free for a request; of two units together also the second one by name."""
        answer = await self.availability.search(actor, SearchAsk(intent.request_id, nights=intent.nights))
        async with self.parts.store.reading() as tx:
            return await named_pairs(tx, answer)

    async def list_requests(
        self, actor: Actor, operation_id: str, intent: i.ListRequests
    ) -> list[dict[str, Any]] | list[RequestAnswer]:
        """What the asker may see; the desk also sees whose each is."""
        answers = await self.intake.open(actor)
        if not actor.is_(*DESK):
            return answers
        async with self.parts.store.reading() as tx:
            return await whose_requests(tx, actor, answers)

    async def list_bookings(
        self, actor: Actor, operation_id: str, intent: i.ListBookings
    ) -> list[dict[str, Any]]:
        """The live bookings the asker may act on, and who made them."""
        answers = await self.bookings.mine(actor)
        async with self.parts.store.reading() as tx:
            return await whose_bookings(tx, actor, answers)


Errand = Callable[[Errands, Actor, str, Any], Awaitable[Any]]

ERRANDS: dict[type[Any], Errand] = {
    i.OpenRequest: Errands.open_request,
    i.CompleteRequest: Errands.complete_request,
    i.TakeRequest: Errands.take_request,
    i.ScreenRequest: lambda e, actor, op, it: e.checkup.screen(
        actor, op, it.request_id, ScreeningAsk(it.answers)
    ),
    i.WithdrawRequest: lambda e, actor, op, it: e.intake.withdraw(actor, op, it.request_id),
    i.Refuse: lambda e, actor, op, it: e.checkup.refuse(
        actor,
        op,
        it.request_id,
        RefusalAsk(RefusalCode(it.code), it.contact_consent, it.alternative, it.tried),
    ),
    i.AskCoordinator: lambda e, actor, op, it: e.stay_talk.ask_coordinator(actor, op, it.request_id),
    i.StayOptions: lambda e, actor, op, it: e.stay_talk.options(actor, it.request_id),
    i.FindProposals: Errands.find_proposals,
    i.ListFree: lambda e, actor, op, it: e.availability.search(actor, SearchAsk()),
    i.HoldUnit: lambda e, actor, op, it: e.holds.hold(
        actor, op, HoldAsk(it.request_id, it.unit_id, nights=it.nights)
    ),
    i.ReleaseHold: lambda e, actor, op, it: e.holds.release(actor, op, it.hold_id),
    i.Book: Errands.book,
    i.ListBookings: Errands.list_bookings,
    i.CheckIn: lambda e, actor, op, it: e.stays.check_in(actor, op, it.booking_id),
    i.StillOnTheWay: lambda e, actor, op, it: e.stays.still_on_the_way(actor, op, it.booking_id),
    i.NoShow: lambda e, actor, op, it: e.stays.no_show(actor, op, it.booking_id),
    i.CheckOut: lambda e, actor, op, it: e.stays.check_out(actor, op, it.booking_id),
    i.Cancel: lambda e, actor, op, it: e.stays.cancel(actor, op, it.booking_id),
    i.Move: lambda e, actor, op, it: e.moves.move(actor, op, it.booking_id, it.problem),
    i.ListOwnRequests: lambda e, actor, op, it: e.referring.requests(actor),
    i.CallDesk: lambda e, actor, op, it: e.referring.call_desk(actor, op, it.booking_id, it.problem),
    i.MakeLink: lambda e, actor, op, it: e.pages.link(actor, op, it.purpose, it.subject_id),
    i.ListRequests: Errands.list_requests,
    i.Admit: lambda e, actor, op, it: e.invitations.approve(actor, op, it.invitation_id),
    i.TurnAway: lambda e, actor, op, it: e.invitations.refuse(actor, op, it.invitation_id),
    i.ReadLanguage: lambda e, actor, op, it: e.languages.read(actor, op, it.language),
}
"""Who does what: one service method for each intent; those of the day are in `BY_DAY`."""
