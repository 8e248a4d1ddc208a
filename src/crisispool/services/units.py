"""Units and what their owners say of them."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import date, datetime

from crisispool.domain.availability import UnitFacts, earliest_placement, status
from crisispool.domain.errors import BadInput, Conflict, NotThere, Refusal
from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.request import Request
from crisispool.domain.secret import Secret
from crisispool.domain.unit import (
    OutOfService,
    Placement,
    StatusEvent,
    Turnover,
    Unit,
    UnitAccess,
    UnitKind,
    UnitNetwork,
    UnitSource,
    UnitStatus,
)
from crisispool.ports import Transaction
from crisispool.services.answers import UnitAnswer
from crisispool.services.asks import StatusAsk, UnitAsk
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts, require

SEERS = (Role.CALLTAKER, Role.COORDINATOR, Role.UNIT_MANAGER, Role.SUPPORT_WORKER)
OWNERS = (Role.UNIT_MANAGER, Role.COORDINATOR)
CONFIRMED = "confirmed"

CHANGEABLE = (
    "label",
    "places",
    "cots",
    "rooms",
    "step_free",
    "pets",
    "staffed",
    "family",
    "mandate",
    "free_until",
    "leaves_on",
)
"""What an owner may change of a unit; owner, municipality and source stay."""

Change = Callable[[Transaction, Unit, NetworkFacts, datetime], Awaitable[Unit]]


class Units:
    """The pool's dwellings. Policy: units and the pool, section 6."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def all(self, actor: Actor) -> list[UnitAnswer]:
        """Units the asker may see, with their status now: an owner sees the own ones, the desk all."""
        require(actor, *SEERS)
        parts = self._parts
        async with parts.store.reading() as tx:
            network = await parts.facts.network(tx, actor.network_id)
            ids = await parts.facts.unit_ids(tx, actor.network_id)
            facts = await parts.facts.units(tx, ids, parts.now())
            return [
                await self._answer(tx, actor, unit, network)
                for unit in facts.values()
                if _sees(actor, unit.unit)
            ]

    async def view(self, actor: Actor, unit_id: str) -> UnitAnswer:
        """One unit. Raises NotThere."""
        require(actor, *SEERS)
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            return await self._answer(tx, actor, await self._facts_of(tx, actor, unit_id), network)

    async def create(self, actor: Actor, operation_id: str, unit_id: str, ask: UnitAsk) -> UnitAnswer:
        """A new unit of the asker's organisation, confirmed by making it. Raises BadInput, Refusal ``unit_exists``."""
        require(actor, *OWNERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> UnitAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            unit = _new_unit(actor, unit_id, ask, network, now)
            owner = await tx.get(Organisation, unit.owner_id)
            if owner is None or owner.network_id != actor.network_id:
                raise BadInput("owner_id", "unknown_organisation")
            await tx.add(unit, UnitNetwork(parts.ids.new(), unit.id, actor.network_id))
            nothing = Secret("")
            await tx.add(UnitAccess(unit.id, nothing, nothing, nothing, nothing, nothing))
            await self._said(tx, actor, unit, CONFIRMED, None, now)
            await tx.audit(actor.colleague_id, "unit.made", "unit", unit.id, now)
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
        changes = {name: value for name in CHANGEABLE if (value := getattr(ask, name)) is not None}
        if not set(ask.clear) <= {"free_until", "leaves_on"}:
            raise BadInput("clear", "unknown")
        changes |= dict.fromkeys(ask.clear)
        _check_numbers(ask)

        async def change(tx: Transaction, unit: Unit, _: NetworkFacts, __: datetime) -> Unit:
            return replace(unit, **changes)

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
            await self._apply(tx, actor, unit, ask, network, now)
            await self._said(tx, actor, unit, ask.status, ask.until, now)
            cleaned = (
                ask.cleaned if ask.cleaned is not None else (ask.status == UnitStatus.FREE or unit.cleaned)
            )
            return replace(unit, confirmed_at=now, cleaned=cleaned)

        return await self._change(actor, operation_id, "unit.status", unit_id, {**asdict(ask)}, change)

    async def confirm_all(self, actor: Actor, operation_id: str) -> list[UnitAnswer]:
        """ "Ja, alles klopt": everything the asker's organisation has is as the tool shows it."""
        require(actor, *OWNERS)
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
            if not locked or not _may_change(asker, locked[0]):
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

    async def _apply(
        self, tx: Transaction, actor: Actor, unit: Unit, ask: StatusAsk, network: NetworkFacts, now: datetime
    ) -> None:
        facts = (await self._parts.facts.units(tx, [unit.id], now))[unit.id]
        tonight = network.calendar.night_of(now)
        today = network.calendar.local(now).date()
        ids = self._parts.ids
        if ask.until is not None and ask.until <= tonight:
            raise BadInput("until", "past")
        match ask.status:
            case UnitStatus.FREE:
                _must_have_another_key(actor, facts, ask)
                await self._end_all(tx, facts, tonight, now)
            case UnitStatus.OCCUPIED:
                _must_be_in_nobodys_way(facts, ask.until, now, network)
                await self._end_all(tx, facts, tonight, now)
                await tx.add(Placement(ids.new(), unit.id, tonight, ask.until))
            case UnitStatus.OUT_OF_SERVICE:
                _must_be_in_nobodys_way(facts, None, now, network)
                if facts.out_of_service is None:
                    await tx.add(OutOfService(ids.new(), unit.id, now, "owner"))
            case UnitStatus.TURNOVER:
                _must_be_in_nobodys_way(facts, None, now, network)
                await self._end_all(tx, facts, tonight, now)
                due = network.calendar.instant(
                    ask.until or network.calendar.next_working_day(today), network.policy.turnover_due_at
                )
                changes = facts.turnover is not None and facts.turnover.key_code_must_change
                await tx.add(Turnover(ids.new(), unit.id, None, now, due, changes))
            case "confirmed":
                pass
            case _:
                raise BadInput("status", "unknown")

    async def _end_all(self, tx: Transaction, facts: UnitFacts, tonight: date, now: datetime) -> None:
        """Whatever the owner had going on in the unit is over. Bookings and holds are not the owner's to end."""
        for placement in facts.placements:
            if placement.starts_on <= tonight:
                await tx.save(replace(placement, ended_at=now))
        if facts.out_of_service:
            await tx.save(replace(facts.out_of_service, ended_at=now))
        if facts.turnover:
            await tx.save(replace(facts.turnover, done_at=now))

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
        persons = None
        if inside is not None and unit.owner_id == actor.organisation_id:
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
            until=state.until.isoformat() if state.until else None,
            cleaned=state.cleaned,
            freshness=state.freshness,
            confirmed_at=unit.confirmed_at,
            free_until=unit.free_until,
            leaves_on=unit.leaves_on,
            version=unit.version,
            offered=state.offered,
            persons=persons,
            checkout=inside.checkout if inside else None,
        )


def _sees(actor: Actor, unit: Unit) -> bool:
    """Units are shown to the desk and outreach as they are; to an owner only the own ones."""
    everything = actor.is_(Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER)
    return everything or unit.owner_id == actor.organisation_id


def _may_change(actor: Actor, unit: Unit) -> bool:
    """The desk says what it sees of any unit; an owner changes only the own ones, whatever else they do."""
    return actor.is_(Role.CALLTAKER, Role.COORDINATOR) or unit.owner_id == actor.organisation_id


def _must_be_in_nobodys_way(
    facts: UnitFacts, until: date | None, now: datetime, network: NetworkFacts
) -> None:
    """Raise Refusal ``held_until`` or ``booked_until``, with the earliest date instead."""
    tonight = network.calendar.night_of(now)
    earliest = earliest_placement(facts, tonight, until, now, network.calendar)
    if earliest > tonight:
        held = UnitStatus.HELD in facts.nights_taken.values() and not facts.bookings
        code = "held_until" if held else "booked_until"
        raise Refusal(code, {"unit": facts.unit.id, "earliest": earliest.isoformat()})


def _must_have_another_key(actor: Actor, facts: UnitFacts, ask: StatusAsk) -> None:
    """Where somebody hid, the unit is free only when its owner says that all is done, the key code too."""
    if facts.turnover is None or not facts.turnover.key_code_must_change:
        return
    if ask.cleaned is False or not actor.is_(*OWNERS):
        raise Refusal("key_code_must_change", {"unit": facts.unit.id})


def _check_numbers(ask: UnitAsk) -> None:
    if ask.places is not None and ask.places < 1:
        raise BadInput("places", "too_small")
    if ask.cots is not None and ask.cots < 0:
        raise BadInput("cots", "too_small")


def _new_unit(actor: Actor, unit_id: str, ask: UnitAsk, network: NetworkFacts, now: datetime) -> Unit:
    _check_numbers(ask)
    owner_id = ask.owner_id if actor.is_(Role.COORDINATOR) and ask.owner_id else actor.organisation_id
    if owner_id is None:
        raise BadInput("owner_id", "missing")
    if ask.nis not in network.municipalities:
        raise BadInput("nis", "unknown_municipality")
    if not ask.label or ask.places is None:
        raise BadInput("label" if not ask.label else "places", "missing")
    kind = ask.kind or UnitKind.EMERGENCY_DWELLING
    if kind not in set(UnitKind):
        raise BadInput("kind", "unknown")
    given = {name: value for name in CHANGEABLE if (value := getattr(ask, name)) is not None}
    return Unit(
        id=unit_id,
        owner_id=owner_id,
        nis=ask.nis or "",
        kind=UnitKind(kind),
        source=UnitSource.POOL,
        confirmed_at=now,
        **given,
    )
