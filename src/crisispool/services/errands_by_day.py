"""What the talks of owners, outreach and the coordinator want, done by the services, as plain JSON for the talk."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crisispool.conversations import intents as i
from crisispool.conversations import intents_by_day as d
from crisispool.conversations.staying import MEET_MYSELF
from crisispool.domain.booking import OwnersWord
from crisispool.domain.care import CareResult
from crisispool.domain.daytime import AskerKind, QuestionKind, QuestionOutcome
from crisispool.domain.organisation import Actor, Colleague
from crisispool.domain.weekend import LineAnswer
from crisispool.services.answers import BookingAnswer, HandoverAnswer
from crisispool.services.asks import (
    AcknowledgeAsk,
    ExtendAsk,
    OutcomeAsk,
    Override,
    StatusAsk,
    StaysAsAsk,
    UnitAsk,
)
from crisispool.services.availability import Availability
from crisispool.services.bookings import Bookings
from crisispool.services.care import Care
from crisispool.services.cold_weather import ColdWeather
from crisispool.services.consultations import Consultations
from crisispool.services.daytime import Daytime, QuestionAsk
from crisispool.services.extensions import Extensions
from crisispool.services.handovers import Handovers
from crisispool.services.own_units import own_units
from crisispool.services.owners_asked import OwnersAsked
from crisispool.services.parts import Parts
from crisispool.services.stays import Stays
from crisispool.services.stays_as import StaysAs
from crisispool.services.stuck import Stuck
from crisispool.services.talk_facts import with_beds
from crisispool.services.units import Units
from crisispool.services.weekend import Weekend
from crisispool.texts.render import render


@dataclass(frozen=True)
class ErrandsByDay:
    """The services that these talks may send on an errand."""

    parts: Parts
    units: Units
    stays: Stays
    stays_as: StaysAs
    owners_asked: OwnersAsked
    bookings: Bookings
    handovers: Handovers
    extensions: Extensions
    weekend: Weekend
    care: Care
    stuck: Stuck
    consultations: Consultations
    cold_weather: ColdWeather
    daytime: Daytime

    async def list_units(self, actor: Actor, operation_id: str, intent: d.ListUnits) -> list[dict[str, Any]]:
        """The units of the asker's organisation, with who is there and what can be said of them."""
        answers = [each for each in await self.units.all(actor) if each.owner_id == actor.organisation_id]
        async with self.parts.store.reading() as tx:
            return await own_units(tx, self.parts, answers)

    async def list_handovers(
        self, actor: Actor, operation_id: str, intent: i.ListHandovers
    ) -> list[dict[str, Any]]:
        """The open handovers the asker may see, with where the people are."""
        return await self._with_beds(await self.handovers.list(actor))

    async def acknowledge(self, actor: Actor, operation_id: str, intent: i.Acknowledge) -> dict[str, Any]:
        """A service takes the case."""
        ask = AcknowledgeAsk(intent.worker_id, named=intent.worker_id is not None)
        answer = await self.handovers.acknowledge(actor, operation_id, intent.handover_id, ask)
        return (await self._with_beds([answer]))[0]

    async def outcome(
        self, actor: Actor, operation_id: str, intent: i.Contacted | i.RecordOutcome
    ) -> dict[str, Any]:
        """First contact, or how it ended."""
        ask = OutcomeAsk(contacted=True)
        if isinstance(intent, i.RecordOutcome):
            ask = OutcomeAsk(intent.outcome, intent.solved, contacted=True)
        answer = await self.handovers.outcome(actor, operation_id, intent.handover_id, ask)
        return (await self._with_beds([answer]))[0]

    async def extend(self, actor: Actor, operation_id: str, intent: i.Extend) -> BookingAnswer:
        """More nights. The reason of a coordinator is a code here and words in the record."""
        override = None
        if intent.override_reason is not None:
            override = await override_of(self.parts, actor, intent.override_reason)
        ask = ExtendAsk(intent.nights, intent.unit_id, override)
        return await self.bookings.extend(actor, operation_id, intent.booking_id, ask)

    async def _with_beds(self, answers: Sequence[HandoverAnswer]) -> list[dict[str, Any]]:
        async with self.parts.store.reading() as tx:
            return await with_beds(tx, self.parts, answers)


def errands_by_day(
    parts: Parts,
    units: Units,
    stays: Stays,
    stays_as: StaysAs,
    bookings: Bookings,
    handovers: Handovers,
    availability: Availability,
    weekend: Weekend,
    care: Care,
) -> ErrandsByDay:
    """The errands over these services, with those that only talks need."""
    return ErrandsByDay(
        parts=parts,
        units=units,
        stays=stays,
        stays_as=stays_as,
        owners_asked=OwnersAsked(parts),
        bookings=bookings,
        handovers=handovers,
        extensions=Extensions(parts, availability),
        weekend=weekend,
        care=care,
        stuck=Stuck(parts, weekend),
        consultations=Consultations(parts),
        cold_weather=ColdWeather(parts),
        daytime=Daytime(parts),
    )


async def override_of(parts: Parts, actor: Actor, reason: str) -> Override:
    """Why a coordinator goes beyond the rule, in words of theirs, and by their label who meets the people."""
    met_by = ""
    if reason == MEET_MYSELF:
        async with parts.store.reading() as tx:
            colleague = await tx.get(Colleague, actor.colleague_id)
        met_by = colleague.label if colleague else ""
    return Override(render(f"choice.stay_reason.{reason}", {}, actor.language), met_by)


ErrandByDay = Callable[[ErrandsByDay, Actor, str, Any], Awaitable[Any]]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


BY_DAY: dict[type[Any], ErrandByDay] = {
    d.ListUnits: ErrandsByDay.list_units,
    d.SayStatus: lambda e, actor, op, it: e.units.say(
        actor, op, it.unit_id, StatusAsk(it.status, _day(it.until), since=_day(it.since))
    ),
    d.ConfirmUnits: lambda e, actor, op, it: e.units.confirm_all(actor, op, asked_on=_day(it.asked_on)),
    d.WithdrawUnit: lambda e, actor, op, it: e.units.change(
        actor, op, it.unit_id, UnitAsk(leaves_on=_day(it.from_day))
    ),
    d.LendAgain: lambda e, actor, op, it: e.units.change(
        actor, op, it.unit_id, UnitAsk(clear=("leaves_on",))
    ),
    d.AnswerHold: lambda e, actor, op, it: e.owners_asked.answer(actor, op, it.hold_id, OwnersWord(it.said)),
    i.ListHandovers: ErrandsByDay.list_handovers,
    i.Acknowledge: ErrandsByDay.acknowledge,
    i.Contacted: ErrandsByDay.outcome,
    i.RecordOutcome: ErrandsByDay.outcome,
    i.Extend: ErrandsByDay.extend,
    d.LookExtension: lambda e, actor, op, it: e.extensions.look(actor, it.booking_id),
    d.AskExtension: lambda e, actor, op, it: e.extensions.ask_coordinator(actor, op, it.booking_id),
    d.ListWeekend: lambda e, actor, op, it: e.weekend.list(actor),
    d.AnswerLine: lambda e, actor, op, it: e.weekend.answer(actor, op, it.line_id, LineAnswer(it.answer)),
    d.ListCare: lambda e, actor, op, it: e.care.list(actor),
    d.RecordCare: lambda e, actor, op, it: e.care.record(actor, op, it.booking_id, CareResult(it.result)),
    d.ListStuck: lambda e, actor, op, it: e.stuck.everything(actor),
    d.NoteConsultation: lambda e, actor, op, it: e.consultations.note(actor, op, it.booking_id, it.what),
    d.LookColdWeather: lambda e, actor, op, it: e.cold_weather.look(actor),
    d.TurnColdWeather: lambda e, actor, op, it: e.cold_weather.turn(actor, op, on=it.on),
    d.NoteQuestion: lambda e, actor, op, it: e.daytime.note(
        actor, op, QuestionAsk(QuestionKind(it.kind), QuestionOutcome(it.outcome), AskerKind(it.asker))
    ),
    d.TakeBackQuestion: lambda e, actor, op, it: e.daytime.take_back(actor, op, it.question_id),
    d.NotYetLeft: lambda e, actor, op, it: e.stays.not_yet_left(actor, op, it.booking_id),
    d.StaysAs: lambda e, actor, op, it: e.stays_as.stays_as(actor, op, it.booking_id, StaysAsAsk()),
}
"""Who does what: one service method for each intent."""
