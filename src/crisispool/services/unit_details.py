"""Everything about one unit that its keeper may see in a list: never its address."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from crisispool.domain.availability import NotGiven
from crisispool.domain.calendar import DAY, Night
from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Actor
from crisispool.domain.unit import Unit, UnitSource
from crisispool.domain.unit_calendar import DEPARTURE, night_uses
from crisispool.services.own_pool import OwnPool, PoolUnit
from crisispool.services.parts import Parts

NIGHTS: Final = 28
OF_GUESTS: Final = frozenset({NotGiven.BOOKED, NotGiven.HELD, DEPARTURE})


@dataclass(frozen=True, slots=True)
class Use:
    """The owner's own use of a unit, up to the morning of `until` (None: not known); `planned`: not begun yet."""

    starts_on: date
    until: date | None
    planned: bool

    @property
    def day_after(self) -> date:
        """The day after it begins."""
        return self.starts_on + DAY


@dataclass(frozen=True, slots=True)
class UnitDetails:
    """One unit. `nights`: what takes each of the coming ones (`domain.unit_calendar`), from tonight on."""

    found: PoolUnit
    unit: Unit
    today: date
    nights: tuple[tuple[Night, str], ...]
    uses: tuple[Use, ...]

    @property
    def in_turns(self) -> bool:
        """Whether it is offered in its weeks alone."""
        return self.unit.source is UnitSource.ROTA


class Details:
    """One unit as its keeper sees it."""

    def __init__(self, parts: Parts, own_pool: OwnPool) -> None:
        self._parts = parts
        self._own_pool = own_pool

    async def view(self, actor: Actor, unit_id: str) -> UnitDetails:
        """The unit, its coming nights and the owner's own uses. Raises NotThere."""
        found, now = await self._own_pool.one(actor, unit_id), self._parts.now()
        async with self._parts.store.reading() as tx:
            facts = (await self._parts.facts.units(tx, [unit_id], now)).get(unit_id)
            calendar = await self._parts.facts.calendar(tx, actor.network_id)
        if facts is None:
            raise NotThere("unit")
        tonight = calendar.night_of(now)
        nights = night_uses(facts, tonight, NIGHTS, now, calendar)
        theirs = {booking.network_id for booking in facts.bookings} | {facts.hold_network_id}
        if not found.own and theirs - {actor.network_id, None}:
            # A stay of another network looks like a use of the owner.
            nights = tuple((night, NotGiven.OCCUPIED if use in OF_GUESTS else use) for night, use in nights)
        uses = sorted(facts.placements, key=lambda placement: placement.starts_on)
        return UnitDetails(
            found=found,
            unit=facts.unit,
            today=calendar.local(now).date(),
            nights=nights,
            uses=tuple(Use(each.starts_on, each.until, each.starts_on > tonight) for each in uses),
        )
