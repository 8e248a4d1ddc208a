"""Units and what their owners say of them."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import date, datetime

from crisispool.domain.availability import UnitFacts, status
from crisispool.domain.errors import Conflict, NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import StatusEvent, Unit, UnitNetwork, UnitStatus
from crisispool.ports import Transaction
from crisispool.services.answers import UnitAnswer
from crisispool.services.asks import StatusAsk, UnitAsk
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.owners_word import CONFIRMED, OWNERS, OwnersWord
from crisispool.services.parts import Parts, require
from crisispool.services.unit_offers import add_unit, changed_unit, new_unit

SEERS = (Role.CALLTAKER, Role.COORDINATOR, Role.UNIT_MANAGER, Role.SUPPORT_WORKER)
DESK = (Role.CALLTAKER, Role.COORDINATOR)

Change = Callable[[Transaction, Unit, NetworkFacts, datetime], Awaitable[Unit]]


class Units:
    """The pool's dwellings. Policy: units and the pool, section 6."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def all(self, actor: Actor) -> list[UnitAnswer]:
        """Units the asker may see, with their status now: an owner sees the own ones, the desk all."""
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            return [answer for answer, _ in await self.in_sight(tx, actor, network)]

    async def in_sight(
        self, tx: Transaction, actor: Actor, network: NetworkFacts
    ) -> list[tuple[UnitAnswer, UnitFacts]]:
        """The same for who reads already, each with what it was derived from."""
        require(actor, *SEERS)
        parts = self._parts
        actor = await at_work(tx, actor, parts.now(), *SEERS)
        owner_id = None if _sees_everything(actor) else actor.organisation_id
        ids = await parts.facts.unit_ids(tx, actor.network_id, owner_id)
        facts = await parts.facts.units(tx, ids, parts.now())
        return [
            (await self._answer(tx, actor, unit, network), unit)
            for unit in facts.values()
            if _sees(actor, unit.unit)
        ]

    async def view(self, actor: Actor, unit_id: str) -> UnitAnswer:
        """One unit. Raises NotThere."""
        require(actor, *SEERS)
        async with self._parts.store.reading() as tx:
            actor = await at_work(tx, actor, self._parts.now(), *SEERS)
            network = await self._parts.facts.network(tx, actor.network_id)
            return await self._answer(tx, actor, await self._facts_of(tx, actor, unit_id), network)

    async def create(self, actor: Actor, operation_id: str, unit_id: str, ask: UnitAsk) -> UnitAnswer:
        """A new unit of the asker's organisation, confirmed by making it. Raises BadInput, Refusal ``unit_exists``."""
        require(actor, *OWNERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> UnitAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            unit = new_unit(actor, unit_id, ask, network, now)
            await add_unit(tx, parts.ids, actor, unit, now)
            return await self._answer(tx, actor, UnitFacts(unit), network)

        content = {"unit": unit_id, **asdict(ask)}
        try:
            answer = await parts.operations.once(operation_id, "unit", content, now, UnitAnswer, work)
        except Conflict:
            raise Refusal("unit_exists", {"unit": unit_id}) from None
        await parts.view.refresh([unit_id], now)
        return answer

    async def change(self, actor: Actor, operation_id: str, unit_id: str, ask: UnitAsk) -> UnitAnswer:
        """Change what a unit offers; `clear` names dates to take away. Raises BadInput, NotThere."""
        require(actor, *OWNERS)

        async def change(tx: Transaction, unit: Unit, network: NetworkFacts, now: datetime) -> Unit:
            facts = (await self._parts.facts.units(tx, [unit.id], now))[unit.id]
            return changed_unit(facts, ask, network, now)

        return await self._change(actor, operation_id, "unit.changed", unit_id, {**asdict(ask)}, change)

    async def say(self, actor: Actor, operation_id: str, unit_id: str, ask: StatusAsk) -> UnitAnswer:
        """What the owner (or the desk) says of a unit: one tap, one event with its time.

        Refusals: ``held_until``, ``booked_until`` (an owner's use never breaks a running hold or booking; facts:
        `earliest` date instead), ``version_passed`` (someone changed it meanwhile), ``key_code_must_change``.
        """
        require(actor, *OWNERS, Role.CALLTAKER)

        async def change(tx: Transaction, unit: Unit, network: NetworkFacts, now: datetime) -> Unit:
            if ask.version is not None and ask.version != unit.version:
                raise Refusal("version_passed", {"unit": unit.id, "version": unit.version})
            facts = (await self._parts.facts.units(tx, [unit.id], now))[unit.id]
            await OwnersWord(tx, self._parts.ids, facts, network, now).take(actor, ask)
            await self._said(tx, actor, unit, ask.status, ask.until, now)
            cleaned = ask.cleaned
            if cleaned is None:
                cleaned = unit.cleaned or (ask.status == UnitStatus.FREE and ask.since is None)
            return replace(unit, confirmed_at=now, cleaned=cleaned)

        return await self._change(actor, operation_id, "unit.status", unit_id, {**asdict(ask)}, change)

    async def confirm_all(
        self, actor: Actor, operation_id: str, *, asked_on: date | None = None
    ) -> list[UnitAnswer]:
        """ "Ja, alles klopt": everything the asker's organisation has is as the tool shows it.

        Refusals: ``round_over`` (it answers the question of an earlier day).
        """
        require(actor, *OWNERS)
        if asked_on is not None:
            async with self._parts.store.reading() as tx:
                calendar = await self._parts.facts.calendar(tx, actor.network_id)
            if calendar.local(self._parts.now()).date() != asked_on:
                raise Refusal("round_over")
        answers = []
        for unit in await self.all(actor):
            if unit.owner_id == actor.organisation_id:
                ask = StatusAsk(CONFIRMED)
                answers.append(await self.say(actor, f"{operation_id}:{unit.id}", unit.id, ask))
        return answers

    async def _change(
        self,
        actor: Actor,
        operation_id: str,
        name: str,
        unit_id: str,
        content: dict[str, object],
        change: Change,
    ) -> UnitAnswer:
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> UnitAnswer:
            asker = await at_work(tx, actor, now, *OWNERS, Role.CALLTAKER)
            locked = await tx.lock(Unit, [unit_id])
            here = await tx.find(UnitNetwork, unit_id=unit_id, network_id=actor.network_id)
            if not locked or not here or not _may_change(asker, locked[0]):
                raise NotThere("unit")
            network = await parts.facts.network(tx, actor.network_id)
            unit = await change(tx, locked[0], network, now)
            await tx.save(replace(unit, version=unit.version + 1))
            await tx.audit(actor.colleague_id, name, "unit", unit_id, now)
            return await self._answer(tx, actor, await self._facts_of(tx, actor, unit_id), network)

        content = {"unit": unit_id, **content}
        answer = await parts.operations.once(operation_id, name, content, now, UnitAnswer, work)
        await parts.view.refresh([unit_id], now)
        return answer

    async def _said(
        self, tx: Transaction, actor: Actor, unit: Unit, said: str, until: date | None, now: datetime
    ) -> None:
        await tx.add(StatusEvent(self._parts.ids.new(), unit.id, said, until, actor.colleague_id, now))

    async def _facts_of(self, tx: Transaction, actor: Actor, unit_id: str) -> UnitFacts:
        found = (await self._parts.facts.units(tx, [unit_id], self._parts.now())).get(unit_id)
        linked = await tx.find(UnitNetwork, unit_id=unit_id, network_id=actor.network_id)
        if found is None or not linked or not _sees(actor, found.unit):
            raise NotThere("unit")
        return found

    async def _answer(
        self, tx: Transaction, actor: Actor, facts: UnitFacts, network: NetworkFacts
    ) -> UnitAnswer:
        unit, now = facts.unit, self._parts.now()
        state = status(facts, now, network.calendar, stale_after=network.policy.stale_after_working_days)
        inside = next((booking for booking in facts.bookings), None)
        if unit.owner_id != actor.organisation_id and _used_by_another_network(facts, actor):
            # The other network sees only until when, as if its owner used it.
            state = replace(state, status=UnitStatus.OCCUPIED)
            inside = None
        persons = None
        own = actor.is_(Role.UNIT_MANAGER) and unit.owner_id == actor.organisation_id
        # With the days of a stay a service would find the unit of people who hide.
        tells_until = own or actor.is_(*DESK) or state.status is not UnitStatus.BOOKED
        if inside is not None and own:
            request = await tx.get(Request, inside.request_id)
            persons = request.adults + request.children if request else None
        return UnitAnswer(
            id=unit.id,
            label=unit.label,
            owner_id=unit.owner_id,
            nis=unit.nis,
            kind=unit.kind,
            source=unit.source,
            places=unit.places,
            cots=unit.cots,
            step_free=unit.step_free,
            pets=unit.pets,
            family=unit.family,
            status=state.status,
            until=state.until.isoformat() if state.until and tells_until else None,
            cleaned=state.cleaned,
            freshness=state.freshness,
            confirmed_at=unit.confirmed_at,
            free_until=unit.free_until,
            leaves_on=unit.leaves_on,
            version=unit.version,
            offered=state.offered,
            persons=persons,
            checkout=inside.checkout if inside and (own or actor.is_(*DESK)) else None,
        )


def _sees(actor: Actor, unit: Unit) -> bool:
    """Units are shown to the desk and outreach as they are; to an owner only the own ones."""
    return _sees_everything(actor) or unit.owner_id == actor.organisation_id


def _sees_everything(actor: Actor) -> bool:
    return actor.is_(Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER)


def _used_by_another_network(facts: UnitFacts, actor: Actor) -> bool:
    """Whether the stay or hold that makes the status is of another network that has this unit too."""
    inside = {booking.network_id for booking in facts.bookings}
    if not inside and facts.hold_network_id is not None:
        inside = {facts.hold_network_id}
    return bool(inside) and actor.network_id not in inside


def _may_change(actor: Actor, unit: Unit) -> bool:
    """The desk says what it sees of any unit; an owner changes only the own ones, whatever else they do."""
    return actor.is_(Role.CALLTAKER, Role.COORDINATOR) or unit.owner_id == actor.organisation_id
