"""Facts as decisions need them: read from the record, put together, nothing decided."""

from collections import defaultdict
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter

from crisispool.domain.availability import UnitFacts
from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson, Hold, PersonNight, UnitNight
from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.errors import NotThere
from crisispool.domain.household import Person
from crisispool.domain.organisation import ClosingDay, Membership, Municipality, Network, PolicyVersion
from crisispool.domain.policy import Policy
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit, UnitNetwork
from crisispool.ports import AtLeast, AtMost, OneOf, Transaction, Without

OfUnit = TypeVar("OfUnit", Placement, OutOfService, Turnover, Booking, Hold, UnitNight)

POLICY: TypeAdapter[Policy] = TypeAdapter(Policy)


@dataclass(frozen=True)
class NetworkFacts:
    """A network as it is now: its settings, its outreach calendar, its municipalities by NIS code."""

    network: Network
    policy: Policy
    calendar: NetworkCalendar
    municipalities: dict[str, Municipality]
    memberships: dict[str, Membership]


class Facts:
    """Reads facts inside a transaction of its caller. `legal_holidays` are those of Belgium."""

    def __init__(self, legal_holidays: Container[date]) -> None:
        self._legal_holidays = legal_holidays

    async def network(self, tx: Transaction, network_id: str) -> NetworkFacts:
        """The network with its present policy and calendar. Raises NotThere."""
        network = await tx.get(Network, network_id)
        if network is None:
            raise NotThere("network")
        [version] = await tx.find(PolicyVersion, network_id=network_id, version=network.policy_version)
        memberships = {m.nis: m for m in await tx.find(Membership, network_id=network_id)}
        municipalities = await tx.find(Municipality, nis=OneOf(tuple(memberships)))
        return NetworkFacts(
            network,
            POLICY.validate_python({**version.settings, "version": version.version}),
            await self.calendar(tx, network_id),
            {m.nis: m for m in municipalities},
            memberships,
        )

    async def calendar(
        self, tx: Transaction, network_id: str, organisation_id: str | None = None
    ) -> NetworkCalendar:
        """The outreach calendar of a network, or with an organisation that one's own closing days on top."""
        rows = await tx.find(ClosingDay, network_id=network_id)
        closed = frozenset(row.day for row in rows if row.organisation_id in (None, organisation_id))
        return NetworkCalendar(self._legal_holidays, closed)

    async def units(self, tx: Transaction, unit_ids: Sequence[str], now: datetime) -> dict[str, UnitFacts]:
        """Everything that decides whether these units are free, by unit id. Dead holds do not count."""
        chosen = OneOf(tuple(unit_ids))
        units = await tx.find(Unit, id=chosen, order=("id",))
        placements = _by_unit(await tx.find(Placement, unit_id=chosen, ended_at=None))
        out = _by_unit(await tx.find(OutOfService, unit_id=chosen, ended_at=None))
        turnovers = _by_unit(await tx.find(Turnover, unit_id=chosen, done_at=None))
        bookings = _by_unit(await tx.find(Booking, unit_id=chosen, state=OneOf(tuple(LIVE_STATES))))
        holds = _by_unit(await tx.find(Hold, unit_id=chosen, ended_at=None, until=AtLeast(now)))
        first = (now - timedelta(days=8)).date()
        nights = _by_unit(await tx.find(UnitNight, unit_id=chosen, night=AtLeast(first)))
        facts: dict[str, UnitFacts] = {}
        for unit in units:
            live_holds = {hold.id: hold for hold in holds[unit.id]}
            taken = {
                row.night: "booked" if row.booking_id else "held"
                for row in nights[unit.id]
                if row.booking_id or row.hold_id in live_holds
            }
            facts[unit.id] = UnitFacts(
                unit=unit,
                placements=tuple(placements[unit.id]),
                out_of_service=next(iter(out[unit.id]), None),
                turnover=next(iter(turnovers[unit.id]), None),
                bookings=tuple(bookings[unit.id]),
                nights_taken=taken,
                hold_until=max((hold.until for hold in live_holds.values()), default=None),
                held_by_network={
                    row.night: live_holds[row.hold_id].network_id
                    for row in nights[unit.id]
                    if not row.booking_id and row.hold_id in live_holds
                },
            )
        return facts

    async def unit_ids(self, tx: Transaction, network_id: str, owner_id: str | None = None) -> list[str]:
        """Ids of all units offered in a network, or of those of one owner."""
        where: dict[str, Any] = {"network_id": network_id}
        if owner_id is not None:
            own = await tx.find(Unit, owner_id=owner_id)
            where["unit_id"] = OneOf(tuple(unit.id for unit in own))
        return [row.unit_id for row in await tx.find(UnitNetwork, order=("unit_id",), **where)]

    async def untaken(
        self, tx: Transaction, network_id: str, nights: Collection[Night], now: datetime
    ) -> list[str]:
        """Ids of all units of a network that can be free on all these nights, none of them past.

        Only leaves out what `can_be_given` would refuse for a row that says so plainly: in a full pool nearly
        everything, so that the facts of a few units are read and not of all.
        """
        placed = {"ended_at": None}
        taken = Without(
            (
                (Placement, {**placed, "starts_on": AtMost(max(nights)), "until": None}),
                *(
                    (Placement, {**placed, "starts_on": AtMost(night), "until": AtLeast(night + DAY)})
                    for night in nights
                ),
                (UnitNight, {"night": OneOf(tuple(nights)), "hold_id": None}),
                (Turnover, {"done_at": None}),
                (OutOfService, {"ended_at": None, "starts_at": AtMost(now)}),
            )
        )
        offered = await tx.find(UnitNetwork, network_id=network_id, unit_id=taken, order=("unit_id",))
        return [row.unit_id for row in offered]

    async def used_nights(
        self, tx: Transaction, persons: Collection[Person], except_bookings: frozenset[str] = frozenset()
    ) -> dict[str, frozenset[date]]:
        """Nights used by each of these persons, by person id: recorded under any reference to the same person,
        and those that a caller told of. Nights of `except_bookings` are left out."""
        canonical = OneOf(tuple({person.canonical_id for person in persons}))
        references = await tx.find(Person, canonical_id=canonical)
        rows = await tx.find(PersonNight, person_id=OneOf(tuple(ref.id for ref in references)))
        owner = {ref.id: ref.canonical_id for ref in references}
        used: dict[str, set[date]] = defaultdict(set)
        for ref in references:
            used[ref.canonical_id].update(ref.claimed_nights)
        for row in rows:
            if row.booking_id not in except_bookings:
                used[owner[row.person_id]].add(row.night)
        return {person.id: frozenset(used[person.canonical_id]) for person in persons}

    async def persons_of_booking(self, tx: Transaction, booking_id: str) -> list[Person]:
        """The people who sleep in a booking, adults first."""
        rows = await tx.find(BookingPerson, booking_id=booking_id)
        return await tx.find(Person, id=OneOf(tuple(row.person_id for row in rows)), order=("position",))


def _by_unit(rows: Sequence[OfUnit]) -> dict[str, list[OfUnit]]:
    grouped: dict[str, list[OfUnit]] = defaultdict(list)
    for row in rows:
        grouped[row.unit_id].append(row)
    return grouped
