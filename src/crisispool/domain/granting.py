"""Who may give which stay, and what a coordinator is shown when the stay limit comes near."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crisispool.domain.calendar import NetworkCalendar, Night
from crisispool.domain.stay import Granter, Landing, StayCode, StayPolicy, StayVerdict, judge_stay

OVERRIDE_NIGHTS = 7


class GiveCode(StrEnum):
    """Whether this person may give this stay now, or what is missing."""

    OK = "ok"
    ALREADY_USED = "already_used"
    STAY_LIMIT = "stay_limit"
    STAY_NOT_YOURS = "stay_not_yours"
    LANDING_REFUSED = "landing_refused"
    REASON_MISSING = "reason_missing"
    NAMED_PERSON_MISSING = "named_person_missing"


@dataclass(frozen=True)
class GiveVerdict:
    """`needs` is who to ask when this person may not give it, None when nobody can.

    `override`: given beyond the hard limit. `report`: given because the coordinator did not answer, to be
    reported to the coordinator in the morning.
    """

    code: GiveCode
    needs: Granter | None = None
    override: bool = False
    report: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may be given."""
        return self.code is GiveCode.OK


def may_give(
    verdict: StayVerdict,
    role: Granter,
    *,
    network_time: bool,
    landing: Landing = Landing.PREFER,
    readmission_refused: bool = False,
    far_ahead: bool = False,
    outreach_decides: bool = True,
    override: bool = False,
    reason: bool = False,
    named_person: bool = False,
    coordinator_silent: bool = False,
    override_nights: int = OVERRIDE_NIGHTS,
) -> GiveVerdict:
    """Whether `role` may give the stay of `verdict` now. Policy: who decides and landing, section 4.

    `network_time`: outside office hours. `readmission_refused`: outreach recorded "no readmission" for this
    run. `far_ahead`: the nights begin after the block that follows tonight's, so outreach decides first.
    `outreach_decides`: it is before the hour at which outreach's decision of the day ends. `override`,
    `reason`, `named_person`: the coordinator chose to go beyond the limit, gave a reason, named who meets
    the people at the end of a stay that ends on a closed day. `coordinator_silent`: the coordinator on call
    was asked and did not answer in time.
    """
    if verdict.code is StayCode.ALREADY_USED:
        return GiveVerdict(GiveCode.ALREADY_USED)
    ends_closed = not (verdict.lands or verdict.shortened)
    if ends_closed and landing is Landing.STRICT:
        return GiveVerdict(GiveCode.LANDING_REFUSED)
    beyond = not verdict.allowed
    if beyond and len(verdict.run) > override_nights:
        return GiveVerdict(GiveCode.STAY_LIMIT)
    if beyond and not (override and role is Granter.COORDINATOR):
        return GiveVerdict(GiveCode.STAY_LIMIT, needs=Granter.COORDINATOR)

    to_be_met = ends_closed and landing is Landing.PREFER
    if role is Granter.COORDINATOR:
        if (beyond or to_be_met) and not reason:
            return GiveVerdict(GiveCode.REASON_MISSING)
        if to_be_met and not named_person:
            return GiveVerdict(GiveCode.NAMED_PERSON_MISSING)
        return GiveVerdict(GiveCode.OK, override=beyond)

    one_block = not to_be_met and len(verdict.nights) <= len(verdict.block)
    own = {
        Granter.CALLTAKER: one_block
        and (not verdict.continues or (network_time and not readmission_refused and not far_ahead)),
        Granter.SUPPORT_WORKER: verdict.continues and not to_be_met and outreach_decides,
    }
    if own[role]:
        return GiveVerdict(GiveCode.OK)
    if role is Granter.CALLTAKER and network_time and coordinator_silent and len(verdict.nights) == 1:
        return GiveVerdict(GiveCode.OK, report=True)
    # At night no support worker is at work: what is not the calltaker's is the coordinator's.
    at_work = [Granter.CALLTAKER] if network_time else [Granter.CALLTAKER, Granter.SUPPORT_WORKER]
    needs = next((granter for granter in at_work if own[granter]), Granter.COORDINATOR)
    return GiveVerdict(GiveCode.STAY_NOT_YOURS, needs=needs)


class LandingChoice(StrEnum):
    """What a coordinator can choose when the limit comes near."""

    SOLVE_BY = "solve_by"
    OVERRIDE = "override"
    NAMED_PERSON = "named_person"


@dataclass(frozen=True)
class LandingOption:
    """One choice: a stay of `nights` nights until the morning of `checkout`, `run_nights` nights in a row."""

    choice: LandingChoice
    checkout: date
    nights: int
    run_nights: int


def landing_options(
    night: Night,
    used: Collection[Night],
    calendar: NetworkCalendar,
    policy: StayPolicy,
    *,
    landing: Landing = Landing.PREFER,
    override_nights: int = OVERRIDE_NIGHTS,
) -> tuple[LandingOption, ...]:
    """What the coordinator is shown for a stay from `night`, best first. Policy: landing, section 4.

    Solve it by the last landing within the limit; on to the next landing by override; or the last morning
    within the limit with a named person who meets them, when that is later than the last landing.
    """

    def option(choice: LandingChoice, checkout: date | None, wanted: StayCode) -> list[LandingOption]:
        if checkout is None:
            return []
        stay = judge_stay(night, (checkout - night).days, used, calendar, policy)
        possible = stay.code is wanted and len(stay.run) <= override_nights
        return [LandingOption(choice, checkout, len(stay.nights), len(stay.run))] if possible else []

    first = judge_stay(night, None, used, calendar, policy)
    longest, hard = first.longest_checkout, first.hard_checkout
    shorter = hard if hard != longest and landing is not Landing.STRICT else None
    return (
        *option(LandingChoice.SOLVE_BY, longest, StayCode.OK),
        *option(LandingChoice.OVERRIDE, calendar.next_working_day(longest or night), StayCode.STAY_LIMIT),
        *option(LandingChoice.NAMED_PERSON, shorter, StayCode.OK),
    )


@dataclass(frozen=True)
class WeekendWarning:
    """From the morning of `until`, after `run_nights` nights in a row, the nights `missed` do not fit."""

    until: date
    run_nights: int
    missed: tuple[Night, ...]


def weekend_warning(verdict: StayVerdict) -> WeekendWarning | None:
    """The warning of the first evening: the run ends before a weekend or holiday that does not fit any more.

    None when no closed day is near, when the limit leaves room for it, or when the stay itself ends later.
    """
    until = verdict.longest_checkout
    if until is None or verdict.checkout > until or len(verdict.out_of_reach) < 2:
        return None
    return WeekendWarning(until, (until - verdict.run[0]).days, verdict.out_of_reach)
