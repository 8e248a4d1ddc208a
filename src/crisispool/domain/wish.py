"""What a household needs, and which units are fit and safe for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from crisispool.domain.calendar import DAY, Night
from crisispool.domain.request import HIDING_KINDS, Need, Request
from crisispool.domain.unit import Unit


@dataclass(frozen=True, slots=True)
class Wish:
    """What a household needs, for `nights` nights from the label `night`.

    `persons` counts everybody; each cot takes one of them out of the beds. `adults` None: not known.
    `origin`, `whereabouts` and `avoid` are NIS codes. `hiding`: violence or a barring order.
    """

    night: Night
    nights: int
    persons: int
    adults: int | None = None
    cots: int = 0
    needs: frozenset[Need] = frozenset()
    avoid: frozenset[str] = frozenset()
    origin: str | None = None
    whereabouts: str | None = None
    hiding: bool = False

    @property
    def labels(self) -> tuple[Night, ...]:
        """The night labels, first to last."""
        return tuple(self.night + DAY * n for n in range(self.nights))

    @property
    def cots_needed(self) -> int:
        """Cots asked for by number or as a need."""
        return max(self.cots, 1 if Need.COT in self.needs else 0)

    @property
    def beds(self) -> int:
        """Beds for everybody who does not sleep in a cot; at least one."""
        return max(self.persons - self.cots, 1)


def wish_of(request: Request, night: Night, nights: int, persons: int | None = None) -> Wish:
    """What a request asks, for these nights; `persons` when only some of the household need a bed there."""
    return Wish(
        night=night,
        nights=nights,
        persons=request.adults + request.children if persons is None else persons,
        adults=request.adults if persons is None else None,
        cots=request.cots,
        needs=frozenset(request.needs),
        avoid=frozenset(request.avoid),
        origin=request.origin,
        whereabouts=request.whereabouts,
        hiding=request.kind in HIDING_KINDS,
    )


def may_be_proposed(unit: Unit, wish: Wish) -> bool:
    """Whether its place is safe: never an avoided municipality, and for who hides never their own.

    Asked by proposals, holds and bookings alike. Policy: violence, section 5.
    """
    return unit.nis not in wish.avoid and not (wish.hiding and unit.nis == wish.origin)


def fits(unit: Unit, wish: Wish) -> bool:
    """Whether the household has a bed for everyone and what it cannot do without."""
    return unit.places >= wish.beds and unit.cots >= wish.cots_needed and _meets(unit, wish.needs)


def _meets(unit: Unit, needs: Iterable[Need]) -> bool:
    offers = {
        Need.STEP_FREE: unit.step_free,
        Need.COT: unit.cots > 0,
        Need.PET: unit.pets,
        Need.SEPARATE_ROOMS: unit.rooms > 1,
        Need.STAFFED: unit.staffed,
    }
    return all(offers.get(need, True) for need in needs)
