"""The morning after: what outreach support does with a handover."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crisispool.domain.errors import BadInput, NotThere
from crisispool.domain.handover import (
    WITHOUT_CONTACT,
    Case,
    Handover,
    HandoverRecipient,
    HandoverState,
    Outcome,
    Solved,
    accept,
    close,
    contacted,
    given_back,
    name_worker,
)
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Colleague, Organisation, Role, RoleGrant
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.accounts import without_programs
from crisispool.services.answers import HandoverAnswer, RecipientAnswer
from crisispool.services.asks import AcknowledgeAsk, OutcomeAsk, ReassignAsk
from crisispool.services.handover_rows import HandoverRows, current_booking
from crisispool.services.messages import tell
from crisispool.services.parts import Parts, require
from crisispool.services.sight import case_request, handover_of

WORKERS = (Role.SUPPORT_WORKER, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class ClosedMark:
    """The last one of a page of closed handovers: where the next page begins."""

    closed_at: datetime
    id: str


Change = Callable[[Transaction, Handover, datetime], Awaitable[Handover]]


class Handovers:
    """Accepting, first contact, outcome. Policy: the next working day, section 7."""

    def __init__(self, parts: Parts, rows: HandoverRows) -> None:
        self._parts = parts
        self._rows = rows

    async def closed(self, actor: Actor, after: ClosedMark | None, most: int) -> list[HandoverAnswer]:
        """The closed handovers that `list` is about, the last closed first: at most so many after this mark."""
        require(actor, *WORKERS)
        async with self._parts.store.reading() as tx:
            where: dict[str, Any] = {"network_id": actor.network_id, "state": HandoverState.CLOSED}
            if not actor.is_(Role.COORDINATOR):
                where["id"] = OneOf(tuple(await self._told_to(tx, actor.organisation_id)))
            rows: list[Handover] = []
            if after is not None:
                beside = await tx.find(Handover, closed_at=after.closed_at, order=("id",), **where)
                rows = [row for row in beside if row.id > after.id]
            before = AtMost(after.closed_at - timedelta(microseconds=1)) if after else None
            older = {"closed_at": before} if before else {}
            rows += await tx.find(Handover, order=("-closed_at",), limit=most, **where, **older)
            return [await self._answer(tx, row) for row in rows[:most]]

    async def list(self, actor: Actor, *, open_only: bool = True) -> list[HandoverAnswer]:
        """Handovers of the asker's service, or all for the coordinator; the longest waiting first."""
        require(actor, *WORKERS)
        async with self._parts.store.reading() as tx:
            if actor.is_(Role.COORDINATOR):
                rows = await tx.find(Handover, network_id=actor.network_id, order=("due_at",))
            else:
                told = OneOf(tuple(await self._told_to(tx, actor.organisation_id)))
                rows = await tx.find(Handover, id=told, network_id=actor.network_id, order=("due_at",))
            chosen = [row for row in rows if not open_only or row.state is not HandoverState.CLOSED]
            return [await self._answer(tx, row) for row in chosen]

    async def view(self, actor: Actor, handover_id: str) -> HandoverAnswer:
        """One handover. Raises NotThere."""
        require(actor, *WORKERS)
        async with self._parts.store.reading() as tx:
            return await self._answer(tx, await handover_of(tx, actor, handover_id))

    async def acknowledge(
        self, actor: Actor, operation_id: str, handover_id: str, ask: AcknowledgeAsk
    ) -> HandoverAnswer:
        """ "Wij nemen dit op": the service takes it, with a named worker unless it says that comes later.

        Refusals: ``already_accepted`` (by another service), ``handover_closed``, ``not_there`` (the worker).
        """

        async def change(tx: Transaction, handover: Handover, now: datetime) -> Handover:
            service = await self._service(tx, actor, handover)
            first = handover.accepted_by is None
            taken = accept(handover, service, now)
            worker = ask.worker_id or (actor.colleague_id if ask.named else None)
            if worker is not None:
                await self._must_work_here(tx, worker, service)
                taken = name_worker(taken, worker, service, now)
            await self._add_recipient(tx, handover, service, now, now)
            if first:
                await self._tell_others(tx, taken, service, now)
            return taken

        return await self._change(actor, operation_id, "acknowledge", handover_id, asdict(ask), change)

    async def outcome(
        self, actor: Actor, operation_id: str, handover_id: str, ask: OutcomeAsk
    ) -> HandoverAnswer:
        """First contact, or how it ended. Refusals: ``not_accepted``, ``not_contacted``, ``handover_closed``."""

        async def change(tx: Transaction, handover: Handover, now: datetime) -> Handover:
            if ask.contacted:
                handover = contacted(handover, now)
            if ask.outcome is None:
                if not ask.contacted:
                    raise BadInput("outcome", "missing")
                return handover
            if ask.outcome not in set(Outcome):
                raise BadInput("outcome", "unknown")
            if (ask.solved or Solved.NO) not in set(Solved):
                raise BadInput("solved", "unknown")
            outcome = Outcome(ask.outcome)
            if outcome not in WITHOUT_CONTACT and handover.contacted_at is None:
                # Whoever says how it ended with the people has spoken with them.
                handover = contacted(handover, now)
            ended = close(handover, outcome, Solved(ask.solved or Solved.NO), now)
            [case] = await tx.lock(Case, [handover.case_id])
            if case.closed_at is None:
                await tx.save(replace(case, closed_at=now))
            return ended

        return await self._change(actor, operation_id, "outcome", handover_id, asdict(ask), change)

    async def reassign(
        self, actor: Actor, operation_id: str, handover_id: str, ask: ReassignAsk
    ) -> HandoverAnswer:
        """A colleague takes over, or the coordinator moves it to another service.

        Refusals: ``not_your_role`` (only the coordinator changes the service), ``not_there``, ``handover_closed``.
        """

        async def change(tx: Transaction, handover: Handover, now: datetime) -> Handover:
            service = ask.organisation_id or await self._service(tx, actor, handover)
            if ask.organisation_id is not None:
                require(actor, Role.COORDINATOR)
                await self._add_recipient(tx, handover, service, now, None)
                if handover.accepted_by not in (None, service):
                    handover = given_back(handover)
            if ask.worker_id is not None:
                await self._must_work_here(tx, ask.worker_id, service)
                return name_worker(handover, ask.worker_id, service, now)
            return handover

        return await self._change(actor, operation_id, "reassign", handover_id, asdict(ask), change)

    async def _change(
        self,
        actor: Actor,
        operation_id: str,
        name: str,
        handover_id: str,
        content: dict[str, object],
        change: Change,
    ) -> HandoverAnswer:
        require(actor, *WORKERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> HandoverAnswer:
            await tx.lock(Handover, [handover_id])
            before = await handover_of(tx, actor, handover_id)
            after = await change(tx, before, now)
            if after != before:
                after = replace(after, version=before.version + 1)
                await tx.save(after)
                after = await self._rows.owe(tx, after, after.next_step)
                await self._tell_worker(tx, actor, before, after, now)
                await tx.audit(actor.colleague_id, f"handover.{name}", "handover", handover_id, now)
            return await self._answer(tx, after)

        content = {"handover": handover_id, **content}
        return await parts.operations.once(operation_id, name, content, now, HandoverAnswer, work)

    async def _tell_worker(
        self, tx: Transaction, actor: Actor, before: Handover, after: Handover, now: datetime
    ) -> None:
        """Who gets a case from somebody else hears it at once."""
        if after.worker_id in (None, before.worker_id, actor.colleague_id):
            return
        case, _ = await case_request(tx, after.case_id)
        facts = {"reference": case.reference}
        worker, key = ("colleague", after.worker_id), "message.case_given"
        about, mark = ("handover", after.id), f"given:{after.id}:{after.version}"
        await tell(tx, self._parts.ids, after.network_id, worker, key, facts, about, mark, now, urgent=True)

    async def _told_to(self, tx: Transaction, service: str | None) -> set[str]:
        """Ids of the handovers that a service was told of: its own, and those it is the backup for."""
        own = await tx.find(HandoverRecipient, organisation_id=service)
        behind = OneOf(tuple(each.id for each in await tx.find(Organisation, backup_id=service)))
        lent = await tx.find(HandoverRecipient, organisation_id=behind)
        told = {each.handover_id for each in own if each.delivered_at}
        return told | {each.handover_id for each in lent if each.backup_told_at}

    async def _service(self, tx: Transaction, actor: Actor, handover: Handover) -> str:
        """The service for which the asker acts: the own one, or for the coordinator the one that leads."""
        if actor.is_(Role.SUPPORT_WORKER) and actor.organisation_id is not None:
            return actor.organisation_id
        return handover.accepted_by or handover.lead_organisation_id

    async def _must_work_here(self, tx: Transaction, worker_id: str, service: str) -> None:
        # Locked: who leaves at this moment is not given a case that nobody sees any more.
        worker = next(iter(await tx.lock(Colleague, [worker_id])), None)
        works = await tx.find(RoleGrant, colleague_id=worker_id, role=Role.SUPPORT_WORKER)
        person = await without_programs(tx, (worker_id,))
        if (
            worker is None
            or not worker.active
            or worker.organisation_id != service
            or not works
            or not person
        ):
            raise NotThere("worker")

    async def _add_recipient(
        self, tx: Transaction, handover: Handover, service: str, now: datetime, delivered: datetime | None
    ) -> None:
        """One more service has it. Not delivered yet: the sweep does it, and owes every step anew."""
        organisation = await tx.get(Organisation, service)
        if organisation is None or organisation.network_id != handover.network_id:
            raise NotThere("organisation")
        if await tx.find(HandoverRecipient, handover_id=handover.id, organisation_id=service):
            return
        today = (await self._parts.facts.calendar(tx, handover.network_id)).local(now).date()
        ids = self._parts.ids
        await tx.add(HandoverRecipient(ids.new(), handover.id, service, False, today, now, delivered))

    async def _tell_others(self, tx: Transaction, handover: Handover, service: str, now: datetime) -> None:
        """Who accepts first is the contact person; the other service is told."""
        case, _ = await case_request(tx, handover.case_id)
        for recipient in await tx.find(HandoverRecipient, handover_id=handover.id):
            # One that is closed today hears it on its first open day.
            if recipient.organisation_id != service and recipient.delivered_at is not None:
                await self._rows.tell_taken(tx, handover, case, recipient, now)

    async def _answer(self, tx: Transaction, handover: Handover) -> HandoverAnswer:
        case, request = await case_request(tx, handover.case_id)
        booking = await current_booking(tx, case.id)
        recipients = await tx.find(
            HandoverRecipient, handover_id=handover.id, order=("-leads", "organisation_id")
        )
        services = {
            each.id: each
            for each in await tx.find(Organisation, id=OneOf(tuple(r.organisation_id for r in recipients)))
        }
        load = None
        if handover.worker_id is not None:
            load = len(
                await tx.find(
                    Handover,
                    worker_id=handover.worker_id,
                    state=OneOf(tuple(s for s in HandoverState if s != "closed")),
                )
            )
        persons = await tx.find(Person, request_id=request.id)
        return HandoverAnswer(
            id=handover.id,
            case_id=case.id,
            reference=case.reference,
            state=handover.state,
            admitted=case.admitted,
            adults=request.adults,
            children=request.children,
            night=case.night,
            checkout=booking.checkout if booking else None,
            due_at=handover.due_at,
            delivered_at=handover.delivered_at,
            recipients=tuple(
                RecipientAnswer(r.organisation_id, services[r.organisation_id].name, r.leads, r.delivered_at)
                for r in recipients
            ),
            accepted_by=handover.accepted_by,
            worker_id=handover.worker_id,
            contacted_at=handover.contacted_at,
            outcome=handover.outcome,
            solved=handover.solved,
            arrival_unknown=handover.arrival_unknown and booking is not None and not booking.arrival_known,
            previous_case_id=case.previous_case_id or await _earlier_case(tx, persons, case.id),
            next_step=handover.next_step,
            next_action_at=handover.next_action_at,
            open_cases_of_worker=load,
            closed_at=handover.closed_at,
        )


async def _earlier_case(tx: Transaction, persons: list[Person], case_id: str) -> str | None:
    """The last earlier case of one of these people, also when the identity came after the booking."""
    known = OneOf(tuple({person.canonical_id for person in persons}))
    requests = OneOf(tuple({ref.request_id for ref in await tx.find(Person, canonical_id=known)}))
    cases = await tx.find(Case, request_id=requests, order=("opened_at",))
    position = next((n for n, case in enumerate(cases) if case.id == case_id), 0)
    return cases[position - 1].id if position > 0 else None
