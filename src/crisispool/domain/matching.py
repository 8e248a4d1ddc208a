"""Which units are proposed for a wish, best first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from crisispool.domain.availability import can_be_given
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.organisation import Municipality
from crisispool.domain.policy import Policy
from crisispool.domain.ranking import Candidate, Proposal, Ranking
from crisispool.domain.request import RefusalCode
from crisispool.domain.wish import Wish, fits, may_be_proposed

WIDEST_SPLIT = 40
"""Units considered for a household over two units: the largest ones; beyond it nothing better turns up."""


def propose(
    wish: Wish,
    candidates: Iterable[Candidate],
    towns: Mapping[str, Municipality],
    now: datetime,
    calendar: NetworkCalendar,
    policy: Policy,
) -> tuple[Proposal, ...]:
    """All units that fit, are free on every night and safe, best first; the stale ones last as `call_first`.

    ValueError: `proposal_order` names a criterion that does not exist.
    """
    free = _free(wish, candidates, now, calendar)
    chosen = [c for c in free if fits(c.unit, wish) and may_be_proposed(c.unit, wish)]
    ranking = Ranking(wish, free, towns, now, calendar, policy)
    return ranking.explained(sorted(chosen, key=ranking.key))


def split_over_two(
    wish: Wish,
    candidates: Iterable[Candidate],
    towns: Mapping[str, Municipality],
    now: datetime,
    calendar: NetworkCalendar,
    policy: Policy,
) -> tuple[Proposal, ...]:
    """Two units together for a household larger than any free unit: best in one municipality; else empty.

    An adult sleeps in each, so a household known to have one adult is never split. Both must be staffed when
    that is needed; step-free, pets and cots count for the two together. The first of two ranks higher.
    """
    free = _free(wish, candidates, now, calendar)
    safe = [c for c in free if may_be_proposed(c.unit, wish)]
    if (wish.adults is not None and wish.adults < 2) or any(c.unit.places >= wish.beds for c in safe):
        return ()
    ranking = Ranking(wish, free, towns, now, calendar, policy)
    largest = sorted(safe, key=lambda c: (-c.unit.places, ranking.key(c)))[:WIDEST_SPLIT]
    pairs = [pair for pair in combinations(sorted(largest, key=ranking.key), 2) if _pair_fits(*pair, wish)]
    pairs.sort(key=lambda pair: ranking.key_of_pair(*pair))
    return tuple(ranking.together(*pair) for pair in pairs)


def why_nothing(
    wish: Wish, candidates: Iterable[Candidate], now: datetime, calendar: NetworkCalendar
) -> RefusalCode:
    """What a search without proposals is called: nothing free at all, or nothing suitable."""
    return RefusalCode.NO_SUITABLE_UNIT if _free(wish, candidates, now, calendar) else RefusalCode.NO_UNIT


def _free(
    wish: Wish, candidates: Iterable[Candidate], now: datetime, calendar: NetworkCalendar
) -> list[Candidate]:
    return [c for c in candidates if can_be_given(c.facts, wish.labels, now, calendar) is None]


def _pair_fits(one: Candidate, other: Candidate, wish: Wish) -> bool:
    first, second = one.unit, other.unit
    together = replace(
        first,
        places=first.places + second.places,
        cots=first.cots + second.cots,
        rooms=first.rooms + second.rooms,
        step_free=first.step_free or second.step_free,
        pets=first.pets or second.pets,
        staffed=first.staffed and second.staffed,
    )
    return fits(together, wish)
