"""Who stops working here, or in one of their roles: everything of theirs ends, and what is left without anybody is
said first."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from crisispool.domain.calendar_feed import CalendarFeed
from crisispool.domain.duty import ROLES, Duty, DutyShift, OfferState, ShiftOffer
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.handover import Case, Handover, HandoverState, HandoverStep
from crisispool.domain.messenger import Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import (
    Actor,
    ApiToken,
    Colleague,
    Network,
    Organisation,
    Role,
    RoleGrant,
)
from crisispool.domain.request import Request, RequestState
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.messages import having, tell, tell_role
from crisispool.services.messenger.letting_in import forget_browsers, turn_away
from crisispool.services.messenger.links import end_link
from crisispool.services.parts import Parts, require
from crisispool.services.people import KEEPERS, colleague_of
from crisispool.services.reaching import reach
from crisispool.services.roster_gaps import makes_gap, take_off
from crisispool.services.roster_rows import is_soon, labels, span_of
from crisispool.services.rosters import end_offers
from crisispool.services.service_accounts import MADE_BY, programs_of
from crisispool.services.waiting import Wait, untaken

OF_NETWORK: Final = frozenset({Role.CALLTAKER, Role.COORDINATOR, Role.ADMIN})
OF_SERVICE: Final = frozenset({Role.UNIT_MANAGER, Role.SUPPORT_WORKER})


@dataclass(frozen=True, slots=True)
class ShiftLeft:
    """A shift of theirs that ends or goes off the roster; `alone`: nobody else is there then."""

    duty: Duty
    starts_at: datetime
    ends_at: datetime
    alone: bool


@dataclass(frozen=True, slots=True)
class LastOne:
    """A role that nobody has any more: in a service, or with `where` empty in the whole network."""

    role: Role
    where: str


@dataclass(frozen=True, slots=True)
class Left:
    """What would be left. `cases`: references of cases that they look after; `requests`: of what is in their hands;
    `programs`: names of those that go on calling with a token that they were shown.

    `role`: the one that ends, None for all. `seen` stands for all of it.
    """

    id: str
    label: str
    role: Role | None
    roles: tuple[Role, ...]
    shifts: tuple[ShiftLeft, ...]
    cases: tuple[str, ...]
    requests: tuple[str, ...]
    last: tuple[LastOne, ...]
    programs: tuple[str, ...] = ()
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """Who left."""

    id: str


@dataclass(frozen=True)
class _Theirs:
    """What is theirs, of the roles that end."""

    who: Colleague
    ending: frozenset[Role]
    shifts: list[DutyShift]
    handovers: list[Handover]
    requests: list[Request]


class Leaving:
    """Ends colleagues, and single roles."""

    def __init__(self, parts: Parts, rows: HandoverRows) -> None:
        self._parts = parts
        self._rows = rows

    async def look(self, actor: Actor, colleague_id: str, role: Role | None = None) -> Left:
        """What would be left without anybody. Raises NotThere."""
        require(actor, *KEEPERS)
        async with self._parts.store.reading() as tx:
            theirs = await self._theirs(tx, actor, colleague_id, role)
            return await self._left(tx, theirs, role)

    async def end(
        self, actor: Actor, operation_id: str, colleague_id: str, seen: str, role: Role | None = None
    ) -> Gone:
        """End it all, or one role, when what is left is what was seen.

        Refusals: ``not_there``, ``yourself``, ``last_coordinator``, ``last_role`` (then the colleague ends),
        ``left_differs``.
        """
        require(actor, *KEEPERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> Gone:
            # Two coordinators who end each other at once do so one after the other.
            await tx.lock(Network, [actor.network_id])
            await tx.lock(Colleague, [colleague_id])
            theirs = await self._theirs(tx, actor, colleague_id, role)
            if colleague_id == actor.colleague_id:
                raise Refusal("yourself")
            coordinators = await having(tx, actor.network_id, Role.COORDINATOR)
            if Role.COORDINATOR in theirs.ending and coordinators == (colleague_id,):
                raise Refusal("last_coordinator")
            left = await self._left(tx, theirs, role)
            if role is not None and left.roles == (role,):
                raise Refusal("last_role")
            if left.seen != seen:
                raise Refusal("left_differs")
            await self._leave(tx, theirs, actor.colleague_id, now)
            if role is None:
                await self._shut_out(tx, theirs.who, actor.colleague_id, now)
            else:
                await tx.remove(*await tx.find(RoleGrant, colleague_id=colleague_id, role=role))
                about, details = ("colleague", colleague_id), {"role": role}
                await tx.audit(actor.colleague_id, "role.taken", *about, now, details)
            return Gone(colleague_id)

        content = [colleague_id, role, seen]
        return await parts.operations.once(operation_id, "colleague.end", content, now, Gone, work)

    async def _theirs(self, tx: Transaction, actor: Actor, colleague_id: str, role: Role | None) -> _Theirs:
        who = await colleague_of(tx, actor, colleague_id)
        has = {grant.role for grant in await tx.find(RoleGrant, colleague_id=who.id)}
        if not who.active or (role is not None and role not in has):
            raise NotThere("colleague")
        ending = frozenset({role} if role else has)
        shifts = await tx.find(
            DutyShift, colleague_id=who.id, ends_at=AtLeast(self._parts.now()), order=("starts_at",)
        )
        open_ = OneOf(tuple(state for state in HandoverState if state is not HandoverState.CLOSED))
        cases = (
            await tx.find(Handover, worker_id=who.id, state=open_) if Role.SUPPORT_WORKER in ending else []
        )
        desk = Role.CALLTAKER in ending or role is None
        requests = await tx.find(Request, taken_by=who.id, state=RequestState.OPEN) if desk else []
        return _Theirs(who, ending, [each for each in shifts if ROLES[each.duty] in ending], cases, requests)

    async def _left(self, tx: Transaction, theirs: _Theirs, role: Role | None) -> Left:
        who, now = theirs.who, self._parts.now()
        shifts = [
            ShiftLeft(
                each.duty,
                each.starts_at,
                each.ends_at,
                await makes_gap(tx, self._parts, each, max(now, each.starts_at)),
            )
            for each in theirs.shifts
        ]
        cases = await tx.find(Case, id=OneOf(tuple(each.case_id for each in theirs.handovers)))
        roles = tuple(sorted(grant.role for grant in await tx.find(RoleGrant, colleague_id=who.id)))
        left = Left(
            who.id,
            who.label,
            role,
            roles,
            tuple(shifts),
            tuple(sorted(case.reference for case in cases)),
            tuple(sorted(request.reference for request in theirs.requests)),
            tuple(await _last_ones(tx, who, theirs.ending)),
            await programs_of(tx, who.id, now) if role is None or role in MADE_BY else (),
        )
        told = json.dumps(asdict(left), sort_keys=True, default=str)
        return replace(left, seen=self._parts.operations.mark("left", told)[:32])

    async def _leave(self, tx: Transaction, theirs: _Theirs, by: str, now: datetime) -> None:
        """What was theirs to do is somebody else's, or nobody's, and then others hear it."""
        people = await labels(tx, theirs.who.network_id)
        network = await self._parts.facts.network(tx, theirs.who.network_id)
        for shift in theirs.shifts:
            await self._end_shift(tx, shift, by, people, now)
        for offer in await tx.find(ShiftOffer, to_id=theirs.who.id, state=OfferState.OPEN):
            ended = replace(offer, state=OfferState.ENDED, decided_at=now, version=offer.version + 1)
            await tx.save(ended)
        for handover in await tx.lock(Handover, [each.id for each in theirs.handovers]):
            await self._without_worker(tx, handover, theirs.who, by, now)
        for request in await tx.lock(Request, [each.id for each in theirs.requests]):
            if request.state is RequestState.OPEN and request.taken_by == theirs.who.id:
                paused = request.next_step == Wait.CALL_BACK
                free = replace(request, taken_by=None) if paused else untaken(request, network, now)
                await tx.save(free)

    async def _end_shift(
        self, tx: Transaction, shift: DutyShift, by: str, people: dict[str, str], now: datetime
    ) -> None:
        parts, whose = self._parts, shift.network_id
        alone = await makes_gap(tx, parts, shift, max(now, shift.starts_at))
        about = ("shift", shift.id)
        if shift.starts_at < now:
            await end_offers(tx, shift, now)
            await tx.save(replace(shift, ends_at=now))
            await tx.audit(by, "shift.ended", "shift", shift.id, now, {"alone": alone})
            if alone and shift.duty is Duty.CALLTAKER:
                facts: dict[str, object] = {"until": shift.ends_at.isoformat()}
                key, mark = "message.desk_empty", f"desk_empty:{shift.id}"
                await reach(tx, parts.ids, whose, Duty.COORDINATOR, key, facts, about, mark, now)
            return
        off_id = await take_off(tx, parts, shift, by, now, alone=alone)
        if alone:
            named = {"by": people.get(by, ""), "from": people.get(shift.colleague_id, "")}
            key, mark = "message.shift_taken_off_open", f"taken_off:{off_id}"
            facts = {**span_of(shift), **named}
            urgent, role = is_soon(shift.starts_at, now), Role.COORDINATOR
            await tell_role(tx, parts.ids, whose, role, key, facts, about, mark, now, urgent=urgent)

    async def _without_worker(
        self, tx: Transaction, handover: Handover, who: Colleague, by: str, now: datetime
    ) -> None:
        """The service has the case, and nobody there by name: it hears so, and the coordinator in time."""
        if handover.worker_id != who.id or handover.state is HandoverState.CLOSED:
            return
        free = replace(handover, worker_id=None, worker_named_at=None, version=handover.version + 1)
        await tx.save(free)
        if free.contacted_at is None:
            free = await self._rows.owe(tx, free, HandoverStep.COORDINATOR)
        case = await tx.get(Case, handover.case_id)
        facts = {"reference": case.reference if case else "", "who": who.label}
        service = ("outreach", handover.accepted_by or handover.lead_organisation_id)
        about, mark = ("handover", handover.id), f"worker_left:{handover.id}:{who.id}"
        key, whose = "message.worker_left", handover.network_id
        await tell(tx, self._parts.ids, whose, service, key, facts, about, mark, now, urgent=True)
        if free.contacted_at is not None:
            # Nothing is owed of it any more, so nobody would ask again.
            await tell_role(tx, self._parts.ids, whose, Role.COORDINATOR, key, facts, about, mark, now)
        await tx.audit(by, "handover.reassign", "handover", handover.id, now)

    async def _shut_out(self, tx: Transaction, who: Colleague, by: str, now: datetime) -> None:
        """Nothing that they come in with opens anything any more."""
        await forget_browsers(tx, who.id, by, now)
        for link in await tx.find(MessengerLink, colleague_id=who.id):
            if link.state is not LinkState.ENDED:
                await end_link(tx, link.id, by, now)
        for invitation in await tx.find(Invitation, colleague_id=who.id, decided_at=None):
            await tx.save(replace(invitation, decided_at=now, decided_by=by))
            await turn_away(tx, invitation, by, now)
            await tx.audit(by, "invitation.refused", "invitation", invitation.id, now)
        for token in await tx.find(ApiToken, colleague_id=who.id, revoked_at=None):
            await tx.save(replace(token, revoked_at=now))
            await tx.audit(by, "token.revoked", "colleague", who.id, now)
        for feed in await tx.find(CalendarFeed, colleague_id=who.id, ended_at=None):
            await tx.save(replace(feed, ended_at=now))
            await tx.audit(by, "calendar_feed.ended", "calendar_feed", feed.id, now)
        await tx.save(replace(who, active=False))
        await tx.audit(by, "colleague.ended", "colleague", who.id, now)


async def _last_ones(tx: Transaction, who: Colleague, ending: Collection[Role]) -> list[LastOne]:
    found = []
    home = await tx.get(Organisation, who.organisation_id) if who.organisation_id else None
    for role in sorted(ending):
        have = await having(tx, who.network_id, role)
        if role in OF_NETWORK and have == (who.id,):
            found.append(LastOne(role, ""))
        elif role in OF_SERVICE and home is not None:
            there = {each.id for each in await tx.find(Colleague, organisation_id=home.id, active=True)}
            if there & set(have) == {who.id}:
                found.append(LastOne(role, home.name))
    return found
