"""A night in the small region, in short verbs: who does what, at what time, and what came of it."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.care import CareResult
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Actor, Network, PolicyVersion
from crisispool.domain.record import Message
from crisispool.domain.request import RefusalCode, RequestKind
from crisispool.domain.unit import OutOfService
from crisispool.domain.weekend import LineAnswer
from crisispool.ports import LivePool
from crisispool.services.answers import (
    AvailabilityAnswer,
    BookingAnswer,
    CareAnswer,
    ClosingDayChangeAnswer,
    HandoverAnswer,
    HoldAnswer,
    MergeAnswer,
    PersonAnswer,
    RefusalAnswer,
    RequestAnswer,
    ScreeningAnswer,
    UnitAnswer,
    WeekendLineAnswer,
)
from crisispool.services.asks import (
    AcknowledgeAsk,
    BookingAsk,
    ClosingDayAsk,
    ExtendAsk,
    HoldAsk,
    IdentityAsk,
    MergeAsk,
    OutcomeAsk,
    Override,
    PersonAsk,
    ReadmissionAsk,
    RefusalAsk,
    RequestAsk,
    ScreeningAsk,
    SearchAsk,
    StatusAsk,
    StaysAsAsk,
    UnitAsk,
)
from crisispool.settings import Settings
from tests.support.clock import SteppingClock
from tests.support.region import INGELMUNSTER, UNITS

R = TypeVar("R")

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, 27) + timedelta(days=n) for n in range(4))

JAN = IdentityAsk("Jan", "Canary-Peeters", date(1980, 5, 17))
"""Somebody to recognise."""


def local(text: str) -> datetime:
    """A moment in Brussels, as ``2026-11-28 02:04``."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


def day(text: str) -> date:
    """A date, as ``2026-11-28``."""
    return date.fromisoformat(text)


async def refusal(doing: Awaitable[Any]) -> Refusal:
    """The refusal that this ends in."""
    try:
        done = await doing
    except Refusal as no:
        return no
    raise AssertionError(f"it was not refused: {done}")


class Night:
    """The services over one record, with a clock that stands still until a test moves it."""

    def __init__(self, engines: list[AsyncEngine], keys: Keys, pool: LivePool, clock: SteppingClock) -> None:
        self.keys, self.clock = keys, clock
        engine, *self._more = engines
        self._others: list[Night] = []
        self.store = SqlStore(engine, keys)
        settings = Settings.from_env({})
        self.app: App = assemble(settings, self.store, pool, self.clock, keys)
        self._numbers = count(1)
        self._actors: dict[str, Actor] = {}

    def another_process(self) -> "Night":
        """The same record and clock through a store of its own, as another process has; three take turns."""
        if self._more:
            self._others.append(Night([self._more.pop()], self.keys, self.app.pool, self.clock))
            self._others[-1]._numbers = count(1_000_000 * len(self._others))
        self._others.append(self._others.pop(0))
        return self._others[-1]

    # Who, when, what is there.

    async def actor(self, name: str) -> Actor:
        """A colleague as an asker."""
        if name not in self._actors:
            found = await self.app.accounts.actor_of(name)
            assert found is not None, name
            self._actors[name] = found
        return self._actors[name]

    def op(self, op: str | None = None) -> str:
        """An operation id, a fresh one unless one is given."""
        return op or f"op-{next(self._numbers)}"

    def at(self, text: str) -> None:
        """It is now this moment in Brussels; nothing is swept."""
        self.clock.set(local(text))

    def later(self, **by: float) -> None:
        """So much later; nothing is swept."""
        self.clock.advance(timedelta(**by))

    async def until(self, text: str) -> None:
        """Live on to this moment in Brussels: whatever falls due on the way is done at its own time."""
        end = local(text)
        await self.app.sweep.run()
        while (due := await self.app.sweep.next_due()) is not None and due <= end:
            self.clock.set(max(due, self.clock.now()))
            assert await self.app.sweep.run(), f"stays due at {due}"
        self.clock.set(end)
        await self.app.sweep.run()

    def brussels(self, moment: datetime) -> datetime:
        """A moment on the clock of Brussels."""
        return moment.astimezone(BRUSSELS)

    async def rows(self, kind: type[R], **where: Any) -> list[R]:
        """The records of a kind."""
        async with self.store.reading() as tx:
            return await tx.find(kind, **where)

    async def add(self, *records: object) -> None:
        """Something else happened."""
        async with self.store.transaction() as tx:
            await tx.add(*records)

    async def decide(self, **settings: object) -> None:
        """The steering group changed these settings."""
        async with self.store.transaction() as tx:
            [network] = await tx.find(Network)
            version = network.policy_version + 1
            await tx.add(
                PolicyVersion(f"policy-{version}", "net", version, settings, "", None, self.clock.now())
            )
            await tx.save(replace(network, policy_version=version))

    async def told(self, *keys: str) -> list[tuple[str, str]]:
        """Who was told what, in order: (recipient, key without its beginning); only these keys when given."""
        async with self.store.reading() as tx:
            messages = await tx.find(Message, order=("at", "dedupe"))
        found = [(message.recipient_id, message.key.removeprefix("message.")) for message in messages]
        return [each for each in found if not keys or each[1] in keys]

    # The desk.

    async def request(self, by: str = "calltaker", *, op: str | None = None, **fields: Any) -> RequestAnswer:
        """A request, of one adult after a fire in Ingelmunster unless told otherwise."""
        ask: dict[str, Any] = {
            "kind": RequestKind.FIRE_WATER_CLOSED,
            "adults": 1,
            "origin": INGELMUNSTER,
            "whereabouts": INGELMUNSTER,
            "contact_consent": True,
            "referrer": "police",
            **fields,
        }
        return await self.app.intake.request(await self.actor(by), self.op(op), RequestAsk(**ask))

    async def request_of_jan(self, by: str = "calltaker", **fields: Any) -> RequestAnswer:
        """A request of one adult whose identity is known."""
        return await self.request(by, persons=(PersonAsk(identity=JAN),), **fields)

    async def screen(self, request: RequestAnswer, by: str = "calltaker", **answers: str) -> ScreeningAnswer:
        """The check-up with these answers by question."""
        return await self.app.checkup.screen(
            await self.actor(by), self.op(), request.id, ScreeningAsk(answers)
        )

    async def refuse(
        self, request: RequestAnswer, code: str = "no_unit", *, contact: bool = True, by: str = "calltaker"
    ) -> RefusalAnswer:
        """No bed."""
        ask = RefusalAsk(RefusalCode(code), contact)
        return await self.app.checkup.refuse(await self.actor(by), self.op(), request.id, ask)

    async def withdraw(self, request: RequestAnswer, by: str = "calltaker") -> RequestAnswer:
        """The bed is not needed any more."""
        return await self.app.intake.withdraw(await self.actor(by), self.op(), request.id)

    async def search(
        self, request: RequestAnswer | None = None, by: str = "calltaker", **fields: Any
    ) -> AvailabilityAnswer:
        """What is free, for a request or for what is told."""
        ask = SearchAsk(request.id if request else None, **fields)
        return await self.app.availability.search(await self.actor(by), ask)

    async def proposed(self, request: RequestAnswer) -> list[str]:
        """Ids of the units proposed for a request, best first."""
        return [proposal.unit_id for proposal in (await self.search(request)).proposals]

    async def hold(
        self,
        request: RequestAnswer,
        unit_id: str,
        by: str = "calltaker",
        *,
        op: str | None = None,
        night: date | None = None,
        nights: int | None = None,
    ) -> HoldAnswer:
        """Hold a unit for a request."""
        ask = HoldAsk(request.id, unit_id, night, nights)
        return await self.app.holds.hold(await self.actor(by), self.op(op), ask)

    async def release(self, hold: HoldAnswer, by: str = "calltaker") -> HoldAnswer:
        """Give a held unit back."""
        return await self.app.holds.release(await self.actor(by), self.op(), hold.id)

    async def book_held(
        self, hold: HoldAnswer, by: str = "calltaker", *, op: str | None = None, **fields: Any
    ) -> BookingAnswer:
        """Book what is held."""
        ask = BookingAsk(hold.id, **fields)
        return await self.app.bookings.book(await self.actor(by), self.op(op), ask)

    async def book(
        self,
        request: RequestAnswer,
        unit_id: str,
        by: str = "calltaker",
        *,
        op: str | None = None,
        reason: str | None = None,
        **fields: Any,
    ) -> BookingAnswer:
        """Book a unit at once; with a reason beyond the rule."""
        override = Override(reason) if reason is not None else None
        ask = BookingAsk(request_id=request.id, unit_id=unit_id, override=override, **fields)
        return await self.app.bookings.book(await self.actor(by), self.op(op), ask)

    async def extend(
        self,
        booking: BookingAnswer,
        by: str = "calltaker",
        *,
        op: str | None = None,
        reason: str | None = None,
        **fields: Any,
    ) -> BookingAnswer:
        """More nights."""
        override = Override(reason) if reason is not None else None
        ask = ExtendAsk(override=override, **fields)
        return await self.app.bookings.extend(await self.actor(by), self.op(op), booking.id, ask)

    async def cancel(self, booking: BookingAnswer, by: str = "calltaker") -> BookingAnswer:
        """The bed is not needed."""
        return await self.app.stays.cancel(await self.actor(by), self.op(), booking.id)

    async def no_show(self, booking: BookingAnswer, by: str = "calltaker") -> BookingAnswer:
        """They do not come."""
        return await self.app.stays.no_show(await self.actor(by), self.op(), booking.id)

    async def check_in(self, booking: BookingAnswer, by: str = "calltaker") -> BookingAnswer:
        """They are inside."""
        return await self.app.stays.check_in(await self.actor(by), self.op(), booking.id)

    async def check_out(self, booking: BookingAnswer, by: str = "calltaker") -> BookingAnswer:
        """They left."""
        return await self.app.stays.check_out(await self.actor(by), self.op(), booking.id)

    async def not_yet_left(self, booking: BookingAnswer, by: str = "owner_ingelmunster") -> BookingAnswer:
        """The stay is over and they are still there."""
        return await self.app.stays.not_yet_left(await self.actor(by), self.op(), booking.id)

    async def care(
        self, booking: BookingAnswer, answer: str, by: str = "calltaker", *, op: str | None = None
    ) -> CareAnswer:
        """What the desk found when it called."""
        result = CareResult(answer)
        return await self.app.care.record(await self.actor(by), self.op(op), booking.id, result)

    async def move(
        self,
        booking: BookingAnswer,
        problem: str = "key_fails",
        by: str = "calltaker",
        *,
        op: str | None = None,
    ) -> BookingAnswer:
        """Trouble at the door."""
        return await self.app.moves.move(await self.actor(by), self.op(op), booking.id, problem)

    async def stays_as(
        self, booking: BookingAnswer, by: str = "coordinator", *, until: date | None = None
    ) -> BookingAnswer:
        """They stay as the owner's own."""
        return await self.app.stays_as.stays_as(
            await self.actor(by), self.op(), booking.id, StaysAsAsk(until)
        )

    async def readmission(
        self, booking: BookingAnswer, by: str = "worker_caw", *, allowed: bool, reason: str = ""
    ) -> BookingAnswer:
        """Whether the desk may give another block at night."""
        ask = ReadmissionAsk(allowed, reason)
        return await self.app.readmissions.decide(await self.actor(by), self.op(), booking.id, ask)

    async def merge(self, person_id: str, into: str, by: str = "coordinator") -> MergeAnswer:
        """Two references are one person."""
        return await self.app.merges.merge(await self.actor(by), self.op(), MergeAsk(person_id, into))

    async def unmerge(self, merge: MergeAnswer, by: str = "coordinator") -> MergeAnswer:
        """They are two people after all."""
        return await self.app.merges.undo(await self.actor(by), self.op(), merge.id)

    async def identify(
        self, booking: BookingAnswer, identity: IdentityAsk = JAN, by: str = "coordinator", *, person: int = 0
    ) -> PersonAnswer:
        """Who someone in a booking is."""
        who, person_id = await self.actor(by), booking.persons[person]
        return await self.app.identities.put(who, self.op(), booking.id, person_id, identity)

    async def view(self, booking: BookingAnswer, by: str = "coordinator") -> BookingAnswer:
        """The booking as it is now."""
        return await self.app.bookings.view(await self.actor(by), booking.id)

    # The owners and the morning.

    async def weekend(self, by: str = "coordinator") -> list[WeekendLineAnswer]:
        """The list before closed days, as this colleague sees it."""
        return await self.app.weekend.list(await self.actor(by))

    async def decide_line(
        self, line: WeekendLineAnswer, answer: str, by: str = "coordinator"
    ) -> WeekendLineAnswer:
        """What is decided for a household of that list."""
        return await self.app.weekend.answer(await self.actor(by), self.op(), line.id, LineAnswer(answer))

    async def say(
        self, unit_id: str, status: str, by: str = "owner_izegem", *, op: str | None = None, **fields: Any
    ) -> UnitAnswer:
        """What is said of a unit."""
        return await self.app.units.say(
            await self.actor(by), self.op(op), unit_id, StatusAsk(status, **fields)
        )

    async def change_unit(self, unit_id: str, by: str = "coordinator", **changes: Any) -> UnitAnswer:
        """What a unit offers changes."""
        return await self.app.units.change(await self.actor(by), self.op(), unit_id, UnitAsk(**changes))

    async def close_day(
        self, closed: date, by: str = "coordinator", *, organisation_id: str | None = None
    ) -> ClosingDayChangeAnswer:
        """A day is closed, of outreach or of one organisation."""
        ask = ClosingDayAsk(closed, "Sluitingsdag", organisation_id)
        return await self.app.closing_days.enter(await self.actor(by), self.op(), ask)

    async def open_day(
        self, closed: ClosingDayChangeAnswer, by: str = "coordinator"
    ) -> ClosingDayChangeAnswer:
        """It is not closed after all."""
        return await self.app.closing_days.take_away(await self.actor(by), self.op(), closed.closing_day.id)

    async def unit(self, unit_id: str, by: str = "coordinator") -> UnitAnswer:
        """The unit as it is now."""
        return await self.app.units.view(await self.actor(by), unit_id)

    async def only_free(self, *unit_ids: str) -> None:
        """Every other unit is out of service."""
        closed = [unit.id for unit in UNITS if unit.id not in unit_ids]
        await self.add(*(OutOfService(f"out-{each}", each, self.clock.now(), "other") for each in closed))
        await self.app.view.refresh(closed, self.clock.now())

    async def handovers(self, by: str = "coordinator") -> list[HandoverAnswer]:
        """The handovers that this colleague sees, closed ones too."""
        return await self.app.handovers.list(await self.actor(by), open_only=False)

    async def accept(
        self, handover: HandoverAnswer, by: str, *, named: bool = True, worker_id: str | None = None
    ) -> HandoverAnswer:
        """This service takes it."""
        ask = AcknowledgeAsk(worker_id, named)
        return await self.app.handovers.acknowledge(await self.actor(by), self.op(), handover.id, ask)

    async def outcome(self, handover: HandoverAnswer, by: str, **fields: Any) -> HandoverAnswer:
        """First contact, or how it ended."""
        return await self.app.handovers.outcome(
            await self.actor(by), self.op(), handover.id, OutcomeAsk(**fields)
        )
