"""The rosters: the coming nights, a shift that is given away, somebody else put in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crisispool.domain.calendar import DAY
from crisispool.domain.duty import (
    ROLES,
    Duty,
    DutyShift,
    OfferState,
    ShiftOffer,
    able_to_fill,
    clashes,
    gaps,
    network_time,
    passed_on,
)
from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.organisation import Actor, Colleague, Role
from crisispool.ports import AtLeast, Transaction
from crisispool.services.accounts import must_be_a_person
from crisispool.services.duty_answers import (
    GapAnswer,
    LabelledAnswer,
    OfferAnswer,
    RosterAnswer,
    RosterNightAnswer,
)
from crisispool.services.messages import having, tell, tell_role
from crisispool.services.parts import Parts, require
from crisispool.services.roster_rows import (
    able_on,
    labels,
    may_take,
    shift_answer,
    shifts_between,
    span_of,
    tell_no_backup,
)

ON_ROSTERS = (Role.CALLTAKER, Role.COORDINATOR)
ORDER = tuple(Duty)

NIGHTS = 14
"""How far ahead a roster is shown and must be filled."""


class Rosters:
    """Who has which shift, and who takes one over. At each moment a shift that was covered stays covered, once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def roster(self, actor: Actor, nights: int = NIGHTS) -> RosterAnswer:
        """The coming nights with their gaps. Shifts are of colleagues by label."""
        require(actor, *ON_ROSTERS)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            calendar = (await self._parts.facts.network(tx, actor.network_id)).calendar
            first = calendar.night_of(now)
            end = network_time(first + DAY * (nights - 1), calendar)[1]
            shifts = await shifts_between(tx, actor.network_id, now, end)
            offers = await tx.find(ShiftOffer, network_id=actor.network_id, state=OfferState.OPEN)
            people = await labels(tx, actor.network_id)
            open_by_shift = {offer.shift_id: offer for offer in offers}
            able: dict[str, tuple[LabelledAnswer, ...]] = {
                duty: await able_on(tx, actor, duty, people) for duty in Duty
            }
            rows = []
            for night in (first + DAY * n for n in range(nights)):
                starts_at, ends_at = network_time(night, calendar)
                there = [each for each in shifts if each.starts_at < ends_at and each.ends_at > starts_at]
                there = [each for each in there if each.ends_at > now]
                there.sort(key=lambda each: (ORDER.index(each.duty), each.starts_at))
                open_ = _gaps(shifts, able, max(starts_at, now), ends_at)
                rows.append(
                    RosterNightAnswer(
                        night,
                        tuple(
                            shift_answer(actor, each, open_by_shift.get(each.id), people) for each in there
                        ),
                        tuple(dict.fromkeys(gap.duty for gap in open_)),
                        open_,
                    )
                )
        return RosterAnswer(tuple(rows), able)

    async def offer(
        self, actor: Actor, operation_id: str, shift_id: str, to_id: str | None = None
    ) -> OfferAnswer:
        """Give an own shift away: to one colleague, or to the first who takes it. They are told; until then it
        stays the asker's. Refusals: ``not_there``, ``shift_over``, ``already_offered``."""
        require(actor, *ON_ROSTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OfferAnswer:
            shift = await self._locked(tx, actor, shift_id, now)
            if shift.colleague_id != actor.colleague_id:
                raise NotThere("shift")
            if await tx.find(ShiftOffer, shift_id=shift.id, state=OfferState.OPEN):
                raise Refusal("already_offered")
            able = await having(tx, actor.network_id, ROLES[shift.duty])
            if to_id is not None and (to_id not in able or to_id == actor.colleague_id):
                raise NotThere("colleague")
            me = actor.colleague_id
            offer = ShiftOffer(parts.ids.new(), actor.network_id, shift.id, me, to_id, me, now)
            await tx.add(offer)
            people = await labels(tx, actor.network_id)
            facts = {**span_of(shift), "by": people[me]}
            for who in [to_id] if to_id else [each for each in able if each != me]:
                recipient, about = ("colleague", who), ("shift_offer", offer.id)
                await tell(
                    tx, parts.ids, actor.network_id, recipient, "message.shift_offered", facts, about,
                    f"shift_offered:{offer.id}", now,
                )  # fmt: skip
            await tx.audit(me, "shift.offered", "shift", shift.id, now, {"offer": offer.id})
            return _answer(offer, shift, people[me])

        content = [shift_id, to_id]
        return await parts.operations.once(operation_id, "shift.offer", content, now, OfferAnswer, work)

    async def take_back(self, actor: Actor, operation_id: str, offer_id: str) -> OfferAnswer:
        """Whoever offered a shift keeps it after all, as long as nobody took it.

        Refusals: ``not_there``, ``shift_gone`` (`by`: the label of who has it).
        """
        require(actor, *ON_ROSTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OfferAnswer:
            seen = await tx.get(ShiftOffer, offer_id)
            mine = seen is not None and seen.offered_by == seen.from_id == actor.colleague_id
            if seen is None or not mine or seen.network_id != actor.network_id:
                raise NotThere("offer")
            found = await tx.lock(DutyShift, [seen.shift_id])
            if not found:
                raise NotThere("offer")
            [shift] = found
            [offer] = await tx.lock(ShiftOffer, [offer_id])
            people = await labels(tx, actor.network_id)
            if offer.state is OfferState.ACCEPTED or shift.colleague_id != offer.from_id:
                raise Refusal("shift_gone", {"by": people.get(offer.accepted_by or shift.colleague_id, "")})
            if offer.state is OfferState.ENDED:
                return _answer(offer, shift, people[actor.colleague_id])
            kept = replace(offer, state=OfferState.ENDED, decided_at=now, version=offer.version + 1)
            await tx.save(kept)
            await tx.audit(actor.colleague_id, "shift.kept", "shift", shift.id, now, {"offer": offer.id})
            return _answer(kept, shift, people[actor.colleague_id])

        return await parts.operations.once(operation_id, "shift.take_back", offer_id, now, OfferAnswer, work)

    async def accept(self, actor: Actor, operation_id: str, offer_id: str) -> OfferAnswer:
        """Take over a shift; the first who does has it. Who gave it and the coordinators hear it.

        Refusals: ``not_there``, ``shift_over``, ``shift_gone`` (`by`: the label of who was first), ``on_duty_then``.
        """
        require(actor, *ON_ROSTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OfferAnswer:
            await must_be_a_person(tx, actor)
            seen = await tx.get(ShiftOffer, offer_id)
            if seen is None or not may_take(actor, seen, await tx.get(DutyShift, seen.shift_id)):
                raise NotThere("offer")
            shift = await self._locked(tx, actor, seen.shift_id, now)
            [offer] = await tx.lock(ShiftOffer, [offer_id])
            people = await labels(tx, actor.network_id)
            if offer.state is not OfferState.OPEN or shift.colleague_id != offer.from_id:
                raise Refusal("shift_gone", {"by": people.get(shift.colleague_id, "")})
            shift = await self._give(tx, shift, actor.colleague_id, now)
            taken = replace(
                offer,
                state=OfferState.ACCEPTED,
                accepted_by=actor.colleague_id,
                decided_at=now,
                version=offer.version + 1,
            )
            await tx.save(taken)
            details = {"offer": offer.id, "from": offer.from_id, "to": actor.colleague_id}
            await tx.audit(actor.colleague_id, "shift.taken_over", "shift", shift.id, now, details)
            facts = {
                **span_of(shift),
                "by": people[actor.colleague_id],
                "from": people.get(offer.from_id, ""),
            }
            await self._tell_passed(tx, actor, taken, facts, (offer.from_id,), now)
            return _answer(taken, shift, people[actor.colleague_id])

        return await parts.operations.once(operation_id, "shift.accept", offer_id, now, OfferAnswer, work)

    async def substitute(
        self, actor: Actor, operation_id: str, shift_id: str, colleague_id: str
    ) -> OfferAnswer:
        """A coordinator puts somebody else in: from now when the shift runs. Both are told.

        Refusals: ``not_there``, ``shift_over``, ``on_duty_then``.
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> OfferAnswer:
            before = await self._locked(tx, actor, shift_id, now)
            if colleague_id == before.colleague_id:
                raise BadInput("colleague_id", "has_it_already")
            people = await labels(tx, actor.network_id)
            shift = await self._give(tx, before, colleague_id, now)
            await end_offers(tx, before, now)
            put_in = ShiftOffer(
                parts.ids.new(), actor.network_id, before.id, before.colleague_id, colleague_id,
                actor.colleague_id, now, OfferState.ACCEPTED, colleague_id, now,
            )  # fmt: skip
            await tx.add(put_in)
            details = {"from": before.colleague_id, "to": colleague_id}
            await tx.audit(actor.colleague_id, "shift.substituted", "shift", shift.id, now, details)
            facts = {
                **span_of(shift),
                "by": people[colleague_id],
                "from": people.get(before.colleague_id, ""),
            }
            await self._tell_passed(tx, actor, put_in, facts, (before.colleague_id, colleague_id), now)
            return _answer(put_in, shift, people[colleague_id])

        content = [shift_id, colleague_id]
        return await parts.operations.once(operation_id, "shift.substitute", content, now, OfferAnswer, work)

    async def _locked(self, tx: Transaction, actor: Actor, shift_id: str, now: datetime) -> DutyShift:
        """The shift under its lock: who has it changes one at a time. Raises NotThere, Refusal ``shift_over``."""
        found = await tx.lock(DutyShift, [shift_id])
        if not found or found[0].network_id != actor.network_id:
            raise NotThere("shift")
        if found[0].ends_at <= now:
            raise Refusal("shift_over")
        return found[0]

    async def _give(self, tx: Transaction, shift: DutyShift, who: str, now: datetime) -> DutyShift:
        """The rows of the shift once it is somebody else's; the one that is theirs.

        Raises NotThere, Refusal ``on_duty_then``.
        """
        # Somebody who takes two shifts at once does so one after the other, so that the second sees the first;
        # and who leaves at this moment takes none.
        await tx.lock(Colleague, [who])
        if who not in await having(tx, shift.network_id, ROLES[shift.duty]):
            raise NotThere("colleague")
        theirs = await tx.find(DutyShift, colleague_id=who, ends_at=AtLeast(now))
        if clashes(shift, theirs, who, now):
            raise Refusal("on_duty_then")
        first, *rest = passed_on(shift, who, now, self._parts.ids.new())
        await tx.save(first)
        await tx.add(*rest)
        given = rest[0] if rest else first
        calendar = (await self._parts.facts.network(tx, given.network_id)).calendar
        await tell_no_backup(tx, self._parts.ids, calendar, given, now)
        return given

    async def _tell_passed(
        self, tx: Transaction, actor: Actor, offer: ShiftOffer, facts: Mapping[str, object],
        whom: tuple[str, ...], now: datetime,
    ) -> None:  # fmt: skip
        """Who is concerned and all coordinators hear who has the shift now, each once."""
        key, about = "message.shift_passed", ("shift_offer", offer.id)
        mark, ids = f"shift_passed:{offer.id}", self._parts.ids
        for who in whom:
            recipient = ("colleague", who)
            await tell(tx, ids, actor.network_id, recipient, key, facts, about, mark, now, urgent=True)
        await tell_role(tx, ids, actor.network_id, Role.COORDINATOR, key, facts, about, mark, now)


async def end_offers(tx: Transaction, shift: DutyShift, now: datetime) -> None:
    """Who has the shift is settled otherwise: nobody takes it by an old offer."""
    for open_ in await tx.find(ShiftOffer, shift_id=shift.id, state=OfferState.OPEN):
        await tx.save(replace(open_, state=OfferState.ENDED, decided_at=now, version=open_.version + 1))


def _answer(offer: ShiftOffer, shift: DutyShift, who: str) -> OfferAnswer:
    return OfferAnswer(offer.id, shift.id, shift.duty, offer.state, who, shift.starts_at, shift.ends_at)


def _gaps(
    shifts: Sequence[DutyShift],
    able: Mapping[str, tuple[LabelledAnswer, ...]],
    start: datetime,
    end: datetime,
) -> tuple[GapAnswer, ...]:
    """What is open on each roster between two moments of one night, and who can fill it."""
    return tuple(
        GapAnswer(
            duty, since, until, able_to_fill((each.id for each in able[duty]), shifts, duty, since, until)
        )
        for duty in Duty
        for since, until in gaps(shifts, duty, start, end)
    )
