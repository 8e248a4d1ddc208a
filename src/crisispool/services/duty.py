"""Who answers now: the desk at night, the services by day."""

from dataclasses import replace
from datetime import datetime, timedelta

from crisispool.domain.duty import Duty, DutyShift, on_duty
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Actor, Colleague, Network, Organisation, OrganisationKind, Role
from crisispool.ports import AtLeast, AtMost, Clock, OneOf, Store, Transaction
from crisispool.services.answers import DutyAnswer
from crisispool.services.facts import Facts, NetworkFacts


class DutyDesk:
    """The rosters, asked. Policy: office hours, section 3; nobody answers, section 5."""

    def __init__(self, store: Store, clock: Clock, facts: Facts) -> None:
        self._store = store
        self._clock = clock
        self._facts = facts

    async def who(self, actor: Actor, at: datetime | None = None) -> DutyAnswer:
        """Who is on duty at a moment (now by default), and the number to call then."""
        async with self._store.reading() as tx:
            network = await self._facts.network(tx, actor.network_id)
            return await self.who_in(tx, actor, network, at or self._clock.now())

    async def who_in(
        self, tx: Transaction, actor: Actor, network: NetworkFacts, moment: datetime
    ) -> DutyAnswer:
        """The same, for who reads already and knows the network of the asker."""
        shifts = await _shifts(tx, actor.network_id, moment)
        colleagues = await tx.find(Colleague, network_id=actor.network_id)
        label = {colleague.id: colleague.label for colleague in colleagues}
        office = network.calendar.is_office_hours(moment)
        changes = [edge for shift in shifts for edge in (shift.starts_at, shift.ends_at) if edge > moment]
        named = {
            duty: tuple(label[each] for each in on_duty(shifts, duty, moment) if each in label)
            for duty in Duty
        }
        return DutyAnswer(
            at=moment,
            office_hours=office,
            night=network.calendar.night_of(moment),
            calltakers=named[Duty.CALLTAKER],
            backups=named[Duty.BACKUP],
            coordinators=named[Duty.COORDINATOR],
            desk_phone=network.network.desk_phone,
            call=await self._day_phone(tx, actor.network_id, moment)
            if office
            else network.network.desk_phone,
            next_change_at=min(changes, default=None),
        )

    async def on_duty(self, tx: Transaction, network_id: str, duty: Duty, now: datetime) -> tuple[str, ...]:
        """Ids of the colleagues on this roster now, who came first first."""
        return await present(tx, network_id, duty, now)

    async def is_on_duty(self, tx: Transaction, actor: Actor, now: datetime) -> bool:
        """Whether the asker is on duty at the desk, as calltaker or as the desk's backup."""
        return await is_on_duty(tx, actor, now)

    async def _day_phone(self, tx: Transaction, network_id: str, moment: datetime) -> str:
        """The number of a service that is open now by its own hours: an OCMW, else the CAW, else the desk's."""
        kinds = OneOf((OrganisationKind.OCMW, OrganisationKind.CAW))
        services = await tx.find(Organisation, network_id=network_id, kind=kinds, order=("-kind", "id"))
        for service in services:
            calendar = await self._facts.calendar(tx, network_id, service.id)
            if calendar.is_working_day(calendar.local(moment).date()) and is_open(
                service, calendar.local(moment)
            ):
                return service.phone
        network = await tx.get(Network, network_id)
        return network.desk_phone if network else ""


async def present(tx: Transaction, network_id: str, duty: Duty, now: datetime) -> tuple[str, ...]:
    """Ids of the colleagues on this roster now, who came first first; who does not work here any more is absent."""
    named = on_duty(await _shifts(tx, network_id, now), duty, now)
    active = {each.id for each in await tx.find(Colleague, id=OneOf(named), active=True)} if named else set()
    return tuple(each for each in named if each in active)


async def is_on_duty(tx: Transaction, actor: Actor, now: datetime) -> bool:
    """Whether the asker is on duty at the desk, as calltaker or as the desk's backup; in training all are."""
    network = await tx.get(Network, actor.network_id)
    if network is not None and network.training and actor.is_(Role.CALLTAKER):
        return True
    shifts = await _shifts(tx, actor.network_id, now)
    return any(actor.colleague_id in on_duty(shifts, duty, now) for duty in (Duty.CALLTAKER, Duty.BACKUP))


async def at_work(tx: Transaction, actor: Actor, now: datetime, *roles: Role) -> Actor:
    """The asker with the roles that count now: who takes calls does so only on duty.

    Raises Refusal ``not_on_duty`` when none of these roles is left.
    """
    if not actor.is_(Role.CALLTAKER) or await is_on_duty(tx, actor, now):
        return actor
    off_shift = replace(actor, roles=actor.roles - {Role.CALLTAKER})
    if not off_shift.is_(*roles):
        raise Refusal("not_on_duty")
    return off_shift


async def _shifts(tx: Transaction, network_id: str, moment: datetime) -> list[DutyShift]:
    """Shifts around a moment: those that run, and the next ones."""
    soon = AtMost(moment + timedelta(days=3))
    return await tx.find(DutyShift, network_id=network_id, starts_at=soon, ends_at=AtLeast(moment))


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(service: Organisation, local: datetime) -> bool:
    """Whether a service answers at a local moment, by its own opening hours."""
    hours = (service.opens or {}).get(WEEKDAYS[local.weekday()], [])
    clock = local.strftime("%H:%M")
    return any(start <= clock < end for start, _, end in (span.partition("-") for span in hours))
