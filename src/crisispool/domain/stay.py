"""The stay rule: how many nights in a row someone may stay in the network, and who decides about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from crisispool.domain.calendar import DAY, NetworkCalendar, Night

LONGEST_RUN = 5
"""Nights in a row under every policy; what is beyond is an override."""


class StayPolicy(StrEnum):
    """How a network reads its hard limit."""

    LETTER = "letter"
    THREE_PLUS_TWO = "three_plus_two"
    WEEKEND_LABEL = "weekend_label"


class Landing(StrEnum):
    """Whether a stay may end on a morning when nobody works."""

    PREFER = "prefer"
    STRICT = "strict"
    OFF = "off"


class Granter(StrEnum):
    """Who may give a stay; each may also be asked by the one before."""

    CALLTAKER = "calltaker"
    SUPPORT_WORKER = "support_worker"
    COORDINATOR = "coordinator"


class StayCode(StrEnum):
    """What the rule says."""

    OK = "ok"
    STAY_LIMIT = "stay_limit"
    ALREADY_USED = "already_used"


@dataclass(frozen=True)
class StayVerdict:
    """What the rule says about some nights of one person, with its facts.

    `nights` are those asked, `block` those up to the next working day, `blocks` how many whole blocks
    `nights` are (0 when they end inside one), `run` the whole chain they would be part of, `used_in_run`
    its nights that are used already. The checkouts are mornings: `longest_checkout` after the longest stay
    in whole blocks from `night`, `hard_checkout` the latest that the limit allows. `out_of_reach` is the
    block after the longest stay when the limit keeps it out, empty when there is none.
    """

    code: StayCode
    night: Night
    nights: tuple[Night, ...]
    block: tuple[Night, ...]
    blocks: int
    longest_checkout: date | None
    hard_checkout: date | None
    out_of_reach: tuple[Night, ...]
    run: tuple[Night, ...]
    used_in_run: tuple[Night, ...]
    policy: StayPolicy

    @property
    def allowed(self) -> bool:
        """Whether the nights are within the hard limit; who may give them is another question."""
        return self.code is StayCode.OK

    @property
    def checkout(self) -> date:
        """The morning after the last night asked, also when they are refused."""
        return self.night + DAY * len(self.nights)

    @property
    def lands(self) -> bool:
        """Whether the stay ends on the morning of a working day."""
        return self.blocks > 0

    @property
    def continues(self) -> bool:
        """Whether the run holds an earlier night: then this is no first admission."""
        return self.run[0] < self.night

    @property
    def shortened(self) -> bool:
        """Whether a first block of more than five nights is given as the five that are always given."""
        return not self.continues and len(self.block) > LONGEST_RUN == len(self.nights)

    @property
    def is_first_block(self) -> bool:
        """Whether this is exactly the first block of a run, in full or as its first five nights."""
        return not self.continues and (self.blocks == 1 or self.shortened)

    @property
    def by(self) -> Granter | None:
        """Who may give the nights; None when they are refused."""
        if not self.allowed:
            return None
        if self.is_first_block:
            return Granter.CALLTAKER
        return Granter.SUPPORT_WORKER if self.continues and self.lands else Granter.COORDINATOR


@dataclass(frozen=True)
class HouseholdVerdict:
    """The verdict that governs a household, and the split: the verdict of each adult."""

    verdict: StayVerdict
    by_adult: Mapping[str, StayVerdict]

    @property
    def limiting(self) -> tuple[str, ...]:
        """The adults that are refused, when others of the household are not."""
        refused = tuple(adult for adult, own in self.by_adult.items() if not own.allowed)
        return refused if len(refused) < len(self.by_adult) else ()


def runs(used: Collection[Night]) -> tuple[tuple[Night, ...], ...]:
    """The maximal chains of consecutive nights, oldest first, in whatever order the nights come."""
    chains: list[list[Night]] = []
    for night in sorted(set(used)):
        if chains and chains[-1][-1] + DAY == night:
            chains[-1].append(night)
        else:
            chains.append([night])
    return tuple(map(tuple, chains))


def within_limit(run: tuple[Night, ...], calendar: NetworkCalendar, policy: StayPolicy) -> bool:
    """Whether a whole run is within the hard limit. Every shorter run from the same start then is, too."""
    if len(run) <= 3 or len(run) > LONGEST_RUN:
        return len(run) <= 3
    match policy:
        case StayPolicy.LETTER:
            return any(calendar.is_bridge_night(night) for night in run[:4])
        case StayPolicy.THREE_PLUS_TWO:
            return sum(not calendar.is_bridge_night(night) for night in run) <= 3
        case StayPolicy.WEEKEND_LABEL:
            return any(
                calendar.is_bridge_night(night) or night.weekday() >= 4 or calendar.is_holiday(night)
                for night in run[:4]
            )


def judge_stay(
    night: Night, nights: int | None, used: Collection[Night], calendar: NetworkCalendar, policy: StayPolicy
) -> StayVerdict:
    """Whether one person who used the nights `used` may stay `nights` nights from `night`; who may give it.

    Without `nights`: one block, or five nights when the first block of a run is longer. ValueError: less than
    one night, or a calendar without working days. Policy: stay limit, section 4.
    """
    taken = frozenset(used)
    block = calendar.block(night)
    nights = _default_nights(night, block, taken) if nights is None else nights
    if nights < 1:
        raise ValueError("a stay is at least one night")

    def run_with(length: int) -> tuple[Night, ...]:
        return _run_around(night, night + DAY * (length - 1), taken)

    def code_for(length: int) -> StayCode:
        if not taken.isdisjoint(_nights(night, length)):
            return StayCode.ALREADY_USED
        return StayCode.OK if within_limit(run_with(length), calendar, policy) else StayCode.STAY_LIMIT

    run = run_with(nights)
    # Every shorter stay is allowed too, so the first refusal ends what the limit leaves room for.
    reach = 0
    while reach < LONGEST_RUN and code_for(reach + 1) is StayCode.OK:
        reach += 1
    landings = [n for n in range(1, max(nights, LONGEST_RUN) + 1) if calendar.is_working_day(night + DAY * n)]
    longest = max((length for length in landings if length <= reach), default=0)
    following = calendar.block(night + DAY * longest) if longest else ()
    too_long = bool(following) and code_for(longest + len(following)) is StayCode.STAY_LIMIT
    return StayVerdict(
        code=code_for(nights),
        night=night,
        nights=_nights(night, nights),
        block=block,
        blocks=landings.index(nights) + 1 if nights in landings else 0,
        longest_checkout=night + DAY * longest if longest else None,
        hard_checkout=night + DAY * reach if reach else None,
        out_of_reach=following if too_long else (),
        run=run,
        used_in_run=tuple(each for each in run if each in taken),
        policy=policy,
    )


def judge_household(
    night: Night,
    nights: int | None,
    used_by_adult: Mapping[str, Collection[Night]],
    calendar: NetworkCalendar,
    policy: StayPolicy,
) -> HouseholdVerdict:
    """The stay of a household: each adult is judged alone, the strictest governs; children are not passed in.

    The governing verdict has code, run and used nights of the strictest adult, and mornings that suit all
    adults. ValueError: no adult.
    """
    if not used_by_adult:
        raise ValueError("a household has at least one adult")
    if nights is None:
        block = calendar.block(night)
        nights = min(_default_nights(night, block, used) for used in used_by_adult.values())
    by_adult = {
        adult: judge_stay(night, nights, used, calendar, policy) for adult, used in used_by_adult.items()
    }
    first_to_land = min(by_adult.values(), key=lambda own: own.longest_checkout or night)
    first_to_leave = min(by_adult.values(), key=lambda own: own.hard_checkout or night)
    governing = replace(
        min(by_adult.values(), key=_leniency),
        longest_checkout=first_to_land.longest_checkout,
        out_of_reach=first_to_land.out_of_reach,
        hard_checkout=first_to_leave.hard_checkout,
    )
    return HouseholdVerdict(governing, by_adult)


def _nights(night: Night, length: int) -> tuple[Night, ...]:
    return tuple([night + DAY * n for n in range(length)])


def _run_around(first: Night, last: Night, taken: Collection[Night]) -> tuple[Night, ...]:
    while first - DAY in taken:
        first -= DAY
    while last + DAY in taken:
        last += DAY
    return _nights(first, (last - first).days + 1)


def _default_nights(night: Night, block: tuple[Night, ...], used: Collection[Night]) -> int:
    # A first admission is never refused for calendar reasons; what continues a run has no such promise.
    return len(block) if night - DAY in used else min(len(block), LONGEST_RUN)


def _leniency(verdict: StayVerdict) -> tuple[int, int, int, date]:
    """Sorts the strictest verdict first: refused, the longest run of all, then who may give it, then the earliest
    last morning."""
    codes = (StayCode.ALREADY_USED, StayCode.STAY_LIMIT, StayCode.OK)
    granters = (Granter.COORDINATOR, Granter.SUPPORT_WORKER, Granter.CALLTAKER, None)
    beyond = 0 if verdict.allowed else len(verdict.run)
    last = verdict.hard_checkout or verdict.night
    return codes.index(verdict.code), -beyond, granters.index(verdict.by), last
