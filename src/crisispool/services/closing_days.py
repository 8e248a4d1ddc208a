"""Closed days that people enter: of the outreach calendar, or of one organisation."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime

from crisispool.domain.errors import BadInput, Conflict, NotThere, NotYourRole, Refusal
from crisispool.domain.organisation import Actor, ClosingDay, Network, Organisation, Role
from crisispool.ports import Transaction
from crisispool.services.answers import ClosingDayAnswer, ClosingDayChangeAnswer
from crisispool.services.asks import ClosingDayAsk
from crisispool.services.calendar_changes import long_blocks, replan
from crisispool.services.parts import Parts, require

ENTERERS = (Role.COORDINATOR, Role.UNIT_MANAGER, Role.SUPPORT_WORKER)

Change = Callable[[Transaction, datetime], Awaitable[ClosingDay]]


class ClosingDays:
    """The coordinator closes outreach or any service, a service only itself. Policy: working day, section 3."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def list(self, actor: Actor) -> list[ClosingDayAnswer]:
        """All closed days of the network that are no legal holidays, from today on."""
        async with self._parts.store.reading() as tx:
            calendar = await self._parts.facts.calendar(tx, actor.network_id)
            rows = await tx.find(ClosingDay, network_id=actor.network_id, order=("day", "organisation_id"))
        today = calendar.local(self._parts.now()).date()
        return [_answer(row) for row in rows if row.day >= today]

    async def enter(self, actor: Actor, operation_id: str, ask: ClosingDayAsk) -> ClosingDayChangeAnswer:
        """One day is closed. What was given stays given: the answer says what the day touches.

        Refusals: ``bad_input`` (past, unknown organisation, no working day left), ``not_your_role``,
        ``closing_day_exists``.
        """
        require(actor, *ENTERERS)
        self._may(actor, ask.organisation_id)

        async def enter(tx: Transaction, now: datetime) -> ClosingDay:
            await self._must_be_to_come(tx, actor, ask.day, now)
            if ask.organisation_id is not None:
                organisation = await tx.get(Organisation, ask.organisation_id)
                if organisation is None or organisation.network_id != actor.network_id:
                    raise BadInput("organisation_id", "unknown_organisation")
            row = ClosingDay(
                id=self._parts.ids.new(),
                network_id=actor.network_id,
                organisation_id=ask.organisation_id,
                day=ask.day,
                name=ask.name,
                entered_by=actor.colleague_id,
            )
            await tx.add(row)
            return row

        try:
            return await self._change(actor, operation_id, "closing_day.entered", asdict(ask), enter)
        except Conflict as lost:
            if lost.table != "closing_days":
                raise
            raise Refusal("closing_day_exists") from None

    async def take_away(self, actor: Actor, operation_id: str, closing_day_id: str) -> ClosingDayChangeAnswer:
        """The day is not closed after all. Refusals: ``not_there``, ``in_region_file``, ``bad_input`` (past)."""
        require(actor, *ENTERERS)

        async def take_away(tx: Transaction, now: datetime) -> ClosingDay:
            row = await tx.get(ClosingDay, closing_day_id)
            if row is None or row.network_id != actor.network_id:
                raise NotThere("closing_day")
            try:
                self._may(actor, row.organisation_id)
            except NotYourRole:
                raise NotThere("closing_day") from None
            if row.entered_by is None:
                raise Refusal("in_region_file")
            await self._must_be_to_come(tx, actor, row.day, now)
            await tx.remove(row)
            return row

        return await self._change(actor, operation_id, "closing_day.taken_away", closing_day_id, take_away)

    async def _change(
        self, actor: Actor, operation_id: str, name: str, content: object, change: Change
    ) -> ClosingDayChangeAnswer:
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> ClosingDayChangeAnswer:
            # Two days entered at once see each other, else one of them would plan without the other.
            await tx.lock(Network, [actor.network_id])
            row = await change(tx, now)
            calendar = await parts.facts.calendar(tx, actor.network_id)
            try:
                calendar.block(calendar.previous_working_day(row.day))
                closed = () if row.organisation_id else long_blocks(calendar, [row.day])
            except ValueError:
                raise BadInput("day", "no_working_day") from None
            done = await replan(tx, parts.facts, parts.ids, actor.network_id, [row.day], now)
            await tx.audit(actor.colleague_id, name, "closing_day", row.id, now, {"day": row.day.isoformat()})
            return ClosingDayChangeAnswer(_answer(row), closed, done.cases, done.landings, done.alerts)

        return await parts.operations.once(operation_id, name, content, now, ClosingDayChangeAnswer, work)

    def _may(self, actor: Actor, organisation_id: str | None) -> None:
        own = organisation_id is not None and organisation_id == actor.organisation_id
        if not own and not actor.is_(Role.COORDINATOR):
            raise NotYourRole

    async def _must_be_to_come(self, tx: Transaction, actor: Actor, day: date, now: datetime) -> None:
        calendar = await self._parts.facts.calendar(tx, actor.network_id)
        if day < calendar.local(now).date():
            raise BadInput("day", "past")


def _answer(row: ClosingDay) -> ClosingDayAnswer:
    return ClosingDayAnswer(row.id, row.day, row.name, row.organisation_id, row.entered_by is not None)
