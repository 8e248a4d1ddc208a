"""The order of proposals: each criterion by name, and the one that decides between two units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from crisispool.domain.availability import Freshness, UnitFacts, freshness
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.distance import distance_km
from crisispool.domain.organisation import Municipality
from crisispool.domain.policy import Policy
from crisispool.domain.unit import Unit
from crisispool.domain.wish import Wish


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with what its owner gave in the last 365 days (nights) and agreed to offer (places)."""

    facts: UnitFacts
    given_nights_365: int = 0
    agreed_places: int = 0

    @property
    def unit(self) -> Unit:
        """The unit itself."""
        return self.facts.unit


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit (or two, for a large household) that may be given for the whole wish.

    `reasons` is the one code that decides its place: for the first what puts it above the next, for the
    others what keeps them below the one before; sentence ``proposal.<code>`` with `facts`.
    Those to `call_first` come last, however short the list.
    """

    unit_id: str
    nis: str
    confirmed: bool
    cleaned: bool
    call_first: bool
    reasons: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    with_unit_id: str | None = None


class Reason(StrEnum):
    """Why a proposal stands where it stands; ``below_…``: the one before is better on that criterion."""

    ONLY_ONE = "only_one"
    CALL_FIRST = "call_first"
    TOGETHER = "together"
    TOGETHER_NEAR = "together_near"
    CLEANED = "cleaned"
    BELOW_CLEANED = "below_cleaned"
    CONFIRMED = "confirmed"
    BELOW_CONFIRMED = "below_confirmed"
    MANDATE = "mandate"
    BELOW_MANDATE = "below_mandate"
    DOES_NOT_WASTE = "does_not_waste"
    BELOW_DOES_NOT_WASTE = "below_does_not_waste"
    NEAR = "near"
    BELOW_NEAR = "below_near"
    SOLIDARITY = "solidarity"
    BELOW_SOLIDARITY = "below_solidarity"
    STABLE = "stable"
    BELOW_STABLE = "below_stable"


Criterion = Callable[[Candidate], float]


class Ranking:
    """The order of one search: each criterion gives a number, lower stands higher."""

    def __init__(
        self,
        wish: Wish,
        free: Sequence[Candidate],
        towns: Mapping[str, Municipality],
        now: datetime,
        calendar: NetworkCalendar,
        policy: Policy,
    ) -> None:
        self._wish, self._towns, self._near_km = wish, towns, policy.near_km
        self._here = towns.get(wish.whereabouts or "")
        self._fresh = {
            c.unit.id: freshness(c.unit.confirmed_at, now, calendar, policy.stale_after_working_days)
            for c in free
        }
        self._family = sum(c.unit.family for c in free)
        self._step_free = sum(c.unit.step_free for c in free)
        criteria: dict[str, Criterion] = {
            "cleaned": lambda c: not c.unit.cleaned,
            "confirmed": lambda c: self._fresh[c.unit.id] is not Freshness.CONFIRMED,
            "mandate": lambda c: not c.unit.mandate,
            "does_not_waste": self._wastes,
            "near": self._distance_class,
            "solidarity": lambda c: c.given_nights_365 / max(c.agreed_places, 1),
            "stable": lambda c: 0,
        }
        unknown = set(policy.proposal_order) - criteria.keys()
        if unknown:
            raise ValueError(f"proposal_order names unknown criteria: {', '.join(sorted(unknown))}")
        self._criteria = {name: criteria[name] for name in policy.proposal_order}

    def key(self, candidate: Candidate) -> tuple[bool, tuple[float, ...], str]:
        """Sorts candidates, best first; the id makes the order total, so that it is the same at every ask."""
        values = tuple(float(criterion(candidate)) for criterion in self._criteria.values())
        return self._stale(candidate), values, candidate.unit.id

    def key_of_pair(
        self, one: Candidate, other: Candidate
    ) -> tuple[bool, bool, tuple[float, ...], int, str, str]:
        """Sorts pairs: certain ones first, one municipality first, then the weaker one of each criterion."""
        apart = one.unit.nis != other.unit.nis
        weaker = tuple(max(pair) for pair in zip(self.key(one)[1], self.key(other)[1], strict=True))
        stale = self._stale(one) or self._stale(other)
        return stale, apart, weaker, one.unit.places + other.unit.places, one.unit.id, other.unit.id

    def explained(self, ranked: Sequence[Candidate]) -> tuple[Proposal, ...]:
        """The proposals of a ranked list, each with the reason for its place."""
        certain = [c for c in ranked if not self._stale(c)]
        reasons = {c.unit.id: Reason.CALL_FIRST for c in ranked if self._stale(c)}
        if len(certain) == 1:
            reasons[certain[0].unit.id] = Reason.ONLY_ONE
        for above, below in pairwise(certain):
            decider = self._decider(above, below)
            reasons.setdefault(above.unit.id, Reason(decider))
            reasons[below.unit.id] = Reason(f"below_{decider}")
        return tuple(self._proposal(c, reasons[c.unit.id]) for c in ranked)

    def together(self, one: Candidate, other: Candidate) -> Proposal:
        """Two units as one proposal, as certain and as clean as the weaker of them."""
        reason = Reason.TOGETHER_NEAR if one.unit.nis == other.unit.nis else Reason.TOGETHER
        first, second = self._proposal(one, reason), self._proposal(other, reason)
        stale = first.call_first or second.call_first
        return replace(
            first,
            confirmed=first.confirmed and second.confirmed,
            cleaned=first.cleaned and second.cleaned,
            call_first=stale,
            reasons=(Reason.CALL_FIRST if stale else reason,),
            facts={
                **first.facts,
                "places": one.unit.places + other.unit.places,
                "other_municipality": second.facts["municipality"],
            },
            with_unit_id=other.unit.id,
        )

    def _proposal(self, candidate: Candidate, reason: Reason) -> Proposal:
        unit = candidate.unit
        town = self._towns.get(unit.nis)
        return Proposal(
            unit_id=unit.id,
            nis=unit.nis,
            confirmed=self._fresh[unit.id] is Freshness.CONFIRMED,
            cleaned=unit.cleaned,
            call_first=self._stale(candidate),
            reasons=(reason,),
            facts={
                "municipality": town.name if town else unit.nis,
                "places": unit.places,
                "confirmed_at": unit.confirmed_at.isoformat() if unit.confirmed_at else None,
                "given_nights": candidate.given_nights_365,
            },
        )

    def _decider(self, above: Candidate, below: Candidate) -> str:
        for name, criterion in self._criteria.items():
            if criterion(above) != criterion(below):
                return name
        return Reason.STABLE

    def _stale(self, candidate: Candidate) -> bool:
        return self._fresh[candidate.unit.id] is Freshness.STALE

    def _wastes(self, candidate: Candidate) -> bool:
        """One person in the last family or step-free unit; who needs step-free has no other choice anyway."""
        unit = candidate.unit
        last_family = unit.family and self._family == 1
        last_step_free = unit.step_free and self._step_free == 1
        return self._wish.persons == 1 and (last_family or last_step_free)

    def _distance_class(self, candidate: Candidate) -> int:
        """0 where they are now, 1 nearby, 2 further; all equal when that is unknown or they hide."""
        town = self._towns.get(candidate.unit.nis)
        if self._wish.hiding or self._here is None or town is None:
            return 0
        if town.nis == self._here.nis:
            return 0
        return 1 if distance_km(self._here, town) <= self._near_km else 2
